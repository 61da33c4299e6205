// `run --receipt` and `verify` . With --jobs, parts are checked by processes of the command as it is shipped.
import { readdirSync, readFileSync } from "node:fs";
import binaryen from "binaryen";
import { afterAll, describe, expect, test } from "vitest";
import { Files } from "../../test/support/built-cli.js";
import { forms } from "../../test/support/form.js";
import { inProcess } from "../../test/support/in-process-cli.js";
import { soonerCheckpoints } from "../../test/support/sooner-checkpoints.js";

const files = new Files();
afterAll(() => files.remove());

const loop = files.module(
  "loop.wasm",
  `(module (memory 1) (func (export "loop") (param $n i32) (result i32) (local $x i32)
    (loop $l
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31)) (local.get $n)))
      (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (local.get $n))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))`,
);
/** Copies standard input to standard output, and ends with status 7. */
const cat = files.write(
  "cat.wasm",
  assemble(`(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (loop $l
        (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 16))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
        (br_if $l (i32.load (i32.const 8))))
      (call $exit (i32.const 7))))`),
);

/** Without proposals: with them, binaryen writes imports of one module in a form that engines do not know yet. */
function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.MVP);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

const INTERVAL = 2 ** 21;
/** Turns of the loop, 16 units each: 3 or 5 checkpoints. */
const COUNT = forms(450_000, 750_000);
const CHECKPOINTS = forms(3, 5);
afterAll(soonerCheckpoints(INTERVAL));
const receipts = files.path("receipt.json");
const snapshots = files.path("snapshots");
const recorded = () => JSON.parse(readFileSync(receipts, "utf8"));

describe("a module's receipt", () => {
  test("says what the run without one says, and is true, whole and in parts", async () => {
    const args = ["run", loop, "--invoke", "loop", "--fuel", "2000000000", String(COUNT)];
    const plain = await inProcess(args);
    const run = await inProcess([...args, "--receipt", receipts, "--snapshots", snapshots]);
    expect(run).toEqual(plain);
    const receipt = recorded();
    expect(receipt.value).toEqual([plain.stdout.trim()]);
    expect(receipt.checkpoints.states).toHaveLength(CHECKPOINTS);
    expect(readdirSync(snapshots)).toHaveLength(CHECKPOINTS);
    for (const flags of [[], ["--snapshots", snapshots, "--jobs", "2"]]) {
      const { status, stdout } = await inProcess(["verify", receipts, "--code", loop, ...flags]);
      expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/^true: /) });
    }
  });

  test("is refused, whole and in parts, for each thing that is not true", async () => {
    const receipt = recorded();
    const { states } = receipt.checkpoints;
    const lies: [object, RegExp][] = [
      [{ value: ["5"] }, /value/],
      [{ final: states[0] }, /final/],
      [{ fuel: { ...receipt.fuel, used: receipt.fuel.used - 1 } }, /fuel\.used/],
      [{ inputs: { ...receipt.inputs, args: [String(COUNT - 1)] } }, /checkpoint 1/],
      [{ checkpoints: { ...receipt.checkpoints, states: states.with(-2, states[0]) } }, /checkpoint|another state/],
      [{ checkpoints: { ...receipt.checkpoints, states: states.slice(1) } }, /checkpoint|another state/],
      [{ hostCalls: [{ fuel: 10, name: "a.b", args: states[0], result: 1 }] }, /host call/],
    ];
    for (const [i, [lie, message]] of lies.entries()) {
      const forged = files.write("forged.json", JSON.stringify({ ...receipt, ...lie }));
      for (const flags of i % forms(3, 2) === 1 ? [[], ["--snapshots", snapshots, "--jobs", "2"]] : [[]]) {
        const { status, stdout } = await inProcess(["verify", forged, "--code", loop, ...flags]);
        expect({ status, stdout }, JSON.stringify(lie).slice(0, 99)).toMatchObject({
          status: 1,
          stdout: expect.stringMatching(message),
        });
      }
    }
    expect(await inProcess(["verify", receipts, "--code", cat])).toMatchObject({ status: 1 });
    expect(await inProcess(["verify", loop, "--code", loop])).toMatchObject({ status: 2 });
  });
});

test("a WASI command's receipt has its calls, and the hash of what it read", async () => {
  const input = "one line that is longer than a read\n";
  const run = await inProcess(["run", "--receipt", receipts, cat], { input });
  expect(run).toMatchObject({ status: 7, stdout: input });
  const receipt = recorded();
  expect(receipt).toMatchObject({ status: "exited", value: 7 });
  const names = receipt.hostCalls.map(({ name }: { name: string }) => name.split(".")[1]);
  expect(names).toEqual([...Array(4).fill(["fd_read", "fd_write"]).flat(), "proc_exit"]);
  expect(await inProcess(["verify", receipts, "--code", cat], { input })).toMatchObject({ status: 0 });
  expect(await inProcess(["verify", receipts, "--code", cat], { input: "other" })).toMatchObject({ status: 2 });
});

test("no receipt is written of what nobody could run again", async () => {
  for (const flag of [["--dir", "."], ["--real-clock"]]) {
    expect(await inProcess(["run", "--receipt", receipts, ...flag, cat])).toMatchObject({ status: 2 });
  }
});
