import { describe, expect, test } from "vitest";
import {
  FUNCREF,
  HEAP_FUNC,
  I32,
  I64,
  InvalidError,
  MalformedError,
  parseModule,
  refType,
  TypeRegistry,
} from "../index.js";
import { type Bytes, func, HEADER, module, name, section, sized, u32, vec, withBody } from "./support/binary.js";
import { outcome } from "./support/outcome.js";
import { parseText } from "./support/wat.js";

const FUNC_0 = section(1, vec(func([], [])));
const I32_0 = [0x41, 0, 0x0b];

describe("what a module holds", () => {
  test("an empty module is empty", () => {
    const empty = parseModule(module());
    expect(empty).toMatchObject({ start: -1, types: [], imports: [], exports: [], customs: [] });
    expect([empty.funcs.length, empty.bodies.length, empty.bodies.get(0), empty.bodies.get(-1)]).toEqual([
      0,
      0,
      undefined,
      undefined,
    ]);
    expect(empty.registry.size).toBe(0);
  });

  test("every kind of definition arrives", async () => {
    const registry = new TypeRegistry();
    const parsed = await parseText(
      `(module
        (type $f (func (param i32) (result i64)))
        (import "m" "f" (func $i (type $f)))
        (import "m" "t" (table 1 2 funcref))
        (import "m" "m" (memory 1))
        (import "m" "g" (global (mut i64)))
        (import "m" "e" (tag (param i32)))
        (table $t 3 (ref func) (ref.func $d))
        (memory i64 1 2 shared)
        (tag)
        (global (ref null $f) (ref.func $d))
        (export "x" (func $d))
        (start $s)
        (elem (table $t) (i32.const 0) func $d $i)
        (elem declare funcref (ref.func $i))
        (func $d (type $f) (local i32 i32 f64) (i64.const 1))
        (func $s)
        (data "abc")
        (data (memory 1) (i64.const 5) "de"))`,
      { registry },
    );
    const f = registry.addFuncType([I32], [I64]);
    expect(parsed.imports).toEqual([
      { module: "m", name: "f", kind: "func", typeId: f },
      { module: "m", name: "t", kind: "table", type: { limits: { min: 1, max: 2 }, element: FUNCREF, is64: false } },
      {
        module: "m",
        name: "m",
        kind: "memory",
        type: { limits: { min: 1, max: undefined }, is64: false, shared: false, pageSizeLog2: 16 },
      },
      { module: "m", name: "g", kind: "global", type: { type: I64, mutable: true } },
      { module: "m", name: "e", kind: "tag", typeId: registry.addFuncType([I32], []) },
    ]);
    expect(parsed).toMatchObject({
      importedFuncCount: 1,
      importedTableCount: 1,
      importedMemoryCount: 1,
      importedGlobalCount: 1,
      importedTagCount: 1,
      start: 2,
      exports: [{ name: "x", kind: "func", index: 1 }],
      funcs: Int32Array.of(f, f, registry.addFuncType([], [])),
    });
    expect(parsed.tables[1]).toMatchObject({ element: refType(HEAP_FUNC, false), limits: { min: 3, max: undefined } });
    expect(parsed.tableInits[0]).not.toBeNull();
    expect(parsed.memories[1]).toEqual({ limits: { min: 1, max: 2 }, is64: true, shared: true, pageSizeLog2: 16 });
    expect(parsed.globals[1]).toEqual({ type: refType(f, true), mutable: false });
    expect(parsed.tags).toHaveLength(2);
    expect(parsed.elems).toMatchObject([
      { mode: "active", tableidx: 1, funcs: Int32Array.of(1, 0), exprs: null, type: refType(HEAP_FUNC, false) },
      { mode: "declarative", offset: null, funcs: null, type: FUNCREF },
    ]);
    expect(parsed.bodies.get(0)).toMatchObject({ locals: [2, I32, 1, 0x7c], localCount: 3 });
    const { bytes } = parsed;
    const [first, second] = parsed.datas;
    expect(first).toMatchObject({ mode: "passive", offset: null });
    expect([...bytes.subarray(first!.start, first!.end)]).toEqual([97, 98, 99]);
    expect(second).toMatchObject({ mode: "active", memidx: 1 });
    const { start, end } = second!.offset!;
    expect([...bytes.subarray(start, end)]).toEqual([0x42, 5, 0x0b]);
    const body = parsed.bodies.get(0)!;
    expect([...bytes.subarray(body.start, body.end)]).toEqual([0x42, 1, 0x0b]);
    expect(body.start - body.declarationsStart).toBe(5);
  });

  test("custom sections may stand anywhere and know what they follow", () => {
    const custom = (text: string) => section(0, name(text), 1, 2);
    const parsed = parseModule(
      module(
        custom("a"),
        FUNC_0,
        custom("b"),
        section(3, vec([0])),
        custom("c"),
        section(10, vec(sized(0, 0x0b))),
        custom("d"),
      ),
    );
    expect(parsed.customs.map(({ name, after, start, end }) => [name, after, end - start])).toEqual([
      ["a", 0, 2],
      ["b", 1, 2],
      ["c", 3, 2],
      ["d", 10, 2],
    ]);
  });

  test("the module keeps the very bytes that it was given", () => {
    const bytes = module(FUNC_0);
    expect(parseModule(bytes).bytes).toBe(bytes);
  });

  test("a view into a larger buffer is read by its own offsets", () => {
    const inner = module(FUNC_0, section(3, vec([0])), section(10, vec(sized(0, 0x0b))));
    const outer = new Uint8Array(inner.length + 7);
    outer.set(inner, 5);
    expect(parseModule(outer.subarray(5, 5 + inner.length)).bodies).toHaveLength(1);
  });
});

