import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { decodeSnapshot, encodeSnapshot } from "../../runtime/index.js";
import type { ModuleRun } from "../module-run.js";
import { canonicalJson, firstDifference, parseCanonicalJson, type Receipt, receiptBytes } from "../receipt.js";
import { RECEIPT_SCHEMA } from "../receipt-schema.js";
import { MIXER_BYTES, mixer } from "./support.js";

const INTERVAL = 512;

async function receiptOf(run: ModuleRun, interval = INTERVAL): Promise<Receipt> {
  const { result } = await run.run({ interval, doubles: false });
  return run.receipt({ status: result!.status, value: result!.status === "done" ? result.results : null });
}

describe("a receipt", () => {
  test("is the same of the same run, however it was sliced", async () => {
    const whole = await receiptOf(mixer());
    const run = mixer();
    for (let fuel = 100; fuel < 3000; fuel += 37) await run.run({ interval: 2 ** 40 }, fuel);
    expect(run.fuelUsed).toBeGreaterThan(2900);
    // Where checkpoints of the whole run are, the hash of a run that gets there in small steps is the same.
    const slow = mixer();
    for (const [i, state] of whole.checkpoints.states.entries()) {
      const to = (i + 1) * INTERVAL;
      for (let fuel = to - INTERVAL; fuel <= to; fuel += 64) await slow.run({ interval: 2 ** 40 }, fuel);
      expect(slow.stateHash(), `at ${to}`).toBe(state);
    }
    expect(whole.checkpoints.states.length).toBeGreaterThan(10);
    expect(new Set(whole.checkpoints.states).size).toBe(whole.checkpoints.states.length);
  });

  test("names the module by its SHA-256, and fits the published schema", async () => {
    const receipt = await receiptOf(mixer());
    expect(receipt.artifact).toBe(createHash("sha256").update(MIXER_BYTES).digest("hex"));
    const validate = new Ajv2020().compile(RECEIPT_SCHEMA);
    expect(validate(JSON.parse(JSON.stringify(receipt))), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...receipt, final: "0" })).toBe(false);
  });

  test("has every call of the host's: arguments hashed, results as they are", async () => {
    const asked: number[] = [];
    const receipt = await receiptOf(
      mixer({
        answer: (x) => {
          asked.push(x);
          return 3;
        },
      }),
    );
    expect(receipt.hostCalls).toHaveLength(asked.length);
    expect(asked.length).toBe(8);
    receipt.hostCalls.forEach(({ name, args, result }, i) => {
      const expected = createHash("sha256").update(`[${asked[i]}]`).digest("hex");
      expect({ name, args, result }).toEqual({ name: "host.ask", args: expected, result: 3 });
    });
  });

  test("differs from the first checkpoint behind a host's lie", async () => {
    let calls = 0;
    const honest = await receiptOf(mixer());
    const lying = await receiptOf(mixer({ answer: (x) => (++calls === 5 ? 1 : (x ^ 5) | 0) }));
    const difference = firstDifference(honest, lying)!;
    expect(difference.path.slice(0, 2)).toEqual(["checkpoints", "states"]);
    const { fuel } = honest.hostCalls[4]!;
    expect(difference.path[2]).toBe(Math.ceil(fuel / INTERVAL) - 1);
    expect(firstDifference(honest, honest)).toBeNull();
  });

  test("goes on from a snapshot to the same states", async () => {
    const whole = await receiptOf(mixer());
    let snapshot: Uint8Array | undefined;
    const run = mixer();
    await run.run({
      interval: INTERVAL,
      doubles: false,
      onCheckpoint: (fuel) => {
        if (fuel === 5 * INTERVAL) snapshot = run.snapshot();
        return false;
      },
    });
    const resumed = mixer();
    resumed.restore(snapshot!);
    expect(resumed.stateHash()).toBe(whole.checkpoints.states[4]);
    await resumed.run({ interval: INTERVAL, from: 5 * INTERVAL, doubles: false });
    expect(resumed.checkpoints.states).toEqual(whole.checkpoints.states.slice(5));
    expect(resumed.stateHash()).toBe(whole.final);
  });

  test("is the same when the run was taken up with its recording, in another process", async () => {
    const run = { n: 400_000, fuel: 100_000_000 };
    const interval = 2 ** 16;
    const taken: Uint8Array[] = [];
    const options = (run: ModuleRun) => ({
      interval,
      share: 6,
      onTaken: () => {
        taken.push(run.recordingSnapshot());
        return false;
      },
    });
    const finish = async (run: ModuleRun): Promise<Receipt> => {
      const { result } = await run.run(options(run));
      return run.receipt({ status: result!.status, value: result!.status === "done" ? result.results : null });
    };
    const whole = await finish(mixer(run));
    const snapshots = taken.splice(0);
    // The distance between checkpoints, which work decides, is part of what goes on.
    expect(whole.checkpoints.interval).toBeGreaterThan(interval);
    expect(snapshots.length).toBeGreaterThan(3);
    for (const [i, snapshot] of snapshots.entries()) {
      const again = mixer(run);
      again.goOn(snapshot);
      expect(await finish(again), `from snapshot ${i}`).toEqual(whole);
      const rest = snapshots.slice(i + 1);
      expect(taken.splice(0).every((bytes, j) => Buffer.compare(bytes, rest[j]!) === 0)).toBe(true);
    }
    const { picture, attachments } = decodeSnapshot(snapshots[0]!);
    const recording = JSON.parse(Buffer.from(attachments["recording"]!).toString());
    for (const change of [{ state: "0".repeat(64) }, { ledger: null }, { work: "1" }, { hostCalls: 3 }]) {
      const changed = Buffer.from(JSON.stringify({ ...recording, ...change }));
      const bytes = encodeSnapshot(picture, { attachments: { ...attachments, recording: changed } });
      expect(() => mixer(run).goOn(bytes), JSON.stringify(change)).toThrow(/not one of such a run/);
    }
    expect(() => mixer(run).goOn(mixer().snapshot())).toThrow(/not one of such a run/);
  });

  test("has at most 2,000 checkpoints: then every other one goes", async () => {
    const dense = await receiptOf(mixer({ n: 2000 }), 8);
    const run = mixer({ n: 2000 });
    await run.run({ interval: 8, work: () => 0 });
    const { interval, states } = run.checkpoints;
    expect(dense.checkpoints.states.length).toBeGreaterThan(2000);
    expect(states.length).toBeLessThanOrEqual(2000);
    expect(states.length).toBeGreaterThanOrEqual(1000);
    const ratio = interval / 8;
    expect(states).toEqual(dense.checkpoints.states.filter((_, i) => (i + 1) % ratio === 0));
  });

  test("can be signed by the embedder", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const receipt = await receiptOf(mixer());
    const signature = sign(null, receiptBytes(receipt), privateKey);
    const sent = JSON.parse(JSON.stringify(receipt)) as Receipt;
    expect(verify(null, receiptBytes(sent), publicKey, signature)).toBe(true);
    expect(verify(null, receiptBytes({ ...sent, status: "trapped" }), publicKey, signature)).toBe(false);
  });
});

test("canonical JSON orders names, and reads back", () => {
  const value = { b: [1n, -0, Number.NaN, undefined, null], a: Uint8Array.of(1, 255), "": "\u00e9" };
  const text = canonicalJson(value);
  expect(text).toBe(
    '{"":"\u00e9","a":{"$bytes":"01ff"},"b":[{"$int":"1"},{"$float":"-0"},{"$float":"NaN"},{"$none":true},null]}',
  );
  expect(canonicalJson(parseCanonicalJson(text))).toBe(text);
});
