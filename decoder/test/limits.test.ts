import { describe, expect, test } from "vitest";
import { DEFAULT_DECODE_LIMITS, type DecodeLimits, parseModule } from "../index.js";
import { type Bytes, func, module, name, section, sized, u32, vec, withBody } from "./support/binary.js";
import { effort } from "./support/effort.js";
import { outcome } from "./support/outcome.js";

const FUNC_0 = section(1, vec(func([], [])));
const repeat = <T>(count: number, element: T): T[] => new Array<T>(count).fill(element);
const immutable = [0x7f, 0];
const I32_0 = [0x41, 0, 0x0b];

/** For each limit a module at `size`: accepted when that is the limit, refused when the limit is one less. */
const AT_LIMIT: Record<keyof DecodeLimits, (size: number) => Uint8Array> = {
  moduleBytes: (size) => module(section(0, name("x"), repeat(size - 12, 0))),
  types: (size) => module(section(1, vec(...repeat(size, func([], []))))),
  recursiveGroupTypes: (size) => module(section(1, 1, 0x4e, vec(...repeat(size, func([], []))))),
  functions: (size) =>
    module(
      FUNC_0,
      section(2, vec([name(""), name(""), 0, 0])),
      section(3, vec(...repeat(size - 1, [0]))),
      section(10, vec(...repeat(size - 1, sized(0, 0x0b)))),
    ),
  tables: (size) => module(section(4, vec(...repeat(size, [0x70, 0, 0])))),
  memories: (size) => module(section(5, vec(...repeat(size, [0, 0])))),
  globals: (size) => module(section(6, vec(...repeat(size, [immutable, I32_0])))),
  tags: (size) => module(FUNC_0, section(13, vec(...repeat(size, [0, 0])))),
  imports: (size) => module(section(2, vec(...repeat(size, [name(""), name(""), 3, immutable])))),
  exports: (size) =>
    module(
      section(2, vec([name(""), name(""), 3, immutable])),
      section(7, vec(...Array.from({ length: size }, (_, i) => [name(String(i)), 3, 0]))),
    ),
  elementSegments: (size) => module(section(9, vec(...repeat(size, [1, 0, 0])))),
  dataSegments: (size) => module(section(11, vec(...repeat(size, [1, 0])))),
  elementSegmentLength: (size) => module(section(9, vec([5, 0x70, vec(...repeat(size, [0xd0, 0x70, 0x0b]))]))),
  params: (size) => module(section(1, vec(func(repeat(size, 0x7f), [])))),
  results: (size) => module(section(1, vec(func([], repeat(size, 0x7f))))),
  structFields: (size) => module(section(1, vec([0x5f, vec(...repeat(size, immutable))]))),
  arrayNewFixedOperands: (size) =>
    module(
      section(1, vec([0x5e, immutable])),
      section(6, vec([0x64, 0, 0, repeat(size, [0x41, 0]), 0xfb, 8, 0, u32(size), 0x0b])),
    ),
  bodyBytes: (size) => withBody(0, repeat(size - 2, 0x01), 0x0b),
  locals: (size) => withBody(1, u32(size), 0x7f, 0x0b),
  brTableLabels: (size) => withBody(0, 0x41, 0, 0x0e, u32(size), repeat(size + 1, 0), 0x0b),
  tryTableClauses: (size) => withBody(0, 0x1f, 0x40, u32(size), repeat(size, [2, 0]), 0x0b, 0x0b),
  operandStackHeight: (size) => withBody(0, repeat(size, [0x41, 0]), 0x00, 0x0b),
  nameBytes: (size) => module(section(0, name("x".repeat(size)))),
};

