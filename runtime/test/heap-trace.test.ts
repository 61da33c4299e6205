// A trace of the heap that is looked at in steps while its price is gathered: what a step does, and that nothing but
// the host's time tells it from one that is done whole.
import { afterEach, describe, expect, test, vi } from "vitest";
import { TypeRegistry } from "../../decoder/index.js";
import {
  captureStore,
  decodeSnapshot,
  Engine,
  Execution,
  encodeSnapshot,
  type Instance,
  Linker,
  type RunResult,
  restoreStore,
  Store,
  type StructInst,
} from "../index.js";
import { HeapTrace } from "../store/heap-trace.js";
import { StoreState } from "../store/store-state.js";
import { wat } from "./support/wat.js";

/** What heap.ts counts for a struct of two cells, and fuel-schedule.ts asks for a trace. */
const S = 96 + 8 * 2;
const BYTES_PER_FUEL = 128;
const HEAP = 400 * S;
/** What a trace of a heap that is full costs. */
const PRICE = Math.ceil(HEAP / BYTES_PER_FUEL);

const MODULE = await wat(`(module
  (type $s (struct (field (mut (ref null $s))) (field (mut i32))))
  (type $a (array (mut (ref null $s))))
  (import "h" "other" (func $other (param i32)))
  (global $list (export "list") (mut (ref null $s)) (ref.null $s))
  (table $t (export "table") 1 anyref)
  (func (export "grow") (param $n i32)
    (loop $l
      (global.set $list (struct.new $s (global.get $list) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  ;; Garbage up to the limit, and one object more.
  (func (export "churn") (param $n i32) (result i32) (local $kept (ref null $s))
    (local.set $kept (struct.new $s (ref.null $s) (i32.const 1)))
    (loop $l
      (drop (struct.new $s (local.get $kept) (i32.const 7)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (struct.get $s 1 (local.get $kept)))
  (func (export "calls") (param $n i32) (result i32)
    (call $other (local.get $n))
    (global.set $list (ref.null $s))
    (call $other (local.get $n))
    (i32.const 1))
  (func (export "wide") (param $n i32)
    (table.set $t (i32.const 0) (array.new $a (struct.new_default $s) (local.get $n)))))`);

interface World {
  readonly store: Store;
  readonly instance: Instance;
}

/** `full` objects of 400 that fit are live. */
function world(full: number, other: (world: World, n: number) => void = () => {}): World {
  const engine = new Engine({ schedule: "escapement-2" });
  const store = new Store(engine, { limits: { gcHeapBytes: HEAP } });
  const linker = new Linker(engine);
  const made: { world?: World } = {};
  linker.defineFunc("h", "other", { params: ["i32"], results: [] }, (_, n) => other(made.world!, n as number));
  const instance = linker.instantiate(store, engine.compile(MODULE));
  made.world = { store, instance };
  if (full > 0) instance.call("grow", [full]);
  return made.world;
}

const start = ({ store, instance }: World, name: string, n: number) =>
  new Execution(store).start(instance.getFunc(name), [n]);

/** The objects of a list, of which the mark of the last trace is looked at. */
function listOf({ instance }: World): StructInst[] {
  const objects: StructInst[] = [];
  let object = instance.getGlobal("list").value as StructInst | null;
  for (; object !== null; object = object.cells[0] as StructInst | null) objects.push(object);
  return objects;
}

function bytesOf({ store, instance }: World, execution: Execution | null): Uint8Array {
  return encodeSnapshot(captureStore({ store, instances: [instance] }, { execution }));
}

/** Has traces done whole, as they would be if none was begun ahead. */
const doneWhole = () => vi.spyOn(StoreState.prototype, "traceAhead").mockImplementation(() => {});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a trace in steps", () => {
  test.each([1, 7, 50, 200])("does in a run of %i units what those pay for", (slice) => {
    const it = world(300);
    const objects = listOf(it);
    const marks = () => objects.map(({ mark }) => mark);
    const execution = start(it, "churn", 250);
    const looked: number[] = [];
    let result: RunResult;
    do {
      const before = marks();
      result = execution.run(slice);
      looked.push(marks().filter((mark, i) => mark !== before[i]).length);
    } while (result.status === "paused");
    expect(result).toMatchObject({ status: "done", results: [1] });
    // Each object once in each trace; the object in hand may be paid for by the step before.
    expect(looked.reduce((sum, n) => sum + n)).toBe(2 * objects.length);
    expect(Math.max(...looked)).toBeLessThanOrEqual(Math.ceil((slice * BYTES_PER_FUEL) / S) + 2);
  });

  test("also of one long array", () => {
    // An array of references for a quarter of the heap's bytes, whose elements are one object.
    const references = new Array<StructInst | null>(20_000).fill(null);
    const visited = new Proxy(references, {
      get: (target, key) => {
        if (typeof key === "string" && /^\d+$/.test(key)) seen++;
        return Reflect.get(target, key);
      },
    });
    let seen = 0;
    const trace = new HeapTrace(new TypeRegistry(), [{ visitRoots: (_, visitAll) => visitAll(visited) }]);
    const steps: number[] = [];
    for (let sum: number | undefined; sum === undefined; steps.push(seen)) {
      seen = 0;
      sum = trace.advance(8 * 2000);
    }
    expect(Math.max(...steps)).toBeLessThanOrEqual(2000 + 1024);
    expect(steps.reduce((sum, n) => sum + n)).toBe(20_000);
  });
});

