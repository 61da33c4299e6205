// `escapement man`: a page of what --help shows, in roff that a man program takes.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { ROOT } from "../../test/support/built-cli.js";
import { inProcess } from "../../test/support/in-process-cli.js";

let page = "";
beforeAll(async () => {
  const { status, stdout } = await inProcess(["man"]);
  expect(status).toBe(0);
  page = stdout;
});

/** The page without its markup. */
const text = (): string =>
  page
    .replace(/\\f[BIR]/g, "")
    .replaceAll("\\-", "-")
    .replaceAll("\\&", "")
    .replaceAll("\\e", "\\");

test("has every command and every flag of each command's help", async () => {
  const commands = [...(await inProcess(["--help"])).stdout.matchAll(/^ {2}([a-z][a-z-]*)(?: |$)/gm)].map(
    ([, name]) => name!,
  );
  expect(commands.length).toBeGreaterThan(8);
  for (const command of commands.filter((name) => name !== "help")) {
    const section = new RegExp(`^\\.SS escapement ${command} [\\s\\S]*?(?=^\\.S[SH])`, "m").exec(text())?.[0];
    expect(section, command).toBeDefined();
    const { stdout } = await inProcess([command, "--help"]);
    for (const [, flag] of stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm))
      if (flag !== "--help") expect(section, `${command} ${flag}`).toContain(flag);
  }
});

test("names the exit statuses, and starts no line with a request that is none", () => {
  expect(text()).toMatch(/\.SH EXIT STATUS\n\.TP\n0\ndone\n/);
  const requests = [...page.matchAll(/^[.'](\w*)/gm)].map(([, request]) => request);
  expect([...new Set(requests)].sort()).toEqual(["PP", "SH", "SS", "TH", "TP"]);
});

test("is in the package, for npm to install", () => {
  const { man, files } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { man: string; files: string[] };
  expect(readFileSync(`${ROOT}${man}`, "utf8")).toBe(page);
  expect(files).toContain("dist/bundle");
});

test("groff finds nothing wrong with it, where there is a groff", () => {
  try {
    execFileSync("groff", ["--version"], { stdio: "ignore" });
  } catch {
    return;
  }
  const { stderr } = { stderr: execFileSync("sh", ["-c", "groff -man -Tutf8 -ww 2>&1 >/dev/null"], { input: page }) };
  expect(String(stderr)).toBe("");
});
