import { describe, expect, it } from "vitest";
import { Engine, Func, Global, hostFunc, LinkError, Linker, Memory, Store, Table, Tag, UsageError } from "../index.js";
import { Embedding, errorOf } from "./support/embed.js";
import { wat } from "./support/wat.js";

const PROVIDER = `(module
  (type $open (sub (func)))
  (type $below (sub $open (func)))
  (func (export "f") (param i32) (result i64) (i64.const 0))
  (func (export "below") (type $below))
  (func (export "open") (type $open))
  (table (export "t") 2 5 funcref)
  (table (export "t64") i64 2 externref)
  (memory (export "m") 1 3)
  (memory (export "m64") i64 1)
  (global (export "g") i32 (i32.const 1))
  (global (export "gm") (mut i32) (i32.const 1))
  (global (export "gf") (ref func) (ref.func 0))
  (tag (export "e") (param i32)))`;

describe("matching imports", () => {
  it.each([
    ["f", "(func (param i32) (result i64))"],
    ["t", "(table 2 5 funcref)"],
    ["t", "(table 1 6 funcref)"],
    ["t", "(table 0 funcref)"],
    ["t64", "(table i64 2 externref)"],
    ["m", "(memory 1 3)"],
    ["m", "(memory 0)"],
    ["m", "(memory 0 65536)"],
    ["m64", "(memory i64 1)"],
    ["g", "(global i32)"],
    ["gm", "(global (mut i32))"],
    ["gf", "(global funcref)"],
    ["e", "(tag (param i32))"],
  ])('"%s" can be imported as %s', async (name, type) => {
    const e = new Embedding();
    await e.define("p", PROVIDER);
    await e.instantiate(`(module (import "p" "${name}" ${type}))`);
  });

  it.each([
    ["f", "(func)", "func [i32] -> [i64]", "func [] -> []"],
    ["f", "(func (param i32) (result i32))", "func [i32] -> [i64]", "func [i32] -> [i32]"],
    ["f", "(memory 1)", "func [i32] -> [i64]", "memory 1.."],
    ["t", "(table 3 5 funcref)", "table 2..5 funcref", "table 3..5 funcref"],
    ["t", "(table 2 4 funcref)", "table 2..5 funcref", "table 2..4 funcref"],
    ["t", "(table 2 5 externref)", "table 2..5 funcref", "table 2..5 externref"],
    ["t", "(table i64 2 5 funcref)", "table 2..5 funcref", "table i64 2..5 funcref"],
    ["t64", "(table i64 2 9 externref)", "table i64 2.. externref", "table i64 2..9 externref"],
    ["m", "(memory 2 3)", "memory 1..3", "memory 2..3"],
    ["m", "(memory 1 2)", "memory 1..3", "memory 1..2"],
    ["m", "(memory i64 1 3)", "memory 1..3", "memory i64 1..3"],
    ["m64", "(memory 1)", "memory i64 1..", "memory 1.."],
    ["g", "(global (mut i32))", "global i32", "global mut i32"],
    ["gm", "(global i32)", "global mut i32", "global i32"],
    ["g", "(global i64)", "global i32", "global i64"],
    ["gf", "(global externref)", "global (ref func)", "global externref"],
    ["e", "(tag)", "tag [i32] -> []", "tag [] -> []"],
    ["e", "(func (param i32))", "tag [i32] -> []", "func [i32] -> []"],
    ["g", "(table 1 funcref)", "global i32", "table 1.. funcref"],
  ])('"%s" cannot be imported as %s', async (name, type, found, expected) => {
    const e = new Embedding();
    await e.define("p", PROVIDER);
    const error = await errorOf(() => e.instantiate(`(module (import "p" "${name}" ${type}))`));
    expect(error).toBeInstanceOf(LinkError);
    expect(error.message).toBe(`incompatible import type: "p"."${name}": found ${found}, expected ${expected}`);
  });

  it("a function of a declared subtype is imported as its supertype, not the other way round", async () => {
    const e = new Embedding();
    await e.define("p", PROVIDER);
    const types = "(type $open (sub (func))) (type $below (sub $open (func)))";
    await e.instantiate(`(module ${types} (import "p" "below" (func (type $open))))`);
    const error = await errorOf(() => e.instantiate(`(module ${types} (import "p" "open" (func (type $below))))`));
    expect(error.message).toMatch(
      /^incompatible import type: "p"."open": found func \[\] -> \[\] \(.*\), expected func/,
    );
  });

  it("tables and memories count with their current size", async () => {
    const e = new Embedding();
    const p = await e.define("p", PROVIDER);
    expect(p.getMemory("m").grow(1)).toBe(1);
    expect(p.getTable("t").grow(1)).toBe(2);
    await e.instantiate(`(module (import "p" "m" (memory 2 3)) (import "p" "t" (table 3 5 funcref)))`);
  });
});

