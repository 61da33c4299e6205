import { describe, expect, test } from "vitest";
import { toJson } from "../values/python-json.js";
import { decodeValue, encodeValue, PythonObject, ValueError } from "../values/python-value.js";

const LIMIT = 1 << 20;
const record = (entries: object) => Object.assign(Object.create(null), entries);

describe("values", () => {
  test.each([
    null,
    true,
    false,
    0,
    -1,
    255,
    2 ** 53 - 1,
    -(2 ** 53 - 1),
    2n ** 53n,
    -(2n ** 200n),
    0.5,
    -1e300,
    1e-320,
    Infinity,
    "",
    "é€😀\0",
    Uint8Array.of(0, 255),
    [],
    [1, [2, ["x"]]],
    new Set([1, "a"]),
    new Map<unknown, unknown>([
      [1, "a"],
      [null, 2],
    ]),
    record({ a: 1, "": [null] }),
    record({ constructor: 1, toString: 2 }),
  ])("survive the crossing (%#)", (value) => {
    expect(decodeValue(encodeValue(value, LIMIT))).toEqual(value);
  });

  test("NaN and minus zero survive", () => {
    expect(decodeValue(encodeValue(Number.NaN, LIMIT))).toBeNaN();
    expect(Object.is(decodeValue(encodeValue(-0, LIMIT)), -0)).toBe(true);
  });

  test("a key __proto__ is an ordinary key on both ways", () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": 1}}') as object;
    const copy = decodeValue(encodeValue(hostile, LIMIT)) as Record<string, unknown>;
    expect(Object.getPrototypeOf(copy)).toBeNull();
    expect(Object.keys(copy)).toEqual(["__proto__"]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test("undefined is None, large whole numbers are floats", () => {
    expect(decodeValue(encodeValue(undefined, LIMIT))).toBeNull();
    expect(encodeValue(2 ** 60, LIMIT)[0]).toBe("f".charCodeAt(0));
  });

  test.each([
    ["a function", () => 1],
    ["a symbol", Symbol("x")],
    ["a class instance", new Date(0)],
    [
      "an accessor",
      {
        get a() {
          return 1;
        },
      },
    ],
    ["a proxy of a class instance", new Proxy(new Date(0), {})],
    ["a lone surrogate", "\ud800"],
    ["a nested function", [{ a: [() => 1] }]],
    ["an integer of 132,000 bits", 1n << 132_000n],
  ])("%s does not cross", (_name, value) => {
    expect(() => encodeValue(value, LIMIT)).toThrow(ValueError);
  });

  test("getters are never run", () => {
    let ran = false;
    const trap = Object.defineProperty([1], 0, {
      get: () => {
        ran = true;
        return 1;
      },
    });
    expect(() => encodeValue(trap, LIMIT)).toThrow(ValueError);
    expect(ran).toBe(false);
  });

  test("cycles and deep nesting end in an error", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => encodeValue(cycle, LIMIT)).toThrow("nested too deeply");
    expect(() => decodeValue(new Uint8Array(10_000).fill("l".charCodeAt(0)))).toThrow(ValueError);
    const levels = Array.from({ length: 500 }, () => [0x6c, 1, 0, 0, 0]).flat();
    expect(() => decodeValue(Uint8Array.from([...levels, 0x4e]))).toThrow("nested too deeply");
  });

  test("the size limit holds at the byte", () => {
    const size = encodeValue("x".repeat(100), LIMIT).length;
    expect(encodeValue("x".repeat(100), size).length).toBe(size);
    expect(() => encodeValue("x".repeat(100), size - 1)).toThrow(`value larger than ${size - 1} bytes`);
    expect(() => encodeValue(Array(1_000_000).fill(0), 1000)).toThrow(ValueError);
    // A sparse array of four thousand million is refused before it is walked.
    expect(() => encodeValue(new Array(4_000_000_000), 1000)).toThrow(ValueError);
  });

  test("bytes from a guest that are no value end in an error, quickly", () => {
    let state = 12345;
    const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0);
    const valid = encodeValue([1, "text", { k: [null, 2.5, new Uint8Array(3)] }, new Set([1])], LIMIT);
    for (let round = 0; round < 5000; round++) {
      const bytes = valid.slice(0, 1 + (random() % valid.length));
      for (let k = 0; k <= random() % 4; k++) bytes[random() % bytes.length] = random() >>> 24;
      try {
        decodeValue(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ValueError);
      }
    }
    expect(() => decodeValue(Uint8Array.of(0x6c, 255, 255, 255, 255))).toThrow(ValueError);
    expect(() => decodeValue(Uint8Array.of(0x64, 255, 255, 255, 127))).toThrow(ValueError);
    expect(() => decodeValue(Uint8Array.of(0x69, 1, 0, 0, 0, 0x67))).toThrow(ValueError);
    expect(() => decodeValue(Uint8Array.of(0x69, 0, 0, 0, 0))).toThrow(ValueError);
    expect(() => decodeValue(new Uint8Array(0))).toThrow(ValueError);
    expect(() => decodeValue(Uint8Array.of(0x4e, 0x4e))).toThrow(ValueError);
  });
});

describe("as JSON", () => {
  test.each([
    [undefined, null],
    [2n ** 70n, { $int: "1180591620717411303424" }],
    [Number.NaN, { $float: "nan" }],
    [-Infinity, { $float: "-inf" }],
    [Uint8Array.of(1, 255), { $bytes: "01ff" }],
    [new Set([1]), { $set: [1] }],
    [
      new Map<null | number, number>([
        [null, 1],
        [2, 3],
      ]),
      {
        $dict: [
          [null, 1],
          [2, 3],
        ],
      },
    ],
    [new PythonObject("Foo"), { $object: "Foo" }],
    [
      [1, "a", [null]],
      [1, "a", [null]],
    ],
    [record({ a: [true] }), { a: [true] }],
  ])("has a word for everything (%#)", (value, expected) => {
    expect(JSON.parse(JSON.stringify(toJson(value)))).toEqual(expected);
  });
});
