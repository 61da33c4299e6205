import { describe, expect, test } from "vitest";
import { type DecodedModule, parseModule, readNames, validateBranchHints, validateNameSection } from "../index.js";
import { type Bytes, func, module, name, section, sized, u32, vec } from "./support/binary.js";
import { parseText } from "./support/wat.js";

const subsection = (id: number, ...content: Bytes) => [id, sized(...content)];
const nameSection = (...subsections: Bytes) => section(0, name("name"), subsections);
const parse = (...sections: Bytes): DecodedModule => parseModule(module(sections));
const map = (...entries: readonly (readonly [number, string])[]) =>
  vec(...entries.map(([index, text]) => [index, name(text)]));

describe("readNames", () => {
  test("every kind of name, as wasm-tools writes them", async () => {
    const names = readNames(
      await parseText(`(module $M
        (type $T (struct (field $x i32) (field $y i64)))
        (func $f (param $p i32) (local $l i64) (block $b))
        (func (param $q i32))
        (table $t 1 funcref) (memory $m 1) (global $g i32 (i32.const 0)) (tag $e)
        (elem $s func) (data $d "a"))`),
    );
    expect(names.module).toBe("M");
    expect([...names.funcs]).toEqual([[0, "f"]]);
    expect([...names.locals.get(0)!]).toEqual([
      [0, "p"],
      [1, "l"],
    ]);
    expect([...names.locals.get(1)!]).toEqual([[0, "q"]]);
    expect([...names.labels.get(0)!]).toEqual([[0, "b"]]);
    expect(names.types.get(0)).toBe("T");
    expect([...names.fields.get(0)!]).toEqual([
      [0, "x"],
      [1, "y"],
    ]);
    expect([names.tables, names.memories, names.globals, names.tags].map((space) => space.get(0))).toEqual([..."tmge"]);
    expect([names.elems.get(0), names.datas.get(0)]).toEqual(["s", "d"]);
  });

  test("a module without names", () => {
    expect(readNames(parse())).toMatchObject({ module: undefined });
  });

  test("of an ill-formed section, what can be read is read", () => {
    const broken = parse(
      nameSection(
        subsection(0, name("M")),
        subsection(1, 3, [0, name("a")], [1, name("b")], [2, 1, 0xff]),
        subsection(77, 1, 2, 3),
        subsection(7, map([5, "g"])),
        [9, 100, 1],
      ),
    );
    const names = readNames(broken);
    expect(names.module).toBe("M");
    expect([...names.funcs.values()]).toEqual(["a", "b"]);
    expect(names.globals.get(5)).toBe("g");
    expect(names.datas.size).toBe(0);
  });

  test("names that claim to be longer than the module are no trouble", () => {
    const names = readNames(
      parse(nameSection(subsection(1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0xff, 0xff, 0xff, 0xff, 0x0f))),
    );
    expect(names.funcs.size).toBe(0);
  });
});

describe("validateNameSection", () => {
  const check = (...sections: Bytes): string => {
    try {
      validateNameSection(parse(sections));
      return "valid";
    } catch (error) {
      return (error as Error).message;
    }
  };
  test("well-formed names pass", () => {
    expect(check()).toBe("valid");
    expect(check(nameSection(subsection(0, name("M")), subsection(1, map([0, "a"], [3, "a"]))))).toBe("valid");
  });
  test("each fault is found", () => {
    expect(check(nameSection(), nameSection())).toMatch(/more than one/);
    expect(check(nameSection(), section(0, name("x")), section(1, 0))).toMatch(/must follow/);
    expect(check(section(1, 0), nameSection(), section(0, name("x")))).toBe("valid");
    expect(check(nameSection(subsection(1, 0), subsection(0, name("M"))))).toMatch(/out of order/);
    expect(check(nameSection(subsection(0, name("M")), subsection(0, name("M"))))).toMatch(/out of order/);
    expect(check(nameSection(subsection(12, 0)))).toMatch(/unknown subsection 12/);
    expect(check(nameSection(subsection(0, name("M"), 0)))).toMatch(/size mismatch/);
    expect(check(nameSection(subsection(1, map([1, "a"], [1, "b"]))))).toMatch(/ascend/);
    expect(check(nameSection(subsection(2, vec([1, map([0, "a"])], [0, map([0, "a"])]))))).toMatch(/ascend/);
    expect(check(nameSection(subsection(0, 1, 0xff)))).toMatch(/malformed UTF-8/);
    expect(check(nameSection([0, 9, 0]))).toMatch(/length out of bounds/);
  });
});

describe("validateBranchHints", () => {
  const types = section(1, vec(func([], [])));
  // One local run, then: i32.const 0, if, end, end. The if is 5 bytes into the body.
  const code = section(10, vec(sized(vec([1, 0x7f]), 0x41, 0, 0x04, 0x40, 0x0b, 0x0b)));
  const check = (...hints: Bytes): string => {
    const custom = section(0, name("metadata.code.branch_hint"), hints);
    try {
      validateBranchHints(parse(types, section(3, vec([0])), custom, code));
      return "valid";
    } catch (error) {
      return (error as Error).message;
    }
  };
  test("a hint on an if passes, one on anything else does not", () => {
    expect(check(vec([0, vec([5, 1, 1])]))).toBe("valid");
    for (const offset of [0, 3, 4, 6, 7, 8, 200])
      expect(check(vec([0, vec([u32(offset), 1, 0])]))).toMatch(/invalid target|unexpected end/);
  });
  test("ill-formed hints are refused", () => {
    expect(check(vec([0, vec([5, 1, 2])]))).toMatch(/0 or 1/);
    expect(check(vec([0, vec([5, 2, 0])]))).toMatch(/one byte/);
    expect(check(vec([0, vec([5, 1, 0], [5, 1, 0])]))).toMatch(/ascend/);
    expect(check(vec([1, vec([5, 1, 0])]))).toMatch(/unknown function 1/);
    expect(check(vec([0, vec([5, 1, 0])]), 0)).toMatch(/size mismatch/);
  });
});
