// Large tables of functions: none is made before it is taken, and nothing but the room shows it.
import { describe, expect, it } from "vitest";
import {
  captureStore,
  decodeSnapshot,
  Engine,
  Execution,
  encodeSnapshot,
  type Instance,
  Linker,
  restoreStore,
  Store,
  type StorePicture,
} from "../index.js";
import { wat } from "./support/wat.js";

const SIZE = 5_000;
/** Function i gives i; the table has them from 1 on, the other way about, and nulls at both ends. */
const MODULE = await wat(`(module (type $get (func (result i32)))
  (table $t (export "table") ${SIZE + 2} ${SIZE + 20} funcref) (table $small (export "small") 4 funcref)
  ${Array.from({ length: SIZE }, (_, i) => `(func $f${i} (result i32) (i32.const ${i}))`).join("\n")}
  (elem (i32.const 1) ${Array.from({ length: SIZE }, (_, i) => `$f${SIZE - 1 - i}`).join(" ")})
  (func (export "call") (param i32) (result i32) (call_indirect $t (type $get) (local.get 0)))
  (func (export "callSmall") (param i32) (result i32) (call_indirect $small (type $get) (local.get 0)))
  (func (export "tail") (param i32) (result i32) (return_call_indirect $t (type $get) (local.get 0)))
  (func (export "get") (param i32) (result funcref) (table.get $t (local.get 0)))
  (func (export "set") (param i32 funcref) (table.set $t (local.get 0) (local.get 1)))
  (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copySmall") (param i32 i32 i32) (table.copy $small $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "grow") (param funcref i32) (result i32) (table.grow $t (local.get 0) (local.get 1)))
  (func (export "first") (result funcref) (ref.func $f0)) (elem declare func $f0))`);

const engine = new Engine();
const module = engine.compile(MODULE);

function make(): { store: Store; instance: Instance } {
  const store = new Store(engine);
  return { store, instance: new Linker(engine).instantiate(store, module) };
}

function allocate(): { store: Store; instance: Instance } {
  const store = new Store(engine);
  return { store, instance: new Linker(engine).allocate(store, module) };
}

const pictureOf = ({ store, instance }: { store: Store; instance: Instance }): StorePicture =>
  captureStore({ store, instances: [instance] });

function takeAll(instance: Instance): void {
  const table = instance.getTable("table");
  for (let i = 0; i < table.length; i++) table.get(i);
}

describe("a large table of functions", () => {
  it("makes a function when it is called, and always the same one", () => {
    const { instance } = make();
    const before = instance.takenFuncCount;
    expect(before).toBeLessThan(5);
    expect([1, 2, SIZE].map((i) => instance.call("call", [i])[0])).toEqual([SIZE - 1, SIZE - 2, 0]);
    expect(instance.call("tail", [7])).toEqual([SIZE - 7]);
    expect(instance.call("call", [1])).toEqual([SIZE - 1]);
    const [zero] = instance.call("first");
    expect(instance.getTable("table").get(SIZE)).toBe(zero);
    expect(instance.call("get", [SIZE])).toEqual([zero]);
    // Those, and the exports that were called.
    expect(instance.takenFuncCount - before).toBeLessThan(12);
  });

  it("has nulls where its segment has nothing, and traps there", () => {
    const { instance } = make();
    expect([0, SIZE + 1].map((i) => instance.getTable("table").get(i))).toEqual([null, null]);
    expect(() => instance.call("call", [0])).toThrow("uninitialized element 0");
    expect(() => instance.call("call", [SIZE + 1])).toThrow(`uninitialized element ${SIZE + 1}`);
    expect(() => instance.call("call", [SIZE + 2])).toThrow("undefined element");
    expect(() => instance.getTable("table").get(SIZE + 2)).toThrow("out of bounds table access");
  });

  it("refuses a type that the function does not have", async () => {
    const bytes = await wat(`(module (type $other (func (param i32))) (table ${SIZE} funcref)
      ${Array.from({ length: SIZE }, (_, i) => `(func $f${i})`).join("\n")}
      (elem (i32.const 0) ${Array.from({ length: SIZE }, (_, i) => `$f${i}`).join(" ")})
      (func (export "call") (call_indirect (type $other) (i32.const 1) (i32.const 17))))`);
    const instance = new Linker(engine).instantiate(new Store(engine), engine.compile(bytes));
    expect(() => instance.call("call")).toThrow("indirect call type mismatch");
  });

  it("copies within itself and to another table what was never taken", () => {
    const { instance } = make();
    instance.call("copySmall", [1, 10, 3]);
    expect([1, 2, 3].map((i) => instance.call("callSmall", [i])[0])).toEqual([SIZE - 10, SIZE - 11, SIZE - 12]);
    instance.call("copy", [2, 1, 3]);
    expect([1, 2, 3, 4, 5].map((i) => instance.call("call", [i])[0])).toEqual([1, 1, 2, 3, 5].map((i) => SIZE - i));
    expect(instance.getTable("table").get(1)).toBe(instance.getTable("table").get(2));
  });

  it("is set and grown as any other", () => {
    const { instance } = make();
    const [zero] = instance.call("first");
    instance.call("set", [9, zero]);
    instance.call("set", [10, null]);
    expect(instance.call("grow", [zero, 3])).toEqual([SIZE + 2]);
    expect([9, SIZE + 2, SIZE + 4].map((i) => instance.call("call", [i])[0])).toEqual([0, 0, 0]);
    expect(() => instance.call("call", [10])).toThrow("uninitialized element 10");
    expect(instance.call("call", [11])).toEqual([SIZE - 11]);
  });
});

