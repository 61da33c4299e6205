// The register code's instruction set without the bodies, which the dispatch loop has: all that the
// lowering needs, and cheap to load.
import { Crash } from "../errors.js";
import { type Access, type RegisterOpLayout, readLayout } from "./register-op-layout.js";
import { LAYOUTS } from "./register-op-table.generated.js";

export { COLD, type RegisterOpLayout, WIDE } from "./register-op-layout.js";

/** By number. */
export const REGISTER_OPS: readonly RegisterOpLayout[] = LAYOUTS.trim().split("\n").map(readLayout);

const numbers = new Map(REGISTER_OPS.map((row, number) => [row.name, number]));

/** The number of the register operation `name`. @throws Crash if there is none: a typo of ours, at load time */
export function registerOp(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Crash(`no register operation ${name}`);
  return number;
}

/** The access that operation `op` makes to memory, if it is one. */
export function accessOf(op: number): Access<number> | undefined {
  const row = REGISTER_OPS[op]!;
  return "access" in row ? row.access : undefined;
}

/** The forms of `op` with a constant as the second operand, and as the first; −1 where there is none. */
export function constantForms(op: number): readonly [second: number, first: number] {
  const row = REGISTER_OPS[op]!;
  if (!("constant" in row)) return [-1, -1];
  const swapped = row.swapped < 0 ? undefined : REGISTER_OPS[row.swapped]!;
  return [row.constant, swapped !== undefined && "constant" in swapped ? swapped.constant : -1];
}

let forms: Map<number, (readonly [op: number, access: Access<number>])[]> | undefined;
/** The forms of the load or store `plain`, itself among them: numbers, and what each says. */
export function formsOf(plain: number): readonly (readonly [op: number, access: Access<number>])[] {
  if (forms === undefined) {
    forms = new Map();
    for (const [op, row] of REGISTER_OPS.entries()) {
      if (row.kind !== "load" && row.kind !== "store") continue;
      const family = forms.get(row.access.plain);
      if (family === undefined) forms.set(row.access.plain, [[op, row.access]]);
      else family.push([op, row.access]);
    }
  }
  return forms.get(plain) ?? [];
}
