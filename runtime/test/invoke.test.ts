// Emscripten's invoke_*, against what its JavaScript does on the host's WebAssembly: it saves the stack
// pointer, calls through the table, and where that longjmps it restores the stack pointer and calls
// setThrew. Table, stack pointer and setThrew are those of the instance that imports the function.
import { describe, expect, it } from "vitest";
import { Engine, Execution, type Instance, LinkError, Linker, LongjmpUnwind, Store } from "../index.js";
import { wat } from "./support/wat.js";

const OWNER = `(module
  (type $v (func)) (type $indexed (func (param i32)))
  (import "env" "invoke_v" (func $invoke (type $indexed)))
  (import "env" "longjmp" (func $longjmp))
  (global (mut f64) (f64.const 0))
  (global $sp (mut i32) (i32.const 1000))
  (global $threw (mut i32) (i32.const 0))
  (global $went_on (mut i32) (i32.const 0))
  (table (export "table") 8 funcref)
  (elem (i32.const 0) $deep $longjmp $push $nested $invoke $tail)
  (func (export "setThrew") (param i32 i32) (global.set $threw (i32.add (global.get $threw) (local.get 0))))
  (func (export "stackSave") (result i32) (global.get $sp))
  (func (export "stackRestore") (param i32) (global.set $sp (local.get 0)))
  (func $push (global.set $sp (i32.sub (global.get $sp) (i32.const 16))))
  (func $deep (call $push) (call $longjmp))
  (func $nested (call $push) (call $invoke (i32.const 1)) (global.set $went_on (i32.add (global.get $went_on) (i32.const 1))))
  (func $tail (call $push) (return_call $longjmp))
  (func (export "invoke") (param i32) (call $push) (call $invoke (local.get 0)))
  (func (export "tail") (param i32) (call $push) (return_call $invoke (local.get 0)))
  (export "invoke_v" (func $invoke))
  (export "longjmp" (func $longjmp))
  (export "deep" (func $deep))
  (func (export "state") (result i32 i32 i32) (global.get $sp) (global.get $threw) (global.get $went_on)))`;
const CALLER = `(module
  (type $indexed (func (param i32)))
  (import "owner" "table" (table 8 funcref))
  (global $own (mut i32) (i32.const 5000))
  (func (export "call") (param i32) (call_indirect (type $indexed) (local.get 0) (i32.const 4)))
  (func (export "tail") (param i32) (return_call_indirect (type $indexed) (local.get 0) (i32.const 4)))
  (func (export "state") (result i32) (global.get $own)))`;

interface World {
  /** Calls an export of one of the modules: what it returns, or the message of what it throws. */
  call(instance: "owner" | "caller", name: string, ...args: number[]): unknown;
}

/** @param longjmp a host function's; the linker's own by default */
async function ours(longjmp?: () => unknown): Promise<World & { readonly instances: Record<string, Instance> }> {
  const engine = new Engine();
  const store = new Store(engine);
  const linker = new Linker(engine);
  linker.defineInvoke("env", "invoke_v");
  if (longjmp === undefined) linker.defineLongjmp("env", "longjmp");
  else linker.defineFunc("env", "longjmp", { params: [], results: [] }, longjmp);
  const owner = linker.instantiate(store, engine.compile(await wat(OWNER)));
  linker.defineInstance("owner", owner);
  const instances: Record<string, Instance> = {
    owner,
    caller: linker.instantiate(store, engine.compile(await wat(CALLER))),
  };
  const call: World["call"] = (instance, name, ...args) => {
    const execution = new Execution(store).start(instances[instance]!.getFunc(name), args);
    // A unit at a time: pauses everywhere.
    let outcome = execution.run(0);
    while (outcome.status === "paused") outcome = execution.run(1);
    if (outcome.status === "done") return outcome.results;
    return outcome.status === "trapped" || outcome.status === "failed" ? outcome.error.message : outcome.status;
  };
  return { call, instances };
}

function throwLongjmp(): never {
  throw new LongjmpUnwind("longjmp");
}

