// Several workers run the same: they agree to the byte, and who does not is named, with where its run parted from theirs.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test } from "vitest";
import { Files } from "../../test/support/built-cli.js";
import type { Farm, FarmWorker } from "../index.js";
import { type RedisServer, sleep, THREAD, useFarm } from "./support.js";

const ODD = fileURLToPath(new URL("odd-thread.mjs", import.meta.url));
let redis: RedisServer;
let farm: Farm;
const workers: FarmWorker[] = [];
/** What workers were told of. */
const errors: string[] = [];
const files = new Files();
useFarm((given) => {
  ({ redis, farm } = given);
});
process.env.ESCAPEMENT_TEST_THREAD = THREAD;
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  errors.length = 0;
  delete process.env.ESCAPEMENT_TEST_ODD_FACTOR;
  delete process.env.ESCAPEMENT_TEST_ODD_SILENT;
});
afterAll(() => files.remove());

async function start(...names: readonly string[]): Promise<void> {
  for (const name of names)
    workers.push(
      await redis.worker({
        name,
        ...(name.startsWith("odd") ? { threadFile: ODD } : {}),
        onError: ({ message }) => errors.push(`${name}: ${message}`),
      }),
    );
}

const MODULE = `(module (memory 1)
  (func (export "mix") (param $n i32) (result i32) (local $i i32) (local $x i32)
    (loop $l
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31)) (local.get $i)))
      (i32.store (i32.and (i32.shl (local.get $i) (i32.const 2)) (i32.const 0xfffc)) (local.get $x))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $x)))`;
const ROUNDS = 40_000_000;
const WRONG_ROUND = 24_000_001;

/** The module's sums, as JavaScript has them: that of the last round, and the factor of the wrong one. */
function mixed(): { last: number; factor: number } {
  let [x, factor] = [0, 0];
  for (let i = 0; i < ROUNDS; i++) {
    if (i === WRONG_ROUND) factor = x;
    x = (Math.imul(x, 31) + i) | 0;
  }
  return { last: x, factor };
}

test("a worker that multiplies wrongly is named, and the very instruction with which it did", async () => {
  const { last, factor } = mixed();
  process.env.ESCAPEMENT_TEST_ODD_FACTOR = String(factor);
  await start("a", "odd", "b");
  const module = readFileSync(files.module("mix.wasm", MODULE));
  const run = { module, invoke: "mix", args: [String(ROUNDS)], tenant: "verified" };
  const result = await farm.run({ ...run, verify: { workers: 3 } });
  if (result.state !== "done") throw new Error(result.reason);
  expect(result).toMatchObject({ status: "ok", value: [String(last)], workers: ["a", "b"] });
  expect(result.dissent).toHaveLength(1);
  const [{ worker, where, part, at: found, instruction, stack, differences, judgedRight }] = result.dissent as [
    (typeof result.dissent)[0],
  ];
  expect(worker).toBe("odd");
  expect(where).toMatch(/^receipt\.checkpoints\.states\.\d+$/);
  // Rounds cost the same, so the wrong one is at its share of the fuel.
  const at = (result.fuel.used * WRONG_ROUND) / ROUNDS;
  expect(part!.before).toBeLessThanOrEqual(at + 100);
  expect(part!.after).toBeGreaterThanOrEqual(at - 100);
  expect(part!.after - part!.before).toBe(result.receipt!.checkpoints.interval);
  expect(part!.before).toBeGreaterThan(0);
  expect(Math.abs(found! - at)).toBeLessThan(100);
  expect(instruction).toBe("i32.mul");
  // One bit of the product, which the engine that is right has as JavaScript multiplies.
  const product = Math.imul(factor, 31);
  const [{ what, agreed, other }] = differences as [(typeof differences)[0]];
  expect({ what, agreed, other }).toMatchObject({ agreed: String(product), other: String(product ^ 1) });
  expect(what).toMatch(/^stack word \d+$/);
  expect(differences).toHaveLength(1);
  expect(stack[0]).toMatch(/^(mix|function 0) at 0x/);
  expect(judgedRight).toBe(true);
  // Three were asked to run it.
  const { fuel } = result.fuel.used === 0 ? { fuel: 0 } : (await farm.bill(result.id))!;
  expect(await farm.account("verified")).toEqual({ tenant: "verified", runs: 1, fuel: 3 * fuel });
});

test("of one that gives no answer, the part is named, and where it begins; its worker is told why", async () => {
  process.env.ESCAPEMENT_TEST_ODD_FACTOR = String(mixed().factor);
  process.env.ESCAPEMENT_TEST_ODD_SILENT = "1";
  await start("a", "odd", "b");
  const module = readFileSync(files.module("mix.wasm", MODULE));
  const result = await farm.run({ module, invoke: "mix", args: [String(ROUNDS)], verify: { workers: 3 } });
  if (result.state !== "done") throw new Error(result.reason);
  expect(result.dissent).toMatchObject([{ worker: "odd", at: null, differences: [], judgedRight: true }]);
  expect(result.dissent[0]!.instruction).toMatch(/^(i32|local|br_if|loop)/);
  expect(errors).toEqual(["odd: the thread of the run died: no answer"]);
});

test("one that says what was not printed is named", async () => {
  await start("odd liar", "a", "b", "c");
  const result = await farm.run({ code: "print(2 + 2)", verify: { workers: 4, agree: 3 } });
  if (result.state !== "done") throw new Error(result.reason);
  expect(result).toMatchObject({ stdout: "4\n", workers: ["a", "b", "c"] });
  expect(result.dissent).toMatchObject([{ worker: "odd liar", where: "stdout", part: null, judgedRight: null }]);
});

test("without enough who agree there is no outcome, and nothing to pay", async () => {
  await start("odd liar", "a");
  const id = await farm.submit({ code: "print(4)", tenant: "disputed", verify: { workers: 2 } });
  const result = await farm.wait(id);
  expect(result).toEqual({
    ...{ state: "disputed", id, workers: ["a", "odd liar"], dissent: [] },
    reason: "2 of 2 workers had to agree; what they say differs: a; odd liar",
  });
  expect(await farm.account("disputed")).toEqual({ tenant: "disputed", runs: 1, fuel: 0 });
});

test("no worker runs two of the parts: the run waits for as many as it asks for", async () => {
  await start("a", "b");
  let left = 0;
  for (const worker of workers) worker.on("left", () => void left++);
  const id = await farm.submit({ code: "1", verify: { workers: 3 } });
  // Both have run one, and hand the third back again and again.
  while (left < 6) await sleep(20);
  expect(await farm.result(id)).toBeUndefined();
  await start("c");
  expect(await farm.wait(id)).toMatchObject({ state: "done", value: 1, workers: ["a", "b", "c"], dissent: [] });
});
