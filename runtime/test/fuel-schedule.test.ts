import { describe, expect, test } from "vitest";
import { OP, OPCODE_LIMIT, OPCODES } from "../../decoder/opcodes.js";
import * as F from "../fuel-schedule.js";

const schedules = Object.values(F.FUEL_SCHEDULES);

test("the free instructions are those of the contract and the separators of legacy try; every other costs 1, and so does entering a function", () => {
  const free = [
    "nop",
    "drop",
    "block",
    "loop",
    "else",
    "end",
    "return",
    "unreachable",
    "catch",
    "catch_all",
    "delegate",
  ];
  for (const schedule of schedules) {
    expect(schedule.costs.length).toBe(OPCODE_LIMIT);
    expect(OPCODES.filter((row) => schedule.costs[row.opcode] === 0).map((row) => row.name)).toEqual(
      expect.arrayContaining(free),
    );
    expect(schedule.costs.reduce((sum, cost) => sum + cost)).toBe(OPCODES.length - free.length);
    expect(schedule.costs[OP["if"]]).toBe(1);
    expect(schedule.entry).toBe(1);
  }
});

test("a schedule is found by its own name, and escapement-2 is the default", () => {
  for (const [name, schedule] of Object.entries(F.FUEL_SCHEDULES)) expect(schedule.name).toBe(name);
  expect(F.DEFAULT_FUEL_SCHEDULE.name).toBe("escapement-2");
});

describe("escapement-1", () => {
  const extra = (kind: F.BulkKind, count: number, elementBytes: number) =>
    F.extraCost(F.ESCAPEMENT_1, kind, count, elementBytes);

  test("takes 1 per started 64 bytes of memory", () => {
    expect([0, 1, 63, 64, 65, 128, 129].map((n) => extra(F.BULK_MEMORY, n, 1))).toEqual([0, 1, 1, 1, 2, 2, 3]);
  });
  test("takes 1,024 per page of memory.grow", () => {
    expect([0, 1, 2, 65536].map((n) => extra(F.BULK_MEMORY_GROW, n, 65536))).toEqual([0, 1024, 2048, 67108864]);
  });
  test("takes 1 per started 8 references", () => {
    for (const kind of [F.BULK_TABLE, F.BULK_ARRAY] as const) {
      expect([0, 1, 8, 9, 16, 17].map((n) => extra(kind, n, 8))).toEqual([0, 1, 1, 2, 2, 3]);
    }
  });
  test("takes 1 per started 64 bytes of arrays and new objects", () => {
    expect(extra(F.BULK_ARRAY, 33, 2)).toBe(2);
    expect(extra(F.BULK_ARRAY_NEW, 100, 4)).toBe(7);
    expect(extra(F.BULK_FIXED_NEW, 1, 72)).toBe(2);
  });
  test("is exact for counts up to 2^53", () => {
    expect(extra(F.BULK_MEMORY, 2 ** 53, 1)).toBe(2 ** 47);
    expect(extra(F.BULK_MEMORY, 2 ** 53 - 1, 1)).toBe(2 ** 47);
    expect(extra(F.BULK_MEMORY, 2 ** 53 - 64, 1)).toBe(2 ** 47 - 1);
  });
});

test("escapement-2 is escapement-1, and takes 1 per started 16 values beyond 64 in one go, 1 per 128 bytes of a trace", () => {
  const { name: _1, freeValues, traceBytes, ...rest } = F.ESCAPEMENT_2;
  const { name: _2, freeValues: free, traceBytes: unpriced, ...first } = F.ESCAPEMENT_1;
  expect(rest).toEqual(first);
  expect([freeValues, traceBytes, free, unpriced]).toEqual([64, 128, Infinity, Infinity]);
  expect([0, 64, 65, 80, 81, 1000].map((n) => F.valuesCost(F.ESCAPEMENT_2, n))).toEqual([0, 0, 1, 1, 2, 59]);
  expect([0, 1, 128, 129, 2 ** 40].map((n) => F.traceCost(F.ESCAPEMENT_2, n))).toEqual([0, 1, 1, 2, 2 ** 33]);
  for (const schedule of [F.ESCAPEMENT_1, F.WASMTIME_50])
    expect([F.valuesCost(schedule, 50_000), F.traceCost(schedule, 2 ** 30)]).toEqual([0, 0]);
});

test("wasmtime-45 is flat", () => {
  for (const kind of [0, 1, 2, 3, 4, 5] as const) expect(F.extraCost(F.WASMTIME_45, kind, 1e9, 64)).toBe(0);
});

test("wasmtime-49 and wasmtime-50 take 1 per page of memory.grow, and else what wasmtime-48 does", () => {
  for (const schedule of [F.WASMTIME_49, F.WASMTIME_50]) {
    const extra = (kind: F.BulkKind) => F.extraCost(schedule, kind, 100, 8);
    expect(([0, 1, 2, 3, 4, 5] as const).map(extra)).toEqual([100, 100, 100, 100, 100, 0]);
  }
});

test("wasmtime-48 takes 1 per byte or element, nothing for memory.grow and objects of fixed size", () => {
  const extra = (kind: F.BulkKind) => F.extraCost(F.WASMTIME_48, kind, 100, 8);
  expect(([0, 1, 2, 3, 4, 5] as const).map(extra)).toEqual([100, 0, 100, 100, 100, 0]);
});
