// Buffers cover what is touched: accesses at and beyond their ends, against V8's own WebAssembly.

import { expect, test } from "vitest";
import { captureStore, Execution, hashMemory, hibernateStore, MemoryLimitExceeded, restoreStore } from "../index.js";
import { LEAST_REACH } from "../store/memory.js";
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
  const instance = await new Embedding().instantiate(TEXT);
  const memory = instance.getMemory("m");
  instance.call("i32.load", [LEAST_REACH - 4]);
  expect(memory.touched().length).toBe(LEAST_REACH);
  instance.call("i32.load", [LEAST_REACH - 3]);
  expect(memory.touched().length).toBe(2 * LEAST_REACH);
  memory.writeU8(SIZE - 1, 9);
  expect(memory.touched().length).toBe(SIZE);
  expect(instance.call("i32.load8_s", [SIZE - 1])).toEqual([9]);
});

test.each([
  "(i32.load8_u (local.get $p))",
  "(i32.load8_u offset=500 (i32.sub (local.get $p) (i32.const 500)))",
  "(i32.load offset=1 (i32.add (local.get $p) (i32.const -4)))",
  "(i32.load8_s (i32.add (local.get $p) (local.get $zero)))",
  "(i32.load16_u (i32.add (i32.shl (local.get $half) (i32.const 1)) (local.get $minus1)))",
  "(i32.store8 (local.get $p) (i32.const 7)) (i32.const 0)",
  "(i32.store (i32.add (local.get $p) (i32.const -3)) (local.get $p)) (i32.const 0)",
  "(i64.store8 (local.get $p) (i64.const 7)) (i32.const 0)",
])("the last byte is covered in one step: %s", async (body) => {
  const embedding = new Embedding();
  const instance = await embedding.instantiate(`(module (memory ${16 * PAGES})
    (func (export "run") (param $p i32) (param $zero i32) (param $half i32) (param $minus1 i32) (result i32) ${body}))`);
  const { store } = embedding;
  instance.call("run", [1000, 0, 500, -1]);
  const allocate = store.allocateBuffer.bind(store);
  let buffers = 0;
  store.allocateBuffer = (...args) => {
    buffers++;
    return allocate(...args);
  };
  instance.call("run", [16 * SIZE - 1, 0, 8 * SIZE, -2]);
  expect(buffers).toBe(1);
  expect(() => instance.call("run", [16 * SIZE, 0, 8 * SIZE, -1])).toThrow("out of bounds");
});

test("a memory that is larger than the host's views ends in an error of its own", async () => {
  const pages = 5 * 2 ** 14;
  const embedding = new Embedding({ memoryBytes: 2 ** 33 });
  const instance = await embedding.instantiate(`(module (memory i64 ${pages})
    (func (export "run") (param i64) (result i32) (i32.load8_u (local.get 0))))`);
  const touch = (address: number) =>
    new Execution(embedding.store).start(instance.getFunc("run"), [BigInt(address)]).run(100);
  expect(touch(8)).toMatchObject({ status: "done", results: [0] });
  const far = touch(pages * PAGE - 1);
  // Some hosts have views of 5 GiB.
  if (far.status === "trapped") expect(far.error).toBeInstanceOf(MemoryLimitExceeded);
  else expect(far).toMatchObject({ status: "done", results: [0] });
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
  restoreStore(near, subject);
  expect(memory.touched().length).toBe(LEAST_REACH);
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
      (drop (i32.load 1 (i32.const 0))) (i32.store 0 (i32.const 0) (i32.const 1)) (drop (i32.load 1 (local.get 0)))
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
  // A load and its drop, a store, and the load that failed; what follows is given back.
  expect(failed.used).toBe(8);
  expect(run().result).toMatchObject({ status: "done" });
});
