// `escapement run` on WASI commands: of C and Go, built here, as Node's own WASI runs them; and what only we promise.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { wat } from "../../runtime/test/support/wat.js";
import { escapement, Files, start } from "../../test/support/built-cli.js";

const files = new Files();
afterAll(() => files.remove());

const source = (name: string) => fileURLToPath(new URL(`wasi/${name}`, import.meta.url));
const built = (name: string) => files.path(name);
const clang = (name: string, ...flags: string[]) =>
  execFileSync("clang", ["--target=wasm32-wasi", "-O1", ...flags, "-o", built(`${name}.wasm`), source(`${name}.c`)]);

/** Debian's clang, lld, wasi-libc and libclang-rt-dev-wasm32, and Go 1.21 or later; .ci/run installs what is missing. */
const missing = ["clang", "wasm-ld", "go"].filter((tool) => spawnSync("which", [tool]).status !== 0);
if (missing.length > 0) console.warn(`tests of WASI commands are skipped: no ${missing.join(", no ")}`);

beforeAll(() => {
  if (missing.length > 0) return;
  clang("files");
  clang("reactor", "-mexec-model=reactor");
  const env = { ...process.env, GOOS: "wasip1", GOARCH: "wasm", GOFLAGS: "-mod=mod", CGO_ENABLED: "0" };
  execFileSync("go", ["build", "-trimpath", "-o", built("command.wasm"), source("command.go")], { env });
}, 300_000);

/** Directories for the guest, and something beside them. */
const place = files.path("place");
beforeEach(() => {
  rmSync(place, { recursive: true, force: true });
  for (const name of ["data", "input"]) mkdirSync(join(place, name), { recursive: true });
  writeFileSync(join(place, "data/given"), "given");
  writeFileSync(join(place, "input/given"), "input");
  writeFileSync(join(place, "secret"), "secret");
});

const INPUT = "one\ntwo\nthree";
const DATA = ["--dir", `${place}/data::/data`];

/** A module of the text format, in a file. */
const module = async (name: string, text: string) => files.write(name, await wat(text));

describe.skipIf(missing.length > 0)("a command does what it does on Node's WASI", () => {
  test.each([
    ["files.wasm", ["0"]],
    ["files.wasm", ["7", "two words", 'quotes "and" ünïcode']],
    ["command.wasm", ["return", "more"]],
    ["command.wasm", ["exit"]],
    ["command.wasm", ["panic"]],
  ])("%s %j", async (name, args) => {
    const env = JSON.stringify({ NAME: "value" });
    const preopens = JSON.stringify({ "/data": join(place, "data") });
    const node = spawnSync(
      process.execPath,
      ["--no-warnings", source("node-run.mjs"), built(name), preopens, env, name, ...args],
      { input: INPUT, encoding: "utf8" },
    );
    const left = readdirSync(join(place, "data"));
    rmSync(join(place, "data"), { recursive: true });
    mkdirSync(join(place, "data"));
    writeFileSync(join(place, "data/given"), "given");
    const ours = await escapement(["run", ...DATA, "--env", "NAME=value", built(name), ...args], { input: INPUT });
    expect(ours.stdout).toBe(node.stdout);
    expect(ours.stderr).toBe(node.stderr);
    expect(ours.status).toBe(node.status);
    expect(readdirSync(join(place, "data"))).toEqual(left);
  });

  test("what they print is what is meant", async () => {
    const c = await escapement(["run", ...DATA, built("files.wasm"), "3"], { input: INPUT });
    expect(c.status).toBe(3);
    expect(c.stdout).toContain("input: one\ninput: two\ninput: three");
    expect(c.stdout).toContain("/data/new/file (32): 42 LINES and 1.500 more\nappended");
    expect(c.stdout).toContain("outside: refused");
    expect(c.stdout).toContain("slept long enough");
    const go = await escapement(["run", ...DATA, built("command.wasm"), "panic"]);
    expect(go.status).toBe(2);
    expect(go.stdout).toContain("total 285\ntime is up\n");
    expect(go.stderr).toMatch(/^panic: assignment to entry in nil map\n\ngoroutine 1 \[running\]:\nmain\.main\(\)/);
  });
});

