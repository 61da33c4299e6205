// What a memory says of the pages that were written: pictures are made of those, and have to be what comparing all of the
// memory gives, however it was written.
import { describe, expect, it } from "vitest";
import {
  captureStore,
  Engine,
  hibernateStore,
  type Instance,
  Linker,
  restoreStore,
  SnapshotBase,
  Store,
} from "../index.js";
import { MemoryPicture } from "../store/memory-picture.js";
import { Random } from "./support/random.js";
import { wat } from "./support/wat.js";

const PAGES = 4;
const BYTES = PAGES * 65536;
const ATOMIC = ["i32.atomic.rmw.add", "i32.atomic.rmw16.xor_u", "i32.atomic.rmw8.xchg_u"];
const STORES = [
  ...["i32.store", "i32.store8", "i32.store16"].map((name) => `(${name} OFFSET (local.get 0) (local.get 1))`),
  ...["i64.store", "i64.store8", "i64.store16", "i64.store32"].map(
    (name) => `(${name} OFFSET (local.get 0) (i64.mul (i64.extend_i32_s (local.get 1)) (i64.const 0x100000001)))`,
  ),
  "(f32.store OFFSET (local.get 0) (f32.convert_i32_s (local.get 1)))",
  "(f64.store OFFSET (local.get 0) (f64.convert_i32_s (local.get 1)))",
  "(v128.store OFFSET (local.get 0) (i32x4.splat (local.get 1)))",
  ...[8, 16, 32, 64].map((n) => `(v128.store${n}_lane OFFSET 0 (local.get 0) (i32x4.splat (local.get 1)))`),
  "(i32.store OFFSET (local.get 0) (i32.const 77))",
  "(i32.store8 OFFSET (local.get 0) (i32.const 7))",
  "(i32.store8 OFFSET (i32.add (local.get 0) (i32.const 3)) (i32.const 9))",
  "(memory.fill (local.get 0) (local.get 1) (i32.const 5000))",
  "(memory.copy (local.get 0) (i32.const 3) (i32.const 6000))",
  "(memory.init $d (local.get 0) (i32.const 1) (i32.const 9))",
  ...ATOMIC.map((name) => `(drop (${name} (i32.and (local.get 0) (i32.const -8)) (local.get 1)))`),
  "(i32.atomic.store (i32.and (local.get 0) (i32.const -8)) (local.get 1))",
];
const OFFSETS = ["", "offset=4093", "offset=300"];
const CASES = STORES.flatMap((text) =>
  text.includes("OFFSET") ? OFFSETS.map((offset) => text.replace("OFFSET", offset)) : [text],
);
const MODULE = await wat(`(module (memory (export "memory") ${PAGES} 64) (data $d "abcdefghijkl")
  ${CASES.map((text, i) => `(func (export "f${i}") (param i32 i32) ${text})`).join("\n")}
  (func (export "constant") (i32.store (i32.const 8200) (i32.const 1)) (i32.store (i32.const 4094) (i32.const 2)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`);

const engine = new Engine();
const module = engine.compile(MODULE);

interface World {
  readonly store: Store;
  readonly instance: Instance;
  readonly subject: { readonly store: Store; readonly instances: readonly [Instance] };
}
function world(allocates = false): World {
  const store = new Store(engine);
  const linker = new Linker(engine);
  const instance = allocates ? linker.allocate(store, module) : linker.instantiate(store, module);
  return { store, instance, subject: { store, instances: [instance] } };
}

/** A memory that has something in it, and a base of it. */
function begun(): World & { readonly base: SnapshotBase } {
  const made = world();
  const memory = made.instance.getMemory("memory");
  for (let at = 0; at < BYTES; at += 9001) memory.writeU32(at, at + 1);
  const base = SnapshotBase.of(captureStore(made.subject));
  restoreStore(captureStore(made.subject, { base }), made.subject);
  return { ...made, base };
}

/** The picture of what the memory holds, by its bytes alone. */
function whole({ instance }: World, base: SnapshotBase): MemoryPicture {
  const memory = instance.getMemory("memory");
  return MemoryPicture.of(memory.read(0, memory.byteLength), memory.byteLength, base.memories[0]!);
}

function expectTrue(made: World, base: SnapshotBase): void {
  const picture = captureStore(made.subject, { base }).memories[0]!;
  const expected = whole(made, base);
  expect([...picture.numbers]).toEqual([...expected.numbers]);
  expect(Buffer.compare(picture.data, expected.data)).toBe(0);
  expect(picture.byteLength).toBe(expected.byteLength);
}