describe("pictures of a large table", () => {
  const bytesOf = (picture: StorePicture) => Buffer.from(encodeSnapshot(picture)).toString("base64");

  it("do not depend on what was taken", () => {
    const [one, other] = [make(), make()];
    takeAll(other.instance);
    expect(one.instance.takenFuncCount).toBe(0);
    expect(bytesOf(pictureOf(one))).toBe(bytesOf(pictureOf(other)));
    expect(one.instance.takenFuncCount).toBe(0);
  });

  it("are put back without a function being made, from bytes as well", () => {
    const bytes = encodeSnapshot(pictureOf(make()));
    for (const picture of [pictureOf(make()), decodeSnapshot(bytes).picture]) {
      const { store, instance } = allocate();
      restoreStore(picture, { store, instances: [instance] });
      expect(instance.takenFuncCount).toBe(0);
      expect(instance.call("call", [3])).toEqual([SIZE - 3]);
      expect(instance.getTable("table").get(0)).toBe(null);
    }
  });

  it("hold what was changed, and going back undoes it", () => {
    const world = make();
    const subject = { store: world.store, instances: [world.instance] };
    const before = pictureOf(world);
    world.instance.call("copy", [2, 1, 3]);
    world.instance.call("grow", [null, 2]);
    const after = pictureOf(world);
    expect(bytesOf(after)).toBe(bytesOf(pictureOf(world)));
    restoreStore(before, subject);
    expect([2, 3].map((i) => world.instance.call("call", [i])[0])).toEqual([SIZE - 2, SIZE - 3]);
    expect(world.instance.getTable("table").length).toBe(SIZE + 2);
    expect(bytesOf(pictureOf(world))).toBe(bytesOf(before));
    restoreStore(after, subject);
    expect([2, 3].map((i) => world.instance.call("call", [i])[0])).toEqual([SIZE - 1, SIZE - 2]);
    expect(world.instance.getTable("table").length).toBe(SIZE + 4);
    expect(bytesOf(pictureOf(world))).toBe(bytesOf(after));
  });

  it("are refused if a code is of no function, or of none of the module's", () => {
    const picture = pictureOf(make());
    const { store, instance } = allocate();
    const subject = { store, instances: [instance] };
    const codes = [...picture.tables[0]!];
    codes[5] = 2 * 10_000_000 + 1;
    expect(() => restoreStore({ ...picture, tables: [codes, picture.tables[1]!] }, subject)).toThrow("damaged");
    const refs = [...picture.refs];
    refs[4] = { kind: "func", place: { instance: 0, funcidx: 1_000_000 } };
    expect(() => restoreStore({ ...picture, refs }, subject)).toThrow("damaged");
    expect(instance.getTable("table").get(5)).toBe(null);
  });

  it("are those of an execution that waits in one of its functions", async () => {
    const bytes = await wat(`(module (type $get (func (result i32))) (table ${SIZE} funcref)
      ${Array.from({ length: SIZE }, (_, i) => `(func $f${i} (result i32) (i32.add (i32.const 1) (i32.const ${i})))`).join("\n")}
      (elem (i32.const 0) ${Array.from({ length: SIZE }, (_, i) => `$f${i}`).join(" ")})
      (func (export "call") (param i32) (result i32) (call_indirect (type $get) (local.get 0))))`);
    const compiled = engine.compile(bytes);
    const store = new Store(engine);
    const instance = new Linker(engine).instantiate(store, compiled);
    const execution = new Execution(store).start(instance.getFunc("call"), [4_321]);
    let result = execution.run(1);
    for (let used = 1; result.status === "paused"; used++) {
      const picture = captureStore({ store, instances: [instance] }, { execution });
      const second = new Store(engine);
      const copy = new Linker(engine).allocate(second, compiled);
      const restored = restoreStore(picture, { store: second, instances: [copy] })!;
      expect(restored.run(1_000)).toMatchObject({ status: "done", results: [4_322] });
      expect(restored.fuelUsed).toBeGreaterThanOrEqual(used);
      result = execution.run(1);
    }
    expect(result).toMatchObject({ status: "done", results: [4_322] });
  });
});
