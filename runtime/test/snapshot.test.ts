// Snapshots through the public face: what they hold, where they fit, rewinding, forking, hibernation.
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import {
  captureStore,
  decodeSnapshot,
  Engine,
  Execution,
  type Extern,
  encodeSnapshot,
  type Func,
  Global,
  type HostRefCodec,
  hibernateStore,
  hostFunc,
  type Instance,
  Linker,
  Memory,
  readSnapshotInfo,
  restoreStore,
  SnapshotBase,
  SnapshotError,
  type SnapshotSubject,
  Store,
  type StoreLimits,
  UsageError,
} from "../index.js";
import { ENGINE_VERSION } from "../snapshot/format.js";
import { errorOf } from "./support/embed.js";
import { wat } from "./support/wat.js";

const COUNTER = await wat(`(module (memory (export "memory") 2 20) (global (export "total") (mut i64) (i64.const 0))
  (table (export "table") 2 10 funcref)
  (func (export "add") (param i32) (result i64)
    (i32.store (local.get 0) (i32.add (i32.const 1) (i32.load (local.get 0))))
    (global.set 0 (i64.add (global.get 0) (i64.extend_i32_u (local.get 0)))) (global.get 0))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "count") (param i32) (result i32) (local i32)
    (loop (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0)))) (local.get 1)))`);

interface World {
  readonly engine: Engine;
  readonly store: Store;
  readonly instance: Instance;
  readonly subject: SnapshotSubject;
}

function world(
  bytes: Uint8Array,
  limits: Partial<StoreLimits> = {},
  link: (linker: Linker, store: Store) => void = () => {},
): World {
  const engine = new Engine();
  const store = new Store(engine, { limits });
  const linker = new Linker(engine);
  link(linker, store);
  const instance = linker.instantiate(store, engine.compile(bytes));
  return { engine, store, instance, subject: { store, instances: [instance] } };
}

