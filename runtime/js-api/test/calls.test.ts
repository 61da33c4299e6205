// Calls across the border: https://webassembly.github.io/spec/js-api/#exported-function-exotic-objects
import { beforeAll, describe, expect, test } from "vitest";
import { wat } from "../../test/support/wat.js";
import { createWebAssembly } from "../index.js";
import { type Api, native, ours, outcome } from "./support.js";

const W = ours();
const APIS = [
  ["V8", native],
  ["ours", W],
] as const;

async function load(api: Api, text: string, imports: object = {}): Promise<Api> {
  return new api.Instance(new api.Module(await wat(text)), imports).exports;
}

const NUMBERS = `(module
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "extern") (param externref) (result externref) (local.get 0))
  (func (export "func") (param funcref) (result funcref) (local.get 0))
  (func (export "mixed") (param i32 externref i64 f32 f64) (result f64 f32 i64 externref i32)
    (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0))
  (func (export "v128") (param v128))
  (func (export "none")))`;

describe("conversions", () => {
  let mine: Api;
  let theirs: Api;
  beforeAll(async () => {
    [mine, theirs] = [await load(W, NUMBERS), await load(native, NUMBERS)];
  });

  const VALUES: unknown[] = [
    ...[0, -0, 1, -1, 1.5, 2 ** 31, 2 ** 32 + 7, -(2 ** 31) - 1, 2 ** 53, 1e300, Number.NaN, Infinity, 16777217, 0.1],
    ...[0n, -1n, 2n ** 63n, 2n ** 64n + 5n, "12", "", "x", "0x10", true, false, null, undefined, Symbol.iterator],
    ...[{}, [], [7], { valueOf: () => 3 }, { valueOf: () => 3n }, { toString: () => "4" }, () => 1],
  ];

  test.each(["i32", "i64", "f32", "f64", "extern"])("of arguments and results of type %s are V8's", (name) => {
    for (const value of VALUES) {
      const text = typeof value === "symbol" ? "symbol" : `${typeof value} ${String(value)}`;
      const [found, expected] = [outcome(() => mine[name](value)), outcome(() => theirs[name](value))] as Api[];
      expect(found.error, text).toBe(expected.error);
      if (expected.error === undefined) expect(found, text).toEqual(expected);
    }
  });

  test("functions keep their identity, and only exported ones are functions", () => {
    expect(mine.func(mine.i32)).toBe(mine.i32);
    expect(mine.func(null)).toBe(null);
    expect(() => mine.func(() => 1)).toThrow(TypeError);
    expect(() => mine.func(theirs.i32)).toThrow(TypeError);
    expect(() => mine.func(undefined)).toThrow(TypeError);
  });

  test("many results are an array, in order; what is missing is undefined", () => {
    const object = {};
    for (const exports of [mine, theirs]) {
      expect(exports.mixed(1, object, 2n, 1.25, 0.1, "stray")).toEqual([0.1, 1.25, 2n, object, 1]);
      expect(outcome(() => exports.mixed(1, object))).toMatchObject({ error: "TypeError" });
      expect(exports.i32()).toBe(0);
      expect(exports.none(1, 2)).toBe(undefined);
    }
  });

  test("arguments are converted from the left, before anything runs", () => {
    for (const exports of [mine, theirs]) {
      const log: number[] = [];
      // Its number is how many were converted before it, plus one.
      const arg = (n: number) => ({ valueOf: () => log.push(n) });
      exports.mixed(arg(1), 0, "3", arg(4), arg(5));
      expect(log).toEqual([1, 4, 5]);
    }
  });

  test("v128 does not cross, and says so when called", () => {
    expect(typeof mine.v128).toBe("function");
    expect(outcome(() => mine.v128())).toEqual(outcome(() => theirs.v128()));
  });
});

describe("exported functions", () => {
  test.each(APIS)("%s: are named by their index, have lengths, and are no constructors", async (_, api) => {
    const exports = await load(
      api,
      `(module
        (import "m" "a" (func $a)) (import "m" "g" (global i32)) (import "m" "b" (func $b (param i32 i64)))
        (export "b" (func $b))
        (func $f (param i32)) (export "x" (func $f)) (export "y" (func $f)))`,
      { m: { a() {}, g: 1, b() {} } },
    );
    expect([exports.x.name, exports.x.length, exports.b.name, exports.b.length]).toEqual(["2", 1, "1", 2]);
    expect(exports.x).toBe(exports.y);
    expect(Object.getPrototypeOf(exports.x)).toBe(Function.prototype);
    expect(() => new exports.x()).toThrow(TypeError);
    expect(Object.hasOwn(exports.x, "prototype")).toBe(false);
    expect(Object.isFrozen(exports)).toBe(true);
    expect(Object.getPrototypeOf(exports)).toBe(null);
  });

  test.each(APIS)("%s: pass through another module unchanged", async (_, api) => {
    const first = await load(api, `(module (func (export "f") (result i32) (i32.const 5)))`);
    const text = `(module (import "m" "f" (func $f (result i32))) (export "g" (func $f)))`;
    expect((await load(api, text, { m: first })).g).toBe(first.f);
    const wrong = `(module (import "m" "f" (func $f (result i64))) (export "g" (func $f)))`;
    await expect(load(api, wrong, { m: first })).rejects.toThrow(api.LinkError);
    const plain = () => 5;
    const host = await load(api, text, { m: { f: plain } });
    expect(host.g).not.toBe(plain);
    expect(host.g()).toBe(5);
  });
});

