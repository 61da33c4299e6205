import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runSpecCommand, type SpecCommandOptions } from "../command.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "escapement-spec-"));
  mkdirSync(join(root, "core"));
  writeFileSync(
    join(root, "core", "i32.wast"),
    '(module (func (export "f") (result i32) (i32.const 1)))\n(assert_return (invoke "f") (i32.const 1))',
  );
  writeFileSync(
    join(root, "core", "wrong.wast"),
    '(module (func (export "f") (result i32) (i32.const 1)))\n(assert_return (invoke "f") (i32.const 2))',
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function command(options: SpecCommandOptions, isTTY = false) {
  let stdout = "";
  let stderr = "";
  const status = await runSpecCommand(options, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text), isTTY },
    env: { ESCAPEMENT_SPEC_TESTS: root },
    cwd: () => root,
  });
  return { status, stdout, stderr };
}

describe.skipIf(!("WebAssembly" in globalThis))("the command", () => {
  it("ends with 0 when all is as expected, and is silent beside the report", async () => {
    const { status, stdout, stderr } = await command({ engine: "host", paths: ["core/i32.wast"] });
    expect(status).toBe(0);
    expect(stdout).toContain("1 of 1 assertions of core/ (1 file)\nall as expected\n");
    expect(stderr).toBe("");
  });

  it("ends with 1 when something is not", async () => {
    const { status, stdout } = await command({ engine: "host" });
    expect(status).toBe(1);
    expect(stdout).toContain(
      "FAIL core/wrong.wast:2 assert_return\n     expected (i32.const 2), found (i32 1 = 0x00000001)",
    );
    expect(stdout).toContain("1 of 2 assertions of core/ (2 files)");
  });

  it("prints one object with json", async () => {
    const { stdout } = await command({ engine: "host", json: true });
    expect(JSON.parse(stdout)).toMatchObject({ engine: "host", ok: false, core: { assertions: 2, passed: 1 } });
  });

  it("writes JUnit XML to a file", async () => {
    const junit = join(root, "out.xml");
    await command({ engine: "host", junit });
    expect(readFileSync(junit, "utf8")).toContain('tests="2" failures="1"');
  });

  it("shows progress on a terminal alone, and clears it", async () => {
    const { stderr } = await command({ engine: "host" }, true);
    expect(stderr).toBe("\r\x1b[K[1/2] core/i32.wast\r\x1b[K[2/2] core/wrong.wast\r\x1b[K");
  });

  it("runs this project's engine by default", async () => {
    const { status, stdout } = await command({ paths: ["core/i32.wast"], tier: "interpreter" });
    expect(stdout).toContain("engine escapement, tier interpreter");
    expect(status).toBe(0);
  });
});

describe("wrong use", () => {
  it.each<[SpecCommandOptions, string]>([
    [{ engine: "nonsense" }, "unknown engine nonsense; there are escapement, js-api, host"],
    [{ engine: "toString" }, "unknown engine toString"],
    [{ engine: "host", tier: "interpreter" }, "unknown tier interpreter of engine host; it has no tiers"],
    [{ engine: "escapement", tier: "x" }, "unknown tier x of engine escapement; there are interpreter"],
    [{ engine: "host", paths: ["nothing.wast"] }, "nothing.wast: there is no such file"],
    [{ engine: "host", junit: "/nonexistent/directory/x.xml" }, "cannot write /nonexistent/directory/x.xml"],
  ])("%j ends with 2 and a sentence", async (options, message) => {
    const { status, stdout, stderr } = await command(options);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(`escapement spec: ${message}`);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