/** The matchers of the test library are slow on long arrays. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SnapshotError) return error.problem;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a snapshot of an idle store", () => {
  test("restores memory, globals, tables and sizes in another engine", () => {
    const from = world(COUNTER);
    from.instance.call("add", [100]);
    from.instance.call("add", [70_000]);
    from.instance.call("grow", [3]);
    from.instance.getTable("table").grow(4, from.instance.getFunc("add"));
    const bytes = encodeSnapshot(captureStore(from.subject));
    const to = world(COUNTER);
    to.instance.call("add", [8]);
    expect(restoreStore(decodeSnapshot(bytes).picture, to.subject)).toBe(null);
    expect(sameBytes(to.instance.getMemory("memory").bytes(), from.instance.getMemory("memory").bytes())).toBe(true);
    expect(to.instance.getGlobal("total").value).toBe(70_100n);
    const table = to.instance.getTable("table");
    expect([0, 1, 2, 3, 4, 5].map((i) => table.get(i))).toEqual([
      null,
      null,
      ...Array(4).fill(to.instance.getFunc("add")),
    ]);
    expect([to.store.memoryBytes, to.store.peakMemoryBytes, to.store.tableElements]).toEqual([5 * 65536, 5 * 65536, 6]);
    expect(to.instance.call("add", [100])).toEqual([70_200n]);
    expect(to.instance.getMemory("memory").readU32(100)).toBe(2);
    expect(from.instance.getGlobal("total").value).toBe(70_100n);
  });

  test("tells what it is", () => {
    const { subject } = world(COUNTER, { memoryBytes: 1 << 20, frames: 77, onGrowthFailure: "trap" });
    const attachments = { files: Uint8Array.of(1, 2, 3), "ß\0": new Uint8Array(0) };
    const info = readSnapshotInfo(encodeSnapshot(captureStore(subject), { attachments }));
    expect(info).toMatchObject({
      engineVersion: ENGINE_VERSION,
      schedule: "escapement-2",
      base: null,
      execution: null,
    });
    expect(info.limits).toEqual(subject.store.limits);
    expect(info.attachments).toEqual(["files", "ß\0"]);
    expect(info.modules).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(ENGINE_VERSION).toBe(packageJson.version);
  });

  test("carries the embedder's own data", () => {
    const { subject } = world(COUNTER);
    const attachments = { files: Uint8Array.of(1, 2, 3), state: new Uint8Array(5000).fill(9) };
    const decoded = decodeSnapshot(encodeSnapshot(captureStore(subject), { attachments }));
    expect(Object.entries(decoded.attachments)).toEqual(Object.entries(attachments));
  });

  test("is small: untouched memory takes no room, nor does what a base has", () => {
    const from = world(COUNTER, {});
    from.instance.call("grow", [18]);
    const alone = encodeSnapshot(captureStore(from.subject));
    expect(alone.length).toBeLessThan(700);
    const memory = from.instance.getMemory("memory");
    for (let i = 0; i < 200_000; i++) memory.writeU8(i, (i * i) >> 5);
    const base = SnapshotBase.of(from.subject);
    from.instance.call("add", [300_000]);
    const picture = captureStore(from.subject, { base });
    expect(encodeSnapshot(picture, { base }).length).toBeLessThan(800);
    // Without the base it stands alone.
    const to = world(COUNTER);
    restoreStore(decodeSnapshot(encodeSnapshot(picture)).picture, to.subject);
    expect(sameBytes(to.instance.getMemory("memory").bytes(), memory.bytes())).toBe(true);
  });
});

test("an instance that was only allocated takes a snapshot like any other", async () => {
  const bytes =
    await wat(`(module (memory (export "memory") 2) (data (i32.const 3) "abc") (table (export "table") 1 funcref)
    (elem (i32.const 0) $f) (func $f (i32.store8 (i32.const 9) (i32.const 7))) (start $f))`);
  const from = world(bytes);
  const { picture, image } = decodeSnapshot(encodeSnapshot(captureStore(from.subject)), { checksum: false });
  // The old name of the same thing.
  expect(image).toBe(picture);
  const engine = new Engine();
  const store = new Store(engine);
  const instance = new Linker(engine).allocate(store, engine.compile(bytes));
  const memory = instance.getMemory("memory");
  expect([memory.isHibernating, memory.pages, store.memoryBytes]).toEqual([true, 2, 131_072]);
  restoreStore(picture, { store, instances: [instance] }, { checkModules: false });
  expect(memory.isHibernating).toBe(true);
  expect(memory.read(0, 10)).toEqual(Uint8Array.of(0, 0, 0, 97, 98, 99, 0, 0, 0, 7));
  expect(instance.getTable("table").get(0)).toBe(instance.func(0));
});

describe("a base", () => {
  test("has an id that depends on its contents alone", () => {
    const a = world(COUNTER);
    const b = world(COUNTER);
    a.instance.call("add", [5]);
    restoreStore(captureStore(a.subject, { base: SnapshotBase.of(b.subject) }), b.subject);
    expect(SnapshotBase.of(a.subject).id).toBe(SnapshotBase.of(b.subject).id);
    expect(SnapshotBase.of(captureStore(a.subject)).id).toBe(SnapshotBase.of(b.subject).id);
    a.instance.call("add", [5]);
    expect(SnapshotBase.of(a.subject).id).not.toBe(SnapshotBase.of(b.subject).id);
  });

  test("is needed by what was made with it", () => {
    const from = world(COUNTER);
    from.instance.call("add", [5]);
    const base = SnapshotBase.of(from.subject);
    from.instance.call("add", [9]);
    const bytes = encodeSnapshot(captureStore(from.subject, { base }), { base });
    expect(readSnapshotInfo(bytes).base).toBe(base.id);
    expect(problemOf(() => decodeSnapshot(bytes))).toBe("mismatch");
    expect(problemOf(() => decodeSnapshot(bytes, { bases: [SnapshotBase.of(from.subject)] }))).toBe("mismatch");
    const to = world(COUNTER);
    restoreStore(decodeSnapshot(bytes, { bases: [base] }).picture, to.subject);
    expect(to.instance.getMemory("memory").readU32(5)).toBe(1);
  });

  test("may be of a memory that has grown since, or of one that was larger", () => {
    const small = world(COUNTER);
    small.instance.getMemory("memory").fill(0, 131_072, 7);
    const large = world(COUNTER);
    large.instance.call("grow", [2]);
    large.instance.getMemory("memory").fill(0, 4 * 65536, 7);
    for (const [from, other] of [
      [small, large],
      [large, small],
    ] as const) {
      const base = SnapshotBase.of(other.subject);
      const picture = captureStore(from.subject, { base });
      for (const way of [
        picture,
        decodeSnapshot(encodeSnapshot(picture, { base }), { bases: [base] }).picture,
        decodeSnapshot(encodeSnapshot(picture)).picture,
      ]) {
        const to = world(COUNTER);
        restoreStore(way, to.subject);
        to.instance.call("grow", [2]);
        const expected = new Uint8Array(to.store.memoryBytes);
        expected.set(from.instance.getMemory("memory").bytes());
        expect(sameBytes(to.instance.getMemory("memory").bytes(), expected)).toBe(true);
      }
    }
  });
});

describe("rewinding", () => {
  test("puts a store back, its memory's size and dropped segments included", async () => {
    const bytes =
      await wat(`(module (memory (export "memory") 1 5) (data $d "abc") (table 1 funcref) (elem $e func $f) (func $f)
      (func (export "use") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)) (data.drop $d)
        (table.init $e (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $e) (drop (memory.grow (i32.const 2)))))`);
    const { instance, subject, store } = world(bytes);
    const picture = captureStore(subject);
    for (let i = 0; i < 3; i++) {
      instance.call("use");
      expect(instance.getMemory("memory").read(0, 3)).toEqual(Uint8Array.of(97, 98, 99));
      expect(store.memoryBytes).toBe(3 * 65536);
      expect(() => instance.call("use")).toThrow("out of bounds");
      restoreStore(picture, subject);
      expect(
        instance
          .getMemory("memory")
          .bytes()
          .every((byte) => byte === 0),
      ).toBe(true);
      expect([store.memoryBytes, store.peakMemoryBytes]).toEqual([65536, 65536]);
    }
  });

  test("keeps the identity of functions, and abandons paused executions", () => {
    const { instance, subject, store } = world(COUNTER);
    const add = instance.getFunc("add");
    instance.getTable("table").set(0, add);
    const paused = new Execution(store).start(instance.getFunc("count"), [1000]);
    paused.run(50);
    const picture = captureStore(subject, { execution: paused });
    const first = restoreStore(picture, subject)!;
    expect(instance.getTable("table").get(0)).toBe(add);
    expect(() => paused.run(1)).toThrow();
    const second = restoreStore(picture, subject)!;
    expect(() => first.run(1)).toThrow();
    expect(second.run(1_000_000)).toMatchObject({ status: "done", results: [1000] });
  });

  test("is refused while the store runs", () => {
    let attempt = (): unknown => undefined;
    const { instance, subject } = worldOfHost((linker) => {
      linker.defineFunc("h", "f", { params: [], results: [] }, () => {
        expect(attempt).toThrow("running");
      });
    });
    const picture = captureStore(subject);
    attempt = () => restoreStore(picture, subject);
    instance.call("main");
  });
});

const CALLS_HOST = await wat(
  `(module (import "h" "f" (func $f)) (memory 1) (table (export "table") 1 funcref) (func (export "main") (call $f)))`,
);
const worldOfHost = (link: (linker: Linker, store: Store) => void) => world(CALLS_HOST, {}, link);

describe("a fork", () => {
  test("shares nothing that changes", () => {
    const from = world(COUNTER);
    from.instance.call("add", [40]);
    const base = SnapshotBase.of(from.subject);
    const [one, two] = [world(COUNTER), world(COUNTER)];
    const picture = captureStore(from.subject, { base });
    restoreStore(picture, one.subject);
    restoreStore(picture, two.subject);
    one.instance.call("add", [40]);
    two.instance.getMemory("memory").writeU32(40, 99);
    const read = ({ instance }: World) => [instance.getMemory("memory").readU32(40), instance.getGlobal("total").value];
    expect([from, one, two].map(read)).toEqual([
      [1, 40n],
      [2, 80n],
      [99, 40n],
    ]);
    restoreStore(picture, one.subject);
    expect(read(one)).toEqual([1, 40n]);
  });
});

describe("hibernation", () => {
  test("lets a memory keep only what differs, until it is used", () => {
    const { instance, subject } = world(COUNTER);
    const memory = instance.getMemory("memory");
    memory.fill(0, 50_000, 3);
    const base = SnapshotBase.of(subject);
    instance.call("add", [60_000]);
    const before = memory.bytes().slice();
    expect(hibernateStore(subject, { base })).toBeLessThan(1100);
    expect([memory.isHibernating, memory.byteLength, memory.pages]).toEqual([true, 131_072, 2]);
    // Looking at sizes and taking snapshots does not wake it.
    expect(encodeSnapshot(captureStore(subject, { base }), { base }).length).toBeLessThan(700);
    expect(memory.isHibernating).toBe(true);
    expect(instance.call("add", [60_000])).toEqual([120_000n]);
    expect(memory.isHibernating).toBe(false);
    expect(memory.readU32(60_000)).toBe(2);
    memory.writeU32(60_000, 1);
    expect(sameBytes(memory.bytes(), before)).toBe(true);
    hibernateStore(subject);
    instance.call("grow", [1]);
    expect(sameBytes(memory.bytes().subarray(0, 131_072), before)).toBe(true);
  });

  test("lets a paused execution go on, deep in recursion, too", async () => {
    const bytes =
      await wat(`(module (memory 1) (func $f (export "main") (param i32) (result i32) (local i64 i64 i64 i64)
      (if (result i32) (local.get 0)
        (then (i32.add (i32.load (i32.const 8)) (call $f (i32.sub (local.get 0) (i32.const 1)))))
        (else (i32.store (i32.const 8) (i32.const 1)) (i32.const 0)))))`);
    const { instance, subject, store } = world(bytes);
    const whole = new Execution(store).start(instance.getFunc("main"), [3000]);
    expect(whole.run(1_000_000)).toMatchObject({ status: "done", results: [0] });
    restoreStore(captureStore(world(bytes).subject), subject);
    const execution = new Execution(store).start(instance.getFunc("main"), [3000]);
    hibernateStore(subject);
    let last = execution.run(0);
    for (let i = 0; last.status === "paused"; i++) {
      if (i % 5 === 0) {
        hibernateStore(subject);
        expect(execution.thread.machine.R.length).toBeLessThan(3000 * 14 + 100);
      }
      last = execution.run(997);
    }
    expect(last).toMatchObject({ status: "done", results: [0] });
    expect(execution.fuelUsed).toBe(whole.fuelUsed);
  });

  test("frees memories and objects that executions had, which are still referred to", async () => {
    const bytes = await wat(`(module (memory (export "m") 64) (type $big (array i8))
      (func $deep (param i32) (result i64) (if (local.get 0) (then (return (call $deep (i32.sub (local.get 0) (i32.const 1)))))) (i64.const 5))
      (func (export "main") (param i32) (result i64 anyref) (local (ref null $big))
        (local.set 1 (array.new $big (i32.const 1) (i32.const 100000)))
        (i32.store (i32.const 4000000) (i32.const 1))
        (drop (call $deep (i32.const 3000)))
        (if (i32.eq (local.get 0) (i32.const 1)) (then (unreachable)))
        (if (i32.eq (local.get 0) (i32.const 2)) (then (loop $l (br $l))))
        (i64.const -7) (ref.i31 (i32.const 3))))`);
    const engine = new Engine();
    const store = new Store(engine);
    const linker = new Linker(engine);
    const instance = linker.instantiate(store, engine.compile(bytes));
    const subject = { store, instances: [instance] };
    const [done, trapped, paused, abandoned] = [0, 1, 2, 2].map((how) =>
      new Execution(store).start(instance.getFunc("main"), [how]),
    ) as [Execution, Execution, Execution, Execution];
    const statuses = [done, trapped, paused, abandoned].map((execution) => execution.run(500_000).status);
    expect(statuses).toEqual(["done", "trapped", "paused", "paused"]);
    abandoned.abandon();
    // The paused one alone still has its array.
    expect(store.traceHeap()).toBe(256 + 100_000);
    const held = new WeakRef(instance.getMemory("m").u8.buffer);
    hibernateStore(subject);
    await collected(held);
    // Their frames and registers, of 3,000 calls, are gone as well; results can be asked for all the same.
    for (const { thread } of [done, trapped, abandoned]) {
      const { machine } = thread;
      expect(machine.R.length + machine.frames.length + machine.refs.length).toBeLessThan(4000);
    }
    expect(done.results()).toEqual([-7n, 3]);
    expect(paused.run(10)).toMatchObject({ status: "paused" });
    expect(instance.getMemory("m").readU32(4_000_000)).toBe(1);
  });

  test("is refused while an execution runs", async () => {
    const engine = new Engine();
    const store = new Store(engine);
    const linker = new Linker(engine);
    linker.defineFunc("env", "f", { params: [], results: [] }, () => {
      hibernateStore({ store, instances: [instance] });
    });
    const text = '(module (import "env" "f" (func $f)) (memory 1) (func (export "main") (call $f)))';
    const instance = linker.instantiate(store, engine.compile(await wat(text)));
    const execution = new Execution(store).start(instance.getFunc("main"));
    const { status, error } = execution.run(1000) as { status: string; error: Error };
    expect([status, error.name]).toEqual(["failed", "UsageError"]);
    expect(error.message).toMatch("is running");
  });
});

/** Resolves when the host's collector has taken an object, of which it is told. */
async function collected(held: WeakRef<object>): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; held.deref() !== undefined; i++) {
    expect(i, "the object is still referred to").toBeLessThan(20);
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  }
}

