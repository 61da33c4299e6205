// The example folders, each as its README says, against the package that npm installs.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath } from "../browser/engines.js";
import { FOLDER, ROOT } from "./tarball.js";

const run = promisify(execFile);
const folderOf = (name: string) => `${FOLDER}/examples/${name}`;

async function output(name: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await run(process.execPath, ["main.mjs", ...args], { cwd: folderOf(name) });
  return stdout.trimEnd().split("\n");
}

/** Starts an example that serves, and stops it when `use` is done. */
async function serving(name: string, use: (address: string) => Promise<void>): Promise<void> {
  const server = spawn(process.execPath, ["main.mjs", "0"], {
    cwd: folderOf(name),
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(server.stdout, "data")) as [Buffer];
    await use(String(line).trim());
  } finally {
    server.kill();
  }
}

test("plugins: what one does, the others do not notice", async () => {
  expect(await output("plugins")).toEqual([
    "wrong.py: not loaded, No module named 'socket'",
    "count.py: save 1, 3 lines",
    "endless.py: switched off, out-of-fuel",
    "greedy.py: switched off, out-of-memory, MemoryError",
    "count.py: save 2, 3 lines",
    "milk, tea, saved Notes",
  ]);
});

test("agent: a program that fails is corrected, and the answer is what it prints", async () => {
  // 25 primes below 100 with the sum 1060: OEIS A000720, A007504.
  expect(await output("agent")).toEqual([
    "tool: error NameError",
    "tool: ok 25 1060",
    "model: There are 25 primes below 100; their sum is 1060.",
  ]);
});

test("sql: queries are answered, writes and what is too much are refused", async () => {
  const printed = await output("sql");
  expect(printed.slice(0, 2)).toEqual(['ok {"tea":7,"bread":2.4,"milk":0.9}', "ok 3"]);
  expect(printed[2]).toMatch(/^error .*only queries$/);
  expect(printed[3]).toMatch(/^error .*more than 1000 rows$/);
  expect(printed[4]).toMatch(/^out-of-fuel /);
  expect(printed[5]).toBe("4 orders");
});

test("server: a session for each user, whose variables stay", async () => {
  await serving("server", async (address) => {
    const send = async (user: string, code: string) => {
      const response = await fetch(address, {
        method: "POST",
        body: code,
        headers: { authorization: `Bearer ${user}` },
      });
      return [response.status, (await response.json()) as Record<string, unknown>] as const;
    };
    expect(await send("ann", "x = 6")).toMatchObject([200, { status: "ok" }]);
    expect(await send("ann", "print(x)\nx * 7")).toMatchObject([200, { stdout: "6\n", value: 42 }]);
    expect(await send("ben", "x")).toMatchObject([200, { status: "error", error: "name 'x' is not defined" }]);
    expect(await send("eve", "1")).toMatchObject([401, {}]);
    expect((await send("ben", `"${"x".repeat(100_001)}"`))[0]).toBe(413);
  });
});

test("engine: what it cannot do is a row, all else passes", async () => {
  const [line] = await output("engine");
  expect(JSON.parse(line!)).toMatchObject({ ok: true, passed: 8, failed: 0 });
});

test("approval: runs wait in the database, each step in a process of its own", async () => {
  const database = `${FOLDER}/approvals.db`;
  const { stdout } = await run(process.execPath, ["main.mjs", "demo"], {
    cwd: folderOf("approval"),
    env: { ...process.env, APPROVALS: database },
  });
  expect(stdout.trim().split("\n")).toEqual([
    "run 1 waits: approve(gold, 90000)",
    "1 waits: approve(gold, 90000)",
    'run 1 is over: ["tea","milk"]',
    "run 2 waits: approve(gold, 90000)",
    'run 2 is over: ["tea","gold","milk"]',
  ]);
});

test("page: is built and served under a policy without eval, and runs Python in Chromium", async () => {
  await serving("page", async (address) => {
    for (const [name, type] of [
      ["", "text/html"],
      ["page.js", "text/javascript"],
      ["worker.js", "text/javascript"],
      ["python.wasm", "application/wasm"],
      ["python.image", "application/octet-stream"],
    ]) {
      const response = await fetch(new URL(name!, address));
      expect([name, response.status, response.headers.get("content-type")]).toEqual([name, 200, type]);
      expect(response.headers.get("content-security-policy")).toBe("default-src 'self'");
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
    expect((await fetch(new URL("../main.mjs", address))).status).toBe(404);
    const browser = await chromium.launch({ executablePath: chromiumPath() });
    try {
      const page = await browser.newPage();
      await page.goto(address);
      await page.click("#run");
      await page.locator("#output", { hasText: "fuel" }).waitFor({ timeout: 60_000 });
      expect(await page.textContent("#output")).toMatch(/^hello from a page\n=> 328350\n\[ok, \d+ fuel\]$/);
    } finally {
      await browser.close();
    }
  });
});

test("assemblyscript: goes on elsewhere with the same fuel", async () => {
  expect((await output("assemblyscript")).at(-1)).toMatch(/^same fuel: true \d+$/);
});

describe("every folder", () => {
  const names = readdirSync(`${ROOT}examples`);

  test.each(names)("%s has a README with its two commands", (name) => {
    const readme = readFileSync(`${ROOT}examples/${name}/README.md`, "utf8");
    expect(readme).toMatch(/```sh\nnpm (install|ci)[^\n]*\n(node main\.mjs|npm )/);
  });
});