describe("what is observed is what a trace that is done whole gives", () => {
  test.each([3, 40, PRICE - 1, PRICE, PRICE + 1])("fuel, stops, snapshots, in runs of %i units", (slice) => {
    const run = () => {
      const it = world(300);
      const execution = start(it, "churn", 250);
      const seen: unknown[] = [];
      for (;;) {
        const { status } = execution.run(slice);
        const { used, live } = it.store.heap;
        seen.push([status, execution.fuelUsed, execution.fuelLeft, used, live]);
        if (status !== "paused") return seen;
        if (seen.length % 50 < 4) seen.push(bytesOf(it, execution));
      }
    };
    const inSteps = run();
    doneWhole();
    expect(run()).toEqual(inSteps);
  });

  test("a state in the midst of a trace is restored, and goes on to the same end", () => {
    const it = world(300);
    const execution = start(it, "churn", 250);
    const whole = world(300);
    const expected = start(whole, "churn", 250);
    expected.run(1_000_000);
    const before = listOf(it).map(({ mark }) => mark);
    const marked = () => listOf(it).filter(({ mark }, i) => mark !== before[i]).length;
    while (marked() < 100) expect(execution.run(10).status).toBe("paused");
    expect(marked()).toBeLessThan(300);
    const bytes = bytesOf(it, execution);
    const copy = world(0);
    const restored = restoreStore(decodeSnapshot(bytes).picture, { store: copy.store, instances: [copy.instance] })!;
    expect(bytesOf(copy, restored)).toEqual(bytes);
    for (const [world_, one] of [
      [it, execution],
      [copy, restored],
    ] as const) {
      while (one.run(10).status === "paused");
      expect(one.outcome).toEqual(expected.outcome);
      expect(one.fuelUsed).toBe(expected.fuelUsed);
      expect(bytesOf(world_, null)).toEqual(bytesOf(whole, null));
    }
  });

  const CHANGES: readonly (readonly [string, (world: World) => unknown])[] = [
    ["a global is set", ({ instance }) => (instance.getGlobal("list").value = null)],
    ["a global is set to the middle of its list", (w) => (w.instance.getGlobal("list").value = listOf(w)[150]!)],
    ["a table is set", (w) => w.instance.getTable("table").set(0, listOf(w)[150]!)],
    ["a table grows", (w) => w.instance.getTable("table").grow(1, listOf(w)[150]!)],
    ["an object is held", ({ store, instance }) => store.hold(instance.getGlobal("list").value as never)],
    ["the host has the heap traced", ({ store }) => store.traceHeap()],
    ["another execution runs", ({ instance }) => instance.call("grow", [5])],
    ["another is started, and given up", (w) => start(w, "grow", 1).abandon()],
    ["the store hibernates its execution", () => {}],
  ];
  test.each(CHANGES)("%s between two steps", (name, change) => {
    const run = () => {
      const it = world(300);
      const execution = start(it, "churn", 250);
      const seen: unknown[] = [];
      for (let changed = false; ; ) {
        const { status } = execution.run(30);
        seen.push([status, execution.fuelUsed, it.store.heap.used, it.store.heap.live]);
        if (status !== "paused") return seen;
        if (name.includes("hibernates")) execution.hibernate();
        // It waits at its first trace.
        if (changed || it.store.heap.used + S <= HEAP || execution.fuelLeft < 60) continue;
        changed = true;
        change(it);
      }
    };
    const inSteps = run();
    doneWhole();
    expect(run()).toEqual(inSteps);
  });

  test("an execution that a host function runs in steps, whose caller goes on in between", () => {
    const run = () => {
      let inner: Execution | undefined;
      const it = world(300, (world_) => {
        inner ??= start(world_, "churn", 250);
        for (let i = 0; i < 40; i++) inner.run(30);
      });
      const outer = start(it, "calls", 0);
      outer.run(1_000_000);
      const { used, live } = it.store.heap;
      return [outer.outcome?.status, outer.fuelUsed, inner?.outcome?.status, inner?.fuelUsed, used, live];
    };
    const inSteps = run();
    doneWhole();
    expect(run()).toEqual(inSteps);
  });
});

describe("traces of two stores at a time", () => {
  const registry = new TypeRegistry();
  const list = world(50);
  const objects = listOf(list);
  const rootsOf = (ref: StructInst) => [{ visitRoots: (visit: (ref: StructInst) => void) => visit(ref) }] as never;

  test("do not know of each other as long as no object is of both", () => {
    const other = world(70);
    const one = new HeapTrace(registry, rootsOf(objects[0]!));
    const two = new HeapTrace(registry, rootsOf(listOf(other)[0]!));
    for (const trace of [one, two, one, two]) {
      trace.goOn();
      expect(trace.advance(10 * S)).toBe(undefined);
      trace.wait();
    }
    expect([one.goOn(), one.advance(), two.goOn(), two.advance()]).toEqual([true, 50 * S, true, 70 * S]);
  });

  test("that come to one object: the one that waits cannot go on", () => {
    const one = new HeapTrace(registry, rootsOf(objects[0]!));
    one.advance(10 * S);
    one.wait();
    expect(new HeapTrace(registry, rootsOf(objects[20]!)).advance()).toBe(30 * S);
    expect(one.goOn()).toBe(true);
    one.wait();
    expect(new HeapTrace(registry, rootsOf(objects[5]!)).advance()).toBe(45 * S);
    expect(one.goOn()).toBe(false);
  });

  test("that nobody goes on with keep nothing of their own: the oldest of many begins anew", () => {
    const first = new HeapTrace(registry, []);
    first.wait();
    for (let i = 0; i < 64; i++) new HeapTrace(registry, []).wait();
    expect(first.goOn()).toBe(false);
  });
});