describe("an execution in a snapshot", () => {
  test("that has not begun keeps its arguments", () => {
    const from = world(COUNTER);
    const picture = captureStore(from.subject, {
      execution: new Execution(from.store).start(from.instance.getFunc("count"), [12]),
    });
    const restored = restoreStore(picture, world(COUNTER).subject)!;
    expect(restored.run(1000)).toMatchObject({ status: "done", results: [12] });
  });

  test("that is over, or has never been started, is refused", () => {
    const { store, instance, subject } = world(COUNTER);
    expect(() => captureStore(subject, { execution: new Execution(store) })).toThrow("does not wait");
    const over = new Execution(store).start(instance.getFunc("count"), [2]);
    over.run(1000);
    expect(() => captureStore(subject, { execution: over })).toThrow("does not wait");
    const other = world(COUNTER);
    const foreign = new Execution(other.store).start(other.instance.getFunc("count"), [2]);
    expect(problemOf(() => captureStore(subject, { execution: foreign }))).toBe("mismatch");
  });

  test("tells its fuel, and takes more than 2^30 of it along", () => {
    const from = world(COUNTER);
    const execution = new Execution(from.store).start(from.instance.getFunc("count"), [1000]);
    execution.run(100);
    execution.requestPause();
    const bytes = encodeSnapshot(captureStore(from.subject, { execution }));
    const restored = restoreStore(decodeSnapshot(bytes).picture, world(COUNTER).subject)!;
    expect(readSnapshotInfo(bytes).execution).toEqual({ fuelUsed: execution.fuelUsed, fuelLeft: execution.fuelLeft });
    expect(restored.run(2 ** 40).status).toBe("done");
    const { fuelUsed } = restored;
    execution.run(2 ** 40);
    expect([fuelUsed, restored.fuelLeft]).toEqual([execution.fuelUsed, execution.fuelLeft]);
  });

  test("that waits for a promise calls the host function anew, if that is wanted", async () => {
    const calls: string[] = [];
    const make = (name: string) =>
      worldOfHost((linker) => {
        linker.defineFunc("h", "f", { params: [], results: [] }, async () => {
          calls.push(name);
        });
      });
    const from = make("first");
    const execution = new Execution(from.store).start(from.instance.getFunc("main"));
    expect(execution.run(100)).toMatchObject({ status: "paused", reason: "host" });
    expect(problemOf(() => captureStore(from.subject, { execution }))).toBe("unsupported");
    const picture = captureStore(from.subject, { execution, repeatHostCall: true });
    const restored = restoreStore(picture, make("second").subject)!;
    expect(await restored.runAsync(0)).toMatchObject({ status: "done" });
    expect(calls).toEqual(["first", "second"]);
  });

  test("that was started on a host function goes on there", async () => {
    let enough = false;
    const make = () => {
      const engine = new Engine();
      const store = new Store(engine);
      const func = hostFunc(engine, { params: ["i32"], results: ["i32"] }, (caller, value: number) => {
        caller.chargeFuel(enough ? 10 : 1000);
        return value + 1;
      });
      return { store, func, subject: { store, instances: [], externs: { func } } };
    };
    const from = make();
    const execution = new Execution(from.store).start(from.func, [41]);
    expect(execution.run(100)).toMatchObject({ status: "paused", reason: "fuel" });
    const restored = restoreStore(
      decodeSnapshot(encodeSnapshot(captureStore(from.subject, { execution }))).picture,
      make().subject,
    )!;
    enough = true;
    expect(restored.run(0)).toMatchObject({ status: "done", results: [42] });
    expect(restored.fuelUsed).toBe(10);
  });

  test("whose host function waits for the guest is refused: its closure is not data", async () => {
    const bytes =
      await wat(`(module (import "h" "f" (func $f (result i32))) (func (export "spin") (result i32) (loop (br 0)) (unreachable))
      (func (export "main") (result i32) (call $f)))`);
    let spin: Func | undefined;
    const { instance, store, subject } = world(bytes, {}, (linker) => {
      linker.defineFunc("h", "f", { params: [], results: ["i32"] }, (caller) =>
        caller.callGuest(spin!, [], (_, [result]) => result),
      );
    });
    spin = instance.getFunc("spin");
    const execution = new Execution(store).start(instance.getFunc("main"));
    execution.run(1000);
    expect(problemOf(() => captureStore(subject, { execution }))).toBe("unsupported");
  });
});