describe("each limit holds at its exact value", () => {
  for (const [limit, build] of Object.entries(AT_LIMIT)) {
    test(limit, () => {
      const size = 40;
      const bytes = build(size);
      expect(outcome(bytes, { limits: { [limit]: size } })).toBe("valid");
      expect(outcome(bytes, { limits: { [limit]: size - 1 } })).toMatch(/^invalid: .*(limit exceeded|longer than)/);
    });
  }

  test("the defaults are those of the JavaScript API", () => {
    expect(outcome(AT_LIMIT.params(1000))).toBe("valid");
    expect(outcome(AT_LIMIT.params(1001))).toMatch(/^invalid: .*number of parameters is 1001, at most 1000/);
    expect(outcome(AT_LIMIT.locals(50_000))).toBe("valid");
    expect(outcome(AT_LIMIT.locals(50_001))).toMatch(/^invalid: .*number of locals/);
    expect(outcome(AT_LIMIT.structFields(10_001))).toMatch(/^invalid: .*number of fields/);
    expect(outcome(AT_LIMIT.brTableLabels(65_521))).toMatch(/^invalid: .*br_table labels/);
    expect(outcome(AT_LIMIT.tryTableClauses(65_520))).toBe("valid");
    expect(outcome(AT_LIMIT.tryTableClauses(65_521))).toMatch(
      /^invalid: .*number of try_table clauses is 65521, at most 65520/,
    );
    expect(outcome(AT_LIMIT.memories(101))).toMatch(/^invalid: .*number of memories/);
    expect(DEFAULT_DECODE_LIMITS.functions).toBe(1_000_000);
  });
});

describe("a small module costs little, whatever it declares", () => {
  const huge = u32(2 ** 32 - 1);
  const I64_HUGE = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
  const bombs: Record<string, Uint8Array> = {
    "four billion locals": withBody(1, huge, 0x7f, 0x0b),
    "locals in many runs": withBody(vec(...repeat(4, [huge, 0x7f])), 0x0b),
    "a br_table of 2^32 entries": withBody(0, 0x41, 0, 0x0e, huge, 0, 0x0b),
    types: module(section(1, huge)),
    "a recursive group of 2^32 types": module(section(1, vec([0x4e, huge]))),
    parameters: module(section(1, vec([0x60, huge]))),
    fields: module(section(1, vec([0x5f, huge]))),
    imports: module(section(2, huge)),
    functions: module(FUNC_0, section(3, huge)),
    tables: module(section(4, huge)),
    "elements of a table": module(section(4, vec([0x70, 4, I64_HUGE]))),
    memories: module(section(5, huge)),
    "pages of a memory": module(section(5, vec([4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]))),
    globals: module(section(6, huge)),
    tags: module(section(13, huge)),
    exports: module(section(7, huge)),
    "element segments": module(section(9, huge)),
    "functions of an element segment": module(section(9, vec([1, 0, huge]))),
    bodies: module(section(10, huge)),
    "a body of 2^32 bytes": module(FUNC_0, section(3, vec([0])), section(10, 1, huge, 0)),
    "data segments": module(section(11, huge)),
    "bytes of a data segment": module(section(11, vec([1, huge]))),
    "a data count": module(section(12, huge)),
    "a name": module(section(0, huge)),
    "a section": module([1, huge]),
    "operands of array.new_fixed": module(
      section(1, vec([0x5e, 0x7f, 0])),
      section(6, vec([0x64, 0, 0, 0xfb, 8, 0, huge, 0x0b])),
    ),
  };
  for (const [what, bytes] of Object.entries(bombs)) {
    test(what, () => {
      const before = process.memoryUsage().rss;
      expect(effort(() => outcome(bytes))).toBeLessThan(50);
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
    });
  }

  test("operands of array.new_fixed in unreachable code", () => {
    const bytes = module(
      section(1, vec([0x5e, 0x7f, 0], func([], []))),
      section(3, vec([1])),
      section(10, vec(sized(0, 0x00, 0xfb, 8, 0, huge, 0x1a, 0x0b))),
    );
    expect(effort(() => expect(outcome(bytes)).toMatch(/array.new_fixed operands/))).toBeLessThan(50);
  });
});

