// The threads proposal on one agent: every atomic access against V8, and what only one agent and
// a virtual clock make determinate by hand.

import { describe, expect, test } from "vitest";
import { OPCODES, type OpcodeRow } from "../../decoder/opcodes.js";
import { I32, I64 } from "../../decoder/types.js";
import { Engine, Execution, Instance, LinkError, Linker, Store, Trap, VirtualClock } from "../index.js";
import { Embedding, errorOf } from "./support/embed.js";
import { type Bytes, flatten, leb, moduleBytes, name, opcodeBytes, section, vec } from "./support/module-bytes.js";
import { randomValue } from "./support/numeric-oracle.js";
import { Random } from "./support/random.js";

const PAGE = 65536;
const ROWS = OPCODES.filter((row) => row.feature === "threads" && row.width !== undefined && !/wait/.test(row.name));
const TYPES: Readonly<Record<string, number>> = { a: I32, i: I32, l: I64 };

/** One shared page "m", and "f" with the instruction's operands and result; `offset` in the instruction. */
function accessModule(row: OpcodeRow, offset: number): Uint8Array {
  const [params, results] = row.type!.split(":") as [string, string];
  const types = (letters: string): Bytes => vec([...letters].map((letter) => TYPES[letter]!));
  const operands = [...params].map((_, i) => [0x20, i]);
  const code = flatten([0, operands, opcodeBytes(row.opcode), Math.log2(row.width!), leb(offset), 0x0b]);
  return moduleBytes(
    section(1, vec([[0x60, types(params), types(results)]])),
    section(3, vec([0])),
    section(5, vec([[3, 1, 1]])),
    section(
      7,
      vec([
        [name("f"), 0, 0],
        [name("m"), 2, 0],
      ]),
    ),
    section(10, vec([[leb(code.length), code]])),
  );
}

interface Engines {
  /** Bytes of each engine's memory. */
  readonly ours: Uint8Array;
  readonly host: Uint8Array;
  /** Result or trap of each. */
  call(operands: readonly bigint[]): {
    readonly ours: bigint | string | undefined;
    readonly host: bigint | string | undefined;
  };
}

const HOST_TRAPS: Readonly<Record<string, string>> = {
  "memory access out of bounds": "out of bounds memory access",
  "operation does not support unaligned accesses": "unaligned atomic",
};

function bothEngines(row: OpcodeRow, offset: number): Engines {
  const bytes = accessModule(row, offset);
  const engine = new Engine();
  const store = new Store(engine);
  const instance = new Linker(engine).instantiate(store, engine.compile(bytes));
  const func = instance.getFunc("f");
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
  const hostFunc = exports["f"] as (...args: unknown[]) => unknown;
  const [params, results] = row.type!.split(":") as [string, string];
  return {
    ours: instance.getMemory("m").bytes(),
    host: new Uint8Array((exports["m"] as WebAssembly.Memory).buffer),
    call(operands) {
      const execution = new Execution(store).startRaw(func, operands);
      const result = execution.run(100);
      const ours =
        result.status === "done"
          ? (execution.rawResults()[0] as bigint | undefined)
          : (result as { error: Trap }).error.reason;
      let host: bigint | string | undefined;
      try {
        const args = operands.map((bits, i) =>
          params[i] === "l" ? BigInt.asIntN(64, bits) : Number(BigInt.asIntN(32, bits)),
        );
        const value = hostFunc(...args) as number | bigint | undefined;
        host = value === undefined ? undefined : BigInt.asUintN(results === "l" ? 64 : 32, BigInt(value));
      } catch (error) {
        host = HOST_TRAPS[(error as Error).message] ?? (error as Error).message;
      }
      return { ours, host };
    },
  };
}

