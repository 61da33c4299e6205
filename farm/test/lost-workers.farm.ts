// Workers that are killed, asked to stop, or say what is not so: runs go on elsewhere, from the last state that was kept.
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyPythonReceipt } from "../../micropython-wasm/index.js";
import { Files } from "../../test/support/built-cli.js";
import type { Farm, FarmRun } from "../index.js";
import { type RedisServer, sleep, useFarm, WorkerProcess } from "./support.js";

let redis: RedisServer;
let farm: Farm;
const files = new Files();
useFarm((given) => {
  ({ redis, farm } = given);
});
let probe: Redis;
beforeAll(() => {
  probe = new Redis(redis.url);
});
afterAll(() => {
  probe.disconnect();
  files.remove();
});

const ROUNDS = 1_000_000;
const LOOP = `
def f():
  n = 0
  for i in range(${ROUNDS}):
    n = (n * 5 + i) & 0xffff
    if i % 200000 == 0:
      print(i)
  return n
f()`;
const FUEL = 10 ** 10;
const CHECKPOINT = 2 ** 22;
const FLAGS = ["--checkpoint", String(CHECKPOINT), "--stalled-after", "1"];

/** What the loop gives, as JavaScript counts. */
function expected(): number {
  let n = 0;
  for (let i = 0; i < ROUNDS; i++) n = (n * 5 + i) & 0xffff;
  return n;
}

const MODULE = `(module (memory (export "memory") 1)
  (func (export "mix") (param $n i32) (result i32) (local $i i32) (local $x i32)
    (loop $l
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31)) (local.get $i)))
      (i32.store (i32.and (i32.mul (local.get $i) (i32.const 40503)) (i32.const 0xfffc)) (local.get $x))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $x)))`;
const MIXED = 40_000_000;

function mixed(): number {
  let x = 0;
  for (let i = 0; i < MIXED; i++) x = (Math.imul(x, 31) + i) | 0;
  return x;
}

const runs: readonly (readonly [string, () => FarmRun, unknown])[] = [
  ["a Python program", () => ({ code: LOOP, fuel: FUEL }), expected()],
  ["one without a receipt", () => ({ code: LOOP, fuel: FUEL, receipt: false }), expected()],
  [
    "a module",
    () => ({
      module: readFileSync(files.module("mix.wasm", MODULE)),
      invoke: "mix",
      args: [String(MIXED)],
      fuel: FUEL,
    }),
    [String(mixed())],
  ],
];

/** The key of what is kept of a run, when something is. */
async function keptState(probe: Redis, id: string): Promise<string> {
  const key = `{escapement}:farm:runs:blob:kept-${id}`;
  while ((await probe.exists(key)) === 0) await sleep(20);
  return key;
}

describe.each(runs)("%s", (_name, run, value) => {
  test("whose worker is killed goes on from its last state, and ends as if nothing had been", async () => {
    const id = await farm.submit(run());
    await using first = new WorkerProcess(redis.url, [...FLAGS, "--name", "killed"]);
    await keptState(probe, id);
    first.kill("SIGKILL");
    expect((await first.ended).signal).toBe("SIGKILL");
    await using second = await redis.worker({ name: "second", checkpointFuel: CHECKPOINT, stalledAfter: 1000 });
    const from: number[] = [];
    second.on("begun", (_, fuel) => void from.push(fuel));
    const result = await farm.wait(id);
    if (result.state !== "done") throw new Error(result.reason);
    expect(result).toMatchObject({ status: "ok", value, workers: ["second"] });
    expect(from).toHaveLength(1);
    expect(from[0]).toBeGreaterThanOrEqual(CHECKPOINT);
    // As a run that nobody has disturbed.
    const again = await farm.run(run());
    expect({ ...again, id }).toEqual(result);
    expect((await farm.bill(id))!.fuel).toBe(result.fuel.used);
  });

  test("whose worker is asked to stop is handed over at its next state", async () => {
    const id = await farm.submit(run());
    await using first = new WorkerProcess(redis.url, [...FLAGS, "--name", "stopped"]);
    await keptState(probe, id);
    first.kill("SIGTERM");
    expect(await first.ended).toEqual({ status: 0, signal: null });
    expect(first.stderr).toMatch(/SIGTERM: runs under way end or are handed over[\s\S]*stopped, 0 runs ended/);
    expect(await farm.counts()).toMatchObject({ active: 0, waiting: 1 });
    await using second = await redis.worker({ name: "second", checkpointFuel: CHECKPOINT, stalledAfter: 1000 });
    const from: number[] = [];
    second.on("begun", (_, fuel) => void from.push(fuel));
    expect(await farm.wait(id)).toMatchObject({ status: "ok", value, workers: ["second"] });
    expect(from[0]).toBeGreaterThanOrEqual(CHECKPOINT);
  });
});

test("a state that is none is not taken up: the run begins anew", async () => {
  const id = await farm.submit({ code: LOOP, fuel: FUEL, id: "spoilt" });
  const first = new WorkerProcess(redis.url, FLAGS);
  const key = await keptState(probe, id);
  first.kill("SIGKILL");
  await first.ended;
  await probe.setrange(key, 200_000, "spoilt");
  await using second = await redis.worker({ stalledAfter: 1000, checkpointFuel: CHECKPOINT });
  const restarted: string[] = [];
  second.on("restarted", (_, reason) => void restarted.push(reason));
  const result = await farm.wait(id);
  expect(result).toMatchObject({ status: "ok", value: expected() });
  expect(restarted).toEqual([expect.stringMatching(/snapshot/)]);
  const { receipt } = result as { receipt?: never };
  expect(await verifyPythonReceipt(receipt!, { code: LOOP, files: {} })).toBeNull();
});

test("a run that is lost with every worker fails in the end, and says why", async () => {
  const worker = () => new WorkerProcess(redis.url, [...FLAGS, "--max-losses", "2"]);
  const id = await farm.submit({ code: LOOP, fuel: FUEL, id: "deadly", tenant: "deadly" });
  for (let losses = 0; losses < 3; losses++) {
    await using first = worker();
    // How often BullMQ has given it to a worker.
    while (Number(await probe.hget("{escapement}:runs:deadly", "ats")) <= losses) await sleep(20);
    first.kill("SIGKILL");
    await first.ended;
  }
  await using _last = worker();
  expect(await farm.wait(id)).toEqual({ state: "failed", id, reason: expect.stringMatching(/stalled more than/) });
  expect(await farm.account("deadly")).toEqual({ tenant: "deadly", runs: 1, fuel: 0 });
});
