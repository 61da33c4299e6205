import { describe, expect, test } from "vitest";
import {
  BOT,
  HEAP_ANY,
  HEAP_FUNC,
  I32,
  InstructionReader,
  InvalidError,
  MalformedError,
  OP,
  OPCODES,
  V128,
} from "../index.js";
import { type Bytes, flat, s64, u32 } from "./support/binary.js";
import { effort } from "./support/effort.js";

/** Canonical ids 7, 8 and 9 for the type indices 0, 1 and 2. */
const TYPES = [7, 8, 9];

function read(...bytes: Bytes): InstructionReader {
  const code = Uint8Array.from(flat(bytes));
  const reader = new InstructionReader(code, TYPES);
  reader.next();
  expect(reader.offset).toBe(code.length);
  return reader;
}
function error(...bytes: Bytes): string {
  try {
    new InstructionReader(Uint8Array.from(flat(bytes)), TYPES).next();
  } catch (thrown) {
    if (thrown instanceof MalformedError || thrown instanceof InvalidError) return thrown.reason;
    throw thrown;
  }
  return "no error";
}

describe("immediates", () => {
  test("one and two indices", () => {
    expect(read(0x20, u32(300))).toMatchObject({ opcode: OP["local.get"], index: 300 });
    expect(read(0x11, 1, 2)).toMatchObject({ opcode: OP.call_indirect, index: 1, index2: 2 });
    expect(read(0xfc, 8, 1, 2)).toMatchObject({ opcode: OP["memory.init"], index: 1, index2: 2 });
    expect(read(0xfc, 10, 3, 4)).toMatchObject({ opcode: OP["memory.copy"], index: 3, index2: 4 });
    expect(read(0xfb, 2, 1, 5)).toMatchObject({ opcode: OP["struct.get"], index: 1, index2: 5 });
    expect(read(0xfb, 8, 1, u32(200))).toMatchObject({ opcode: OP["array.new_fixed"], index: 1, index2: 200 });
    expect(read(0x3f, 1)).toMatchObject({ opcode: OP["memory.size"], index: 1 });
    expect(read(0xfc, 11, u32(129))).toMatchObject({ opcode: OP["memory.fill"], index: 129 });
  });

  test("constants", () => {
    expect(read(0x41, s64(-5n)).lo).toBe(-5);
    expect(read(0x41, s64(-(2n ** 31n))).lo).toBe(-(2 ** 31));
    expect(read(0x42, s64(-2n))).toMatchObject({ lo: -2, hi: -1 });
    expect(read(0x42, s64(2n ** 40n))).toMatchObject({ lo: 0, hi: 256 });
    expect(read(0x43, 0x01, 0x00, 0xa0, 0x7f).lo).toBe(0x7fa00001);
    expect(read(0x44, 1, 2, 3, 4, 5, 6, 7, 0x88)).toMatchObject({ lo: 0x04030201, hi: 0x88070605 | 0 });
    expect([...read(0xfd, 12, [...Array(16).keys()]).vector]).toEqual([...Array(16).keys()]);
  });

  test("memory arguments, with and without a memory index", () => {
    expect(read(0x28, 2, u32(1000))).toMatchObject({ align: 2, memory: 0, lo: 1000, hi: 0 });
    expect(read(0x28, 0x42, 3, u32(16))).toMatchObject({ align: 2, memory: 3, lo: 16, hi: 0 });
    const far = [0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
    expect(read(0x28, 0x3f, far)).toMatchObject({ align: 63, lo: 0, hi: 8 });
    expect(read(0xfd, 84, 0x40, 1, 5, 9)).toMatchObject({ align: 0, memory: 1, lo: 5, lane: 9 });
    expect(read(0xfe, 0x10, 2, 0)).toMatchObject({ opcode: OP["i32.atomic.load"], align: 2 });
  });

  test("block types", () => {
    expect(read(0x02, 0x40)).toMatchObject({ blockTypeId: -1, blockResult: BOT });
    expect(read(0x03, 0x7b)).toMatchObject({ blockTypeId: -1, blockResult: V128 });
    expect(read(0x04, 0x02)).toMatchObject({ blockTypeId: 9 });
    expect(read(0x04, 0x82, 0x00)).toMatchObject({ blockTypeId: 9 });
    expect(read(0x02, 0x63, 0x01).blockResult).toBe((8 << 8) | 0x63);
    expect(read(0x1f, 0x7f, 2, [0, 5, 1], [3, 2])).toMatchObject({
      blockResult: I32,
      catchCount: 2,
      catches: [0, 5, 1, 3, -1, 2],
    });
  });

  test("br_table ends with the default label", () => {
    const reader = read(0x0e, 2, 4, 5, 6);
    expect(reader.labelCount).toBe(3);
    expect(reader.labels.slice(0, 3)).toEqual([4, 5, 6]);
  });

  test("heap types are canonical", () => {
    expect(read(0xd0, 0x70).heapType).toBe(HEAP_FUNC);
    expect(read(0xfb, 20, 1).heapType).toBe(8);
    expect(read(0xfb, 24, 3, 1, 0x6e, 2)).toMatchObject({
      castFlags: 3,
      index: 1,
      heapType: HEAP_ANY,
      heapType2: 9,
    });
    expect(read(0x1c, 2, 0x7f, 0x7b).selectTypes).toEqual([I32, V128]);
  });

  test("next() steps over a sequence and keeps where each began", () => {
    const reader = new InstructionReader(Uint8Array.from([0x41, 0x80, 0x01, 0xfc, 0x00, 0x0b]), TYPES);
    const seen: number[][] = [];
    while (reader.offset < reader.end) {
      reader.next();
      seen.push([reader.start, reader.opcode]);
    }
    expect(seen).toEqual([
      [0, OP["i32.const"]],
      [3, OP["i32.trunc_sat_f32_s"]],
      [5, OP.end],
    ]);
  });
});

describe("ill-formed instructions", () => {
  test("opcodes that the table does not have", () => {
    const known = new Set(OPCODES.map((row) => row.opcode));
    for (let byte = 0; byte < 0xfb; byte++) {
      if (!known.has(byte)) expect(error(byte)).toBe(`illegal opcode ${byte.toString(16).padStart(2, "0")}`);
    }
    expect(error(0xff)).toBe("illegal opcode ff");
    for (const [prefix, base, count] of [
      [0xfb, 0x100, 0x100],
      [0xfc, 0x200, 0x100],
      [0xfd, 0x300, 0x200],
      [0xfe, 0x500, 0x80],
    ] as const) {
      for (let sub = 0; sub < count + 10; sub++) {
        if (sub >= count || !known.has(base + sub)) {
          expect(error(prefix, u32(sub), 0, 0, 0, 0)).toMatch(/^illegal opcode f/);
        }
      }
      expect(error(prefix, 0xff, 0xff, 0xff, 0xff, 0x0f)).toMatch(/^illegal opcode/);
      expect(error(prefix)).toMatch(/^unexpected end/);
    }
  });

  test("every instruction that is cut short", () => {
    // Immediates of one zero byte each are enough for every kind but these.
    const long: Record<string, number> = { f32: 4, f64: 8, v128: 16, lanes: 16 };
    for (const { name, opcode, immediate } of OPCODES) {
      const prefix = opcode >= 0x500 ? 0xfe : opcode >= 0x300 ? 0xfd : opcode >= 0x200 ? 0xfc : 0xfb;
      const bases: Record<number, number> = { 251: 0x100, 252: 0x200, 253: 0x300, 254: 0x500 };
      const code = opcode < 0x100 ? [opcode] : [prefix, ...u32(opcode - bases[prefix]!)];
      if (immediate === "none") {
        expect(read(code).opcode, name).toBe(opcode);
        continue;
      }
      const short = new Array<number>((long[immediate] ?? 1) - 1).fill(0);
      expect(error(code, short), name).toMatch(/^unexpected end|^length out of bounds/);
    }
  });

  test("flags, kinds and zero bytes", () => {
    expect(error(0x28, 0x80, 0x01, 0)).toBe("malformed memop flags");
    expect(error(0x28, 0xff, 0xff, 0xff, 0xff, 0x0f, 0)).toBe("malformed memop flags");
    expect(error(0xfe, 3, 1)).toBe("zero byte expected");
    expect(error(0xfb, 24, 4, 0, 0x6e, 0x6e)).toBe("malformed br_on_cast flags");
    expect(error(0x1f, 0x40, 1, 4, 0)).toBe("malformed catch clause");
    expect(error(0xd0, 0x7f)).toBe("malformed heap type");
    expect(error(0xd0, 0xf0, 0x7f)).toBe("malformed heap type");
    expect(error(0x02, 0x60)).toMatch(/^malformed value type/);
    expect(error(0x02, 0x80, 0x7f)).toBe("malformed block type");
    expect(error(0x02, 0x03)).toMatch(/^unknown type 3/);
    expect(error(0xd0, 0x03)).toMatch(/^unknown type 3/);
  });

  test("counts beyond the bytes are refused before anything is allocated", () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    const time = effort(() => {
      expect(error(0x0e, huge, 0)).toBe("length out of bounds");
      expect(error(0x1c, huge, 0)).toBe("length out of bounds");
      expect(error(0x1f, 0x40, huge, 0)).toBe("length out of bounds");
    });
    expect(time).toBeLessThan(50);
  });
});
