import { describe, expect, test } from "vitest";
import {
  FUNCREF,
  HEAP_ANY,
  I32,
  I64,
  InvalidError,
  type RelativeSubType,
  recursiveHeap,
  refType,
  TypeRegistry,
  type ValType,
} from "../index.js";
import { parseText } from "./support/wat.js";

const struct = (storages: readonly ValType[], more: Partial<RelativeSubType> = {}): RelativeSubType => ({
  comp: { kind: "struct", fields: storages.map((storage) => ({ storage, mutable: false })) },
  final: false,
  supertype: -1,
  ...more,
});
const list = (element: ValType): RelativeSubType[] => [struct([element, refType(recursiveHeap(0), true)])];

describe("canonical ids", () => {
  test("equal function types are one type, different ones are not", () => {
    const registry = new TypeRegistry();
    const a = registry.addFuncType([I32, I64], [I32]);
    expect(registry.addFuncType([I32, I64], [I32])).toBe(a);
    const others = [
      registry.addFuncType([I32], [I64, I32]),
      registry.addFuncType([I32, I64, I32], []),
      registry.addFuncType([], [I32, I64, I32]),
      registry.addGroup([{ comp: registry.get(a).comp, final: false, supertype: -1 }]),
    ];
    expect(new Set([a, ...others]).size).toBe(5);
    expect(registry.funcType(a)).toEqual({ kind: "func", params: [I32, I64], results: [I32] });
  });

  test("equal recursive groups are one group, references to themselves included", () => {
    const registry = new TypeRegistry();
    const a = registry.addGroup(list(I32));
    expect(registry.addGroup(list(I32))).toBe(a);
    expect(registry.addGroup(list(I64))).not.toBe(a);
    const { comp } = registry.get(a);
    expect(comp.kind === "struct" && comp.fields[1]!.storage).toBe(refType(a, true));
  });

  test("a type in a group is not the same type alone, nor the same in another place", () => {
    const registry = new TypeRegistry();
    const plain = struct([I32]);
    const alone = registry.addGroup([plain]);
    const pair = registry.addGroup([plain, plain]);
    const triple = registry.addGroup([plain, plain, plain]);
    const ids = [alone, pair, pair + 1, triple, triple + 1, triple + 2];
    expect(new Set(ids).size).toBe(6);
    expect(registry.addGroup([plain, plain])).toBe(pair);
    expect(registry.groupOf(pair + 1)).toEqual({ first: pair, count: 2 });
    expect(registry.groupOf(alone)).toEqual({ first: alone, count: 1 });
  });

  test("a reference out of the group differs from one into it", () => {
    const registry = new TypeRegistry();
    const outer = registry.addGroup(list(I32));
    const unrolled = registry.addGroup([struct([I32, refType(outer, true)])]);
    expect(unrolled).not.toBe(outer);
  });

  test("modules that share a registry share their types, in any order of declaration", async () => {
    const registry = new TypeRegistry();
    const first = await parseText(
      "(module (type $a (func (param i32))) (rec (type $b (struct (field (ref $c)))) (type $c (array (ref null $b)))))",
      { registry },
    );
    const second = await parseText(
      "(module (rec (type $b (struct (field (ref $c)))) (type $c (array (ref null $b)))) (type $a (func (param i32))))",
      { registry },
    );
    expect(second.types).toEqual([first.types[1], first.types[2], first.types[0]]);
  });

  test("contents cannot be confused by how they are written down", () => {
    const registry = new TypeRegistry();
    const ids = new Set<number>();
    let count = 0;
    for (const storage of [I32, I64, FUNCREF, refType(HEAP_ANY, false), refType(3, true), refType(0x7fff, false)]) {
      for (const mutable of [false, true]) {
        for (const length of [0, 1, 2]) {
          if (length === 0 && (mutable || storage !== I32)) continue;
          const fields = new Array(length).fill({ storage, mutable });
          ids.add(registry.addGroup([{ comp: { kind: "struct", fields }, final: true, supertype: -1 }]));
          count++;
        }
        ids.add(
          registry.addGroup([{ comp: { kind: "array", element: { storage, mutable } }, final: true, supertype: -1 }]),
        );
        count++;
      }
    }
    expect(ids.size).toBe(count);
  });
});

describe("subtyping", () => {
  /** A chain of `length` structs, each below the one before. */
  const chain = (registry: TypeRegistry, length: number): number[] => {
    const ids: number[] = [];
    for (let i = 0; i < length; i++) ids.push(registry.addGroup([struct([I32], { supertype: ids[i - 1] ?? -1 })]));
    return ids;
  };

  test("each type of a chain is below all before it and above all after it", () => {
    const registry = new TypeRegistry();
    const ids = chain(registry, 20);
    for (let a = 0; a < ids.length; a++) {
      expect(registry.depth(ids[a]!)).toBe(a);
      expect(registry.display(ids[a]!)).toEqual(ids.slice(0, a + 1));
      for (let b = 0; b < ids.length; b++) expect(registry.isSubtypeId(ids[a]!, ids[b]!)).toBe(a >= b);
    }
  });

  test("branches of a tree are unrelated", () => {
    const registry = new TypeRegistry();
    const root = registry.addGroup([struct([])]);
    const left = registry.addGroup([struct([I32], { supertype: root })]);
    const right = registry.addGroup([struct([I64], { supertype: root })]);
    const below = registry.addGroup([struct([I32, I32], { supertype: left })]);
    expect(registry.isSubtypeId(below, root)).toBe(true);
    expect(registry.isSubtypeId(below, right)).toBe(false);
    expect(registry.isSubtypeId(left, right)).toBe(false);
    expect(registry.isSubtypeId(root, below)).toBe(false);
  });

  test("a chain of 63 supertypes is the longest", () => {
    const registry = new TypeRegistry();
    expect(chain(registry, 64)).toHaveLength(64);
    expect(() => chain(new TypeRegistry(), 65)).toThrow(InvalidError);
  });

  test("a supertype that does not fit leaves the registry as it was", () => {
    const registry = new TypeRegistry();
    const final = registry.addGroup([struct([I32], { final: true })]);
    const open = registry.addGroup([struct([I32])]);
    const size = registry.size;
    const bad: RelativeSubType[][] = [
      [struct([I32], { supertype: final })],
      [struct([I64], { supertype: open })],
      [struct([], { supertype: open })],
      [{ comp: { kind: "func", params: [], results: [] }, final: true, supertype: open }],
      [struct([I32]), struct([I32], { supertype: recursiveHeap(1) })],
      [struct([I32], { supertype: recursiveHeap(1) }), struct([I32])],
    ];
    for (const group of bad) {
      expect(() => registry.addGroup(group)).toThrow(InvalidError);
      expect(registry.size).toBe(size);
    }
    expect(registry.addGroup([struct([I32, I64], { supertype: open })])).toBe(size);
  });
});

test("types are described in the text format", () => {
  const registry = new TypeRegistry();
  const id = registry.addGroup(list(I32));
  expect(registry.describe(I32)).toBe("i32");
  expect(registry.describe(FUNCREF)).toBe("funcref");
  expect(registry.describe(refType(HEAP_ANY, false))).toBe("(ref any)");
  expect(registry.describe(refType(id, true))).toBe(`(ref null $struct.${id})`);
  expect(registry.describeAll([I32, I64])).toBe("[i32 i64]");
});
