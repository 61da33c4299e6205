// The register code's instruction set without the bodies, which the dispatch loop has: all that the
// lowering needs, and cheap to load.
import { Crash } from "../errors.js";
import {
  type Access,
  forEachLink,
  type LinkName,
  type Meaning,
  plainOf,
  type RegisterOpLayout,
  readLayout,
  readMeaning,
} from "./register-op-layout.js";
import { LAYOUTS } from "./register-op-table.generated.js";

export { COLD, type RegisterOpLayout, WIDE } from "./register-op-layout.js";

/** By number: what is read where somebody asks for it, since most processes lower little. */
const LINES = LAYOUTS.trim().split("\n");
export const REGISTER_OP_COUNT = LINES.length;

const numbers = new Map(LINES.map((line, number) => [line.slice(0, line.indexOf(" ")), number]));

let rows: readonly RegisterOpLayout[] | undefined;
/** By number. */
export function registerOps(): readonly RegisterOpLayout[] {
  rows ??= LINES.map(readLayout);
  return rows;
}

/** The number of the register operation `name`. @throws Crash if there is none: a typo of ours, at load time */
export function registerOp(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Crash(`no register operation ${name}`);
  return number;
}

const meanings: (Meaning<number> | undefined)[] = [];
/** What the row of operation `op` says. */
export function meaningOf(op: number): Meaning<number> {
  let meaning = meanings[op];
  if (meaning === undefined) {
    meaning = readMeaning(registerOps()[op]!.says);
    meanings[op] = meaning;
  }
  return meaning;
}

let links: Readonly<Record<LinkName, Int32Array>> | undefined;
/** By name of a link and operation: where it leads, or −1. */
export function registerLinks(): Readonly<Record<LinkName, Int32Array>> {
  if (links === undefined) {
    const none = () => new Int32Array(REGISTER_OP_COUNT).fill(-1);
    const made = {
      inverse: none(),
      wide: none(),
      branch: none(),
      swapped: none(),
      constant: none(),
      load: none(),
      step: none(),
      sum: none(),
    };
    registerOps().forEach(({ says }, op) => {
      forEachLink(says, (name, to) => {
        made[name][op] = to;
      });
    });
    links = made;
  }
  return links;
}

/** The access that operation `op` makes to memory, if it is one. */
export function accessOf(op: number): Access<number> | undefined {
  const meaning = meaningOf(op);
  return "access" in meaning ? meaning.access : undefined;
}

/** The forms of `op` with a constant as the second operand, and as the first; −1 where there is none. */
export function constantForms(op: number): readonly [second: number, first: number] {
  const meaning = meaningOf(op);
  if (!("constant" in meaning)) return [-1, -1];
  const swapped = meaning.swapped < 0 ? undefined : meaningOf(meaning.swapped);
  return [meaning.constant, swapped !== undefined && "constant" in swapped ? swapped.constant : -1];
}

let families: Map<number, number[]> | undefined;
/** The forms of the load or store `plain`, itself among them: numbers, and what each says. */
export function formsOf(plain: number): readonly (readonly [op: number, access: Access<number>])[] {
  if (families === undefined) {
    families = new Map();
    for (const [op, { says }] of registerOps().entries()) {
      const of = plainOf(says);
      const family = families.get(of);
      if (family === undefined) families.set(of, [op]);
      else family.push(op);
    }
  }
  return (families.get(plain) ?? []).map((op) => [op, accessOf(op)!] as const);
}
