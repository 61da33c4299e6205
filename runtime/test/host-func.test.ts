import { describe, expect, it } from "vitest";
import { Func, HostError, type ValTypeName } from "../index.js";
import { Embedding, errorOf } from "./support/embed.js";

/** An instance whose export `call` calls a host function of this type with its own arguments. */
async function calling(
  params: ValTypeName[],
  results: ValTypeName[],
  fn: (...args: unknown[]) => unknown,
  raw = false,
): Promise<(...args: unknown[]) => Promise<unknown[]>> {
  const e = new Embedding();
  e.linker.defineFunc("env", "f", { params, results }, (_caller, ...args) => fn(...args), { raw });
  const type = `(param ${params.join(" ")}) (result ${results.join(" ")})`;
  const instance = await e.instantiate(`(module (import "env" "f" (func $f ${type}))
    (func (export "call") ${type} ${params.map((_, i) => `(local.get ${i})`).join(" ")} (call $f)))`);
  return async (...args) => instance.callAsync("call", args);
}

describe("host functions", () => {
  it("get the arguments as values and give results as values", async () => {
    const seen: unknown[] = [];
    const types: ValTypeName[] = ["i32", "i64", "f32", "f64", "externref"];
    const call = await calling(types, types, (...args) => {
      seen.push(...args);
      return args;
    });
    const object = { some: "object" };
    expect(await call(-1, -1n, 0.5, Number.POSITIVE_INFINITY, object)).toEqual([
      -1,
      -1n,
      0.5,
      Number.POSITIVE_INFINITY,
      object,
    ]);
    expect(seen).toEqual([-1, -1n, 0.5, Number.POSITIVE_INFINITY, object]);
    expect(seen[4]).toBe(object);
  });

  it("get and give raw bits if they ask for them", async () => {
    const seen: unknown[] = [];
    const call = await calling(
      ["i32", "f32", "f64"],
      ["f32"],
      (...args) => {
        seen.push(...args);
        return 0x7fa00001n;
      },
      true,
    );
    expect(await call(-1, 1, 2)).toEqual([Number.NaN]);
    expect(seen).toEqual([0xffffffffn, 0x3f800000n, 0x4000000000000000n]);
  });

  it("may return nothing, one result, or a promise of results", async () => {
    expect(await (await calling([], [], () => undefined))()).toEqual([]);
    expect(await (await calling([], ["i32"], () => 7))()).toEqual([7]);
    expect(await (await calling([], ["i32"], async () => 7))()).toEqual([7]);
    expect(await (await calling([], ["i32", "i64"], async () => [7, 8n]))()).toEqual([7, 8n]);
  });

  it("that return an array as their one externref return that array", async () => {
    const list = [1, 2];
    expect((await (await calling([], ["externref"], () => list))())[0]).toBe(list);
    expect((await (await calling([], ["externref"], async () => list))())[0]).toBe(list);
  });

  it("get functions as functions", async () => {
    const call = await calling(["funcref"], ["funcref"], (f) => f);
    const e = new Embedding();
    expect(await call(null)).toEqual([null]);
    const foreign = (await e.instantiate(`(module (func (export "f")))`)).getFunc("f");
    expect(foreign).toBeInstanceOf(Func);
  });

  it.each([
    ["i32", "x"],
    ["i32", undefined],
    ["i64", 1],
    ["i32", [1]],
  ] as [ValTypeName, unknown][])("a result that is no %s is an error: %s", async (type, result) => {
    const call = await calling([], [type], () => result);
    const error = await errorOf(() => call());
    expect(error.message).toMatch(/env\.f/);
    expect(["usage", "host"]).toContain((error as { kind?: string }).kind);
  });

  it("that throw end the call with a HostError that holds what was thrown", async () => {
    const cause = new RangeError("mine");
    const error = await errorOf(
      await calling([], [], () => {
        throw cause;
      }),
    );
    expect(error).toBeInstanceOf(HostError);
    expect((error as HostError).cause).toBe(cause);
    expect((error as HostError).functionName).toBe("env.f");
    const rejected = await errorOf(await calling([], [], () => Promise.reject(cause)));
    expect((rejected as HostError).cause).toBe(cause);
  });
});
