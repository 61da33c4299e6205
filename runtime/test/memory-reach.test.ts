// Buffers cover what is touched: accesses at and beyond their ends, against V8's own WebAssembly.

import { expect, test } from "vitest";
import { captureStore, Execution, hashMemory, hibernateStore, MemoryLimitExceeded, restoreStore } from "../index.js";
import { LEAST_REACH } from "../store/memory.js";
import type { MemoryPicture } from "../store/memory-picture.js";
import { Embedding } from "./support/embed.js";
import { Random } from "./support/random.js";
import { wat } from "./support/wat.js";

const PAGE = 65536;
const PAGES = 48;
const SIZE = PAGES * PAGE;

const LOADS = ["i32.load", "i32.load8_s", "i32.load16_u", "i64.load", "i64.load32_s", "i64.load8_u", "f64.load"];
const STORES = ["i32.store", "i32.store8", "i32.store16", "i64.store", "i64.store32"];
const resultOf = (name: string) => name.slice(0, 3);

const TEXT = `(module (memory (export "m") ${PAGES} 64)
  (data $d "some bytes that are not zero")
  ${LOADS.map((name) => `(func (export "${name}") (param i32) (result ${resultOf(name)}) (${name} (local.get 0)))`).join("\n")}
  ${STORES.map((name) => `(func (export "${name}") (param i32 ${resultOf(name)}) (${name} (local.get 0) (local.get 1)))`).join("\n")}
  (func (export "v128") (param i32 i32)
    (v128.store (local.get 0) (i32x4.add (v128.load (local.get 1)) (i32x4.splat (i32.const 77)))))
  (func (export "constant") (result i32)
    (i32.store (i32.const ${2 * LEAST_REACH + 8}) (i32.const 5))
    (i32.add (i32.load (i32.const ${2 * LEAST_REACH + 8})) (i32.load (i32.const ${SIZE - 4}))))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32) (memory.init $d (local.get 0) (i32.const 3) (i32.const 20)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "sum") (param i32) (result i32) (local $at i32) (local $sum i32)
    (loop $more
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
      (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4093))) (local.get 0))))
    (local.get $sum)))`;

type Call = readonly [name: string, ...args: (number | bigint)[]];

/** Addresses near the places where buffers end, and anywhere. */
function address(random: Random): number {
  const end = random.pick([LEAST_REACH, 2 * LEAST_REACH, SIZE, SIZE + PAGE, random.below(SIZE + PAGE)]);
  return end - random.below(40);
}

function calls(seed: number, count: number): Call[] {
  const random = new Random(seed);
  const word = () => random.below(2 ** 31);
  return Array.from({ length: count }, (): Call => {
    switch (random.below(12)) {
      case 0:
        return ["v128", address(random), address(random)];
      case 1:
        return ["constant"];
      case 2:
        return ["fill", address(random), random.below(256), random.below(3000)];
      case 3:
        return ["copy", address(random), address(random), random.below(3000)];
      case 4:
        return ["init", address(random)];
      case 5:
        return random.below(6) === 0 ? ["grow", random.below(3)] : ["sum", random.below(SIZE)];
      case 6:
      case 7:
      case 8: {
        const name = random.pick(STORES);
        return [name, address(random), name.startsWith("i64") ? BigInt(word()) * 77777n : word()];
      }
      default:
        return [random.pick(LOADS), address(random)];
    }
  });
}

const outcome = (run: () => unknown) => {
  try {
    return run();
  } catch {
    return "trap";
  }
};

test.each([1, 2, 3, 4, 5, 6])("accesses of every kind around the ends of buffers agree with V8 (%i)", async (seed) => {
  const bytes = await wat(TEXT);
  const own = await new Embedding().instantiate(TEXT);
  const host = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes))).exports as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  for (const [name, ...args] of calls(seed, 250)) {
    const expected = outcome(() => host[name]!(...args));
    const found = outcome(() => own.call(name, args)[0]);
    expect(found, `${name} ${args}`).toEqual(expected);
  }
  const memory = (host["m"] as unknown as WebAssembly.Memory).buffer;
  expect(Buffer.compare(own.getMemory("m").bytes(), new Uint8Array(memory))).toBe(0);
});

