// Memories of one-byte pages on the interpreter, at their exact boundaries.

import { describe, expect, test } from "vitest";
import { InvalidError } from "../../decoder/index.js";
import { DEFAULT_LIMITS, Execution, type Instance, LinkError, type StoreLimits } from "../index.js";
import { Embedding, errorOf } from "./support/embed.js";

const OUT_OF_BOUNDS = { kind: "trap", reason: "out of bounds memory access" };

function memoryModule(memory: string, address: "i32" | "i64" = "i32"): string {
  return `(module (memory (export "m") ${address === "i64" ? "i64" : ""} ${memory} (pagesize 1))
    (func (export "size") (result ${address}) memory.size)
    (func (export "grow") (param ${address}) (result ${address}) (memory.grow (local.get 0)))
    (func (export "load8") (param ${address}) (result i32) (i32.load8_u (local.get 0)))
    (func (export "load") (param ${address}) (result i32) (i32.load (local.get 0)))
    (func (export "load16") (param ${address}) (result i64) (i64.load16_u offset=1 (local.get 0)))
    (func (export "store") (param ${address} i32) (i32.store (local.get 0) (local.get 1)))
    (func (export "store64") (param ${address} i64) (i64.store (local.get 0) (local.get 1)))
    (func (export "at2") (result i32) (i32.load (${address}.const 2)))
    (func (export "at4") (result i32) (i32.load (${address}.const 4)))
    (func (export "set4") (param i32) (i32.store (${address}.const 4) (local.get 0)))
    (func (export "fill") (param ${address} ${address}) (memory.fill (local.get 0) (i32.const 9) (local.get 1)))
    (func (export "copy") (param ${address} ${address} ${address})
      (memory.copy (local.get 0) (local.get 1) (local.get 2))))`;
}

async function instantiate(memory: string, limits: Partial<StoreLimits> = {}): Promise<Instance> {
  return new Embedding(limits).instantiate(memoryModule(memory));
}

describe("accesses end with the last byte", () => {
  test("of a memory of 7 bytes, whatever room the host's buffer has", async () => {
    const instance = await instantiate("7 9");
    instance.getMemory("m").write(0, Uint8Array.from([1, 2, 3, 4, 5, 6, 7]));
    expect(instance.call("size")).toEqual([7]);
    expect(instance.call("load8", [6])).toEqual([7]);
    expect(instance.call("load", [3])).toEqual([0x07060504]);
    expect(instance.call("load16", [4])).toEqual([0x0706n]);
    // Constant addresses, one inside and one that reaches behind the end.
    expect(instance.call("at2")).toEqual([0x06050403]);
    const wrong: readonly (readonly [string, readonly (number | bigint)[]])[] = [
      ["load8", [7]],
      ["load8", [-1]],
      ["load", [4]],
      ["load16", [5]],
      ["at4", []],
      ["set4", [1]],
      ["store", [4, -1]],
      ["store64", [0, -1n]],
      ["fill", [3, 5]],
      ["fill", [8, 0]],
      ["copy", [0, 4, 4]],
      ["copy", [4, 0, 4]],
    ];
    for (const [name, args] of wrong) {
      expect(await errorOf(() => instance.call(name, args)), name).toMatchObject(OUT_OF_BOUNDS);
    }
    // What trapped has written nothing.
    expect([...instance.getMemory("m").bytes()]).toEqual([1, 2, 3, 4, 5, 6, 7]);
    instance.call("fill", [7, 0]);
    instance.call("fill", [5, 2]);
    expect([...instance.getMemory("m").bytes()]).toEqual([1, 2, 3, 4, 5, 9, 9]);
  });

  test("of an empty memory", async () => {
    const instance = await instantiate("0 1");
    expect(await errorOf(() => instance.call("load8", [0]))).toMatchObject(OUT_OF_BOUNDS);
    expect(instance.call("grow", [1])).toEqual([0]);
    expect(instance.call("load8", [0])).toEqual([0]);
    expect(instance.call("grow", [1])).toEqual([-1]);
  });

  test("of a memory with 64-bit addresses", async () => {
    const instance = await new Embedding().instantiate(memoryModule("7 9", "i64"));
    expect(instance.call("load", [3n])).toEqual([0]);
    expect(await errorOf(() => instance.call("load", [4n]))).toMatchObject(OUT_OF_BOUNDS);
    expect(await errorOf(() => instance.call("load8", [2n ** 32n]))).toMatchObject(OUT_OF_BOUNDS);
    expect(instance.call("grow", [2n ** 63n])).toEqual([-1n]);
    expect(instance.call("grow", [2n])).toEqual([7n]);
    expect(instance.call("size")).toEqual([9n]);
  });
});

