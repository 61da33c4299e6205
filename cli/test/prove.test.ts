// `prove` and `check-proof` from outside.
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Receipt, StepProof } from "../../proof/index.js";
import { Files } from "../../test/support/built-cli.js";
import { inProcess as escapement } from "../../test/support/in-process-cli.js";

const files = new Files();
afterAll(() => files.remove());

const module = files.module(
  "sum.wasm",
  `(module (memory 1) (func (export "sum") (param $n i32) (result i32) (local $x i32)
    (loop $l
      (local.set $x (i32.add (local.get $x) (local.get $n)))
      (i32.store (i32.const 8) (local.get $x))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))`,
);
const other = files.module("other.wasm", '(module (func (export "sum")))');
const [receipt, proof] = [files.path("receipt.json"), files.path("proof.json")];
const json = <T>(path: string) => JSON.parse(readFileSync(path, "utf8")) as T;

beforeAll(async () => {
  expect((await escapement(["run", module, "--invoke", "sum", "--receipt", receipt, "10"])).stdout).toBe("55\n");
}, 60_000);

const proving = (at: number | string, ...more: string[]) =>
  escapement(["prove", receipt, "--at", String(at), "--code", module, ...more]);

describe("prove", () => {
  test("writes the proof of a step, which is checked without the module", async () => {
    // 1 for the entry, 4 for the sum, 2 before the store: so that is the eighth unit.
    expect(await proving(7, "-o", proof)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^i32\.store, function 0 at 0x[0-9a-f]+, fuel 7 to 8; \d+ bytes\n$/),
    });
    const checked = await escapement(["check-proof", proof, "--receipt", receipt]);
    expect(checked).toMatchObject({ status: 0, stdout: expect.stringMatching(/^shown: i32\.store, function 0/) });
    expect(checked.stdout).toContain(`after  ${json<StepProof>(proof).after}`);
  });

  test("the last step leads to the receipt's last state", async () => {
    const { fuel, final } = json<Receipt>(receipt);
    expect((await proving(fuel.used - 1, "-o", proof)).stdout).toContain("which ends the execution: done");
    expect(json<StepProof>(proof)).toMatchObject({ after: final, outcome: { kind: "done" } });
    const { stdout } = await escapement(["check-proof", proof, "--receipt", receipt]);
    expect(stdout).toContain("after: the receipt's last");
  });

  test("writes to standard output without -o", async () => {
    const { stdout, stderr } = await proving(3);
    expect(JSON.parse(stdout)).toMatchObject({ format: "escapement-step-proof-2", fuel: { before: 3, after: 4 } });
    expect(stderr).toContain("fuel 3 to 4");
  });

  test("wrong use says what is wrong", async () => {
    const { used } = json<Receipt>(receipt).fuel;
    expect(await proving(used)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`it has used ${used} fuel`),
    });
    expect(await proving("x")).toMatchObject({ status: 2, stderr: expect.stringContaining("whole number") });
    expect(await escapement(["prove", receipt, "--code", module])).toMatchObject({ status: 2 });
    expect(await escapement(["prove", receipt, "--at", "1", "--code", other])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("another module"),
    });
    expect(await escapement(["prove", module, "--at", "1", "--code", module])).toMatchObject({ status: 2 });
    const old = files.path("old.json");
    writeFileSync(old, JSON.stringify({ ...json<Receipt>(receipt), format: "escapement-receipt-1" }));
    expect(await escapement(["prove", old, "--at", "1", "--code", module])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("earlier version"),
    });
  });
});

describe("prove of a Python program", () => {
  const [receipt, proof] = [files.path("python.json"), files.path("python-proof.json")];
  const program = files.write("program.py", "total = 0\nfor i in range(3):\n    total += ask(i + 2)\nprint(total)\n");
  const functions = files.write("functions.mjs", "export const ask = (i) => i * 3;");
  const prove = (at: number) => escapement(["prove", receipt, "--at", String(at), "--code", program, "-o", proof]);

  beforeAll(async () => {
    const run = await escapement(["python", "--functions", functions, "--receipt", receipt, program]);
    expect(run).toMatchObject({ status: 0, stdout: "27\n" });
  }, 60_000);

  test("the host's answer is shown with the program's call, whose result the receipt has", async () => {
    const { hostCalls, callsRoot } = json<Receipt>(receipt);
    // One unit less than is used at the call: it waits there for what it costs.
    expect(await prove(hostCalls[1]!.fuel - 1)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^call, /) });
    const { stdout } = await escapement(["check-proof", proof, "--receipt", receipt]);
    expect(stdout).toContain(`given that host call 1 of the log with the root ${callsRoot} is the run's`);
    // ask(3) is 9, and that is the object 9 << 1 | 1.
    expect(hostCalls[1]).toMatchObject({ name: "ask", result: { value: 9 } });
    expect(stdout).toContain("the host answered env.has_attr with 0x13, and wrote");
    const forged = files.path("python-forged.json");
    const text = readFileSync(proof, "utf8");
    writeFileSync(forged, text.replace('"results":["13"]', '"results":["15"]'));
    expect(await escapement(["check-proof", forged])).toMatchObject({ status: 1 });
    writeFileSync(forged, text.replace('"value":9', '"value":10'));
    expect(await escapement(["check-proof", forged])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("the call is not in the log"),
    });
  });
});

describe("check-proof", () => {
  test("refuses what is not so, with status 1, and what is no proof", async () => {
    await proving(7, "-o", proof);
    const honest = json<StepProof>(proof);
    const forged = files.path("forged.json");
    writeFileSync(forged, JSON.stringify({ ...honest, fuel: { before: 7, after: 9 } }));
    expect(await escapement(["check-proof", forged])).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^refused: fuel is /),
    });
    expect(await escapement(["check-proof", receipt])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("refused: the proof has the fields"),
    });
    expect(await escapement(["check-proof", module])).toMatchObject({ status: 2 });
    const elsewhere = files.path("elsewhere.json");
    await escapement(["run", other, "--invoke", "sum", "--receipt", elsewhere]);
    expect(await escapement(["check-proof", proof, "--receipt", elsewhere])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("refused: the proof is of the program"),
    });
  });
});
