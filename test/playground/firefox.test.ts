// The playground in Firefox ESR: one program with the bits that Node gave, a step forwards and back, and a module.
import type { Browser, Page } from "puppeteer-core";
import { launch } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onPath } from "../browser/engines.js";
import { type PageFiles, servePage } from "./page-files.js";

let files: PageFiles;
let browser: Browser;
let page: Page;
const errors: string[] = [];
const WAIT = { timeout: 60_000, interval: 50 };

beforeAll(async () => {
  files = await servePage();
  browser = await launch({
    browser: "firefox",
    executablePath: onPath("ESCAPEMENT_FIREFOX", ["firefox-esr", "firefox"]),
  });
  page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(files.address);
  await page.waitForSelector("#bits:not(:empty)");
});
afterAll(async () => {
  await browser?.close();
  files?.close();
});

const text = async (id: string): Promise<string> =>
  page.$eval(`#${id}`, (element: { textContent: string | null }) => element.textContent ?? "");

/** Presses a button that a person could press now, and waits until the worker has answered. */
async function press(id: string): Promise<void> {
  await page.locator(`#${id}`).click();
  await page.waitForSelector('#python[aria-busy="false"]');
}

const fuel = async (): Promise<number> => Number((await text("fuel")).split(" of ")[0]!.replaceAll(",", ""));

test("is Firefox, and its page runs a program to the bits that Node gave", async () => {
  expect(await browser.version()).toMatch(/^firefox\//i);
  await press("run");
  await expect.poll(() => text("status"), WAIT).toMatch(/^ok/);
  expect(await text("output")).not.toBe("");
  expect(await text("bits")).toMatch(/^Same bits/);
});

test("steps go back and forwards by one instruction", async () => {
  const end = await fuel();
  await press("instruction-back");
  await expect.poll(fuel, WAIT).toBe(end - 1);
  const hash = await text("bits");
  await press("instruction-back");
  await expect.poll(fuel, WAIT).toBe(end - 2);
  await press("instruction-on");
  await expect.poll(fuel, WAIT).toBe(end - 1);
  expect(await text("bits")).toBe(hash);
});

test("asks for nothing that the policy refuses, and throws nothing", () => {
  expect(errors).toEqual([]);
});