describe("missing imports", () => {
  it("are all named, with their types", async () => {
    const e = new Embedding();
    e.linker.define("env", "there", Memory.create(e.store, { min: 1 }));
    const error = await errorOf(() =>
      e.instantiate(`(module
        (import "env" "f" (func (param i32)))
        (import "env" "there" (memory 1))
        (import "wasi" "g\\00" (global (mut f64)))
        (import "env" "t" (table 1 funcref)))`),
    );
    expect(error).toBeInstanceOf(LinkError);
    expect(error.message).toBe(
      `unknown import: "env"."f" (func [i32] -> []), "wasi"."g\\u0000" (global mut f64), "env"."t" (table 1.. funcref)`,
    );
  });

  it("come before mismatches", async () => {
    const e = new Embedding();
    e.linker.define("env", "m", Memory.create(e.store, { min: 1 }));
    const error = await errorOf(() => e.instantiate(`(module (import "env" "m" (func)) (import "env" "f" (func)))`));
    expect(error.message).toMatch(/^unknown import: "env"."f"/);
  });

  it("suggest close names", async () => {
    const e = new Embedding();
    e.linker.defineFunc("env", "print_int", { params: [], results: [] }, () => {});
    const missing = async (module: string, name: string) =>
      (await errorOf(() => e.instantiate(`(module (import "${module}" "${name}" (func)))`))).message;
    expect(await missing("env", "printInt")).toBe(
      `unknown import: "env"."printInt" (func [] -> []); the module has no "printInt"; did you mean "print_int"?`,
    );
    expect(await missing("emv", "f")).toBe(
      `unknown import: "emv"."f" (func [] -> []); there is no module "emv"; did you mean "env"?`,
    );
  });

  it("can be functions that trap when called", async () => {
    const e = new Embedding();
    e.linker.defineUnknownFuncsAsTraps("env");
    const instance = await e.instantiate(`(module (import "env" "f" (func $f)) (func (export "run") (call $f)))`);
    const error = await errorOf(() => instance.call("run"));
    expect(error.message).toBe(`unknown import: "env"."f" was called`);
    expect((error as { kind?: string }).kind).toBe("trap");
    expect((await errorOf(() => e.instantiate(`(module (import "env" "m" (memory 1)))`))).message).toMatch(
      /^unknown import/,
    );
  });
});