async function theirs(): Promise<World> {
  // biome-ignore lint/suspicious/noExplicitAny: exports of any shape
  const instances: Record<string, any> = {};
  const longjmp = (): never => {
    throw Number.POSITIVE_INFINITY;
  };
  const invoke = (index: number): void => {
    const { stackSave, stackRestore, setThrew, table } = instances.owner;
    const sp = stackSave();
    try {
      table.get(index)();
    } catch (error) {
      stackRestore(sp);
      if (error !== Number.POSITIVE_INFINITY) throw error;
      setThrew(1, 0);
    }
  };
  const instantiate = async (text: string, imports: WebAssembly.Imports) =>
    (await WebAssembly.instantiate(Uint8Array.from(await wat(text)), imports)).instance.exports;
  instances.owner = await instantiate(OWNER, { env: { invoke_v: invoke, longjmp } });
  instances.caller = await instantiate(CALLER, { owner: instances.owner });
  const call: World["call"] = (instance, name, ...args) => {
    const results = instances[instance][name](...args);
    return results === undefined ? [] : Array.isArray(results) ? results : [results];
  };
  return { call };
}

const [DEEP, LONGJMP, PUSH, NESTED, INVOKE, TAIL] = [0, 1, 2, 3, 4, 5];

describe.each([
  ["the linker's longjmp", undefined],
  ["a host function that throws", throwLongjmp],
])("invoke_*, %s", (_, longjmp) => {
  it.each([
    ["a function that returns", PUSH],
    ["a function that longjmps", DEEP],
    ["the host function that longjmps, itself", LONGJMP],
    ["a function that invokes the host function that longjmps", NESTED],
    ["a function that longjmps in tail position", TAIL],
  ])("of %s, called in every way", async (_what, index) => {
    const [own, other] = [await ours(longjmp), await theirs()];
    const calls = [
      ["owner", "invoke"],
      ["owner", "tail"],
      ["caller", "call"],
      ["caller", "tail"],
      ["owner", "invoke_v"],
    ] as const;
    for (const [instance, name] of calls) {
      for (const world of [own, other]) expect([name, world.call(instance, name, index)]).toEqual([name, []]);
      expect([name, own.call("owner", "state")]).toEqual([name, other.call("owner", "state")]);
      expect(own.call("caller", "state")).toEqual([5000]);
    }
  });

  it("ends an execution without an invoke to end", async () => {
    const { call } = await ours(longjmp);
    expect(call("owner", "longjmp")).toBe("host function env.longjmp failed: longjmp without an invoke frame");
    expect(call("owner", "deep")).toBe("host function env.longjmp failed: longjmp without an invoke frame");
  });
});

describe("invoke_*", () => {
  it("of a host function whose promise is rejected with a longjmp", async () => {
    const { instances } = await ours(async () => throwLongjmp());
    const { store } = instances.owner!;
    for (const [index, sp] of [
      [LONGJMP, 984],
      [DEEP, 968],
    ] as const) {
      const execution = new Execution(store).start(instances.owner!.getFunc("invoke"), [index]);
      expect((await execution.runAsync(1000)).status).toBe("done");
      const state = new Execution(store).start(instances.owner!.getFunc("state")).run(1000);
      expect(state).toMatchObject({ status: "done", results: [sp, index === LONGJMP ? 1 : 2, 0] });
    }
  });

  it.each([
    ["owner", "invoke"],
    ["owner", "tail"],
    ["owner", "invoke_v"],
    ["caller", "call"],
    ["caller", "tail"],
  ] as const)("traps as call_indirect does: %s.%s", async (instance, name) => {
    const { call } = await ours();
    expect(call(instance, name, 8)).toBe("undefined element");
    expect(call(instance, name, -1)).toBe("undefined element");
    expect(call(instance, name, 7)).toBe("uninitialized element");
    expect(call(instance, name, INVOKE)).toBe("indirect call type mismatch");
  });

  it("cannot be imported from the instance that it belongs to", async () => {
    const engine = new Engine();
    const store = new Store(engine);
    const linker = new Linker(engine).defineInvoke("env", "invoke_v");
    linker.defineFunc("env", "longjmp", { params: [], results: [] }, throwLongjmp);
    linker.defineInstance("owner", linker.instantiate(store, engine.compile(await wat(OWNER))));
    const thief = engine.compile(await wat('(module (import "owner" "invoke_v" (func (param i32))))'));
    expect(() => linker.instantiate(store, thief)).toThrow(LinkError);
  });
});