test.each(ROWS.map((row) => [row.name, row] as const))("%s", (_, row) => {
  const random = new Random(row.opcode);
  const width = row.width!;
  const letters = row.type!.slice(1, row.type!.indexOf(":"));
  const seen = new Set<string>();
  for (const offset of [0, 16, 3]) {
    const { ours, host, call } = bothEngines(row, offset);
    for (let i = 0; i < 120; i++) {
      const content = random.bytes(16);
      for (const [j, byte] of content.entries()) ours[64 + j] = host[64 + j] = byte;
      let address = 64 + random.below(16 / width) * width - offset;
      // V8 checks the bounds first, the specification the alignment: never both wrong at once.
      if (i % 10 === 7) address = PAGE - offset + width * (random.below(5) - 2);
      else if (i % 10 === 8) address += random.below(8);
      const operands = [...letters].map((letter) => randomValue(random, letter));
      if (row.name.includes("cmpxchg") && random.below(2) === 0) {
        // What is there, with or without the bits that the access does not compare.
        let there = random.below(2) === 0 ? operands[0]! : 0n;
        there = (there >> BigInt(8 * width)) << BigInt(8 * width);
        for (let j = 0; j < width; j++) there |= BigInt(ours[address + offset + j] ?? 0) << BigInt(8 * j);
        operands[0] = there;
      }
      const results = call([BigInt.asUintN(32, BigInt(address)), ...operands]);
      if (results.ours !== results.host) {
        expect.fail(
          `${row.name} at ${address}+${offset} (${operands.join(", ")}): ${results.ours}, V8 ${results.host}`,
        );
      }
      expect(ours.subarray(60, 84)).toEqual(host.subarray(60, 84));
      expect(ours.subarray(PAGE - 16)).toEqual(host.subarray(PAGE - 16));
      seen.add(typeof results.ours === "string" ? results.ours : "done");
    }
  }
  const traps = width === 1 ? ["out of bounds memory access"] : ["out of bounds memory access", "unaligned atomic"];
  expect(seen).toEqual(new Set(["done", ...traps]));
});

describe("the order of checks", () => {
  const module = (memory: string) => `(module (memory ${memory})
    (func (export "load") (param i32) (result i64) (i64.atomic.load (local.get 0)))
    (func (export "notify") (param i32) (result i32) (memory.atomic.notify (local.get 0) (i32.const 1)))
    (func (export "wait") (param i32) (result i32)
      (memory.atomic.wait32 (local.get 0) (i32.const 0) (i64.const -1))))`;

  test.each([
    ["load", "1 1 shared", PAGE + 1, "unaligned atomic"],
    ["load", "1 1 shared", PAGE, "out of bounds memory access"],
    ["load", "1", PAGE - 4, "unaligned atomic"],
    ["notify", "1", PAGE + 2, "unaligned atomic"],
    ["notify", "1", PAGE, "out of bounds memory access"],
    ["wait", "1", PAGE + 2, "unaligned atomic"],
    ["wait", "1", PAGE, "expected shared memory"],
    ["wait", "1", 0, "expected shared memory"],
    ["wait", "1 1 shared", PAGE, "out of bounds memory access"],
    ["wait", "1 1 shared", 2, "unaligned atomic"],
  ])("%s in a memory %s at %d: %s", async (func, memory, address, reason) => {
    const instance = await new Embedding().instantiate(module(memory));
    expect(await errorOf(() => instance.call(func, [address]))).toMatchObject({ kind: "trap", reason });
  });
});

describe("waiting", () => {
  const TEXT = `(module (memory (export "m") 1 1 shared)
    (func (export "wait32") (param i32 i32 i64) (result i32)
      (memory.atomic.wait32 offset=8 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "wait64") (param i32 i64 i64) (result i32)
      (memory.atomic.wait64 offset=8 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "notify") (param i32 i32) (result i32)
      (memory.atomic.notify (local.get 0) (local.get 1))))`;

  async function instantiate() {
    const engine = new Engine();
    const clock = new VirtualClock(0n);
    const store = new Store(engine, { clock });
    const embedding = new Embedding();
    const bytes = (await embedding.compile(TEXT)).decoded.bytes;
    const instance = new Linker(engine).instantiate(store, engine.compile(bytes));
    return { store, clock, instance };
  }

  test("ends at once where the value is another one", async () => {
    const { clock, instance } = await instantiate();
    instance.getMemory("m").writeU64(16, 0x1_0000_0005n);
    expect(instance.call("wait32", [8, 4, -1n])).toEqual([1]);
    expect(instance.call("wait64", [8, 5n, -1n])).toEqual([1]);
    expect(clock.elapsed(0)).toBe(0n);
  });

  test("times out where it is the expected one, and the store's clock has gone on", async () => {
    const { clock, instance } = await instantiate();
    instance.getMemory("m").writeU64(16, 0x1_0000_0005n);
    expect(instance.call("wait32", [8, 5, 1_000_000_007n])).toEqual([2]);
    expect(clock.elapsed(0)).toBe(1_000_000_007n);
    expect(instance.call("wait64", [8, 0x1_0000_0005n, 2n ** 63n - 1n])).toEqual([2]);
    expect(clock.elapsed(0)).toBe(1_000_000_006n + 2n ** 63n);
    expect(instance.call("wait32", [8, 5, 0n])).toEqual([2]);
    expect(clock.elapsed(0)).toBe(1_000_000_006n + 2n ** 63n);
  });

  test("without a timeout is a trap: nobody would end it", async () => {
    const { instance } = await instantiate();
    const error = await errorOf(() => instance.call("wait32", [0, 0, -1n]));
    expect(error).toBeInstanceOf(Trap);
    expect(error.message).toBe("wait without timeout, and no other agent to notify it");
  });

  test("is the same one instruction at a time, and costs 1", async () => {
    const { store, clock, instance } = await instantiate();
    const execution = new Execution(store).start(instance.getFunc("wait32"), [0, 0, 5n]);
    let pauses = 0;
    for (; execution.run(1).status === "paused"; pauses++) expect(clock.elapsed(0)).toBe(0n);
    // Entry, three operands, and the wait itself.
    expect(execution.results()).toEqual([2]);
    expect(execution.fuelUsed).toBe(5);
    expect(pauses).toBe(4);
    expect(clock.elapsed(0)).toBe(5n);
  });

  test("notify wakes nobody", async () => {
    const { instance } = await instantiate();
    expect(instance.call("notify", [0, -1])).toEqual([0]);
  });
});