test("a memory takes no more room than what is touched of it", async () => {
  const { instance, buffers } = await counted(`(module (memory (export "m") 65536)
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1))))`);
  const memory = instance.getMemory("m");
  instance.call("load", [LEAST_REACH - 4]);
  expect(buffers).toEqual([LEAST_REACH]);
  // The issue's own case: a store near 4 GiB. What is read takes nothing, nor do zeros; pages come sixteen at a time.
  instance.call("load", [-8]);
  instance.call("store", [-256, 0]);
  expect(buffers).toEqual([LEAST_REACH]);
  instance.call("store", [-256, 77]);
  memory.writeU8(2 ** 32 - 1, 9);
  for (let page = 0; page < 14; page++) instance.call("store", [2 ** 31 + 4096 * page + 5, 1]);
  expect(buffers).toEqual([LEAST_REACH, 65536]);
  // Across the border of two pages, one of which is there.
  instance.call("store", [2 ** 31 - 2, -1]);
  expect(instance.call("load", [2 ** 31 - 3])).toEqual([0xffffff00 | 0]);
  expect(instance.call("load", [-256])).toEqual([77]);
  expect(buffers).toEqual([LEAST_REACH, 65536]);
  expect(memory.touched().length).toBe(LEAST_REACH);
});

test("a buffer grows when accesses behind it have earned its cost", async () => {
  const { instance, buffers } = await counted(TEXT);
  const memory = instance.getMemory("m");
  const touch = (from: number, count: number) => {
    for (let i = 0; i < count; i++) instance.call("i32.load", [from + 4 * i]);
  };
  touch(LEAST_REACH, LEAST_REACH / 1024 - 1);
  expect(buffers).toEqual([LEAST_REACH]);
  touch(LEAST_REACH, 1);
  expect(buffers).toEqual([LEAST_REACH, 2 * LEAST_REACH]);
  expect(memory.touched().length).toBe(2 * LEAST_REACH);
  // Pages go where they belong in the new buffer.
  instance.call("i64.store", [2 * LEAST_REACH + 77, 0x1122334455667788n]);
  instance.call("fill", [SIZE - 5000, 3, 5000]);
  touch(2 * LEAST_REACH, (2 * LEAST_REACH) / 1024);
  expect(memory.touched().length).toBe(SIZE);
  expect(instance.call("i64.load", [2 * LEAST_REACH + 77])).toEqual([0x1122334455667788n]);
  expect([memory.readU8(SIZE - 5001), memory.readU8(SIZE - 5000), memory.readU8(SIZE - 1)]).toEqual([0, 3, 3]);
});

test("whatever the addresses, the bytes of buffers are paid for by accesses", async () => {
  const { instance, buffers } = await counted(`(module (memory 65536)
    (func (export "store") (param i32) (i32.store (local.get 0) (i32.const 1))))`);
  // The worst for a buffer that doubles: each access just behind its end, wherever that may be.
  for (let at = LEAST_REACH; at < 2 ** 32; at *= 2) instance.call("store", [at]);
  const random = new Random(5);
  for (let i = 0; i < 3000; i++) instance.call("store", [random.below(2 ** 31) * 2]);
  const bytes = buffers.reduce((sum, size) => sum + size, 0);
  // One buffer of less than 33 MiB is made that large, so that the kernel maps it.
  expect(bytes).toBeLessThan(LEAST_REACH + 3100 * (2 * 4096 + 1024) + 33 * 2 ** 20);
});

/** An instance, and the sizes of the buffers that its store makes. */
async function counted(text: string) {
  const embedding = new Embedding();
  const { store } = embedding;
  const instance = await embedding.instantiate(text);
  const buffers: number[] = [];
  const allocate = store.allocateBuffer.bind(store);
  store.allocateBuffer = (...args) => {
    const buffer = allocate(...args);
    buffers.push(buffer.byteLength);
    return buffer;
  };
  return { instance, buffers };
}

