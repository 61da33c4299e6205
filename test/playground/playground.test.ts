// The playground as somebody uses it: each control once, in a page that has neither eval nor WebAssembly.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { wat } from "../../runtime/test/support/wat.js";
import { chromiumPath } from "../browser/engines.js";
import { type PageFiles, servePage } from "./page-files.js";

const WAIT = { timeout: 60_000, interval: 50 };
/** Where `ESCAPEMENT_PICTURES=1` has the pictures of the README written. */
const PICTURES = "examples/playground/pictures";
let files: PageFiles;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let errors: string[];

beforeAll(async () => {
  files = await servePage();
  browser = await chromium.launch({ executablePath: chromiumPath() });
});
afterAll(async () => {
  await browser?.close();
  files?.close();
});
beforeEach(async () => {
  await open();
});
afterEach(async () => {
  expect(errors).toEqual([]);
  await context.close();
});

async function open(fragment = "", options: Parameters<Browser["newContext"]>[0] = {}): Promise<void> {
  context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, ...options });
  page = await context.newPage();
  errors = [];
  // What the policy refuses is written there, too.
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error.stack)));
  await page.goto(files.address + fragment);
  await page.waitForSelector("#bits:not(:empty)");
}

/** Waits until the worker has answered. */
async function idle(): Promise<void> {
  await page.waitForSelector('#python[aria-busy="false"]');
}

async function click(name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
  await idle();
}

async function write(code: string): Promise<void> {
  await page.getByRole("textbox", { name: "Python program" }).click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(code);
}

const text = async (id: string): Promise<string> => (await page.textContent(`#${id}`)) ?? "";
/** Fuel of the run that is shown. */
const fuel = async (): Promise<number> => Number((await text("fuel")).split(" of ")[0]!.replaceAll(",", ""));
/** The line of the program itself; functions of the library may be called there. */
const line = async (): Promise<number> =>
  Number([...(await text("where")).matchAll(/<stdin> line (\d+)/g)].at(-1)?.[1]);

test.each(["Queens", "Calls to the page", "Random, and yet the same"])(
  "the example %s gives the bits that Node gave",
  async (name) => {
    await page.getByLabel("Example").selectOption(name);
    await idle();
    await click("Run");
    expect(await text("status")).toMatch(/^ok/);
    expect(await text("bits")).toMatch(/^Same bits/);
  },
);

test("a program runs, fails and says where", async () => {
  await write("print('hello')\n1 / 0\n");
  await click("Run");
  expect(await text("output")).toBe("hello\n");
  expect(await text("status")).toMatch(/line 2[\s\S]*ZeroDivisionError/);
});

test("an endless program is stopped, goes on, and ends at its limit", async () => {
  await page.getByLabel("Example").selectOption("Endless");
  await idle();
  await page.getByLabel("Fuel limit").fill("900000000");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect.poll(fuel, WAIT).toBeGreaterThan(0);
  await click("Stop");
  const stopped = await fuel();
  expect(await text("status")).toBe("paused");
  expect(stopped).toBeLessThan(900_000_000);
  await page.getByLabel("Fuel limit").fill(String(stopped + 1000));
  await click("Go on");
  expect(await fuel()).toBe(stopped + 1000);
});

test("steps go forwards and back by one instruction", async () => {
  await write("n = 1\nwhile n:\n    n += 1\n");
  await click("instruction ▸");
  expect(await fuel()).toBe(1);
  await click("instruction ▸");
  await click("instruction ▸");
  const hash = await text("bits");
  await click("instruction ▸");
  expect(await fuel()).toBe(4);
  await click("◂ instruction");
  expect([await fuel(), await text("bits")]).toEqual([3, hash]);
});

test("steps go forwards and back by one line", async () => {
  // The interpreter looks for interrupts where it jumps: each of these lines does.
  await write(
    "a = b = 1\nc = 0\nwhile True:\n    a = a + 1 if a else 1\n    b = a if a else 1\n    c = b if b else 1\n",
  );
  await page.getByLabel("Fuel limit").fill("3000000");
  await click("Run");
  // Wherever the limit was: the lines of the loop follow each other, in both directions.
  const forwards = [await line()];
  for (let i = 0; i < 6; i++) {
    await page.getByLabel("Fuel limit").fill("4000000");
    await click("line ▸");
    if (i === 0) forwards.pop();
    forwards.push(await line());
  }
  for (const [i, each] of forwards.entries()) if (i > 0) expect(each).toBe({ 4: 5, 5: 6, 6: 4 }[forwards[i - 1]!]);
  const at = await fuel();
  await click("◂ line");
  expect(await line()).toBe(forwards.at(-2));
  await click("line ▸");
  expect([await line(), await fuel()]).toEqual([forwards.at(-1), at]);
});

