// Snapshots that were cut, altered, or made up with a right checksum: refused, or harmless.
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { forms } from "../../test/support/form.js";
import { captureStore, decodeSnapshot, type Execution, encodeSnapshot, restoreStore, SnapshotError } from "../index.js";
import { Random } from "./support/random.js";
import { SNAPSHOT_PROGRAMS } from "./support/snapshot-program-texts.js";
import { assemble, Linked, type Program } from "./support/snapshot-programs.js";

interface Victim {
  readonly program: Program;
  readonly bytes: Uint8Array;
}
const MUTATIONS = forms(800, 10_000);
const victims: Victim[] = [];

/** Snapshots of every program at a few places of its run, without compression: every byte counts. */
beforeAll(async () => {
  const random = new Random(11);
  for (const text of Object.values(SNAPSHOT_PROGRAMS)) {
    const program = await assemble(text);
    const linked = new Linked(program);
    const execution = linked.start();
    for (let i = 0; i < 4; i++) {
      if (execution.run(random.below(25)).status !== "paused") break;
      const picture = captureStore(linked.subject, { execution });
      victims.push({
        program,
        bytes: encodeSnapshot(picture, { compress: false, attachments: { data: random.bytes(9) } }),
      });
    }
  }
});

function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  const length = 1 + random.below(8);
  switch (random.below(5)) {
    case 0: {
      const mutated = bytes.slice();
      mutated[at]! ^= 1 << random.below(8);
      return mutated;
    }
    case 1: {
      const mutated = bytes.slice();
      mutated[at] = random.pick([0, 1, 2, 127, 128, 255, random.below(256)]);
      return mutated;
    }
    case 2:
      return Uint8Array.from([...bytes.subarray(0, at), ...random.bytes(length), ...bytes.subarray(at)]);
    case 3:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
    default: {
      const mutated = bytes.slice();
      mutated.copyWithin(random.below(bytes.length), at, at + length);
      return mutated;
    }
  }
}

/** Makes length and checksum right. */
function forge(bytes: Uint8Array): Uint8Array {
  const forged = bytes.slice();
  if (forged.length < 48) return forged;
  new DataView(forged.buffer).setUint32(12, forged.length, true);
  const end = forged.length - 32;
  forged.set(createHash("sha256").update(forged.subarray(0, end)).digest(), end);
  return forged;
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe("a snapshot", () => {
  test("that was cut anywhere is refused", () => {
    const { bytes } = victims[0]!;
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSnapshot(bytes.subarray(0, length)), `${length} bytes`).toThrow(SnapshotError);
    }
    expect(() => decodeSnapshot(Uint8Array.from([...bytes, 0]))).toThrow(SnapshotError);
  });

  test(`that was altered is refused: ${MUTATIONS} mutations`, () => {
    const random = new Random(12);
    for (let i = 0; i < MUTATIONS; i++) {
      const { bytes } = random.pick(victims);
      const mutated = mutate(random, bytes);
      if (same(mutated, bytes)) continue;
      expect(() => decodeSnapshot(mutated), `mutation ${i}`).toThrow(SnapshotError);
    }
  });

  test(`that was made up is refused without a trace, or runs to an ordinary end: ${MUTATIONS} mutations`, () => {
    const random = new Random(13);
    const counts: Record<string, number> = {};
    const targets = new Map<Program, Linked>();
    for (let i = 0; i < MUTATIONS; i++) {
      const { program, bytes } = random.pick(victims);
      let mutated = bytes;
      for (let n = 1 + random.below(2); n > 0; n--) mutated = mutate(random, mutated);
      const target = targets.get(program) ?? new Linked(program);
      targets.set(program, target);
      const end = attempt(forge(mutated), target, i % 20 === 0);
      counts[end] = (counts[end] ?? 0) + 1;
    }
    for (const end of ["refused", "done", "paused", "trapped"])
      expect(counts[end], end).toBeGreaterThan(MUTATIONS / forms(200, 100));
  });
});

/**
 * Restores the bytes into `target`, if they are taken, and runs what is restored for a while.
 * @param comparing whether to look at what has changed if they are refused
 */
function attempt(bytes: Uint8Array, target: Linked, comparing: boolean): string {
  const before = comparing ? target.describe() : [];
  let execution: Execution | null;
  try {
    execution = restoreStore(decodeSnapshot(bytes).picture, target.subject);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    if (comparing) expect(target.describe()).toEqual(before);
    return "refused";
  }
  if (execution === null) return "no execution";
  const result = execution.run(500);
  if (result.status === "failed") throw result.error;
  return result.status;
}