describe("values of the host", () => {
  const HOLDS = `(module (table (export "table") 3 externref) (global (export "global") (mut externref) (ref.null extern))
    (func (export "main") (param externref) (result externref) (loop (br_if 0 (i32.const 0))) (nop) (local.get 0)))`;
  const codec: HostRefCodec = {
    encode: (value) => Uint8Array.from(JSON.stringify(value), (letter) => letter.charCodeAt(0)),
    decode: (bytes) => JSON.parse(String.fromCharCode(...bytes)),
  };

  test("stay the same in pictures, and go through the embedder's codec in bytes", async () => {
    const bytes = await wat(HOLDS);
    const from = world(bytes);
    const value = { a: [1, "x"] };
    from.instance.getTable("table").set(1, value);
    from.instance.getGlobal("global").value = value;
    const execution = new Execution(from.store).start(from.instance.getFunc("main"), [value]);
    execution.run(1);
    const picture = captureStore(from.subject, { execution });
    const fork = world(bytes);
    restoreStore(picture, fork.subject);
    expect(fork.instance.getTable("table").get(1)).toBe(value);
    expect(problemOf(() => encodeSnapshot(picture))).toBe("unsupported");
    const decoded = decodeSnapshot(encodeSnapshot(picture, { hostRefs: codec }));
    const to = world(bytes);
    expect(problemOf(() => restoreStore(decoded.picture, to.subject))).toBe("unsupported");
    const restored = restoreStore(decoded.picture, to.subject, { hostRefs: codec })!;
    expect(to.instance.getTable("table").get(1)).toEqual(value);
    expect(restored.run(100)).toEqual({ status: "done", results: [value] });
  });

  test("that are left over in registers are no part of the state", async () => {
    const bytes = await wat(`(module (func $f (param externref)) (func (export "main") (param externref) (result i32)
      (call $f (local.get 0)) (local.set 0 (ref.null extern)) (i32.const 1) (i32.const 2) (i32.const 3) (i32.add) (i32.add)))`);
    const { instance, store, subject } = world(bytes);
    const execution = new Execution(store).start(instance.getFunc("main"), [{}]);
    let refused = 0;
    while (execution.run(1).status === "paused") {
      try {
        encodeSnapshot(captureStore(subject, { execution }));
      } catch {
        refused++;
      }
    }
    // Before local.get, call, the callee's entry, ref.null and local.set.
    expect(refused).toBe(5);
  });
});

