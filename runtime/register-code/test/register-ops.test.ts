// What the rows say, and what run time makes of it.
import { expect, test } from "vitest";
import { OPERATIONS } from "../../interpreter/operations.js";
import { COLD, WIDE } from "../register-op-layout.js";
import { layoutsOf } from "../register-op-rows.js";
import { meaningOf, registerOps } from "../register-op-table.js";
import { REGISTER_OPS } from "../register-ops.js";

const LAYOUTS = registerOps().map(({ says: _says, ...encoding }, op) => ({ ...encoding, ...meaningOf(op) }));

test("the table that the lowering uses says what the rows say", () => {
  expect(LAYOUTS).toEqual(layoutsOf(REGISTER_OPS));
});

test("operations of the loop have numbers below the escapes", () => {
  expect(LAYOUTS.map(({ cold }) => cold).lastIndexOf(false)).toBeLessThan(Math.min(COLD, WIDE));
});

test("an inverse's inverse is the row itself, of the same shape, and so is the other way about of a swapped row", () => {
  let inverses = 0;
  LAYOUTS.forEach((row, op) => {
    if ("inverse" in row && row.inverse >= 0) {
      inverses++;
      const inverse = LAYOUTS[row.inverse]!;
      expect(inverse, row.name).toMatchObject({ kind: row.kind, inverse: op, fields: row.fields, words: row.words });
    }
    if ("swapped" in row && row.swapped >= 0) expect(LAYOUTS[row.swapped], row.name).toMatchObject({ swapped: op });
  });
  expect(inverses).toBeGreaterThan(50);
});

test("a branch that fuses with a comparison compares what that does", () => {
  for (const row of LAYOUTS) {
    if (!("branch" in row) || row.branch < 0) continue;
    const branch = LAYOUTS[row.branch]!;
    expect(branch, row.name).toMatchObject({ kind: "branch", tests: row.takes });
    // Its operands come first: b and c of the comparison are a and b of the branch.
    expect(branch.fields.length, row.name).toBe(row.fields.length - 1);
    expect(branch.words.includes("k"), row.name).toBe(row.words.includes("k"));
  }
});

test("an access has the words and fields that its address and value need", () => {
  for (const row of LAYOUTS) {
    if (!("access" in row)) continue;
    const { address, value, plain } = row.access;
    expect("access" in LAYOUTS[plain]! && LAYOUTS[plain].access.plain, row.name).toBe(plain);
    if (value === "k" || value === "value") expect(row.words, row.name).toContain(value);
    if (address === "constant") expect(row.words, row.name).toContain("index");
    else if (address === "general") expect(row.words.slice(0, 3), row.name).toEqual(["memory", "offset", "high"]);
    else {
      expect(row.fields, row.name).toContain(address.register);
      expect(row.words.includes("offset"), row.name).toBe(address.offset === "word");
      if (address.addend === "k") expect(row.words, row.name).toContain("k");
      if (address.addend === "c") expect(row.fields, row.name).toContain("c");
    }
  }
});

test("the driver does what rows leave to it; what it may begin anew is paid for behind", () => {
  for (const row of LAYOUTS) {
    if (row.kind !== "driver") continue;
    expect(OPERATIONS[row.name], row.name).toBeTypeOf("function");
    if (row.resume === "anew") expect(row.words.at(-1), row.name).toBe("fuel");
  }
});
