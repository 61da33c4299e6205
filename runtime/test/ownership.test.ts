// What is called, linked or stored as a reference is of one store: its fuel, its heap and its limits are that store's.
import { describe, expect, test } from "vitest";
import { Engine, Execution, Global, hostFunc, Linker, Store, Table, UsageError } from "../index.js";
import { wat } from "./support/wat.js";

const CALLEE = await wat(`(module (func (export "f") (result i32) (i32.const 7)))`);

/** Functions of this store, of another one of the same engine, and of another engine. */
function functions() {
  const engine = new Engine();
  const store = new Store(engine);
  const make = (of: Engine, home: Store) => new Linker(of).instantiate(home, of.compile(CALLEE)).getFunc("f");
  const other = new Engine();
  return {
    engine,
    store,
    own: make(engine, store),
    foreign: [make(engine, new Store(engine)), make(other, new Store(other))],
    foreignHost: hostFunc(other, { params: ["i64", "i64"], results: ["i32"] }, () => 7),
  };
}

describe("a function of another store", () => {
  test("is not started", () => {
    const { store, own, foreign, foreignHost } = functions();
    for (const func of [...foreign, foreignHost]) {
      expect(() => new Execution(store).start(func, [])).toThrow(UsageError);
      expect(() => new Execution(store).start(func, [])).toThrow(/another store or engine/);
    }
    expect(new Execution(store).start(own, []).run(10)).toMatchObject({ status: "done", results: [7] });
  });

  test("is not called by a host function", async () => {
    const { engine, store, own, foreign } = functions();
    const bytes = await wat(
      `(module (import "h" "f" (func $f (result i32))) (func (export "main") (result i32) (call $f)))`,
    );
    for (const [func, ends] of [[own, "done"], ...foreign.map((func) => [func, "failed"] as const)] as const) {
      const linker = new Linker(engine).defineFunc("h", "f", { params: [], results: ["i32"] }, (caller) =>
        caller.callGuest(func, [], (_, [value]) => value),
      );
      const x = new Execution(store).start(linker.instantiate(store, engine.compile(bytes)).getFunc("main"));
      const result = x.run(100);
      expect(result.status).toBe(ends);
      if (result.status === "failed") expect(result.error).toMatchObject({ kind: "usage" });
    }
  });

  test("is no argument, result, element or global", async () => {
    const { engine, store, own, foreign } = functions();
    const bytes = await wat(`(module (import "h" "f" (func $f (result funcref)))
      (func (export "take") (param funcref)) (func (export "get") (result funcref) (call $f)))`);
    const table = Table.create(store, { element: "funcref", min: 1 });
    const global = Global.create(store, { type: "funcref", mutable: true }, null);
    let given = own;
    const linker = new Linker(engine).defineFunc("h", "f", { params: [], results: ["funcref"] }, () => given);
    const instance = linker.instantiate(store, engine.compile(bytes));
    const uses = [
      () => void instance.call("take", [given]),
      () => void instance.call("get"),
      () => table.set(0, given),
      () => void table.grow(1, given),
      () => {
        global.value = given;
      },
      () => {
        global.raw = given;
      },
    ];
    for (const use of uses) expect(use).not.toThrow();
    for (given of foreign) for (const use of uses) expect(use).toThrow(/a function of another store or engine/);
  });
});

test.each([null, undefined, {}, 5])("%s is neither a store nor a function", (value) => {
  expect(() => new Execution(value as never)).toThrow(UsageError);
  expect(() => new Execution(new Store(new Engine())).start(value as never)).toThrow(UsageError);
});
