// `dispute`: two receipts of one run, one of which lies.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Receipt } from "../../proof/index.js";
import { Files } from "../../test/support/built-cli.js";
import { inProcess } from "../../test/support/in-process-cli.js";
import { soonerCheckpoints } from "../../test/support/sooner-checkpoints.js";
import { snapshotFuels, snapshotPath } from "../receipt.js";
import { moduleOf, runOf } from "../verify.js";

const files = new Files();
afterAll(() => files.remove());
afterAll(soonerCheckpoints(2 ** 21));

const loop = files.module(
  "loop.wasm",
  `(module (memory (export "memory") 1) (func (export "loop") (param $n i32) (result i32) (local $x i32)
    (loop $l
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31)) (local.get $n)))
      (i32.store (i32.and (local.get $x) (i32.const 0xff)) (local.get $n))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x)))`,
);
const other = files.module("other.wasm", '(module (func (export "loop")))');
const [truth, lie] = [files.path("true.json"), files.path("lie.json")];
const [snapshots, lies] = [files.path("snapshots"), files.path("lies")];
/** Behind what the program writes to. */
const ADDRESS = 4242;
let at: number;

beforeAll(async () => {
  const args = ["run", loop, "--invoke", "loop", "--fuel", "2000000000", "--receipt", truth, "--snapshots", snapshots];
  expect((await inProcess([...args, "450000"])).status).toBe(0);
  const receipt = JSON.parse(readFileSync(truth, "utf8")) as Receipt;
  const { interval, states } = receipt.checkpoints;
  const kept = snapshotFuels(snapshots).filter((fuel) => fuel > 0 && fuel % interval === 0);
  at = kept[Math.floor(kept.length / 2)]!;
  const liar = runOf(receipt, moduleOf(receipt, loop), new Uint8Array(0));
  await liar.run({ interval: 2 ** 52, doubles: false }, at);
  liar.instance.getMemory("memory").write(ADDRESS, Uint8Array.of(7));
  mkdirSync(lies);
  writeFileSync(snapshotPath(lies, at), liar.snapshot());
  const wrong = liar.stateHash();
  const forged = states.map((state, i) => ((i + 1) * interval < at ? state : wrong));
  writeFileSync(lie, JSON.stringify({ ...receipt, checkpoints: { interval, states: forged } }));
});

test("tells where two receipts part, which one is true, and what differs", async () => {
  const { status, stdout } = await inProcess(["dispute", truth, lie, "--code", loop, "--snapshots-b", lies]);
  const { interval } = (JSON.parse(readFileSync(truth, "utf8")) as Receipt).checkpoints;
  const [parted, place, ...rest] = stdout.trimEnd().split("\n");
  expect(status).toBe(1);
  expect(parted).toBe(`they agree at ${at - interval} fuel, and not at ${at}`);
  expect(place).toMatch(/^at \d+ fuel the next instruction is [a-z0-9_.]+( .*)?, loop at 0x[0-9a-f]+$/);
  expect(rest).toEqual([
    `${truth}: this engine gets there, too`,
    `${lie}: not true: this engine has another state at ${at} fuel`,
    `  memory 0 at ${ADDRESS}: 7 in place of 0`,
  ]);
});

test("the same receipts are no dispute, those of different runs or modules a wrong use", async () => {
  expect(await inProcess(["dispute", truth, truth, "--code", loop])).toMatchObject({
    status: 0,
    stdout: "the receipts say the same\n",
  });
  const receipt = JSON.parse(readFileSync(truth, "utf8")) as Receipt;
  const elsewhere = files.write("elsewhere.json", JSON.stringify({ ...receipt, schedule: "escapement-1" }));
  const different = await inProcess(["dispute", truth, elsewhere, "--code", loop]);
  expect(different).toMatchObject({ status: 2, stderr: expect.stringContaining("of different runs: schedule") });
  const wrongCode = await inProcess(["dispute", truth, lie, "--code", other]);
  expect(wrongCode).toMatchObject({ status: 2, stderr: expect.stringContaining("of another module") });
  expect(await inProcess(["dispute", truth, loop, "--code", loop])).toMatchObject({ status: 2 });
});

test("receipts that differ in their end alone are told of as that", async () => {
  const receipt = JSON.parse(readFileSync(truth, "utf8")) as Receipt;
  const end = files.write("end.json", JSON.stringify({ ...receipt, value: ["5"] }));
  const { status, stdout } = await inProcess(["dispute", truth, end, "--code", loop]);
  expect({ status, stdout }).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/no checkpoint.*value\.0 is .* and "5"/),
  });
});
