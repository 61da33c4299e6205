import { describe, expect, test } from "vitest";
import { ByteReader, decodeUtf8, MalformedError } from "../index.js";
import { s64, u32 } from "./support/binary.js";
import { randomFrom } from "./support/random.js";

const read = <T>(bytes: readonly number[], how: (reader: ByteReader) => T): T => {
  const reader = new ByteReader(Uint8Array.from(bytes), []);
  const value = how(reader);
  expect(reader.offset).toBe(bytes.length);
  return value;
};
const reason = (bytes: readonly number[], how: (reader: ByteReader) => unknown): string => {
  try {
    how(new ByteReader(Uint8Array.from(bytes), []));
  } catch (error) {
    if (error instanceof MalformedError) return error.reason;
    throw error;
  }
  return "no error";
};
const halves = (reader: ByteReader): bigint => (BigInt(reader.hi >>> 0) << 32n) | BigInt(reader.lo >>> 0);
const readU64 = (reader: ByteReader): bigint => {
  reader.u64();
  return halves(reader);
};
const readS64 = (reader: ByteReader): bigint => {
  reader.s64();
  return BigInt.asIntN(64, halves(reader));
};
/** The same number in `length` bytes, padded with zeros or, for a negative one, ones. */
const padded = (bytes: readonly number[], length: number, fill: number): number[] => {
  const result = bytes.map((byte, i) => (i < length - 1 ? byte | 0x80 : byte));
  while (result.length < length - 1) result.push(fill | 0x80);
  if (result.length < length) result.push(fill);
  return result;
};

describe("LEB128", () => {
  const edges = [0n, 1n, 63n, 64n, 127n, 128n, 8191n, 8192n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 35n];
  const edges64 = [...edges, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n];

  test("u32 reads every length", () => {
    for (const value of edges.filter((edge) => edge < 2n ** 32n)) {
      const bytes = u32(Number(value));
      expect(read(bytes, (reader) => reader.u32())).toBe(Number(value));
      for (let length = bytes.length; length <= 5; length++) {
        expect(read(padded(bytes, length, 0), (reader) => reader.u32())).toBe(Number(value));
      }
    }
  });

  test("s32 and s33 read every length, positive and negative", () => {
    for (const magnitude of edges) {
      for (const value of [magnitude, -magnitude, ~magnitude]) {
        const bytes = s64(value);
        const fill = value < 0n ? 0x7f : 0;
        for (let length = bytes.length; length <= 5; length++) {
          if (value === BigInt.asIntN(32, value)) {
            expect(read(padded(bytes, length, fill), (reader) => reader.s32())).toBe(Number(value));
          }
          if (value === BigInt.asIntN(33, value)) {
            expect(read(padded(bytes, length, fill), (reader) => reader.s33())).toBe(Number(value));
          }
        }
      }
    }
  });

  test("u64 and s64 read every length, as halves", () => {
    for (const magnitude of edges64) {
      for (const value of [magnitude, -magnitude, ~magnitude]) {
        const bytes = s64(value);
        for (let length = bytes.length; length <= 10; length++) {
          expect(read(padded(bytes, length, value < 0n ? 0x7f : 0), readS64)).toBe(value);
        }
      }
      expect(read(u64Bytes(magnitude), readU64)).toBe(magnitude);
    }
    expect(read(u64Bytes(2n ** 64n - 1n), readU64)).toBe(2n ** 64n - 1n);
  });

  test("random 64-bit integers survive", () => {
    const random = randomFrom(1);
    for (let i = 0; i < 2000; i++) {
      const bits = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
      const value = BigInt.asIntN(64, bits >> BigInt(random(64)));
      expect(read(s64(value), readS64)).toBe(value);
    }
  });

  test("too long encodings are refused", () => {
    const nines = (count: number, byte: number) => [...new Array<number>(count).fill(byte), 0x00];
    expect(reason(nines(5, 0x80), (reader) => reader.u32())).toBe("integer representation too long");
    expect(reason(nines(5, 0x80), (reader) => reader.s32())).toBe("integer representation too long");
    expect(reason(nines(5, 0xff), (reader) => reader.s33())).toBe("integer representation too long");
    expect(reason(nines(10, 0x80), (reader) => reader.u64())).toBe("integer representation too long");
    expect(reason(nines(10, 0xff), (reader) => reader.s64())).toBe("integer representation too long");
  });

  test("bits beyond the width are refused", () => {
    const four = [0xff, 0xff, 0xff, 0xff];
    const nine = [...four, ...four, 0xff];
    for (const last of [0x10, 0x1f, 0x40, 0x7f]) {
      expect(reason([...four, last], (reader) => reader.u32())).toBe("integer too large");
    }
    for (const last of [0x08, 0x0f, 0x10, 0x70, 0x77]) {
      expect(reason([...four, last], (reader) => reader.s32())).toBe("integer too large");
    }
    for (const last of [0x10, 0x1f, 0x60, 0x20]) {
      expect(reason([...four, last], (reader) => reader.s33())).toBe("integer too large");
    }
    for (const last of [0x02, 0x7f, 0x40]) {
      expect(reason([...nine, last], (reader) => reader.u64())).toBe("integer too large");
    }
    for (const last of [0x01, 0x7e, 0x40]) {
      expect(reason([...nine, last], (reader) => reader.s64())).toBe("integer too large");
    }
  });

  test("a cut integer is an unexpected end", () => {
    for (const how of [
      (reader: ByteReader) => reader.u8(),
      (reader: ByteReader) => reader.u32(),
      (reader: ByteReader) => reader.s32(),
      (reader: ByteReader) => reader.s33(),
      (reader: ByteReader) => reader.u64(),
      (reader: ByteReader) => reader.s64(),
    ]) {
      expect(reason([], how)).toMatch(/^unexpected end/);
    }
    expect(reason([0x80, 0x80], (reader) => reader.s64())).toMatch(/^unexpected end/);
  });
});

function u64Bytes(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

describe("UTF-8", () => {
  // The host's strict decoder is the oracle.
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const expected = (bytes: Uint8Array): string | undefined => {
    try {
      return strict.decode(bytes);
    } catch {
      return undefined;
    }
  };
  const check = (...bytes: number[]) => {
    const array = Uint8Array.from(bytes);
    expect(decodeUtf8(array, 0, array.length), bytes.join(" ")).toBe(expected(array));
  };

  test("agrees with the host's decoder on every sequence of one and two bytes", () => {
    for (let a = 0; a < 256; a++) {
      check(a);
      for (let b = 0; b < 256; b++) check(a, b);
    }
  });

  test("agrees with it on three and four bytes around every boundary", () => {
    const seconds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    for (let a = 0xe0; a < 256; a++) {
      for (const b of seconds) {
        for (const c of seconds) {
          check(a, b, c);
          for (const d of [0x7f, 0x80, 0xbf, 0xc0]) check(a, b, c, d);
        }
      }
    }
  });

  test("keeps a byte order mark and reads long text", () => {
    check(0xef, 0xbb, 0xbf, 0x61);
    const long = new TextEncoder().encode("añ€😀".repeat(3000));
    expect(decodeUtf8(long, 0, long.length)).toBe("añ€😀".repeat(3000));
  });

  test("a name says where it is malformed", () => {
    expect(reason([2, 0xc3, 0x28], (reader) => reader.name())).toBe("malformed UTF-8 encoding");
    expect(reason([3, 0x61], (reader) => reader.name())).toBe("length out of bounds");
    expect(read([2, 0xc3, 0xa9], (reader) => reader.name())).toBe("é");
  });
});