test.each([
  "(i32.load8_u (local.get $p))",
  "(i32.load8_u offset=500 (i32.sub (local.get $p) (i32.const 500)))",
  "(i32.load offset=1 (i32.add (local.get $p) (i32.const -4)))",
  "(i32.load8_s (i32.add (local.get $p) (local.get $zero)))",
  "(i32.load16_u (i32.add (i32.shl (local.get $half) (i32.const 1)) (local.get $minus1)))",
  "(i32.store8 (local.get $p) (i32.const 7)) (i32.const 0)",
  "(i32.store (i32.add (local.get $p) (i32.const -3)) (local.get $p)) (i32.const 0)",
  "(i64.store8 (local.get $p) (i64.const 7)) (i32.const 0)",
])("the last byte is reached without another buffer: %s", async (body) => {
  const { instance, buffers } = await counted(`(module (memory ${16 * PAGES})
    (func (export "run") (param $p i32) (param $zero i32) (param $half i32) (param $minus1 i32) (result i32) ${body}))`);
  instance.call("run", [1000, 0, 500, -1]);
  instance.call("run", [16 * SIZE - 1, 0, 8 * SIZE, -2]);
  expect(buffers).toEqual(body.includes("store") ? [LEAST_REACH, 65536] : [LEAST_REACH]);
  expect(() => instance.call("run", [16 * SIZE, 0, 8 * SIZE, -1])).toThrow("out of bounds");
});

test("a memory that is larger than the host's buffers is held in pages", async () => {
  const embedding = new Embedding({ memoryBytes: 2 ** 45 });
  const instance = await embedding.instantiate(`(module (memory (export "m") i64 ${2 ** 29})
    (func (export "run") (param i64) (result i32)
      (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 3)))
      (i32.load8_u offset=1 (i64.sub (local.get 0) (i64.const 1)))))`);
  const touch = (address: number) =>
    new Execution(embedding.store).start(instance.getFunc("run"), [BigInt(address)]).run(100);
  expect(touch(8)).toMatchObject({ status: "done", results: [3] });
  expect(touch(2 ** 41)).toMatchObject({ status: "done", results: [3] });
  expect(touch(2 ** 41)).toMatchObject({ status: "done", results: [6] });
  const memory = instance.getMemory("m");
  expect([...memory.picture().numbers]).toEqual([0, 2 ** 31]);
  memory.hibernate();
  expect(touch(2 ** 41)).toMatchObject({ status: "done", results: [9] });
  // Pictures number blocks of 1 KiB in 32 bits.
  expect(touch(2 ** 42)).toMatchObject({ status: "trapped", error: { name: "MemoryLimitExceeded", limit: 2 ** 42 } });
  // A view of all of it is the host's wish, and nothing that it has.
  expect(() => memory.bytes()).toThrow(MemoryLimitExceeded);
});

test("nothing is touched by what has no length", async () => {
  const instance = await new Embedding().instantiate(`(module (memory (export "m") ${PAGES})
    (data (i32.const ${SIZE}) "") (data $d "x")
    (func (export "run")
      (memory.fill (i32.const ${SIZE}) (i32.const 1) (i32.const 0))
      (memory.copy (i32.const ${SIZE}) (i32.const 0) (i32.const 0))
      (memory.copy (i32.const 0) (i32.const ${SIZE}) (i32.const 0))
      (memory.init $d (i32.const ${SIZE}) (i32.const 0) (i32.const 0))))`);
  instance.call("run");
  expect(instance.getMemory("m").touched().length).toBe(LEAST_REACH);
});

