// biome-ignore-all lint/suspicious/noThenProperty: objects that promise something are what is tested
import vm, { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { isThenable, promiseOf } from "../index.js";
import { Embedding } from "./support/embed.js";

/** Gives `target` a `then`. */
function withThen(target: object, then: unknown): object {
  Reflect.set(target, "then", then);
  return target;
}
const then = (resolve: (value: number) => void) => resolve(5);

const THENABLES: readonly (readonly [string, () => unknown])[] = [
  ["a promise", () => Promise.resolve(5)],
  ["a promise of another realm", () => vm.runInNewContext("Promise.resolve(5)")],
  ["an object with a then", () => withThen({}, then)],
  ["a function with a then", () => withThen(() => {}, then)],
];

describe("a host function may return", () => {
  test.each(THENABLES)("%s", async (_, make) => {
    expect(isThenable(make())).toBe(true);
    const e = new Embedding();
    e.linker.defineFunc("h", "f", { params: [], results: ["i32"] }, make);
    const instance = await e.instantiate(
      `(module (import "h" "f" (func $f (result i32))) (func (export "main") (result i32) (call $f)))`,
    );
    expect(await instance.callAsync("main")).toEqual([5]);
  });
});

test.each([[null], [undefined], [5], ["then"], [{}], [withThen({}, 5)], [() => {}], [Promise]])(
  "%s is a value",
  (value) => {
    expect(isThenable(value)).toBe(false);
  },
);

describe("promiseOf", () => {
  test("takes values for values", () => {
    for (const value of [undefined, null, 0, "then", Symbol("then"), 5n, {}, { then: 1 }, [], () => {}, Promise])
      expect(promiseOf(value)).toBeUndefined();
  });

  test("takes for a promise what `await` waits for", async () => {
    for (const value of [
      Promise.resolve(5),
      runInNewContext("Promise.resolve(5)"),
      { then: (settle: (value: number) => void) => settle(5) },
      Object.assign(() => 0, { then: (settle: (value: number) => void) => settle(5) }),
      { then: (settle: (value: unknown) => void) => settle(Promise.resolve(5)) },
    ]) {
      expect(await value).toBe(5);
      expect(await promiseOf(value)).toBe(5);
    }
  });

  test("runs no getter", () => {
    const getter = {
      get then(): never {
        throw new RangeError("read");
      },
    };
    expect(promiseOf(getter)).toBeUndefined();
    expect(promiseOf(Object.create(getter))).toBeUndefined();
  });

  test("rejects where calling `then` throws, unless it had settled, and where a proxy does", async () => {
    const calling = {
      then() {
        throw new RangeError("called");
      },
    };
    await expect(promiseOf(calling)).rejects.toThrow("called");
    const settled = {
      then(settle: (value: number) => void) {
        settle(5);
        throw new RangeError("late");
      },
    };
    expect(await promiseOf(settled)).toBe(5);
    expect(promiseOf(Proxy.revocable({}, {}).proxy)).toBeUndefined();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    await expect(promiseOf(proxy)).rejects.toThrow(TypeError);
  });
});
