// How rows of the register code's instruction set are written. Their notation heads register-ops.ts.
import type {
  Access,
  Address,
  Encoding,
  Field,
  Kind,
  LinkName,
  Meaning,
  RegisterOpRow,
  Type,
} from "./register-op-layout.js";
import { KINDS } from "./register-op-layout.js";

/** The generated function that a row's body is in: the dispatch loop, or one beside it. */
export type Unit = "dispatch" | "cold" | "gc" | "simd" | "simdSmall" | "simdLarge" | "simdFloat" | "atomic";

/** Links are names. */
export type RegisterOp = Encoding &
  Meaning<string | null> & {
    readonly body: string;
    readonly unit: Unit;
    /** Also in the second loop: what code with vectors does between their operations. */
    readonly between: boolean;
  };

/** Where a row goes: unless it says otherwise into the loop of its unit, in both forms. */
export interface Placement {
  readonly cold?: boolean;
  readonly narrow?: boolean;
  readonly between?: boolean;
  /** False: the result must stay in field a, since something else counts on it, or it is of several slots. */
  readonly retargetable?: false;
}

/** What a row of kind K has to say. */
type Says<K extends Kind> = WithoutKind<Extract<Meaning<string | null>, { readonly kind: K }>>;
type WithoutKind<M> = M extends unknown ? Omit<M, "kind"> : never;

/** Adds a row: its name, fields, words and body, and what its kind says. */
export type RowWriter<K extends Kind> = (
  name: string,
  fields: Encoding["fields"],
  words: string,
  body: string,
  says: Says<K> & Placement,
) => void;
export type RowWriters = { readonly [K in Kind]: RowWriter<K> };

/** Kinds whose field a is a result. Of objects, all but what is set. */
const RESULTS: ReadonlySet<Kind> = new Set(["value", "compare", "binary", "divide", "truncate", "load", "object"]);
/** Kinds without a wide form. */
const NARROW: ReadonlySet<Kind> = new Set(["leave", "driver", "call", "return", "branch", "table", "run"]);

/**
 * A writer for each kind, that appends to `rows`. Rows that say `cold` go to the unit `unit`; with `unit` other than
 * "cold" all do.
 */
export function rowWriters(rows: RegisterOp[], unit: Exclude<Unit, "dispatch">): RowWriters {
  const writers: Record<string, unknown> = {};
  for (const kind of KINDS) {
    const write: RowWriter<Kind> = (name, fields, words, body, says) => {
      const { cold = false, narrow = false, between = false, retargetable = true, ...meaning } = says;
      const beside = unit !== "cold" || cold;
      const sets = "does" in meaning && meaning.does === "set";
      rows.push({
        ...meaning,
        kind,
        name,
        fields,
        words: words === "" ? [] : words.split(" "),
        body,
        unit: beside ? unit : "dispatch",
        cold: beside,
        writesA: RESULTS.has(kind) && !sets && retargetable && fields !== "",
        narrowOnly: narrow || NARROW.has(kind),
        between,
      } as RegisterOp);
    };
    writers[kind] = write;
  }
  return writers as unknown as RowWriters;
}

/** `R[register] + $offset`. */
export const plainAddress = (register: Field): Address => ({ register, shift: 0, addend: "none", offset: "word" });

/** The access of a load: of `width` bytes to a `type`. */
export function loadOf(
  plain: string,
  width: Access<string>["width"],
  type: Type,
  signed: boolean,
  address: Access<string>["address"] = plainAddress("b"),
): { readonly access: Access<string> } {
  return { access: { plain, width, signed, type, address, value: "result" } };
}

/** The access of a store. */
export function storeOf(
  plain: string,
  width: Access<string>["width"],
  type: Type,
  address: Access<string>["address"] = plainAddress("a"),
  value: "register" | "k" | "value" = "register",
): { readonly access: Access<string> } {
  return { access: { plain, width, signed: false, type, address, value } };
}

/** The rows as the layouts of run time: links are numbers. @throws Error if a link's row does not exist */
export function layoutsOf(rows: readonly RegisterOp[]): readonly RegisterOpRow[] {
  const numbers = new Map(rows.map(({ name }, number) => [name, number]));
  const link = (name: string | null): number => {
    if (name === null) return -1;
    const number = numbers.get(name);
    if (number === undefined) throw new Error(`no register operation ${name}`);
    return number;
  };
  const LINKS: readonly LinkName[] = ["inverse", "wide", "branch", "swapped", "constant", "load", "step", "sum"];
  return rows.map(({ body: _body, unit: _unit, between: _between, ...row }) => {
    const layout: Record<string, unknown> = { ...row };
    for (const key of LINKS) if (key in layout) layout[key] = link(layout[key] as string | null);
    if ("access" in row) layout["access"] = { ...row.access, plain: link(row.access.plain) };
    return layout as unknown as RegisterOpRow;
  });
}