test("pictures of memories do not depend on how much of them is covered", async () => {
  const embedding = new Embedding();
  const instance = await embedding.instantiate(TEXT);
  const memory = instance.getMemory("m");
  const subject = { store: embedding.store, instances: [instance] };
  instance.call("i32.store", [SIZE - 4, 7]);
  const far = captureStore(subject);
  const hash = hashMemory(memory);
  instance.call("i32.store", [SIZE - 4, 0]);
  const near = captureStore(subject);
  expect(near.memories[0]!.numbers).toHaveLength(0);
  restoreStore(near, subject);
  // The base has a block where this memory is not even covered.
  memory.hibernate(far.memories[0]);
  expect(instance.call("i32.load", [SIZE - 4])).toEqual([0]);
  restoreStore(far, subject);
  expect(hashMemory(memory)).toBe(hash);
  hibernateStore(subject);
  expect(instance.call("i32.load", [SIZE - 4])).toEqual([7]);
});

/** Statements that access memory at and beyond the ends of buffers, in one function: the loop keeps its views between them. */
function statements(seed: number, count: number): string {
  const random = new Random(seed);
  const at = (width: number) => {
    const end = random.pick([4096, LEAST_REACH, LEAST_REACH, 2 * LEAST_REACH, SIZE]);
    const address = end - width * (1 + random.below(3));
    return random.below(2) === 0 ? `(i32.const ${address})` : `(i32.add (local.get $zero) (i32.const ${address}))`;
  };
  const value = () => 1 + random.below(2 ** 31 - 1);
  return Array.from({ length: count }, () => {
    switch (random.below(9)) {
      case 0:
        return `(drop (i32.atomic.rmw.add ${at(4)} (i32.const ${value()})))`;
      case 1:
        return `(i64.atomic.store ${at(8)} (i64.const ${value()}))`;
      case 2:
        return `(local.set $sum (i32.add (local.get $sum) (i32.atomic.load16_u ${at(2)})))`;
      case 3:
        return `(v128.store ${at(16)} (i32x4.add (v128.load ${at(16)}) (i32x4.splat (i32.const ${value()}))))`;
      case 4:
        return `(memory.fill ${at(9)} (i32.const ${value()}) (i32.const 9))`;
      case 5:
        return `(memory.copy ${at(99)} ${at(99)} (i32.const 99))`;
      case 6:
        return `(i64.store ${at(8)} (i64.const ${value()}))`;
      case 7:
        return `(local.set $sum (i32.add (local.get $sum) (i32.load ${at(4)})))`;
      default:
        return `(i32.store ${at(4)} (i32.const ${value()}))`;
    }
  }).join("\n");
}

test.each([1, 2, 3, 4])("buffers that are replaced between accesses of one function (%i)", async (seed) => {
  // Short functions: a buffer is replaced but twice until it is as large as the memory.
  for (let i = 0; i < 20; i++) {
    const text = `(module (memory (export "m") ${PAGES})
      (func (export "run") (param $zero i32) (result i32) (local $sum i32) ${statements(20 * seed + i, 6)} (local.get $sum)))`;
    const own = await new Embedding().instantiate(text);
    const host = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(await wat(text)))).exports;
    expect(own.call("run", [0])).toEqual([(host["run"] as (zero: number) => number)(0)]);
    const memory = (host["m"] as unknown as WebAssembly.Memory).buffer;
    expect(Buffer.compare(own.getMemory("m").bytes(), new Uint8Array(memory))).toBe(0);
  }
});

// V8 of Node 20 has neither several memories nor memory64: every byte is told by hand.
test("the buffer of a memory that has two indices is replaced through the other one", async () => {
  const embedding = new Embedding();
  await embedding.define("m", `(module (memory (export "m") ${PAGES}))`);
  const instance = await embedding.instantiate(`(module
    (import "m" "m" (memory $a ${PAGES})) (import "m" "m" (memory $b ${PAGES}))
    (func (export "run") (param $far i32) (result i32)
      (i32.store $a (i32.const 8) (i32.const 1))
      (i32.store8 $b (local.get $far) (i32.const 2))
      (i32.store $a (i32.const 12) (i32.const 4))
      (v128.store $a (i32.const 16) (v128.load $b (i32.add (local.get $far) (i32.const ${LEAST_REACH}))))
      (i32.add (i32.load8_u $a (local.get $far))
        (i32.add (i32.load $b (i32.const 8)) (i32.load $b (i32.const 12))))))`);
  expect(instance.call("run", [LEAST_REACH + 5])).toEqual([7]);
});

