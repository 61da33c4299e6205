import { describe, expect, test } from "vitest";
import { JsonError, parseJson, writeJson } from "../values/host-json.js";

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
  return "";
};

describe("parseJson", () => {
  test("reads what JSON.parse reads", () => {
    const texts = [
      "null",
      "true",
      " [1, -2, 0.5, 1e3, -0.0] ",
      '{"a": {"b": []}, "c": "x\\u00e9\\n\\"\\\\/"}',
      '""',
      "[[[]]]",
      "{}",
    ];
    for (const text of texts) expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
  });

  test("keeps integers of any size", () => {
    expect(parseJson("[9007199254740991, 9007199254740992, -1180591620717411303424, -0]")).toEqual([
      9007199254740991,
      9007199254740992n,
      -(2n ** 70n),
      0,
    ]);
    expect(messageOf(() => parseJson("9".repeat(30_000)))).toBe("ValueError: integer too large");
  });

  test("makes objects that have nothing but their keys", () => {
    const object = parseJson('{"__proto__": 1, "constructor": 2}') as object;
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.entries(object)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });

  test.each([
    "",
    "nul",
    "[1",
    "[1,]",
    "{",
    '{"a"}',
    '{"a":1,}',
    "{1:2}",
    "01",
    "+1",
    ".5",
    "1.",
    "'a'",
    '"',
    '"\\',
    '"\\x"',
    '"\n"',
    "1 2",
    "NaN",
    "Infinity",
  ])("refuses %j", (text) => {
    expect(messageOf(() => parseJson(text))).toMatch(/^JSONDecodeError/);
  });

  test("refuses what is nested too deeply, at once", () => {
    const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(messageOf(() => parseJson(deep(30)))).toBe("");
    expect(messageOf(() => parseJson(deep(100_000)))).toBe("ValueError: value nested too deeply");
    expect(messageOf(() => parseJson('{"a":'.repeat(100_000)))).toBe("ValueError: value nested too deeply");
  });

  test("refuses text that is half a character", () => {
    expect(messageOf(() => parseJson('"\\ud800"'))).toBe("ValueError: text with a lone surrogate");
    expect(parseJson('"\\ud83d\\ude00"')).toBe("😀");
  });

  test("takes time that grows with the length only", () => {
    const long = `["${"a\\n".repeat(100_000)}", ${"1,".repeat(100_000)} 1]`;
    expect((parseJson(long) as unknown[]).length).toBe(100_002);
  });
});

describe("writeJson", () => {
  test("writes data, floats as floats", () => {
    const value = [null, undefined, true, 1, -1.5, 1e21, 1e300, -0, 2n ** 70n, "é\n", { a: [] }, new Map([["k", 1]])];
    expect(writeJson(value)).toBe(
      '[null,null,true,1,-1.5,1e+21,1e+300,-0.0,1180591620717411303424,"é\\n",{"a":[]},{"k":1}]',
    );
    expect(writeJson(2 ** 60)).toBe("1152921504606847000.0");
  });

  test("refuses what is not data, and runs nothing of it", () => {
    let ran = false;
    const run = () => {
      ran = true;
      return 1;
    };
    const getter = { enumerable: true, get: run };
    const values: unknown[] = [run, Symbol("s"), new Date(0), new (class {})(), new Uint8Array(1), new Set()];
    values.push(new Map([[1, 2]]), Object.defineProperty({}, "a", getter), Object.defineProperty([], "0", getter));
    for (const value of values) expect(messageOf(() => writeJson(value))).toMatch(/^TypeError/);
    expect(writeJson({ toJSON: null })).toBe('{"toJSON":null}');
    expect(ran).toBe(false);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, "\ud800", { "\udc00": 1 }])
      expect(messageOf(() => writeJson(value))).toMatch(/^ValueError/);
  });

  test("refuses cycles as too deep", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(messageOf(() => writeJson(cycle))).toBe("ValueError: value nested too deeply");
  });
});