describe("growth", () => {
  test("is by single bytes, keeps what is there, and ends with the memory's maximum", async () => {
    const instance = await instantiate("5 300");
    instance.call("store", [1, 0x01020304]);
    for (let size = 5; size < 300; size++) expect(instance.call("grow", [1])).toEqual([size]);
    expect(instance.call("load", [1])).toEqual([0x01020304]);
    expect(instance.call("load8", [299])).toEqual([0]);
    expect(instance.call("grow", [1])).toEqual([-1]);
    expect(instance.call("grow", [0])).toEqual([300]);
    expect(await errorOf(() => instance.call("load8", [300]))).toMatchObject(OUT_OF_BOUNDS);
  });

  test("is capped in bytes: the one that fits, and the one that does not", async () => {
    const instance = await instantiate("5", { memoryBytes: 1000 });
    expect(instance.call("grow", [996])).toEqual([-1]);
    expect(instance.call("grow", [995])).toEqual([5]);
    expect(instance.call("grow", [1])).toEqual([-1]);
    expect(instance.store.memoryBytes).toBe(1000);
    const trapping = await instantiate("5", { memoryBytes: 1000, onGrowthFailure: "trap" });
    expect(await errorOf(() => trapping.call("grow", [996]))).toMatchObject({ kind: "memory-limit", limit: 1000 });
  });

  test("counts with other memories, of other page sizes", async () => {
    const embedding = new Embedding({ memoryBytes: 65536 + 10 });
    const instance = await embedding.instantiate(`(module (memory 1) (memory $bytes 3 (pagesize 1))
      (func (export "grow") (param i32) (result i32) (memory.grow $bytes (local.get 0)))
      (func (export "size") (result i32 i32) (memory.size 0) (memory.size $bytes)))`);
    expect(instance.call("grow", [8])).toEqual([-1]);
    expect(instance.call("grow", [7])).toEqual([3]);
    expect(instance.call("size")).toEqual([1, 10]);
    expect(await errorOf(() => embedding.instantiate("(module (memory 1 (pagesize 1)))"))).toMatchObject({
      kind: "memory-limit",
    });
  });

  test("asks for up to 2^32 − 1 bytes, and never for more", async () => {
    const instance = await instantiate("0", { memoryBytes: 2 ** 20 });
    for (const delta of [-1, 2 ** 31 - 1, -(2 ** 31), 2 ** 20 + 1]) {
      expect(instance.call("grow", [delta])).toEqual([-1]);
    }
    expect(instance.getMemory("m").maxPages).toBe(2 ** 32 - 1);
    const large = await instantiate("0 0xffff_ffff", { memoryBytes: 2 ** 20 });
    expect(large.getMemory("m").maxPages).toBe(2 ** 32 - 1);
    const wide = await new Embedding().instantiate(memoryModule("0", "i64"));
    expect(wide.call("grow", [-1n])).toEqual([-1n]);
    expect(DEFAULT_LIMITS.memoryBytes).toBe(2 ** 32);
  });

  test("pays 1 per started 64 bytes, before it grows", async () => {
    const embedding = new Embedding();
    const instance = await embedding.instantiate(memoryModule("0 1000"));
    const fuelOf = (delta: number) => {
      const execution = new Execution(embedding.store).start(instance.getFunc("grow"), [delta]);
      let result = execution.run(1);
      while (result.status === "paused") result = execution.run(1);
      return { result, fuel: execution.fuelUsed };
    };
    // Entry, operand, memory.grow: 3.
    for (const [delta, fuel] of [
      [0, 3],
      [1, 4],
      [64, 4],
      [65, 5],
      [1000, 3], // gives -1
    ] as const) {
      expect(fuelOf(delta).fuel, `${delta}`).toBe(fuel);
    }
    expect(instance.getMemory("m").byteLength).toBe(130);
  });
});

describe("types", () => {
  test("of an import and what is given must agree on the page size", async () => {
    const embedding = new Embedding();
    await embedding.define("bytes", `(module (memory (export "m") 65536 131072 (pagesize 1)))`);
    await embedding.define("pages", `(module (memory (export "m") 1 2 (pagesize 65536)))`);
    const importing = (from: string, type: string) =>
      embedding.instantiate(`(module (memory (import "${from}" "m") ${type}))`);
    await importing("bytes", "65536 (pagesize 1)");
    await importing("pages", "1");
    expect(await errorOf(() => importing("bytes", "1 2"))).toBeInstanceOf(LinkError);
    expect(await errorOf(() => importing("pages", "1 2 (pagesize 1)"))).toBeInstanceOf(LinkError);
    expect(await errorOf(() => importing("bytes", "65537 (pagesize 1)"))).toBeInstanceOf(LinkError);
  });

  test.each([0, 1, 2, 15, 17, 31, 63, 64])("no pages of 2^%d bytes but 1 and 65536", async (exponent) => {
    // Memory section: one memory, flags 8 (custom page size), minimum 1, the exponent.
    const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 4, 1, 8, 1, exponent]);
    const { engine } = new Embedding();
    if (exponent === 0) engine.compile(bytes);
    else
      expect(await errorOf(() => engine.compile(bytes))).toMatchObject({ reason: expect.stringMatching(/page size/) });
  });

  test("data segments fit by bytes", async () => {
    const embedding = new Embedding();
    const text = (offset: number) => `(module (memory (export "m") 3 (pagesize 1)) (data (i32.const ${offset}) "ab"))`;
    const instance = await embedding.instantiate(text(1));
    expect([...instance.getMemory("m").bytes()]).toEqual([0, 0x61, 0x62]);
    expect(await errorOf(() => embedding.instantiate(text(2)))).toMatchObject(OUT_OF_BOUNDS);
  });

  test("of more than 2^32 − 1 one-byte pages are invalid with 32-bit addresses", async () => {
    const embedding = new Embedding();
    const error = await errorOf(() => embedding.compile("(module (memory 0x1_0000_0000 (pagesize 1)))"));
    expect(error).toBeInstanceOf(InvalidError);
  });
});
