// Host functions that compiled code calls: what they do while its frames are on the host's stack, and what comes of it,
// is what the interpreter gives, to the unit of fuel.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { atRandom } from "../../../test/support/stress.js";
import { defaultTier } from "../../embedding/engine.js";
import {
  type Caller,
  captureStore,
  Engine,
  Execution,
  encodeSnapshot,
  type Func,
  GuestException,
  Linker,
  Store,
  Tag,
  type Trap,
} from "../../index.js";
import { wat } from "../../test/support/wat.js";
import { AT_ONCE, type CompilerSettings } from "../settings.js";

const TEXT = `(module
  (tag $e (import "env" "tag") (param i32))
  (import "env" "host" (func $host (param i32 i64 f32 f64) (result i64)))
  (import "env" "plain" (func $plain (param i32) (result i32)))
  (import "env" "nothing" (func $nothing))
  (import "env" "float" (func $float (param f64) (result f64)))
  (import "env" "pair" (func $pair (param i32) (result i32 f64)))
  (memory (export "memory") 1)
  (global $g (export "g") (mut i32) (i32.const 0))
  (type $box (struct (field (mut i32))))
  (func $work (param $n i32) (result i32)
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get $n)))
    (call $nothing)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (i32.add (call $plain (local.get $n))
      (i32.wrap_i64 (call $host (local.get $n) (i64.const 0x100000002) (f32.const 1.5) (f64.const -0)))))
  (func $inner (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (call $work (i32.const 3)))
      (else (i32.add (local.get $n) (call $inner (i32.sub (local.get $n) (i32.const 1)))))))
  (func $caught (param $n i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (call $inner (local.get $n)))))
  (func (export "main") (param $n i32) (result i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $caught (i32.and (local.get $n) (i32.const 7)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "again") (param $n i32) (result i32) (i32.mul (call $plain (local.get $n)) (i32.const 3)))
  (func (export "floats") (param $n i32) (result f64) (local $sum f64) (local $x i32)
    (loop $l
      (call $pair (local.get $n))
      (local.set $sum (f64.add (call $float (local.get $sum))))
      (local.set $x (i32.add (local.get $x)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (f64.add (local.get $sum) (f64.convert_i32_s (local.get $x))))
  (func $list (param $n i32) (result i32) (local $box (ref null $box))
    (local.set $box (struct.new $box (local.get $n)))
    (if (i32.gt_s (local.get $n) (i32.const 0)) (then (drop (call $list (i32.sub (local.get $n) (i32.const 1))))))
    (drop (call $plain (i32.const 1)))
    (struct.get $box 0 (local.get $box)))
  (func (export "boxes") (param $n i32) (result i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $list (i32.const 6))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "litter") (param $n i32)
    (loop $l
      (drop (struct.new $box (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`;

/** What a host function does in its n-th call. */
type Deed = (at: At) => unknown;
interface At {
  readonly caller: Caller;
  readonly n: number;
  readonly args: readonly unknown[];
  /** Runs a function of the same instance, but not in what is run so. */
  readonly run: (name: string, ...args: number[]) => unknown;
  readonly again: () => Func;
  readonly tag: Tag;
}

const DEEDS: Readonly<Record<string, Deed>> = {
  returns: () => 7n,
  throws(at) {
    if (at.n % 5 === 3) throw new GuestException(at.tag, [at.n]);
    return 7n;
  },
  fails({ n }) {
    if (n === 6) throw new Error("of the host's");
    return 7n;
  },
  promises: ({ n }) => (n % 3 === 1 ? Promise.resolve(9n) : 7n),
  rejects: (at) => (at.n === 4 ? Promise.reject(new GuestException(at.tag, [1])) : 7n),
  charges({ caller, n }) {
    caller.chargeFuel(n * 100);
    return BigInt(caller.fuelUsed);
  },
  pauses({ caller, n }) {
    if (n % 2 === 0) caller.requestPause();
    return 7n;
  },
  calls(at) {
    if (at.n % 3 !== 1) return 7n;
    return at.caller.callGuest(at.again(), [at.n], (_, [x]) => BigInt(x as number));
  },
  looks: ({ caller }) => BigInt(caller.liveWords().reduce((sum, word) => (sum * 31 + word) | 0, 0)),
  "looks at last": ({ caller, n }) => (n < 9 ? 7n : BigInt(caller.liveWords().length)),
  grows({ caller, n }) {
    if (n === 4) caller.memory().grow(1);
    return BigInt(caller.memory().pages);
  },
  writes({ caller, n }) {
    caller.memory().write(8, Uint8Array.of(n, 1));
    return 7n;
  },
  "runs itself": (at) => BigInt(at.n % 4 === 1 ? (at.run("again", at.n) as number) : 7),
  "runs itself deep": (at) => BigInt(at.n === 2 ? (at.run("main", 3) as number) : 7),
  "returns nonsense": ({ n }) => (n === 5 ? "x" : 7n),
};