describe("externs", () => {
  test("name host functions that instances reach without importing them", () => {
    const make = () => {
      const made = worldOfHost((linker) => linker.defineFunc("h", "f", { params: [], results: [] }, () => {}));
      const func = hostFunc(made.engine, { params: [], results: [] }, () => {}, { name: "free" });
      const subject = (externs: Record<string, Extern>): SnapshotSubject => ({ ...made.subject, externs });
      return { ...made, func, with: subject };
    };
    const from = make();
    from.instance.getTable("table").set(0, from.func);
    expect(problemOf(() => captureStore(from.subject))).toBe("unsupported");
    const bytes = encodeSnapshot(captureStore(from.with({ free: from.func })));
    const to = make();
    expect(problemOf(() => restoreStore(decodeSnapshot(bytes).picture, to.subject))).toBe("mismatch");
    expect(problemOf(() => restoreStore(decodeSnapshot(bytes).picture, to.with({ other: to.func })))).toBe("mismatch");
    restoreStore(decodeSnapshot(bytes).picture, to.with({ free: to.func }));
    expect(to.instance.getTable("table").get(0)).toBe(to.func);
  });

  test("are saved, too, where they have a state", () => {
    const make = () => {
      const engine = new Engine();
      const store = new Store(engine);
      const memory = Memory.create(store, { min: 1, max: 3 });
      const global = Global.create(store, { type: "v128", mutable: true }, 5n);
      return { store, memory, global, subject: { store, instances: [], externs: { memory, global } } };
    };
    const from = make();
    from.memory.grow(1);
    from.memory.writeU32(70_000, 1234);
    from.global.value = 2n ** 100n;
    const to = make();
    restoreStore(decodeSnapshot(encodeSnapshot(captureStore(from.subject))).picture, to.subject);
    expect([to.memory.pages, to.memory.readU32(70_000), to.global.value]).toEqual([2, 1234, 2n ** 100n]);
  });
});

