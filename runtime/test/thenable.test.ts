import vm from "node:vm";
import { describe, expect, test } from "vitest";
import { isThenable } from "../index.js";
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