interface Row {
  readonly status: string;
  readonly used: number;
  readonly what: unknown;
}

/** All that is seen of a call, in runs of `slice`. */
async function observe(
  bytes: Uint8Array,
  name: string,
  deed: Deed,
  slice: number,
  n = 12,
): Promise<readonly unknown[]> {
  const engine = new Engine();
  const store = new Store(engine, { limits: { gcHeapBytes: 4096 } });
  const linker = new Linker(engine);
  const tag = Tag.create(store, ["i32"]);
  linker.define("env", "tag", tag);
  const seen: unknown[] = [];
  let calls = 0;
  let depth = 0;
  const run = (called: string, ...args: number[]): unknown => {
    if (depth > 0) return 1;
    depth++;
    const result = new Execution(store).start(instance.getFunc(called), args).run(100_000);
    depth--;
    seen.push([called, result.status]);
    return result.status === "done" ? result.results[0] : -1;
  };
  const host = (caller: Caller, ...args: unknown[]) => {
    const at = { caller, n: depth > 0 ? 0 : calls, args, run, again: () => instance.getFunc("again"), tag };
    const { fuelUsed, fuelRemaining } = caller;
    let result: unknown;
    try {
      result = deed(at);
    } catch (error) {
      // It is called again, with the frames that it has asked for.
      if ((error as Error).name !== "FramesWanted") seen.push([calls, String(error), fuelUsed]);
      throw error;
    }
    seen.push([depth, calls, args, fuelUsed, fuelRemaining]);
    if (depth === 0) calls++;
    return result;
  };
  linker.defineFunc("env", "host", { params: ["i32", "i64", "f32", "f64"], results: ["i64"] }, host);
  linker.defineFunc("env", "plain", { params: ["i32"], results: ["i32"] }, (caller, x) => {
    seen.push(["plain", x, caller.fuelUsed]);
    if (name === "boxes" && depth === 0) run("litter", 100);
    return (x as number) + 1;
  });
  linker.defineFunc("env", "nothing", { params: [], results: [] }, () => {});
  linker.defineFunc("env", "float", { params: ["f64"], results: ["f64"] }, (_, x) => (x as number) + 0.5);
  let bits = 0x7ff8_0000_0000_0000n;
  const pair = (_: Caller, x: unknown) => {
    bits++;
    return [(x as bigint) * 2n, ((x as bigint) & 3n) === 0n ? bits : 0x3ff0_0000_0000_0000n];
  };
  linker.defineFunc("env", "pair", { params: ["i32"], results: ["i32", "f64"] }, pair, { raw: true });
  const instance = linker.instantiate(store, engine.compile(bytes));
  const execution = new Execution(store).start(instance.getFunc(name), [n]);
  // Bytes of a state, summed up.
  const stateOf = () => {
    const bytes = encodeSnapshot(captureStore({ store, instances: [instance] }, { execution }));
    return [bytes.length, bytes.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0)];
  };
  const rows: Row[] = [];
  for (let i = 0; i < 400; i++) {
    const result = execution.run(slice);
    const { status } = result;
    const what =
      result.status === "done"
        ? result.results.map(String)
        : result.status === "paused"
          ? result.reason
          : result.status === "threw"
            ? String(result.exception.words)
            : [String(result.error), (result.error as Partial<Trap>).backtrace];
    rows.push({ status, used: execution.fuelUsed, what });
    if (status !== "paused") break;
    if (what === "host") await execution.settled();
    else if (i % 7 === 3) rows.push({ status: "state", used: 0, what: stateOf() });
  }
  return [...seen, ...rows, [...instance.getMemory("memory").read(0, 16)], store.heap.used];
}

const TIERS: readonly (readonly [string, CompilerSettings])[] = [
  ["compiled at once", AT_ONCE],
  ["left at random", { ...AT_ONCE, stress: atRandom(3) }],
];

describe.each(TIERS)("%s", (_, settings) => {
  const before = { ...defaultTier };
  const onTier = async (tier: "interpreter" | "compiler", run: () => Promise<unknown>) => {
    Object.assign(defaultTier, { tier, settings: tier === "compiler" ? settings : before.settings });
    return run();
  };
  afterAll(() => {
    Object.assign(defaultTier, before);
  });
  let bytes: Uint8Array;
  beforeAll(async () => {
    bytes = await wat(TEXT);
  });

  test.each(Object.keys(DEEDS))("a host function that %s", async (name) => {
    for (const slice of [1_000_000, 977, 61]) {
      const run = () => observe(bytes, "main", DEEDS[name]!, slice);
      expect(await onTier("compiler", run)).toEqual(await onTier("interpreter", run));
    }
  });

  test.each(["floats", "boxes"])("calls in %s", async (name) => {
    for (const slice of [1_000_000, 977, 61]) {
      const run = () => observe(bytes, name, DEEDS.returns!, slice, 30);
      expect(await onTier("compiler", run)).toEqual(await onTier("interpreter", run));
    }
  });
});