describe("a store that a snapshot does not fit stays as it was", () => {
  const from = world(COUNTER);
  from.instance.call("add", [11]);
  from.instance.call("grow", [4]);
  const execution = new Execution(from.store).start(from.instance.getFunc("count"), [1000]);
  execution.run(100);
  const bytes = encodeSnapshot(captureStore(from.subject, { execution }));

  function refuses(to: { store: Store; instance: Instance; subject: SnapshotSubject }, problem: string): void {
    const before = captureStore(to.subject);
    expect(problemOf(() => restoreStore(decodeSnapshot(bytes).picture, to.subject))).toBe(problem);
    expect(captureStore(to.subject)).toEqual(before);
    expect(to.store.roots.size).toBe(0);
  }

  test("one of another module", async () => {
    refuses(world(await wat(`(module (memory (export "memory") 2 20) (func (export "add")))`)), "mismatch");
  });

  test("one with another fuel schedule", () => {
    const engine = new Engine({ schedule: "wasmtime-48" });
    const store = new Store(engine);
    const instance = new Linker(engine).instantiate(store, engine.compile(COUNTER));
    refuses({ store, instance, subject: { store, instances: [instance] } }, "mismatch");
  });

  test("one with lower limits", () => {
    refuses(world(COUNTER, { memoryBytes: 3 * 65536 }), "limit");
    refuses(world(COUNTER, { stackSlots: 4 }), "limit");
  });

  test("one with another number of instances, or with some that are not given", async () => {
    const { engine, store, instance } = world(COUNTER);
    const second = new Linker(engine).instantiate(store, engine.compile(COUNTER));
    refuses({ store, instance, subject: { store, instances: [instance, second] } }, "mismatch");
    const { picture } = decodeSnapshot(bytes);
    expect(problemOf(() => restoreStore(picture, { store, instances: [instance] }))).toBe("mismatch");
    expect(problemOf(() => captureStore({ store, instances: [instance] }))).toBe("mismatch");
    expect(problemOf(() => captureStore({ store, instances: [instance, instance] }))).toBe("mismatch");
    expect(problemOf(() => captureStore({ store, instances: [from.instance] }))).toBe("mismatch");
  });

  test("one whose instances are linked in another way", async () => {
    const importer = await wat(`(module (import "a" "memory" (memory 2 20)) (func (export "main")))`);
    const link = (own: boolean) => {
      const engine = new Engine();
      const store = new Store(engine);
      const linker = new Linker(engine);
      const [a, b] = [0, 1].map(() => linker.instantiate(store, engine.compile(COUNTER))) as [Instance, Instance];
      linker.defineInstance("a", own ? a : b);
      return { store, instances: [a, b, linker.instantiate(store, engine.compile(importer))] };
    };
    const picture = captureStore(link(true));
    restoreStore(picture, link(true));
    expect(problemOf(() => restoreStore(picture, link(false)))).toBe("mismatch");
  });
});