/** A section's wrong contents, after the sections it needs; and the words that the error begins with. */
const MALFORMED: readonly (readonly [string, Bytes, string])[] = [
  ["section id", [section(14)], "malformed section id"],
  ["section longer than the module", [[1, 5, 0]], "length out of bounds"],
  ["section size cut off", [[1]], "unexpected end"],
  ["section after its place", [section(3, 0), section(1, 0)], "unexpected content after last section"],
  ["section twice", [section(1, 0), section(1, 0)], "unexpected content after last section"],
  ["tag section after the globals", [section(6, 0), section(13, 0)], "unexpected content after last section"],
  ["data count behind the code", [section(10, 0), section(12, 0)], "unexpected content after last section"],
  ["section longer than its contents", [section(1, 0, 0)], "section size mismatch"],
  ["custom section without name", [section(0)], "unexpected end"],
  ["custom section whose name leaves it", [section(0, 5, 97)], "length out of bounds"],
  ["custom section whose name is not UTF-8", [section(0, 1, 0xff)], "malformed UTF-8 encoding"],

  ["type: form", [section(1, vec([0x40]))], "malformed definition type"],
  ["type: value type", [section(1, vec([0x60, 1, 0x79, 0]))], "malformed value type"],
  ["type: heap type", [section(1, vec([0x60, 1, 0x64, 0x40, 0]))], "malformed heap type"],
  ["type: mutability", [section(1, vec([0x5e, 0x7f, 2]))], "malformed mutability"],
  ["type: more declared than given", [section(1, 2, func([], []))], "unexpected end"],
  ["type: group longer than the section", [section(1, vec([0x4e, 100]))], "length out of bounds"],

  ["import: kind", [section(2, vec([name("a"), name("b"), 5, 0]))], "malformed import kind"],
  ["import: name is not UTF-8", [section(2, vec([1, 0xc0, name("b"), 3, 0x7f, 0]))], "malformed UTF-8 encoding"],
  ["import: cut off", [section(2, vec([name("a"), name("b"), 3, 0x7f]))], "unexpected end"],
  ["import: tag attribute", [FUNC_0, section(2, vec([name("a"), name("b"), 4, 1, 0]))], "malformed tag attribute"],

  ["function: more than bodies", [FUNC_0, section(3, vec([0]))], "function and code section have inconsistent lengths"],
  [
    "code: more bodies than functions",
    [section(10, vec(sized(0, 0x0b)))],
    "function and code section have inconsistent",
  ],
  [
    "code: missing before the data section",
    [FUNC_0, section(3, vec([0])), section(11, 0)],
    "function and code section",
  ],

  ["table: element type", [section(4, vec([0x7f, 0, 0]))], "malformed reference type"],
  ["table: flags", [section(4, vec([0x70, 8, 0]))], "malformed limits flags"],
  ["table: shared", [section(4, vec([0x70, 3, 0, 0]))], "malformed limits flags"],
  ["table: byte behind the mark of an initial value", [section(4, vec([0x40, 1, 0x70, 0, 0]))], "zero byte expected"],
  ["memory: flags", [section(5, vec([0x10, 0]))], "malformed limits flags"],
  ["memory: flags in two bytes", [section(5, vec([0x81, 0, 0, 0]))], "malformed limits flags"],
  ["memory: page size past 2^63", [section(5, vec([8, 0, 64]))], "invalid custom page size"],
  ["memory: minimum too long", [section(5, vec([0, new Array(10).fill(0x80), 0]))], "integer representation too long"],
  ["tag: attribute", [FUNC_0, section(13, vec([1, 0]))], "malformed tag attribute"],
  ["global: mutability", [section(6, vec([0x7f, 2, I32_0]))], "malformed mutability"],
  ["global: no end", [section(6, vec([0x7f, 0, 0x41, 0]))], "unexpected end of section or function"],
  ["export: kind", [section(7, vec([name("a"), 5, 0]))], "malformed export kind"],
  ["start: cut off", [section(8)], "unexpected end"],

  ["element: flags", [section(9, vec([8]))], "malformed elements segment kind"],
  ["element: kind", [section(9, vec([1, 1, 0]))], "malformed element kind"],
  ["element: type", [section(9, vec([5, 0x7f, 0]))], "malformed reference type"],
  ["element: more declared than given", [section(9, vec([1, 0, 5, 0]))], "length out of bounds"],
  ["data count: cut off", [section(12)], "unexpected end"],
  [
    "data count: other than the data",
    [section(12, 1), section(11, 0)],
    "data count and data section have inconsistent",
  ],
  ["data count: no data section", [section(12, 1)], "data count and data section have inconsistent lengths"],
  ["data: flags", [section(11, vec([3]))], "malformed data segment kind"],
  ["data: longer than the section", [section(11, vec([1, 3, 97, 98]))], "unexpected end"],
];

