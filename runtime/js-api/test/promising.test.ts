// JavaScript Promise Integration. Node 20 has none that could be asked: what is expected is the proposal's text.
// https://github.com/WebAssembly/js-promise-integration
import { describe, expect, test } from "vitest";
import { wat } from "../../test/support/wat.js";
import { createWebAssembly } from "../index.js";
import { type Api, ours } from "./support.js";

const W = ours();

async function load(text: string, imports: object = {}, api: Api = W): Promise<Api> {
  return new api.Instance(new api.Module(await wat(text)), imports).exports;
}

const later = <T>(value: T, ms = 1): Promise<T> => new Promise((resolve) => setTimeout(resolve, ms, value));

const SUMS = `(module
  (import "m" "get" (func $get (param i32) (result i32)))
  (import "m" "js" (func $js (param i32) (result i32)))
  (import "m" "tag" (tag $tag (param i32)))
  (memory (export "memory") 1)
  (global $sum (export "sum") (mut i32) (i32.const 0))
  (func $add (export "add") (param $n i32) (result i32) (local $i i32)
    (loop $l
      (global.set $sum (i32.add (call $get (local.get $i)) (global.get $sum)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (global.get $sum))
  (func (export "through") (param i32) (result i32) (call $js (local.get 0)))
  (func (export "guarded") (param i32) (result i32)
    try (result i32) (call $get (local.get 0))
    catch $tag
    catch_all (i32.const -1) end)
  (func (export "trap") (result i32) (drop (call $get (i32.const 1))) unreachable)
  (func (export "tail") (param i32) (result i32) (return_call $get (local.get 0))))`;

function imports(get: unknown, js: unknown = () => 0, tag: unknown = new W.Tag({ parameters: ["i32"] })) {
  return { m: { get, js, tag } };
}

describe("a promised call", () => {
  test("waits for each import in turn, and others run meanwhile", async () => {
    const exports = await load(SUMS, imports(new W.Suspending((i: number) => later(i * 10))));
    const add = W.promising(exports.add);
    expect([add.length, typeof add]).toEqual([1, "function"]);
    const [first, second] = [add(4), add(3)];
    expect(first).toBeInstanceOf(Promise);
    expect(exports.sum.value).toBe(0);
    expect(await second).toBeGreaterThan(30);
    await first;
    expect(exports.sum.value).toBe(60 + 30);
    expect(await W.promising(exports.tail)(7)).toBe(70);
  });

  test("that waits for nothing is a promise as well, and its errors are rejections", async () => {
    const exports = await load(
      SUMS,
      imports(() => 5),
    );
    expect(await W.promising(exports.add)(2)).toBe(10);
    await expect(W.promising(exports.trap)()).rejects.toThrow(W.RuntimeError);
    await expect(W.promising(exports.add)(1n)).rejects.toThrow(TypeError);
  });

  test("sees what the promise rejects with as an exception, and Exception objects by their tag", async () => {
    const tag = new W.Tag({ parameters: ["i32"] });
    let reason: unknown = new Error("no");
    const exports = await load(SUMS, imports(new W.Suspending(() => Promise.reject(reason)), undefined, tag));
    expect(await W.promising(exports.guarded)(1)).toBe(-1);
    reason = new W.Exception(tag, [42]);
    expect(await W.promising(exports.guarded)(1)).toBe(42);
    await expect(W.promising(exports.add)(1)).rejects.toBe(reason);
    // A result that cannot be converted.
    const bad = await load(SUMS, imports(new W.Suspending(() => Promise.resolve(1n))));
    await expect(bad.add && W.promising(bad.add)(1)).rejects.toThrow(TypeError);
  });

  test("goes on after traps of others, growth, and calls while it waits", async () => {
    // Each trap calls the import as well, whose promise nobody waits for: the calls end with the test.
    let waited = true;
    const exports: Api = await load(
      SUMS,
      imports(
        new W.Suspending(async (i: number) => {
          await later(0);
          if (!waited) return i;
          exports.memory.grow(1);
          expect(() => exports.trap()).toThrow();
          return i;
        }),
      ),
    );
    expect(await W.promising(exports.add)(3)).toBe(3);
    waited = false;
    // Each of the three, and each trap, has called it.
    expect(exports.memory.buffer.byteLength).toBe(7 * 65536);
  });

  test("passes references and many results", async () => {
    const text = `(module (import "m" "f" (func $f (param externref) (result externref i64)))
      (func (export "f") (param externref) (result externref i64) (call $f (local.get 0))))`;
    const object = {};
    const exports = await load(text, { m: { f: new W.Suspending((x: unknown) => later([x, 5n])) } });
    expect(await W.promising(exports.f)(object)).toEqual([object, 5n]);
  });
});

describe("a suspending import", () => {
  test("that returns no promise is a function like others", async () => {
    const exports = await load(SUMS, imports(new W.Suspending(() => 3)));
    expect(exports.add(2)).toBe(6);
  });

  test("throws a SuspendError where nobody waits, or frames of JavaScript's would have to", async () => {
    const exports: Api = await load(
      SUMS,
      imports(new W.Suspending(() => later(1)), (n: number) => exports.add(n)),
    );
    expect(() => exports.add(1)).toThrow(W.SuspendError);
    await expect(W.promising(exports.through)(1)).rejects.toThrow(W.SuspendError);
    expect(exports.guarded(1)).toBe(-1);
    // Promised anew it is another call, which nobody's frames lie in.
    let inner: Promise<number> | undefined;
    const nested: Api = await load(
      SUMS,
      imports(new W.Suspending(() => later(1)), (n: number) => {
        inner = W.promising(nested.add)(n);
        return 8;
      }),
    );
    expect(await W.promising(nested.through)(2)).toBe(8);
    expect(await inner).toBe(2);
  });

  test("is for imports of functions only, and made of functions", async () => {
    expect(() => new W.Suspending({})).toThrow(TypeError);
    expect(() => W.Suspending(() => 1)).toThrow(TypeError);
    expect(() => W.promising(() => 1)).toThrow(TypeError);
    expect(() => W.promising(1)).toThrow(TypeError);
    const text = `(module (import "m" "g" (global externref)) (export "g" (global 0)))`;
    const suspending = new W.Suspending(() => 1);
    expect((await load(text, { m: { g: suspending } })).g.value).toBe(suspending);
    expect(Object.prototype.toString.call(suspending)).toBe("[object WebAssembly.Suspending]");
  });
});

test("fuel is that of all calls, to the last unit", async () => {
  const bytes = await wat(SUMS);
  const make = (fuel: number) => {
    const host = createWebAssembly({ fuel });
    const api = host.WebAssembly as Api;
    const m = {
      get: new api.Suspending((i: number) => later(i)),
      js: () => 0,
      tag: new api.Tag({ parameters: ["i32"] }),
    };
    const { exports } = new api.Instance(new api.Module(bytes), { m });
    return { host, run: () => Promise.all([api.promising(exports.add)(3), api.promising(exports.add)(5)]) };
  };
  const measured = make(10_000);
  await measured.run();
  const cost = measured.host.fuelUsed;
  expect(measured.host.fuelLeft).toBe(10_000 - cost);
  const enough = make(cost);
  await enough.run();
  expect([enough.host.fuelUsed, enough.host.fuelLeft]).toEqual([cost, 0]);
  await expect(make(cost - 1).run()).rejects.toThrow("all fuel consumed");
});