describe("Linker", () => {
  it("refuses a second definition unless shadowing is allowed", async () => {
    const e = new Embedding();
    const first = Global.create(e.store, { type: "i32" }, 1);
    const second = Global.create(e.store, { type: "i32" }, 2);
    e.linker.define("env", "g", first);
    expect(() => e.linker.define("env", "g", second)).toThrow(UsageError);
    expect(() => e.linker.define("env", "g", second)).toThrow('"env"."g" is defined already');
    e.linker.allowShadowing = true;
    e.linker.define("env", "g", second);
    expect(e.linker.get("env", "g")).toBe(second);
  });

  it("refuses things that are no externs", () => {
    const { linker } = new Embedding();
    for (const wrong of [null, undefined, 1, {}, () => 0, new Map()]) {
      expect(() => linker.define("env", "x", wrong as never)).toThrow(UsageError);
      expect(() => linker.defineInstance("env", wrong as never)).toThrow(UsageError);
    }
    const nothing = { params: [], results: [] };
    expect(() => linker.defineFunc("env", "f", nothing, 1 as never)).toThrow(UsageError);
    expect(() => linker.defineFunc("env", "f", { params: ["int"], results: [] } as never, () => {})).toThrow(
      "unknown value type int",
    );
    for (const type of [undefined, null, {}, { params: "i32", results: [] }, { params: [98], results: [] }]) {
      expect(() => linker.defineFunc("env", "f", type as never, () => {})).toThrow(UsageError);
    }
    expect(() => linker.defineFunc(1 as never, "f", nothing, () => {})).toThrow(UsageError);
  });

  it("refuses stores, modules and externs of another engine or store", async () => {
    const e = new Embedding();
    const other = new Embedding();
    const module = await e.compile(`(module (import "env" "x" (memory 1)))`);
    expect(() => e.linker.instantiate(other.store, module)).toThrow("belong to different engines");
    expect(() => other.linker.instantiate(other.store, module)).toThrow("belong to different engines");
    e.linker.define("env", "x", Memory.create(new Store(e.engine), { min: 1 }));
    expect(() => e.linker.instantiate(e.store, module)).toThrow('"env"."x" belongs to another store or engine');

    const funcs = new Embedding();
    funcs.linker.define(
      "env",
      "f",
      hostFunc(new Engine(), { params: [], results: [] }, () => {}),
    );
    const error = await errorOf(() => funcs.instantiate(`(module (import "env" "f" (func)))`));
    expect(error.message).toMatch(/belongs to another store or engine/);
    const tags = new Embedding();
    tags.linker.define("env", "e", Tag.create(new Embedding().store, []));
    expect((await errorOf(() => tags.instantiate(`(module (import "env" "e" (tag)))`))).message).toMatch(
      /another store/,
    );
  });

  it("charges the store nothing for an instance that it could not link", async () => {
    const parts = `(type $s (struct (field i64))) (memory 1) (table 10 anyref)
      (table 1 (ref $s) (struct.new $s (i64.const 1))) (global anyref (struct.new $s (i64.const 2)))`;
    const failing = [
      [`(module (import "env" "invoke_v" (func (param i32))) ${parts})`, {}],
      [`(module ${parts} (table 100000000 funcref))`, { tableElements: 200_000_000 }],
      [`(module ${parts} (global anyref (array.new_default $a (i32.const 100000))) (type $a (array i64)))`, {}],
    ] as const;
    for (const [text, limits] of failing) {
      const e = new Embedding({ gcHeapBytes: 10_000, ...limits });
      e.linker.defineInvoke("env", "invoke_v");
      await e.instantiate(`(module ${parts})`);
      const before = [e.store.charges(), e.store.roots.size];
      expect((await errorOf(() => e.instantiate(text))).message).toMatch(/setThrew|limit exceeded/);
      expect([e.store.charges(), e.store.roots.size]).toEqual(before);
    }
  });

  it("gives each instance an invoke function of its own, for the type behind it", async () => {
    const e = new Embedding();
    e.linker.defineInvoke("env", "invoke_iii");
    const stack = `(global $sp (mut i32) (i32.const 4096))
      (func (export "setThrew") (param i32 i32))
      (func (export "stackSave") (result i32) (global.get $sp))`;
    const text = `(module (import "env" "invoke_iii" (func (param i32 i32 i32) (result i32)))
      (export "invoke" (func 0)) (global v128 (v128.const i64x2 0 0)) ${stack})`;
    const a = (await e.instantiate(text)).getFunc("invoke");
    const b = (await e.instantiate(text)).getFunc("invoke");
    expect(a).not.toBe(b);
    expect((await e.instantiate(text)).stackPointerWord).toBe(4);
    expect(a.invokeTypeId).toBe(e.engine.registry.addFuncType([0x7f, 0x7f], [0x7f]));
    for (const type of ["(func (param i64))", "(func)", "(memory 1)"]) {
      const error = await errorOf(() => e.instantiate(`(module (import "env" "invoke_iii" ${type}))`));
      expect(error).toBeInstanceOf(LinkError);
      expect(error.message).toMatch(/^incompatible import type: "env"."invoke_iii": found an invoke function/);
    }
    for (const [from, to] of [
      ["setThrew", "other"],
      ["(param i32 i32))\n", "(param i32))\n"],
      ["stackSave", "other"],
      ["(global.get $sp)", "(i32.const 0)"],
      ["(global.get $sp)", "(global.get $sp) (nop)"],
    ] as const) {
      expect(text).toContain(from);
      const error = await errorOf(() => e.instantiate(text.replace(from, to)));
      expect(error).toBeInstanceOf(LinkError);
      expect(error.message).toMatch(/^a module that imports invoke functions exports/);
    }
  });
});