describe("a large module costs in proportion to its bytes", () => {
  test("many functions with the most locals each", () => {
    const count = 20_000;
    const body = sized(1, u32(50_000), 0x7e, 0x20, u32(49_999), 0x1a, 0x0b);
    const bytes = module(FUNC_0, section(3, vec(...repeat(count, [0]))), section(10, vec(...repeat(count, body))));
    expect(effort(() => expect(outcome(bytes)).toBe("valid"))).toBeLessThan(1500);
  });

  test("locals beyond those that are spread out are found by their runs", () => {
    const runs = [u32(10_000), 0x7f, u32(10_000), 0x7e, 0, 0x7b, u32(10_000), 0x7d];
    const get = (local: number, store: number) => [0x20, u32(local), 0x21, u32(store)];
    expect(outcome(withBody(4, runs, get(9_999, 0), get(10_000, 19_999), get(20_000, 29_999), 0x0b))).toBe("valid");
    expect(outcome(withBody(4, runs, get(19_999, 20_000), 0x0b))).toMatch(/^invalid: type mismatch/);
    expect(outcome(withBody(4, runs, 0x20, u32(30_000), 0x0b))).toMatch(/^invalid: unknown local 30000/);
  });

  test("blocks nested 200,000 deep", () => {
    const deep = 200_000;
    const bytes = withBody(0, repeat(deep, [0x02, 0x40]), repeat(deep, 0x0b), 0x0b);
    expect(effort(() => expect(outcome(bytes)).toBe("valid"))).toBeLessThan(1500);
    expect(outcome(withBody(0, repeat(deep, [0x02, 0x40])))).toMatch(/^malformed: unexpected end/);
  });

  test("long tables of labels that take many values", () => {
    const bytes = module(
      section(1, vec(func([], repeat(1000, 0x7f)))),
      section(3, vec([0])),
      section(10, vec(sized(0, 0x00, 0x02, 0, 0x00, 0x0e, u32(65_520), repeat(65_521, [0]), 0x0b, 0x0b))),
    );
    expect(effort(() => expect(outcome(bytes)).toBe("valid"))).toBeLessThan(500);
  });

  test("calls that fill the operand stack end at its limit", () => {
    const bytes = module(
      section(1, vec(func([], repeat(1000, 0x7f)))),
      section(3, vec([0])),
      section(10, vec(sized(0, repeat(100_000, [0x10, 0]), 0x00, 0x0b))),
    );
    expect(effort(() => expect(outcome(bytes)).toMatch(/height of the operand stack/))).toBeLessThan(500);
  });

  test("unreachable code that makes large aggregates", () => {
    const count = 100_000;
    const types = section(1, vec(func([], []), [0x5f, u32(10_000), repeat(10_000, immutable)], [0x5e, 0x7f, 0]));
    const make = (...code: Bytes) => module(types, section(3, vec([0])), section(10, vec(sized(0, code, 0x0b))));
    for (const instruction of [
      [0xfb, 0, 1, 0x1a],
      [0xfb, 8, 2, u32(10_000), 0x1a],
    ]) {
      const bytes = make(0x00, repeat(count, instruction));
      expect(effort(() => expect(outcome(bytes)).toBe("valid"))).toBeLessThan(500);
    }
    const defaults = make(repeat(count, [0xfb, 1, 1, 0x1a]));
    expect(effort(() => expect(outcome(defaults)).toBe("valid"))).toBeLessThan(500);
  });

  test("a recursive group of many types that refer to each other", () => {
    const count = 20_000;
    const struct = [0x5f, 2, 0x63, u32(count - 1), 0, 0x63, u32(0), 1];
    const bytes = module(section(1, 1, 0x4e, u32(count), repeat(count, struct)));
    expect(effort(() => expect(outcome(bytes)).toBe("valid"))).toBeLessThan(1500);
    expect(parseModule(bytes).registry.size).toBe(count);
  });
});