test("atomics and accesses by 64-bit addresses cover memories while others are in use", async () => {
  const instance = await new Embedding().instantiate(`(module
    (memory $a ${PAGES}) (memory $wide i64 ${PAGES})
    (func (export "run") (param $far i64) (result i64)
      (i32.store $a (i32.const 8) (i32.const 1))
      (i64.store $wide (local.get $far) (i64.const 2))
      (drop (i64.atomic.rmw.or $wide (i64.add (local.get $far) (i64.const ${LEAST_REACH})) (i64.const 4)))
      (drop (i32.atomic.rmw.or $a (i32.wrap_i64 (local.get $far)) (i32.const 8)))
      (i32.store $a (i32.const 12) (i32.const 16))
      (i64.or (i64.or (i64.load $wide (local.get $far)) (i64.load $wide offset=${LEAST_REACH} (local.get $far)))
        (i64.extend_i32_u (i32.or (i32.load $a (i32.wrap_i64 (local.get $far)))
          (i32.or (i32.load $a (i32.const 8)) (i32.load $a (i32.const 12))))))))`);
  expect(instance.call("run", [BigInt(LEAST_REACH + 8)])).toEqual([31n]);
});

test("an access that the host has no room for is charged once, and what follows is not", async () => {
  const embedding = new Embedding();
  const instance = await embedding.instantiate(`(module (memory 1) (memory ${PAGES})
    (func $f (export "f") (param i32) (result i32)
      (drop (i32.load 1 (i32.const 0))) (i32.store 0 (i32.const 0) (i32.const 1)) (i32.store 1 (local.get 0) (i32.const 9))
      (i32.store (i32.const 4) (i32.const 1)) (i32.const 0)))`);
  const { store } = embedding;
  const run = () => {
    const execution = new Execution(store).start(instance.getFunc("f"), [SIZE - 4]);
    return { result: execution.run(1000), used: execution.fuelUsed };
  };
  const allocate = store.allocateBuffer;
  instance.call("f", [0]);
  store.allocateBuffer = () => {
    throw new MemoryLimitExceeded("linear memory", SIZE, SIZE);
  };
  const failed = run();
  store.allocateBuffer = allocate;
  expect(failed.result).toMatchObject({ status: "trapped", error: { name: "MemoryLimitExceeded" } });
  // A load and its drop, a store, and the store that failed; what follows is given back.
  expect(failed.used).toBe(9);
  expect(run().result).toMatchObject({ status: "done" });
});

// ---- A memory of 4 GiB, of which little is touched ----