describe.skipIf(missing.length > 0)("directories", () => {
  test("are read only with :ro, and named as the flag says", async () => {
    const dirs = [...DATA, "--dir", `${place}/input::/input:ro`];
    const { status, stdout } = await escapement(["run", ...dirs, built("files.wasm"), "0", "input"]);
    expect(status).toBe(0);
    expect(stdout).toContain(
      "write: -1 Read-only file system\ncreate: -1 Read-only file system\nremove: -1 Read-only file system\n/input/given (5): input\n",
    );
    expect(existsSync(join(place, "input/new"))).toBe(false);
  });

  test.each([
    [["--dir", "none::/data"], /cannot use the directory none: no such file/],
    [["--dir", `${source("files.c")}::/data`], /cannot use the directory .*: a part of its path is not a directory/],
    [["--dir", "::/data"], /HOST::GUEST/],
    [["--dir", "a::b::c"], /HOST::GUEST/],
    [["--env", "NAME"], /NAME=VALUE/],
    [["--env", "=x"], /NAME=VALUE/],
  ])("%j is wrong use", async (flags, message) => {
    const { status, stdout, stderr } = await escapement(["run", ...flags, built("files.wasm")]);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  test("are for WASI commands", async () => {
    const plain = files.module("plain.wasm", '(module (func (export "_start")))');
    for (const flags of [["--dir", place], ["--env", "A=b"], ["--real-clock"]]) {
      const { status, stderr } = await escapement(["run", ...flags, plain]);
      expect(stderr).toContain(`${flags[0]} is for WASI commands`);
      expect(status).toBe(2);
    }
  });
});

describe.skipIf(missing.length > 0)("arguments", () => {
  test("behind the file are the command's, whatever they look like", async () => {
    const args = ["0", "--fuel", "1", "-x", "--", "--invoke", ""];
    const { status, stdout } = await escapement(["run", ...DATA, built("files.wasm"), ...args]);
    expect(status).toBe(0);
    expect(stdout.split("\n").slice(0, 7)).toEqual(args.map((text, i) => `argument ${i + 1}: ${text}`));
  });

  test("with --invoke are the function's; a reactor is made ready first", async () => {
    const answer = { status: 0, signal: null, stdout: "ready 40\n42\n", stderr: "" };
    expect(await escapement(["run", built("reactor.wasm"), "--invoke", "answer", "2"])).toEqual(answer);
    expect(await escapement(["run", "--invoke", "answer", built("reactor.wasm"), "2"])).toEqual(answer);
    // Nothing is asked for: it is made ready, and that is all.
    expect(await escapement(["run", built("reactor.wasm")])).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });
});

describe.skipIf(missing.length > 0)("the end of a command", () => {
  /** A command that calls one function of preview 1, and prints when it returns. */
  const calling = (name: string, type: string, call: string) =>
    module(
      `${name}.wasm`,
      `(module
        (import "wasi_snapshot_preview1" "${name}" (func $f ${type}))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\\08\\00\\00\\00\\05\\00\\00\\00back\\n")
        (func (export "_start") ${call}
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))))`,
    );

  test.each([
    ["proc_exit", "(param i32)", "(call $f (i32.const 200))", 200, ""],
    ["proc_exit", "(param i32)", "(call $f (i32.const 0))", 0, ""],
    ["proc_raise", "(param i32) (result i32)", "(drop (call $f (i32.const 6)))", 134, ""],
    ["proc_raise", "(param i32) (result i32)", "(drop (call $f (i32.const 16)))", 0, "back\n"],
    ["sched_yield", "(result i32)", "(drop (call $f))", 0, "back\n"],
  ])("%s %s %s gives status %i", async (name, type, call, status, stdout) => {
    const command = await calling(name, type, call);
    expect(await escapement(["run", command])).toEqual({ status, signal: null, stdout, stderr: "" });
  });

  test("a trap has status 1 and a backtrace, out of fuel 3", async () => {
    const trapping = await calling("sched_yield", "(result i32)", "(drop (call $f)) (unreachable)");
    const trapped = await escapement(["run", trapping]);
    expect(trapped).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^trap: unreachable\n {4}at/),
    });
    const stopped = await escapement(["run", "--fuel", "1000", built("command.wasm"), "exit"]);
    expect(stopped.status).toBe(3);
    expect(stopped.stderr).toContain("used 1000 of 1000 fuel");
  });

  test("a command whose memory is not exported is told so", async () => {
    const command = await module(
      "no-memory.wasm",
      `(module (import "wasi_snapshot_preview1" "args_sizes_get" (func $f (param i32 i32) (result i32)))
        (memory 1) (func (export "_start") (drop (call $f (i32.const 0) (i32.const 8)))))`,
    );
    const { status, stderr } = await escapement(["run", command]);
    expect(stderr).toMatch(/memory/);
    expect(status).toBe(1);
  });

  test("--json has the status and what was written", async () => {
    const { stdout, status } = await escapement(["run", "--json", ...DATA, built("files.wasm"), "7"]);
    expect(status).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      exitStatus: 7,
      stdout: expect.stringContaining("argument 1: 7"),
      stderr: "to standard error\n",
      error: null,
    });
  });
});

describe.skipIf(missing.length > 0)("time", () => {
  test("is virtual: two runs cost the same fuel, and sleep as long as they like", async () => {
    const run = async () => JSON.parse((await escapement(["run", "--json", built("command.wasm"), "return"])).stdout);
    const [one, two] = [await run(), await run()];
    expect(one.fuel.used).toBe(two.fuel.used);
    expect(one.stdout).toBe(two.stdout);
  });

  test("is the host's with --real-clock", async () => {
    const { status, stdout } = await escapement(["run", "--real-clock", ...DATA, built("files.wasm"), "0"]);
    expect(status).toBe(0);
    expect(stdout).toContain("slept long enough");
  });

  test("of a sleeping guest is the user's: Ctrl-C ends it", async () => {
    const sleeper = await module(
      "sleep.wasm",
      `(module (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 256) "\\08\\01\\00\\00\\07\\00\\00\\00sleeps\\0a")
        (func (export "_start")
          (drop (call $write (i32.const 1) (i32.const 256) (i32.const 1) (i32.const 128)))
          (i32.store (i32.const 16) (i32.const 1))
          (i64.store (i32.const 24) (i64.const 3600000000000))
          (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))`,
    );
    expect((await escapement(["run", sleeper])).status).toBe(0);
    const running = start(["run", "--real-clock", sleeper]);
    await running.shows("sleeps");
    running.interrupt();
    expect(await running.ended).toMatchObject({ status: 130 });
  });
});