describe("imported functions", () => {
  const TEXT = `(module
    (import "m" "f" (func $f (param i32 f64) (result i32)))
    (import "m" "pair" (func $pair (result i32 i64)))
    (func (export "f") (result i32) (call $f (i32.const -1) (f64.const 0.5)))
    (func (export "pair") (result i32 i64) (call $pair)))`;

  test.each(APIS)("%s: get values, an undefined receiver, and have their results converted", async (_, api) => {
    const seen: unknown[] = [];
    const f = function (this: unknown, ...args: unknown[]) {
      seen.push(this, ...args);
      return "7.9";
    };
    const exports = await load(api, TEXT, { m: { f, pair: () => new Set([1, 2n]) } });
    expect(exports.f()).toBe(7);
    expect(seen).toEqual([undefined, -1, 0.5]);
    expect(exports.pair()).toEqual([1, 2n]);
  });

  test.each([
    ["one too few", () => [1]],
    ["one too many", () => [1, 2n, 3]],
    ["nothing", () => undefined],
    ["no iterable", () => 5],
    ["a wrong one", () => [1, 2]],
  ])("results that do not fit are V8's class of error: %s", async (_, pair) => {
    const outcomes = [];
    for (const [, api] of APIS) {
      const exports = await load(api, TEXT, { m: { f: () => 0, pair } });
      outcomes.push((outcome(() => exports.pair()) as Api).error);
    }
    expect(outcomes[1]).toBe(outcomes[0]);
    expect(outcomes[0]).toBe("TypeError");
  });

  test.each(APIS)("%s: a promise is a value like any other", async (_, api) => {
    const text = `(module (import "m" "f" (func $f (result externref))) (import "m" "n" (func $n (result i32)))
      (func (export "f") (result externref) (call $f)) (func (export "n") (result i32) (call $n)))`;
    const promise = Promise.resolve(1);
    const exports = await load(api, text, { m: { f: () => promise, n: () => promise } });
    expect(exports.f()).toBe(promise);
    expect(exports.n()).toBe(0);
  });
});

describe("traps are RuntimeErrors in V8's words", () => {
  const TRAPS = `(module
    (memory 1) (table 2 funcref) (type $t (func)) (func $g (param i32)) (elem (i32.const 0) $g)
    (func (export "unreachable") unreachable)
    (func (export "div") (drop (i32.div_s (i32.const 1) (i32.const 0))))
    (func (export "div64") (drop (i64.div_u (i64.const 1) (i64.const 0))))
    (func (export "rem") (drop (i32.rem_u (i32.const 1) (i32.const 0))))
    (func (export "rem64") (drop (i64.rem_s (i64.const 1) (i64.const 0))))
    (func (export "overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
    (func (export "overflow64") (drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1))))
    (func (export "trunc") (drop (i32.trunc_f64_s (f64.const 1e300))))
    (func (export "nan") (drop (i64.trunc_f32_u (f32.const nan))))
    (func (export "load") (drop (i32.load (i32.const 65536))))
    (func (export "store") (i64.store (i32.const -1) (i64.const 0)))
    (func (export "fill") (memory.fill (i32.const 65535) (i32.const 0) (i32.const 2)))
    (func (export "index") (call_indirect (type $t) (i32.const 9)))
    (func (export "null") (call_indirect (type $t) (i32.const 1)))
    (func (export "signature") (call_indirect (type $t) (i32.const 0)))
    (func (export "table") (drop (table.get (i32.const 2)))))`;

  test("each", async () => {
    const [mine, theirs] = [await load(W, TRAPS), await load(native, TRAPS)];
    for (const name of Object.keys(theirs)) {
      expect(outcome(mine[name]), name).toEqual(outcome(theirs[name]));
      expect(() => mine[name](), name).toThrow(W.RuntimeError);
    }
  });

  test.each(APIS)(
    "%s: endless recursion is a RangeError, also through JavaScript, and can be gone on from",
    async (_, api) => {
      const exports = await load(
        api,
        `(module (import "m" "f" (func $js)) (func $a (export "a") (call $a)) (func (export "b") (call $js)))`,
        { m: { f: () => exports.b() } },
      );
      expect(() => exports.a()).toThrow(RangeError);
      expect(() => exports.b()).toThrow(RangeError);
      expect(() => exports.a()).toThrow("Maximum call stack size exceeded");
    },
  );
});