describe("shared memories", () => {
  const OWNER = `(module (memory (export "m") 1 4 shared)
    (func (export "size") (result i32) memory.size)
    (func (export "load") (param i32) (result i32) (i32.atomic.load (local.get 0)))
    (func (export "touch") (param i32) (result i32)
      (drop (i32.add (i32.const 1) (i32.const 2)))
      (i32.atomic.store (local.get 0) (i32.const 7))
      (i32.load (local.get 0))))`;
  const USER = `(module (memory (import "owner" "m") 1 4 shared)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "add") (param i32 i32) (result i32) (i32.atomic.rmw.add (local.get 0) (local.get 1))))`;

  async function both() {
    const embedding = new Embedding();
    const owner = await embedding.define("owner", OWNER);
    return { embedding, owner, user: await embedding.instantiate(USER) };
  }

  test("are one memory for all instances, after growth as well", async () => {
    const { owner, user } = await both();
    expect(user.call("add", [64, 5])).toEqual([0]);
    expect(owner.call("load", [64])).toEqual([5]);
    expect(user.call("grow", [2])).toEqual([1]);
    expect(owner.call("size")).toEqual([3]);
    expect(user.call("add", [3 * PAGE - 4, 9])).toEqual([0]);
    expect(owner.call("load", [3 * PAGE - 4])).toEqual([9]);
    expect(owner.call("load", [64])).toEqual([5]);
    expect(user.call("grow", [2])).toEqual([-1]);
  });

  test("grow under an execution that is paused", async () => {
    const { embedding, owner, user } = await both();
    const address = 2 * PAGE - 8;
    const execution = new Execution(embedding.store).start(owner.getFunc("touch"), [address]);
    // Before the store, whose address is out of bounds until another call has made room.
    for (let i = 0; i < 3; i++) expect(execution.run(1).status).toBe("paused");
    expect(user.call("grow", [1])).toEqual([1]);
    expect(execution.run(100)).toMatchObject({ status: "done", results: [7] });
    expect(owner.call("load", [address])).toEqual([7]);
  });

  test("are not imported as unshared ones, nor the other way round", async () => {
    const { embedding } = await both();
    await embedding.define("unshared", `(module (memory (export "m") 1 4))`);
    const importing = (from: string, type: string) =>
      errorOf(() => embedding.instantiate(`(module (memory (import "${from}" "m") ${type}))`));
    expect(await importing("owner", "1 4")).toBeInstanceOf(LinkError);
    expect(await importing("unshared", "1 4 shared")).toBeInstanceOf(LinkError);
    expect(await embedding.instantiate(`(module (memory (import "owner" "m") 1 5 shared))`)).toBeInstanceOf(Instance);
  });

  test("with 64-bit addresses take every atomic access", async () => {
    const instance = await new Embedding().instantiate(`(module (memory i64 1 1 shared)
      (func (export "add") (param i64 i64) (result i64) (i64.atomic.rmw.add offset=8 (local.get 0) (local.get 1)))
      (func (export "far") (param i64) (result i32) (i32.atomic.load offset=0xffffffffffffff00 (local.get 0))))`);
    expect(instance.call("add", [0n, -1n])).toEqual([0n]);
    expect(instance.call("add", [0n, 2n])).toEqual([-1n]);
    expect(instance.call("add", [0n, 0n])).toEqual([1n]);
    const outOfBounds = { kind: "trap", reason: "out of bounds memory access" };
    expect(await errorOf(() => instance.call("add", [2n ** 32n, 0n]))).toMatchObject(outOfBounds);
    // The effective address does not wrap.
    expect(await errorOf(() => instance.call("far", [256n]))).toMatchObject(outOfBounds);
  });
});
