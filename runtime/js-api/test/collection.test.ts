// What a program needs no longer is the host's collector's.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { wat } from "../../test/support/wat.js";
import { type Api, ours } from "./support.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Whether an object is gone after some collections, between which the host's turns end. */
async function isCollected(ref: WeakRef<object>): Promise<boolean> {
  for (let i = 0; i < 20 && ref.deref() !== undefined; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  }
  return ref.deref() === undefined;
}

const TEXT = `(module
  (table (export "table") 3 externref) (global (export "global") (mut externref) (ref.null extern))
  (elem $e externref (ref.null extern))
  (func (export "set") (param externref) (global.set 0 (local.get 0)) (table.set (i32.const 1) (local.get 0)))
  (func (export "get") (result externref) (table.get (i32.const 1))))`;

test("objects in tables, globals and instances that nobody has are collected; others stay", async () => {
  const api: Api = ours();
  const module = new api.Module(await wat(TEXT));
  const make = (): [Api, WeakRef<object>[]] => {
    const objects = [{}, {}, {}];
    const { exports } = new api.Instance(module);
    exports.set(objects[0]);
    const table = new api.Table({ element: "externref", initial: 1 }, objects[1]);
    const global = new api.Global({ value: "externref", mutable: true }, objects[2]);
    return [[exports, table, global], objects.map((object) => new WeakRef(object))];
  };
  const [kept, keptRefs] = make();
  const [, lost] = make();
  // The thread's registers, and the instance that ran last, are those of the newest call.
  for (let i = 0; i < 100; i++) kept[0].get();
  for (const ref of lost) expect(await isCollected(ref)).toBe(true);
  expect(keptRefs.map((ref) => ref.deref() !== undefined)).toEqual([true, true, true]);
  expect(kept[0].get()).toBe(keptRefs[0]!.deref());
});