describe("a picture of what was written", () => {
  it.each(CASES.map((text, i) => [text, i] as const))("is whole: %s", (_, i) => {
    const made = begun();
    const { instance, base } = made;
    expectTrue(made, base);
    for (const at of [0, 1, 1021, 1024, 4088, 4093, 4095, 65_530, 100_000, BYTES - 8_192]) {
      instance.call(`f${i}`, [at, at + 12_345]);
      expectTrue(made, base);
    }
  });

  it("is whole where the embedder writes", () => {
    const made = begun();
    const { base } = made;
    const memory = made.instance.getMemory("memory");
    const writes = [
      () =>
        memory.write(
          4090,
          Uint8Array.from({ length: 5000 }, (_, i) => i),
        ),
      () => memory.writeU8(70_000, 3),
      () => memory.writeU64(8_189, 0x0102030405060708n),
      () => memory.writeF64(1_020, 1.5),
      () => memory.fill(20_000, 9_000, 0xee),
      () => memory.copy(50_000, memory, 4_000, 10_000),
      () => memory.part(30_001, 5_000).fill(1),
    ];
    for (const write of writes) {
      write();
      expectTrue(made, base);
    }
    // Whoever has these may write whenever he likes, also between two pictures.
    for (const bytes of [memory.range(200, 60_000), memory.bytes(), memory.touched()]) {
      for (const at of [1, 40_000]) {
        bytes[at]! ^= 0x55;
        expectTrue(made, base);
      }
    }
    const view = memory.view();
    for (const at of [9, 90_000]) {
      view.setUint32(at, 99);
      expectTrue(made, base);
    }
  });

  it("is whole after growth, at constant addresses, and after going back and sleeping, in any order", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = new Random(seed);
      const made = begun();
      const { instance, subject, base } = made;
      const kept = [captureStore(subject, { base })];
      for (let step = 0; step < 60; step++) {
        const what = random.below(10);
        if (what === 0) instance.call("grow", [1 + random.below(3)]);
        else if (what === 1) instance.call("constant");
        else if (what === 2) hibernateStore(subject, { base, lends: random.below(2) === 0 });
        else if (what === 3) restoreStore(kept[random.below(kept.length)]!, subject);
        else if (what === 4)
          kept.push(captureStore(subject, { base, manner: random.pick(["deferred", "lasting"] as const) }));
        else instance.call(`f${random.below(CASES.length)}`, [random.below(BYTES - 16_384), random.below(2 ** 31)]);
        if (random.below(3) === 0) expectTrue(made, base);
      }
      expectTrue(made, base);
    }
  });
});

describe("a buffer that a sleeping memory lends", () => {
  it("holds what the next one has, and nothing of the first", () => {
    const first = begun();
    const { base } = first;
    const began = captureStore(first.subject, { base });
    const others = [world(true), world(true)];
    for (const other of others) restoreStore(began, other.subject);
    const memory = first.instance.getMemory("memory");
    memory.fill(0, BYTES, 0xaa);
    first.instance.call("grow", [1]);
    memory.fill(BYTES, 65_536, 0xbb);
    // Awake, and written to; then both fall asleep and wake in turns.
    const secret = captureStore(first.subject, { base });
    const before = memory.u8.buffer;
    hibernateStore(first.subject, { base, lends: true });
    const [second, third] = others as [World, World];
    expect(Buffer.compare(second.instance.getMemory("memory").read(0, BYTES), bytesOf(base))).toBe(0);
    expect(second.instance.getMemory("memory").u8.buffer).toBe(before);
    second.instance.call("grow", [2]);
    const grown = second.instance.getMemory("memory").read(BYTES, 2 * 65_536);
    expect(grown.every((byte) => byte === 0)).toBe(true);
    second.instance.getMemory("memory").fill(0, 70_000, 0xcc);
    hibernateStore(second.subject, { base, lends: true });
    expect(Buffer.compare(third.instance.getMemory("memory").read(0, BYTES), bytesOf(base))).toBe(0);
    hibernateStore(third.subject, { base, lends: true });
    expect(Buffer.compare(captureStore(first.subject, { base }).memories[0]!.data, secret.memories[0]!.data)).toBe(0);
    expect(first.instance.getMemory("memory").readU8(BYTES + 5)).toBe(0xbb);
    expect(second.instance.getMemory("memory").readU8(69_999)).toBe(0xcc);
    expect(second.instance.getMemory("memory").readU8(BYTES + 5)).toBe(0);
  });

  it("is not lent by who has given arrays of it away, nor unless it is asked for", () => {
    const first = begun();
    const { base } = first;
    const second = world(true);
    restoreStore(captureStore(first.subject, { base }), second.subject);
    const lent = first.instance.getMemory("memory").bytes();
    hibernateStore(first.subject, { base, lends: true });
    expect(second.instance.getMemory("memory").u8.buffer).not.toBe(lent.buffer);
    const own = second.instance.getMemory("memory").u8.buffer;
    hibernateStore(second.subject, { base });
    expect(first.instance.getMemory("memory").u8.buffer).not.toBe(own);
  });
});

function bytesOf(base: SnapshotBase): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  base.memories[0]!.writeTo(bytes);
  return bytes;
}
