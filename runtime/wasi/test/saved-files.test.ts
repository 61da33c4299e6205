// States of files in memory share with one another, and with the files, what has not changed.
import { describe, expect, test } from "vitest";
import { Random } from "../../test/support/random.js";
import { type FileHandle, MemoryFiles, OPEN_DIRECTORY, WasiError } from "../index.js";

const bytes = (...list: number[]) => Uint8Array.from(list);
const file = { ...OPEN_DIRECTORY, directory: false, write: true, create: true };

/** The state that files have which know nothing of earlier states. */
function anew(state: ReturnType<MemoryFiles["saveState"]>) {
  const files = new MemoryFiles();
  files.restoreState(structuredClone(state));
  return files.saveState();
}

describe("a state of files", () => {
  test("is what it was, whatever is written later", () => {
    const files = new MemoryFiles();
    files.writeFile("/a", bytes(1, 2, 3));
    const before = files.saveState();
    const kept = structuredClone(before);
    const root = files.openDirectory();
    const a = files.open(root, "a", file);
    files.write(a, 1, bytes(9));
    expect(files.readFile("/a")).toEqual(bytes(1, 9, 3));
    files.setSize(a, 2);
    files.setSize(a, 4);
    expect(files.readFile("/a")).toEqual(bytes(1, 9, 0, 0));
    expect(before).toEqual(kept);
    files.restoreState(before);
    expect(files.readFile("/a")).toEqual(bytes(1, 2, 3));
  });

  test("shares what has not changed with the one before", () => {
    const files = new MemoryFiles();
    files.writeFile("/a", bytes(1, 2, 3));
    files.writeFile("/b", bytes(4));
    const [, a, b] = files.saveState().nodes;
    const root = files.openDirectory();
    files.write(files.open(root, "b", file), 0, bytes(5));
    const later = files.saveState().nodes;
    expect(later[1]).toBe(a);
    expect(later[2]).toMatchObject({ content: bytes(5) });
    expect(b).toMatchObject({ content: bytes(4) });
  });

  test("makes writing no dearer: what a guest pays does not depend on who looks", () => {
    const files = new MemoryFiles();
    files.writeFile("/a", new Uint8Array(1000));
    const a = files.open(files.openDirectory(), "a", file);
    const price = files.price(a, 5, bytes(1));
    files.saveState();
    expect(files.price(a, 5, bytes(1))).toBe(price);
    // Content that is shared from the beginning is paid for by who changes it.
    files.writeFile("/b", new Uint8Array(1000), { shared: true });
    const b = files.open(files.openDirectory(), "b", file);
    expect(files.price(b, 5, bytes(1))).toBeGreaterThan(price);
  });

  test.each([1, 2, 3, 4, 5, 6])("is the one of files that know of none before it, at any time (%i)", (seed) => {
    const random = new Random(seed);
    const files = new MemoryFiles({ maxBytes: 4096, maxNodes: 12 });
    files.mkdirs("/d/e");
    const root = files.openDirectory();
    const d = files.openDirectory("/d");
    const open: FileHandle[] = [];
    const name = () => random.pick(["x", "y", "z", "e"]);
    const place = () => random.pick([root, d]);
    const content = () => new Uint8Array(random.below(40)).fill(1 + random.below(255));
    const steps: (() => unknown)[] = [
      () => open.push(files.open(place(), name(), { ...file, truncate: random.below(3) === 0 })),
      () => open.length > 0 && files.close(open.splice(random.below(open.length), 1)[0]!),
      () => open.length > 0 && files.write(random.pick(open), random.below(60), content()),
      () => open.length > 0 && files.write(random.pick(open), 0, bytes(random.below(256))),
      () => open.length > 0 && files.setSize(random.pick(open), random.below(80)),
      () => open.length > 0 && files.setTimes(random.pick(open), { accessed: BigInt(random.below(5)) }),
      () => files.createDirectory(place(), name()),
      () => files.removeDirectory(place(), name()),
      () => files.unlink(place(), name()),
      () => files.rename(place(), name(), place(), name()),
      () => files.symlink("/d", place(), name()),
      () => files.setEntryReadOnly(place(), name(), random.below(2) === 0),
      // The clock stands still most of the time, so that no stamp tells what has changed.
      () => random.below(8) === 0 && files.setTime(BigInt(random.below(9))),
    ];
    const states: [state: object, copy: object][] = [];
    let done = 0;
    for (let i = 0; i < 400; i++) {
      try {
        random.pick(steps)();
        done++;
      } catch (error) {
        if (!(error instanceof WasiError)) throw error;
      }
      if (random.below(3) === 0) continue;
      const state = files.saveState();
      expect(state).toEqual(anew(state));
      states.push([state, structuredClone(state)]);
      if (random.below(20) === 0) files.restoreState(random.pick(states)[0] as typeof state);
    }
    expect(done).toBeGreaterThan(100);
    for (const [state, copy] of states) expect(state).toEqual(copy);
  });
});
