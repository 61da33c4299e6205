// Runs that are taken up from a checkpoint end as those that were never stopped: the same result, fuel and receipt.
import { afterAll, describe, expect, test } from "vitest";
import { encodeUtf8 } from "../../decoder/index.js";
import { decodeSnapshot, encodeSnapshot } from "../../runtime/index.js";
import { forms } from "../../test/support/form.js";
import { soonerCheckpoints } from "../../test/support/sooner-checkpoints.js";
import { type SandboxCheckpoint, type SandboxOptions, type SandboxResult, verifyPythonReceipt } from "../index.js";
import type { PythonInterpreter } from "../interpreter/interpreter.js";
import { ARTIFACTS } from "./artifacts.js";

const ROUNDS = forms(800, 3000);
const PROGRAM = `
import random
seen = [0] * 1000
for i in range(${ROUNDS}):
  x = random.randint(0, 999)
  seen[x] += 1
  if i % 250 == 0:
    print(i, twice(i))
    with open("/work/log", "a") as file:
      file.write(str(x) + " ")
print(max(seen), open("/work/log").read())
sum(seen)
`;
const OPTIONS: SandboxOptions = { functions: { twice: async (x: number) => 2 * x }, fuel: 50_000_000, seed: 7 };
const EVERY = 2 ** 20;
afterAll(soonerCheckpoints(EVERY));

/** What does not depend on the machine. */
function lasting({ elapsedMs: _, ...result }: SandboxResult): object {
  return result;
}

/** Of so many checkpoints, those that runs are taken up from: the first, the last, and one between. */
const taken = forms(
  (i: number, count: number) => i === 0 || i === count >> 1 || i === count - 1,
  () => true,
);

describe.each(ARTIFACTS)("$kind:", (artifact) => {
  const record = async (receipt: boolean) => {
    const kept: { fuelUsed: number; bytes: Uint8Array }[] = [];
    const onCheckpoint = (at: SandboxCheckpoint) => void kept.push({ fuelUsed: at.fuelUsed, bytes: at.snapshot() });
    using sandbox = await artifact.create(OPTIONS);
    const result = await sandbox.run(PROGRAM, { receipt, onCheckpoint, checkpointFuel: EVERY });
    expect(result.status, result.stderr).toBe("ok");
    return { result, kept };
  };
  type Recorded = ReturnType<typeof record>;
  /** The runs from whose checkpoints others go on. */
  const recorded = new Map<boolean, Recorded>();
  const run = (receipt: boolean): Recorded => {
    if (!recorded.has(receipt)) recorded.set(receipt, record(receipt));
    return recorded.get(receipt)!;
  };

  test.each([true, false])("the end is the same from each checkpoint, receipt: %s", async (receipt) => {
    const { result, kept } = await run(receipt);
    expect(result.value).toBe(ROUNDS);
    expect(kept.length).toBeGreaterThan(2);
    expect(result.receipt === undefined).toBe(!receipt);
    if (receipt) expect(result.receipt!.checkpoints.interval).toBeGreaterThanOrEqual(EVERY);
    for (const [i, { fuelUsed, bytes }] of kept.entries()) {
      if (!taken(i, kept.length)) continue;
      using sandbox = await artifact.restore(bytes, OPTIONS);
      const again: Uint8Array[] = [];
      expect(sandbox.paused!.fuel.used).toBe(fuelUsed);
      expect(Buffer.compare(sandbox.snapshot(), bytes)).toBe(0);
      const resumed = await sandbox.resume(sandbox.paused!, 0, {
        onCheckpoint: (at) => void again.push(at.snapshot()),
        checkpointFuel: EVERY,
      });
      expect(lasting(resumed)).toEqual(lasting(result));
      // Snapshots taken up are those that the first run would have given, to the byte.
      const rest = kept.slice(i + 1);
      expect(again.length).toBe(rest.length);
      expect(again.every((snapshot, j) => Buffer.compare(snapshot, rest[j]!.bytes) === 0)).toBe(true);
    }
    if (receipt)
      expect(await verifyPythonReceipt(result.receipt!, { code: PROGRAM, artifact: artifact.artifact })).toBeNull();
  });

  test("so is that of a fork of a run that was taken up, and of a fork of that, with the rest of the recording", async () => {
    const { result, kept } = await run(true);
    using sandbox = await artifact.restore(kept.at(-1)!.bytes, OPTIONS);
    using fork = await sandbox.fork();
    using second = await fork.fork();
    for (const one of [second, sandbox, fork])
      expect(lasting(await one.resume(one.paused!, 0))).toEqual(lasting(result));
  });

  test("what a snapshot says of its recording is checked", async () => {
    const { kept } = await run(true);
    const { picture, attachments } = decodeSnapshot(kept[0]!.bytes);
    const recording = JSON.parse(Buffer.from(attachments["recording"]!).toString()) as Record<string, never>;
    const changed = (python: object) => ({ ...recording, python: { ...(recording["python"] as object), ...python } });
    const wrong = [
      null,
      {},
      { ...recording, code: 1 },
      changed({ state: "0".repeat(64) }),
      changed({ ledger: { ...(recording["python"]!["ledger"] as object), interval: 0 } }),
      changed({ ledger: { ...(recording["python"]!["ledger"] as object), next: 5 } }),
      changed({ hostCalls: null }),
      changed({ stdout: "g" }),
      changed({ work: "1" }),
    ];
    for (const value of wrong) {
      const bytes = encodeSnapshot(picture, {
        attachments: { ...attachments, recording: encodeUtf8(JSON.stringify(value)) },
      });
      await expect(artifact.restore(bytes, OPTIONS), JSON.stringify(value)).rejects.toThrow(/snapshot is damaged/);
    }
  });

  test("of a run that is given up, nothing is recorded any more", async () => {
    const { kept } = await run(true);
    for (const end of ["abandon", "rewind"] as const) {
      using sandbox = await artifact.restore(kept[0]!.bytes, OPTIONS);
      const { hostCalls } = (sandbox as unknown as { python: PythonInterpreter }).python.environment;
      expect(hostCalls.observer).toBeDefined();
      await sandbox[end]();
      expect(hostCalls.observer).toBeUndefined();
    }
  });

  test("the run waits for what is done with a checkpoint, and can be stopped there", async () => {
    using sandbox = await artifact.create(OPTIONS);
    const controller = new AbortController();
    const { signal } = controller;
    let snapshot: Uint8Array | undefined;
    let late: SandboxCheckpoint | undefined;
    const onCheckpoint = async (at: SandboxCheckpoint) => {
      await new Promise((resolve) => setImmediate(resolve));
      snapshot ??= at.snapshot();
      late = at;
      controller.abort();
    };
    const stopped = await sandbox.run(PROGRAM, { signal, onCheckpoint, checkpointFuel: EVERY });
    expect(stopped.status).toBe("aborted");
    expect(() => late!.snapshot()).toThrow("the run has gone on");
    using other = await artifact.restore(snapshot!, OPTIONS);
    expect((await other.resume(other.paused!, 0)).value).toBe(ROUNDS);
  });
});
