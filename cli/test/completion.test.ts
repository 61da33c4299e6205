// `escapement completion`: scripts of what --help shows; bash completes with it.
import { execFileSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { inProcess } from "../../test/support/in-process-cli.js";
import { SHELLS } from "../completion.js";

const scripts = new Map<string, string>();
const help = new Map<string, string>();
beforeAll(async () => {
  for (const shell of SHELLS) {
    const { status, stdout } = await inProcess(["completion", shell]);
    expect(status).toBe(0);
    scripts.set(shell, stdout);
  }
  const commands = [
    "python",
    "run",
    "verify",
    "dispute",
    "prove",
    "check-proof",
    "debug",
    "mcp",
    "worker",
    "submit",
    "artifacts",
    "compile",
    "validate",
    "inspect",
    "spec",
    "completion",
    "man",
  ];
  for (const command of commands) help.set(command, (await inProcess([command, "--help"])).stdout);
}, 60_000);

/** What bash offers for the last of these words. */
function completed(...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const asking = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _escapement; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const shown = execFileSync("bash", ["-c", `${scripts.get("bash")}\n${asking}`], { encoding: "utf8" });
  return shown.split("\n").filter((word) => word !== "");
}

test("bash completes commands, flags, values that are known, and files", () => {
  expect(completed("escapement", "")).toEqual([...help.keys(), "--help", "--version"].sort(byHelp));
  expect(completed("escapement", "py")).toEqual(["python"]);
  expect(completed("escapement", "python", "--fu")).toEqual(["--fuel", "--functions"].sort(byHelp));
  expect(completed("escapement", "mcp", "--max-s")).toEqual(["--max-sandboxes", "--max-snapshots"]);
  expect(completed("escapement", "python", "--schedule", "wasmtime-4")).toEqual([
    "wasmtime-45",
    "wasmtime-48",
    "wasmtime-49",
  ]);
  expect(completed("escapement", "python", "--fuel", "")).toEqual([]);
  expect(completed("escapement", "completion", "")).toEqual(["bash", "zsh", "fish"]);
  expect(completed("escapement", "run", "package.js")).toEqual(["package.json"]);
});

/** Order of the help's own lists, which completion keeps. */
function byHelp(a: string, b: string): number {
  const text = `python run verify dispute prove check-proof debug mcp worker submit artifacts compile validate inspect spec completion man --help --version --functions --fuel`;
  return text.indexOf(a) - text.indexOf(b);
}

test.each(SHELLS)("the script for %s has every flag that help shows", (shell) => {
  for (const [command, text] of help) {
    const flags = [...text.matchAll(/^ {2}(?:(-\w)(?:, | |$))?(?:(--[\w-]+))?/gm)].flatMap(([, short, long]) => [
      short,
      long,
    ]);
    expect(flags.filter((flag) => flag !== undefined).length, command).toBeGreaterThan(0);
    for (const flag of flags) {
      if (flag === undefined) continue;
      const word = shell === "fish" ? (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`) : flag;
      expect(scripts.get(shell), `${command} ${flag}`).toContain(word);
    }
  }
});

test("the script for bash is one that bash takes", () => {
  execFileSync("bash", ["-n", "-c", scripts.get("bash")!]);
});

test("a shell that is not known is refused by name, and each command's help has the exit statuses", async () => {
  const { status, stderr } = await inProcess(["completion", "tcsh"]);
  expect([status, stderr]).toEqual([2, expect.stringContaining("Allowed choices are bash, zsh, fish")]);
  expect(stderr).toContain("tcsh");
  for (const text of help.values()) expect(text).toContain("Exit status:");
});