describe("exceptions", () => {
  const TEXT = `(module
    (import "m" "tag" (tag $tag (param i32 externref)))
    (import "m" "f" (func $f))
    (func (export "throw") (throw $tag (i32.const 1) (ref.null extern)))
    (func (export "pass") (call $f))
    (func (export "catch") (result i32 externref)
      try (result i32 externref) (call $f) (i32.const 0) (ref.null extern)
      catch $tag
      catch_all (i32.const 99) (ref.null extern) end)
    (func (export "again") try (call $f) catch_all rethrow 0 end))`;

  test.each(APIS)("%s: keep their identity through frames, and are seen by catch and catch_all", async (_, api) => {
    const tag = new api.Tag({ parameters: ["i32", "externref"] });
    let thrown: unknown;
    const exports = await load(api, TEXT, {
      m: {
        tag,
        f: () => {
          throw thrown;
        },
      },
    });
    const payload = {};
    const errors = [new Error("x"), undefined, null, 5, "text", payload, new api.Exception(tag, [7, payload])];
    for (thrown of errors) {
      // Node 20 makes a trap of a null that is thrown again.
      if (thrown === null && api === native) continue;
      for (const name of ["pass", "again"]) {
        let caught: unknown = "nothing";
        try {
          exports[name]();
        } catch (error) {
          caught = error;
        }
        expect(caught).toBe(thrown);
      }
      expect(exports.catch()).toEqual(thrown instanceof api.Exception ? [7, payload] : [99, null]);
    }
  });

  test.each(APIS)("%s: of a guest are Exception objects", async (_, api) => {
    const tag = new api.Tag({ parameters: ["i32", "externref"] });
    const exports = await load(api, TEXT, { m: { tag, f() {} } });
    try {
      exports.throw();
      expect.unreachable();
    } catch (error) {
      const exception = error as Api;
      expect(exception).toBeInstanceOf(api.Exception);
      expect([exception.is(tag), exception.is(new api.Tag({ parameters: [] }))]).toEqual([true, false]);
      expect([exception.getArg(tag, 0), exception.getArg(tag, 1)]).toEqual([1, null]);
      expect(() => exception.getArg(tag, 2)).toThrow();
      expect(() => exception.getArg(new api.Tag({ parameters: [] }), 0)).toThrow(TypeError);
    }
  });

  test.each(APIS)("%s: a trap of a nested call passes catch_all", async (_, api) => {
    const inner = await load(api, `(module (func (export "f") unreachable))`);
    const tag = new api.Tag({ parameters: ["i32", "externref"] });
    const exports = await load(api, TEXT, { m: { tag, f: () => inner.f() } });
    expect(() => exports.catch()).toThrow(api.RuntimeError);
    expect(() => exports.catch()).toThrow("unreachable");
  });
});

describe("beyond the standard", () => {
  const LOOP = `(module (import "m" "f" (func $f))
    (func (export "loop") (loop $l (br $l)))
    (func (export "one") nop (drop (i32.const 1)))
    (func (export "through") (call $f)))`;

  test("fuel is exact, nested calls pay from the same, and running out passes every handler", async () => {
    const bytes = await wat(LOOP);
    const make = (fuel: number) => {
      const host = createWebAssembly({ fuel });
      const api = host.WebAssembly as Api;
      const { exports } = new api.Instance(new api.Module(bytes), { m: { f: () => exports.one() } });
      return { host, exports, api };
    };
    const measured = make(1000);
    measured.exports.through();
    const cost = measured.host.fuelUsed;
    expect(cost).toBeGreaterThan(2);
    expect(measured.host.fuelLeft).toBe(1000 - cost);
    const enough = make(cost);
    enough.exports.through();
    expect(enough.host.fuelLeft).toBe(0);
    const short = make(cost - 1);
    expect(() => short.exports.through()).toThrow("all fuel consumed");
    const endless = make(1_000_000);
    expect(() => endless.exports.loop()).toThrow(endless.api.RuntimeError);
    expect(endless.host.fuelLeft).toBe(0);
    endless.host.addFuel(cost);
    endless.exports.through();
    expect(endless.host.fuelLeft).toBe(0);
  });

  test("limits hold, and nested calls are counted", async () => {
    const api = ours({ limits: { memoryBytes: 3 * 65536 }, nestedCalls: 5 });
    const memory = new api.Memory({ initial: 2 });
    expect(() => memory.grow(2)).toThrow(RangeError);
    expect(memory.grow(1)).toBe(2);
    expect(() => new api.Memory({ initial: 1 })).toThrow(RangeError);
    let deepest = 0;
    let depth = 0;
    const exports: Api = await load(api, LOOP, {
      m: {
        f: () => {
          depth++;
          deepest = Math.max(deepest, depth);
          try {
            exports.through();
          } finally {
            depth--;
          }
        },
      },
    });
    expect(() => exports.through()).toThrow(RangeError);
    expect(deepest).toBe(5);
  });
});