const WIDE_PAGES = 65535;
const WIDE = `(module (memory (export "m") ${WIDE_PAGES} ${WIDE_PAGES} shared) (data $d "some bytes that are not zero")
  ${[...LOADS, "i32.atomic.load", "i64.atomic.load16_u"].map((name) => `(func (export "${name}") (param i32) (result ${resultOf(name)}) (${name} (local.get 0)))`).join("\n")}
  ${[...STORES, "i64.atomic.store", "i32.atomic.store8"].map((name) => `(func (export "${name}") (param i32 ${resultOf(name)}) (${name} (local.get 0) (local.get 1)))`).join("\n")}
  (func (export "i32.atomic.rmw.add") (param i32 i32) (result i32) (i32.atomic.rmw.add (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw8.cmpxchg_u") (param i32 i64) (result i64)
    (i64.atomic.rmw8.cmpxchg_u (local.get 0) (i64.const 0) (local.get 1)))
  (func (export "memory.atomic.wait32") (param i32 i32) (result i32)
    (memory.atomic.wait32 (local.get 0) (local.get 1) (i64.const 1)))
  (func (export "v128") (param i32 i32)
    (v128.store (local.get 0) (i32x4.add (v128.load (local.get 1)) (i32x4.splat (i32.const 77)))))
  (func (export "lanes") (param i32 i32) (result i64)
    (v128.store16_lane 3 (local.get 0) (v128.load8_lane 7 (local.get 1) (v128.load32x2_s (local.get 1))))
    (i64x2.extract_lane 1 (i32x4.add (v128.load32_splat (local.get 0)) (v128.load64_zero (local.get 1)))))
  (func (export "byte") (param i32) (result i32)
    (block $a (block $b (block $c (br_table $a $b $c (i32.load8_u (local.get 0)))) (return (i32.const 3))) (return (i32.const 2)))
    (i32.const 1))
  (func (export "fused") (param i32 i32) (result i32)
    (i32.store offset=9 (i32.add (local.get 0) (i32.const 7)) (i32.const 123456))
    (i32.store8 (local.get 1) (i32.const 200))
    (i32.add (i32.load8_u (i32.add (local.get 0) (local.get 1))) (i32.load (i32.add (i32.shl (local.get 1) (i32.const 2)) (local.get 0)))))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32) (memory.init $d (local.get 0) (i32.const 3) (i32.const 20))))`;

function wideCalls(seed: number, count: number): Call[] {
  const random = new Random(seed);
  const size = WIDE_PAGES * PAGE;
  // Few places, so that what is written is read; each near the border of pages, of the buffer or of the memory.
  const places = [
    LEAST_REACH,
    2 ** 31,
    size,
    ...Array.from({ length: 5 }, () => 4096 * (1 + random.below(size / 4096 - 1))),
  ];
  const at = () => (random.pick(places) + random.below(60) - 40) | 0;
  const word = () => random.below(2 ** 31);
  const names = ["i32.atomic.load", "i64.atomic.load16_u", "byte", ...LOADS];
  const stores = [
    "i64.atomic.store",
    "i32.atomic.store8",
    "i32.atomic.rmw.add",
    "i64.atomic.rmw8.cmpxchg_u",
    ...STORES,
  ];
  return Array.from({ length: count }, (): Call => {
    const aligned = random.below(8) === 0 ? at() : at() & -8;
    switch (random.below(10)) {
      case 0:
        return ["v128", at(), at()];
      case 1:
        return ["lanes", at(), at()];
      case 2:
        return ["fused", at(), at()];
      case 3:
        return ["fill", at(), random.below(2) * random.below(256), random.below(9000)];
      case 4:
        return ["copy", at(), at(), random.below(random.pick([60, 9000, 200_000]))];
      case 5:
        return random.below(2) === 0 ? ["init", at()] : ["memory.atomic.wait32", aligned, random.below(2) * word()];
      case 6:
      case 7: {
        const name = random.pick(stores);
        return [
          name,
          name.includes("atomic") ? aligned : at(),
          name.startsWith("i64") ? BigInt(word()) * 77777n : word(),
        ];
      }
      default: {
        const name = random.pick(names);
        return [name, name.includes("atomic") ? aligned : at()];
      }
    }
  });
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])("accesses all over 4 GiB agree with V8 (%i)", async (seed) => {
  const host = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(await wat(WIDE)))).exports as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const buffer = new Uint8Array((host["m"] as unknown as WebAssembly.Memory).buffer);
  const { instance: own, buffers } = await counted(WIDE);
  const memory = own.getMemory("m");
  const touched = new Set<number>();
  for (const [name, ...args] of wideCalls(seed, 400)) {
    const expected = outcome(() => host[name]!(...args));
    expect(
      outcome(() => own.call(name, args)[0]),
      `${name} ${args}`,
    ).toEqual(expected);
    for (const arg of args) touched.add((Number(arg) >>> 12) & 0xfffff);
    if (touched.size % 7 === 3) memory.hibernate();
  }
  const copy = memory.picture();
  memory.become(copy);
  for (const page of touched) {
    if (page * 4096 >= memory.byteLength) continue;
    const shown = memory.read(page * 4096, 4096);
    expect(Buffer.compare(shown, buffer.subarray(page * 4096, page * 4096 + 4096)), `page ${page}`).toBe(0);
  }
  expect(buffers.reduce((sum, size) => sum + size, 0)).toBeLessThan(2 ** 28);
});