describe("malformed modules", () => {
  for (const [what, sections, words] of MALFORMED) {
    test(what, () => expect(outcome(module(sections))).toMatch(new RegExp(`^malformed: ${words}`)));
  }

  test("header", () => {
    expect(outcome(new Uint8Array())).toMatch(/^malformed: unexpected end/);
    expect(outcome(Uint8Array.from([1]))).toMatch(/^malformed: unexpected end/);
    expect(outcome(Uint8Array.from(HEADER.slice(0, 7)))).toMatch(/^malformed: unexpected end/);
    expect(outcome(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0]))).toBe("malformed: magic header not detected");
    expect(outcome(Uint8Array.from([...HEADER.slice(0, 4), 13, 0, 1, 0]))).toBe("malformed: unknown binary version");
    expect(outcome(new TextEncoder().encode("(module)"))).toBe("malformed: magic header not detected");
  });

  test("bodies", () => {
    const cases: readonly (readonly [Bytes, string])[] = [
      [[0], "unexpected end of section or function"],
      [[0, 0x01], "unexpected end of section or function"],
      [[0, 0x0b, 0x0b], "section size mismatch"],
      [[0, 0x05, 0x0b], "END opcode expected"],
      [[0, 0xff, 0x0b], "illegal opcode ff"],
      [[1, 0x0b], "length out of bounds"],
      [[0, 0xfc, 0x09, 0x00, 0x0b], "data count section required"],
      [[2, u32(2 ** 32 - 1), 0x7f, 1, 0x7e, 0x0b], "too many locals"],
    ];
    for (const [body, words] of cases) {
      expect(outcome(withBody(body))).toMatch(new RegExp(`^malformed: ${words}`));
    }
  });

  test("a body that does not end where it says", () => {
    const twoBodies = (first: Bytes, second: Bytes) =>
      module(FUNC_0, section(3, vec([0], [0])), section(10, 2, first, second));
    expect(outcome(twoBodies([3, 0, 0x01, 0x01], [2, 0, 0x0b]))).toBe("malformed: END opcode expected");
    expect(outcome(twoBodies([20, 0, 0x0b], [2, 0, 0x0b]))).toBe("malformed: length out of bounds");
  });

  test("errors say at which byte", () => {
    try {
      parseModule(module(FUNC_0, section(5, vec([0x10, 0]))));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedError);
      expect(error).toMatchObject({ offset: 8 + 6 + 3, kind: "malformed" });
      expect(String(error)).toBe("MalformedError: malformed limits flags (at byte 17)");
    }
    try {
      parseModule(withBody(0, 0x20, 7, 0x0b));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidError);
      expect(error).toMatchObject({ funcidx: 0, kind: "invalid", reason: "unknown local 7 (the function has 0)" });
    }
  });
});

test("elements by each of the eight flags", () => {
  const table = section(4, vec([0x70, 0, 1]));
  const code = [section(10, vec(sized(0, 0x0b)))];
  const refFunc = [0xd2, 0, 0x0b];
  const segments: readonly (readonly [Bytes, object])[] = [
    [
      [0, I32_0, vec([0])],
      { mode: "active", tableidx: 0, funcs: Int32Array.of(0), exprs: null, type: refType(HEAP_FUNC, false) },
    ],
    [[1, 0, vec([0])], { mode: "passive", funcs: Int32Array.of(0), offset: null, type: refType(HEAP_FUNC, false) }],
    [[2, 0, I32_0, 0, vec([0])], { mode: "active", tableidx: 0, funcs: Int32Array.of(0) }],
    [[3, 0, vec([0])], { mode: "declarative", funcs: Int32Array.of(0), offset: null }],
    [[4, I32_0, vec(refFunc)], { mode: "active", tableidx: 0, funcs: null, type: FUNCREF }],
    [[5, 0x70, vec(refFunc)], { mode: "passive", funcs: null, type: FUNCREF }],
    [[6, 0, I32_0, 0x70, vec(refFunc)], { mode: "active", funcs: null, type: FUNCREF }],
    [[7, 0x70, vec(refFunc)], { mode: "declarative", funcs: null, type: FUNCREF }],
  ];
  for (const [bytes, expected] of segments) {
    const parsed = parseModule(module(FUNC_0, section(3, vec([0])), table, section(9, vec(bytes)), code));
    expect(parsed.elems[0]).toMatchObject(expected);
  }
});
