// The register code's instruction set without the bodies, which the dispatch loop has: all that the
// lowering needs, and cheap to load.
import { Crash } from "../errors.js";
import { type RegisterOpLayout, readLayout } from "./register-op-rows.js";
import { LAYOUTS } from "./register-op-table.generated.js";

export { COLD, type RegisterOpLayout, WIDE } from "./register-op-rows.js";

/** By number. */
export const REGISTER_OPS: readonly RegisterOpLayout[] = LAYOUTS.trim().split("\n").map(readLayout);

const numbers = new Map(REGISTER_OPS.map((row, number) => [row.name, number]));

/** The number of the register operation `name`. @throws Crash if there is none: a typo of ours, at load time */
export function registerOp(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Crash(`no register operation ${name}`);
  return number;
}
/** As {@link registerOp}, but −1 if there is none. */
export function findRegisterOp(name: string): number {
  return numbers.get(name) ?? -1;
}