test.each([1, 2, 3, 4])(
  "the host's accesses agree with a plain array, through growth, pictures and hibernation (%i)",
  async (seed) => {
    const random = new Random(seed);
    // Pages of one byte: the memory ends anywhere.
    const instance = await new Embedding().instantiate(
      `(module (memory (export "m") ${2_500_123} 4_000_000 (pagesize 1)))`,
    );
    const memory = instance.getMemory("m");
    const model = new Uint8Array(4_000_000);
    let size = 2_500_123;
    let base: MemoryPicture | null = null;
    const place = (width: number) => {
      const near = random.pick([LEAST_REACH, 2 * LEAST_REACH, size, 4096 * random.below(600), random.below(size)]);
      return Math.max(0, Math.min(size - width, near + random.below(40) - 20));
    };
    const operations = [
      () => {
        const bytes = random.bytes(random.below(random.pick([20, 9000])));
        const at = place(bytes.length);
        memory.write(at, bytes);
        model.set(bytes, at);
      },
      () => {
        const n = random.below(random.pick([20, 20_000]));
        const at = place(n);
        const byte = random.below(2) * random.below(256);
        memory.fill(at, n, byte);
        model.fill(byte, at, at + n);
      },
      () => {
        const n = random.below(random.pick([20, 9000, 200_000]));
        const from = place(n);
        const to = random.below(2) === 0 ? place(n) : Math.max(0, Math.min(size - n, from + random.below(99) - 49));
        memory.copy(to, memory, from, n);
        model.copyWithin(to, from, from + n);
      },
      () => {
        const at = place(8);
        const value = BigInt(random.below(2 ** 31)) * 77777n;
        memory.writeU64(at, value);
        new DataView(model.buffer).setBigUint64(at, value, true);
        expect(memory.readU64(at)).toBe(value);
        expect(memory.readI32(at + 3)).toBe(new DataView(model.buffer).getInt32(at + 3, true));
      },
      () => {
        const n = random.below(9000);
        const at = place(n);
        expect(Buffer.compare(memory.read(at, n), model.subarray(at, at + n))).toBe(0);
      },
      () => {
        const delta = random.below(9000);
        if (memory.grow(delta) >= 0) size += delta;
      },
      () => {
        memory.hibernate(base);
        if (random.below(2) === 0) base = memory.picture().flat();
      },
      () => {
        const picture = memory.picture(base);
        // One that is compared with the base when it is looked at, whatever has happened since.
        const deferred = memory.picture(base, "deferred");
        memory.giveBack(memory.picture(base, "deferred"));
        memory.fill(place(50), 50, 1);
        expect(deferred.numbers).toEqual(picture.numbers);
        expect(Buffer.compare(deferred.data, picture.data)).toBe(0);
        memory.become(random.below(2) === 0 ? deferred : picture);
      },
      () => {
        const at = place(10);
        memory.range(at, 10).fill(7);
        model.fill(7, at, at + 10);
      },
    ];
    // What covers all of it comes seldom, or pages would.
    const weights = [180, 120, 180, 180, 180, 20, 20, 40, 1];
    const weighted = operations.flatMap((operation, i) => new Array<() => void>(weights[i]!).fill(operation));
    for (let i = 0; i < 1500; i++) random.pick(weighted)();
    expect(memory.byteLength).toBe(size);
    expect(Buffer.compare(memory.bytes(), model.subarray(0, size))).toBe(0);
  },
);