test("errors name what was expected", async () => {
  expect((await errorOf(() => decodeSnapshot(new Uint8Array(100)))).message).toBe("the bytes are not a snapshot");
  expect((await errorOf(() => decodeSnapshot("x" as never))).message).toBe("the bytes are not a snapshot");
  const bytes = encodeSnapshot(captureStore(world(COUNTER).subject));
  bytes[8] = 9;
  expect(await errorOf(() => decodeSnapshot(bytes))).toMatchObject({ problem: "version", kind: "usage" });
});

describe("the host's SHA-256", () => {
  const nodeSha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
  const hashes = (engine: Engine, options?: { sha256: Uint8Array }) => {
    const store = new Store(engine);
    const module = engine.compile(COUNTER, options);
    const instance = new Linker(engine).instantiate(store, module);
    return captureStore({ store, instances: [instance] });
  };

  test("names modules and checks snapshots as our own does", () => {
    const asked: number[] = [];
    const engine = new Engine({
      sha256: (bytes) => {
        asked.push(bytes.length);
        return nodeSha256(bytes);
      },
    });
    const picture = hashes(engine);
    expect(asked).toEqual([]);
    const own = encodeSnapshot(hashes(new Engine()));
    expect(sameBytes(encodeSnapshot(picture), own)).toBe(true);
    // No bytes, to know the function, and the module's, once.
    expect(asked).toEqual([0, COUNTER.length]);
    expect(sameBytes(encodeSnapshot(picture, { sha256: nodeSha256 }), own)).toBe(true);
    expect(asked).toHaveLength(2);
    expect(readSnapshotInfo(own).modules).toEqual([Buffer.from(nodeSha256(COUNTER)).toString("hex")]);
    expect(decodeSnapshot(own, { sha256: nodeSha256 }).info).toEqual(readSnapshotInfo(own));
    own[60]! ^= 1;
    expect(() => decodeSnapshot(own, { sha256: nodeSha256 })).toThrow("the checksum is not right");
  });

  test("is not asked where the module's hash is given", () => {
    const engine = new Engine({ sha256: () => expect.unreachable() });
    const sha256 = nodeSha256(COUNTER);
    const picture = hashes(engine, { sha256 });
    sha256.fill(0);
    expect(sameBytes(encodeSnapshot(picture), encodeSnapshot(hashes(new Engine())))).toBe(true);
  });

  test("is refused if it is another function", () => {
    expect(() => new Engine({ sha256: "sha256" as never })).toThrow(UsageError);
    const sha512 = new Engine({ sha256: (bytes) => new Uint8Array(createHash("sha512").update(bytes).digest()) });
    expect(() => encodeSnapshot(hashes(sha512))).toThrow("32 bytes");
    const other = new Engine({ sha256: (bytes) => nodeSha256(bytes).reverse() });
    expect(() => encodeSnapshot(hashes(other))).toThrow("another function");
    expect(() => new Engine().compile(COUNTER, { sha256: new Uint8Array(31) })).toThrow("32 bytes");
  });
});
