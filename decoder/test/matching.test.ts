import { describe, expect, test } from "vitest";
import {
  ANYREF,
  BOT,
  EXNREF,
  EXTERNREF,
  FUNCREF,
  HEAP_ANY,
  HEAP_ARRAY,
  HEAP_EQ,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_I31,
  HEAP_NOEXN,
  HEAP_NOEXTERN,
  HEAP_NOFUNC,
  HEAP_NONE,
  HEAP_STRUCT,
  type HeapType,
  I32,
  I64,
  matchesGlobal,
  matchesHeap,
  matchesLimits,
  matchesMemory,
  matchesTable,
  matchesVal,
  refType,
  TypeRegistry,
} from "../index.js";

const registry = new TypeRegistry();
const aStruct = registry.addGroup([{ comp: { kind: "struct", fields: [] }, final: false, supertype: -1 }]);
const subStruct = registry.addGroup([
  { comp: { kind: "struct", fields: [{ storage: I32, mutable: false }] }, final: true, supertype: aStruct },
]);
const anArray = registry.addGroup([
  { comp: { kind: "array", element: { storage: I32, mutable: true } }, final: true, supertype: -1 },
]);
const aFunc = registry.addFuncType([], []);

test("heap types match along the hierarchies of the specification and nowhere else", () => {
  // Each type with everything strictly above it: spec 2.3.4 and 3.3.3.
  const above = new Map<HeapType, HeapType[]>([
    [HEAP_ANY, []],
    [HEAP_EQ, [HEAP_ANY]],
    [HEAP_I31, [HEAP_EQ, HEAP_ANY]],
    [HEAP_STRUCT, [HEAP_EQ, HEAP_ANY]],
    [HEAP_ARRAY, [HEAP_EQ, HEAP_ANY]],
    [aStruct, [HEAP_STRUCT, HEAP_EQ, HEAP_ANY]],
    [subStruct, [aStruct, HEAP_STRUCT, HEAP_EQ, HEAP_ANY]],
    [anArray, [HEAP_ARRAY, HEAP_EQ, HEAP_ANY]],
    [HEAP_NONE, [subStruct, aStruct, anArray, HEAP_STRUCT, HEAP_ARRAY, HEAP_I31, HEAP_EQ, HEAP_ANY]],
    [HEAP_FUNC, []],
    [aFunc, [HEAP_FUNC]],
    [HEAP_NOFUNC, [aFunc, HEAP_FUNC]],
    [HEAP_EXTERN, []],
    [HEAP_NOEXTERN, [HEAP_EXTERN]],
    [HEAP_EXN, []],
    [HEAP_NOEXN, [HEAP_EXN]],
  ]);
  for (const [a, uppers] of above) {
    for (const b of above.keys()) {
      expect(matchesHeap(registry, a, b), `${registry.describeHeap(a)} <= ${registry.describeHeap(b)}`).toBe(
        a === b || uppers.includes(b),
      );
    }
  }
});

test("references match by heap type and null, numbers only themselves, bottom everything", () => {
  expect(matchesVal(registry, refType(HEAP_ANY, false), ANYREF)).toBe(true);
  expect(matchesVal(registry, ANYREF, refType(HEAP_ANY, false))).toBe(false);
  expect(matchesVal(registry, refType(aFunc, false), FUNCREF)).toBe(true);
  expect(matchesVal(registry, FUNCREF, EXTERNREF)).toBe(false);
  expect(matchesVal(registry, I32, I32)).toBe(true);
  expect(matchesVal(registry, I32, I64)).toBe(false);
  expect(matchesVal(registry, I32, FUNCREF)).toBe(false);
  for (const type of [I32, FUNCREF, EXNREF]) expect(matchesVal(registry, BOT, type)).toBe(true);
});

describe("extern types", () => {
  test("limits match if they promise at least as much", () => {
    expect(matchesLimits({ min: 2, max: 3 }, { min: 1, max: 4 })).toBe(true);
    expect(matchesLimits({ min: 2, max: 3 }, { min: 2, max: undefined })).toBe(true);
    expect(matchesLimits({ min: 1, max: 3 }, { min: 2, max: 3 })).toBe(false);
    expect(matchesLimits({ min: 2, max: 5 }, { min: 2, max: 4 })).toBe(false);
    expect(matchesLimits({ min: 2, max: undefined }, { min: 2, max: 4 })).toBe(false);
  });

  test("memories agree on address type, sharing and page size", () => {
    const memory = { limits: { min: 1, max: 2 }, is64: false, shared: false, pageSizeLog2: 16 };
    expect(matchesMemory(memory, memory)).toBe(true);
    expect(matchesMemory(memory, { ...memory, is64: true })).toBe(false);
    expect(matchesMemory(memory, { ...memory, shared: true })).toBe(false);
    expect(matchesMemory(memory, { ...memory, pageSizeLog2: 0 })).toBe(false);
    expect(matchesMemory(memory, { ...memory, limits: { min: 2, max: 2 } })).toBe(false);
  });

  test("tables agree on the element type exactly", () => {
    const table = { limits: { min: 1, max: undefined }, element: FUNCREF, is64: false };
    expect(matchesTable(registry, table, table)).toBe(true);
    expect(matchesTable(registry, { ...table, element: refType(HEAP_FUNC, false) }, table)).toBe(false);
    expect(matchesTable(registry, table, { ...table, is64: true })).toBe(false);
  });

  test("mutable globals agree exactly, immutable ones may be narrower", () => {
    const wide = { type: FUNCREF, mutable: false };
    const narrow = { type: refType(aFunc, false), mutable: false };
    expect(matchesGlobal(registry, narrow, wide)).toBe(true);
    expect(matchesGlobal(registry, wide, narrow)).toBe(false);
    expect(matchesGlobal(registry, { ...narrow, mutable: true }, { ...wide, mutable: true })).toBe(false);
    expect(matchesGlobal(registry, { ...wide, mutable: true }, wide)).toBe(false);
  });
});