test("states are kept, compared, gone back to, and go on elsewhere", async () => {
  await write("x = 1\nprint(x)\n");
  await click("Run");
  await click("Keep this state");
  const hash = (await text("bits")).slice(-64);
  await write("print('more')\n");
  await click("Run");
  await click("Keep this state");
  await click("Compare");
  expect(await text("comparison")).toMatch(/"1\\n" and "more\\n" · [1-9]\d* of \d+ pages differ/);
  await click("Go there: state 1");
  expect((await text("bits")).slice(-64)).toBe(hash);
  const downloading = page.waitForEvent("download");
  await click("Download");
  const buffer = readFileSync(await (await downloading).path());
  await context.close();

  await open();
  await page.getByLabel("Upload").setInputFiles({ name: "a.snapshot", mimeType: "application/octet-stream", buffer });
  await expect.poll(() => text("comparison"), WAIT).not.toBe("");
  expect((await text("bits")).slice(-64)).toBe(hash);
  await click("Keep this state");
  await write("x + 1\n");
  await click("Run");
  expect(await text("status")).toBe("ok: 2");
});

test("what is no snapshot is refused in words", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "playground-")), "no.snapshot");
  writeFileSync(path, "no snapshot");
  await page.getByLabel("Upload").setInputFiles(path);
  await expect.poll(() => text("comparison"), WAIT).not.toBe("");
  expect(await text("comparison")).toMatch(/snapshot/i);
});

test("a program is shared by the address alone", async () => {
  await write("print('shared €')\n");
  await click("Share");
  await expect.poll(() => page.url(), WAIT).toContain("#code=");
  const { hash } = new URL(page.url());
  await context.close();
  await open(hash);
  await click("Run");
  expect(await text("output")).toBe("shared €\n");
});

test("fuel by function is drawn", async () => {
  await click("Draw");
  const graph = page.locator("#flame svg");
  expect(await graph.getAttribute("aria-label")).toMatch(/^Fuel by function: .*%/);
  expect(await graph.locator("title").allTextContents()).toContainEqual(expect.stringMatching(/^queens: [\d,]+ fuel$/));
});

test("a module runs step by step, with its text beside it", async () => {
  await page.getByRole("tab", { name: "Python" }).focus();
  await page.keyboard.press("ArrowRight");
  const bytes = await wat(`(module (func $twice (export "twice") (param i64) (result i64)
    (i64.add (local.get 0) (local.get 0))))`);
  await page
    .locator("#wasm")
    .setInputFiles({ name: "twice.wasm", mimeType: "application/wasm", buffer: Buffer.from(bytes) });
  await page.waitForSelector("#text .current, #text div");
  await page.getByLabel("Arguments").fill("21");
  const step = async (name: string): Promise<string> => {
    const before = await text("module-status");
    await page.locator("#module").getByRole("button", { name, exact: true }).click();
    await expect.poll(() => text("module-status"), WAIT).not.toBe(before);
    return text("module-status");
  };
  expect(await step("Call")).toBe("ready, 0 fuel");
  while ((await text("frames")) !== "" || (await fuelOfModule()) < 3) {
    if ((await text("frames")).includes("operands i64 21, i64 21")) break;
    await step("instruction ▸");
  }
  expect(await text("frames")).toMatch(/^twice at 0x[0-9a-f]+ · locals i64 21 · operands i64 21, i64 21$/);
  expect(await page.textContent("#text .current")).toContain("i64.add");
  await step("◂ instruction");
  expect(await text("frames")).toMatch(/operands i64 21$/);
  expect(await step("Run 1,000,000 fuel")).toMatch(/^done: 42, /);
});

const fuelOfModule = async (): Promise<number> => Number(/, ([\d,]+) fuel/.exec(await text("module-status"))?.[1]);

test.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
] as const)("axe finds nothing serious: %s, %i wide", async (colorScheme, width) => {
  await context.close();
  await open("", { colorScheme, viewport: { width, height: 1100 } });
  await page.getByLabel("Fuel limit").fill("6000000");
  await click("Run");
  await click("◂ line");
  await click("Draw");
  await click("Keep this state");
  const widths = await page.locator("html").evaluate((root) => {
    const { scrollWidth, clientWidth } = root as unknown as Record<"scrollWidth" | "clientWidth", number>;
    return { scrollWidth, clientWidth };
  });
  expect(widths.scrollWidth).toBeLessThanOrEqual(widths.clientWidth);
  if (process.env["ESCAPEMENT_PICTURES"]) await page.screenshot({ path: `${PICTURES}/${colorScheme}-${width}.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});

test("the page asks for neither eval nor WebAssembly", () => {
  const page = readFileSync("examples/playground/dist/index.html", "utf8");
  expect(page).not.toMatch(/unsafe|<script(?![^>]*src=)|style=/);
});