describe("identity", () => {
  it("an import that is exported again is the same object", async () => {
    const e = new Embedding();
    const p = await e.define("p", PROVIDER);
    const again = await e.instantiate(`(module
      (import "p" "f" (func $f (param i32) (result i64))) (import "p" "t" (table $t 2 funcref))
      (import "p" "m" (memory $m 1)) (import "p" "g" (global $g i32)) (import "p" "e" (tag $e (param i32)))
      (export "f" (func $f)) (export "f2" (func $f)) (export "t" (table $t)) (export "m" (memory $m))
      (export "g" (global $g)) (export "e" (tag $e)))`);
    for (const name of ["f", "t", "m", "g", "e"]) expect(again.exports.get(name)).toBe(p.exports.get(name));
    expect(again.getFunc("f2")).toBe(p.getFunc("f"));
  });

  it("functions in tables and globals are the exported ones", async () => {
    const e = new Embedding();
    const p = await e.instantiate(`(module (func $f (export "f")) (table (export "t") 2 funcref)
      (elem (i32.const 1) $f) (global (export "g") funcref (ref.func $f)))`);
    expect(p.getTable("t").get(1)).toBe(p.getFunc("f"));
    expect(p.getTable("t").get(0)).toBe(null);
    expect(p.getGlobal("g").value).toBe(p.getFunc("f"));
    expect(p.getFunc("f")).toBeInstanceOf(Func);
  });

  it("instances share imported memories, tables and globals", async () => {
    const e = new Embedding();
    const memory = Memory.create(e.store, { min: 1 });
    const table = Table.create(e.store, { element: "externref", min: 2 });
    const global = Global.create(e.store, { type: "i64", mutable: true }, 5n);
    e.linker.define("env", "m", memory).define("env", "t", table).define("env", "g", global);
    const text = `(module (import "env" "m" (memory 1)) (import "env" "t" (table 2 externref))
      (import "env" "g" (global $g (mut i64)))
      (func (export "write") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
      (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "put") (param i32 externref) (table.set (local.get 0) (local.get 1)))
      (func (export "get") (param i32) (result externref) (table.get (local.get 0)))
      (func (export "add") (global.set $g (i64.add (global.get $g) (i64.const 1)))))`;
    const a = await e.instantiate(text);
    const b = await e.instantiate(text);
    a.call("write", [7, 99]);
    expect(b.call("read", [7])).toEqual([99]);
    expect(memory.readU8(7)).toBe(99);
    const object = {};
    a.call("put", [1, object]);
    expect(b.call("get", [1])[0]).toBe(object);
    expect(table.get(1)).toBe(object);
    a.call("add");
    b.call("add");
    expect(global.value).toBe(7n);
    global.value = 40n;
    a.call("add");
    expect(global.value).toBe(41n);
  });
});

it("a module's bytes are copied when it is compiled", async () => {
  const engine = new Engine();
  const bytes = Buffer.from(await wat(`(module (func (export "f") (result i32) (i32.const 7)))`));
  const module = engine.compile(bytes);
  bytes.fill(0);
  const instance = new Linker(engine).instantiate(new Store(engine), module);
  expect(instance.call("f")).toEqual([7]);
});
