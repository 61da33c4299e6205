// What rows of the register code's instruction set say, and the compact form of that: all that is loaded at run time.
//
// A row's kind decides what else it must say, or it does not compile: a branch its inverse, an access its width and
// address. Fusion, the driver's accesses, the warm-up and the generator read that. Names are for people.

/** Escapes in the op byte. */
export const COLD = 255;
export const WIDE = 254;

export type Field = "a" | "b" | "c";
/** What an operand or a result is. */
export type Type = "i32" | "i64" | "f32" | "f64" | "v128" | "ref";

/** How an access computes its address: `(R[register] << shift) + addend`, modulo 2^32, and then `+ offset`. */
export interface Address {
  readonly register: Field;
  readonly shift: 0 | 1 | 2 | 3;
  /** "k": the word of that name. "c": the register in field c. */
  readonly addend: "none" | "k" | "c";
  /** "word": the word `offset`. "field": field c, as it is. */
  readonly offset: "word" | "field";
}

/** An access to memory. `Link` names an operation: by its name in rows, by its number at run time. */
export interface Access<Link> {
  /** The operation that this one is a form of: i32.load for i32.load_near. */
  readonly plain: Link;
  readonly width: 1 | 2 | 4 | 8 | 16;
  /** A load extends the sign. */
  readonly signed: boolean;
  /** Of the value in its slot. Floats move as the integers of their size. */
  readonly type: Type;
  /** "constant": known, aligned and in bounds. "general": any memory, by effectiveAddress or atomicAddress. */
  readonly address: Address | "constant" | "general";
  /** What is stored: a register's value, or the word of that name. Loads have a result. */
  readonly value: "result" | "register" | "k" | "value";
}

/** What a row says beside its encoding. A link to a row that there is not is null in rows, and −1 at run time. */
export type Meaning<Link> =
  /** Leaves the loop, always. */
  | { readonly kind: "leave" }
  /** The driver does it (interpreter/operations.ts). */
  | {
      readonly kind: "driver";
      /**
       * How the guest goes on. "anew": the operation may have to wait for more fuel, and is then begun anew.
       * "next": behind it. "callee": in a function. "handler": where an exception is caught.
       */
      readonly resume: "anew" | "next" | "callee" | "handler";
    }
  | { readonly kind: "call"; readonly callee: "function" | "imported" | "table" | "reference" }
  | { readonly kind: "return" }
  | {
      readonly kind: "branch";
      readonly tests: Type | "nothing" | "fuel";
      /** The branch that is taken exactly when this one is not. */
      readonly inverse: Link;
      /** The same in functions of more than 256 slots. */
      readonly wide: Link;
      /** The same with its operands exchanged. */
      readonly swapped: Link;
      /** The same of field a, which an addition gives its value first: of field b and a constant. */
      readonly step: Link;
      /** So, of fields b and c. */
      readonly sum: Link;
    }
  /** A jump table: its index is a register's, or a byte of memory. */
  | { readonly kind: "table"; readonly index: "register" }
  | { readonly kind: "table"; readonly index: "memory"; readonly access: Access<Link> }
  /** Several moves or constants in one. */
  | { readonly kind: "run" }
  /** Changes something other than the slot that field a names, or more than that. */
  | { readonly kind: "effect" }
  /** Puts a result in a. */
  | { readonly kind: "value"; readonly takes: Type | "nothing" }
  | {
      readonly kind: "compare";
      readonly takes: Type;
      /** The comparison that is true exactly when this one is false. */
      readonly inverse: Link;
      /** The branch that is taken when it is true. */
      readonly branch: Link;
      /** The same with its operands exchanged. */
      readonly swapped: Link;
      /** The same with a constant as the second operand. */
      readonly constant: Link;
    }
  | {
      readonly kind: "binary";
      readonly takes: Type;
      /** The branch that is taken when the result is not 0. */
      readonly branch: Link;
      /** The same with its operands exchanged: itself, if it commutes. */
      readonly swapped: Link;
      /** The same with a constant as the second operand. */
      readonly constant: Link;
      /** The same with the second operand from memory. */
      readonly load: Link;
    }
  /** A quotient or a remainder: traps where there is none. */
  | { readonly kind: "divide"; readonly takes: Type }
  /** Float to integer: traps where it does not fit. */
  | { readonly kind: "truncate"; readonly takes: Type }
  | { readonly kind: "load"; readonly access: Access<Link> }
  | { readonly kind: "store"; readonly access: Access<Link> }
  /** Of an object of the GC heap. */
  | {
      readonly kind: "object";
      readonly of: "struct" | "array" | "i31";
      readonly does: "new" | "get" | "set" | "length";
      /** Bits of a cell, or "ref"; "i31" is a reference that is read or written as a number. "any": it does not matter. */
      readonly cells: "8" | "16" | "32" | "64" | "128" | "ref" | "i31" | "any";
    };
export type Kind = Meaning<unknown>["kind"];

/** How a row is encoded. */
export interface Encoding {
  readonly name: string;
  /** Operand fields in use. */
  readonly fields: "" | "a" | "ab" | "abc";
  readonly words: readonly string[];
  /** Not in the dispatch loop: encoded behind an escape. */
  readonly cold: boolean;
  /** Field a is a result that nothing but `a` names: the next local.set may retarget it. */
  readonly writesA: boolean;
  /** Has no wide form: control transfers, some of which have `.wide` rows of their own, and fused forms. */
  readonly narrowOnly: boolean;
}

/** A row as it is loaded: what its kind says is still text, which readMeaning reads where it is asked for. */
export interface RegisterOpLayout extends Encoding {
  readonly says: string;
}
/** A row of which all is read. */
export type RegisterOpRow = Encoding & Meaning<number>;

// ---- The compact form: a line of words ----
//   name fields flags kind:…:… words       i32.lt_s abc w compare:i32:70:15:60:57
// flags: c cold, w writes field a, n narrow only. Behind the kind comes what it says, in the order of SAYS. Links are
// numbers. An access is its parts in their order above, with commas; an address "b2kf" is register, shift, and the first
// letters of addend and offset.

type Part = "text" | "link" | "access";
export type LinkName = "inverse" | "wide" | "branch" | "swapped" | "constant" | "load" | "step" | "sum";
/** What each kind says, in which order. */
const SAYS: Readonly<Record<Kind, Readonly<Record<string, Part>>>> = {
  leave: {},
  driver: { resume: "text" },
  call: { callee: "text" },
  return: {},
  branch: { tests: "text", inverse: "link", wide: "link", swapped: "link", step: "link", sum: "link" },
  table: { index: "text", access: "access" },
  run: {},
  effect: {},
  value: { takes: "text" },
  compare: { takes: "text", inverse: "link", branch: "link", swapped: "link", constant: "link" },
  binary: { takes: "text", branch: "link", swapped: "link", constant: "link", load: "link" },
  divide: { takes: "text" },
  truncate: { takes: "text" },
  load: { access: "access" },
  store: { access: "access" },
  object: { of: "text", does: "text", cells: "text" },
};
export const KINDS = Object.keys(SAYS) as readonly Kind[];

const ADDENDS: readonly Address["addend"][] = ["none", "k", "c"];
const OFFSETS: readonly Address["offset"][] = ["word", "field"];

function writeAccess({ plain, width, signed, type, address, value }: Access<number>): string {
  const where =
    typeof address === "string"
      ? address
      : `${address.register}${address.shift}${address.addend[0]}${address.offset[0]}`;
  return [plain, width, signed ? "s" : "u", type, where, value].join(",");
}

function readAccess(text: string): Access<number> {
  const [plain, width, sign, type, where, value] = text.split(",") as [string, string, string, Type, string, string];
  const address =
    where === "constant" || where === "general"
      ? where
      : {
          register: where[0] as Field,
          shift: Number(where[1]) as Address["shift"],
          addend: ADDENDS.find(([letter]) => letter === where[2])!,
          offset: OFFSETS.find(([letter]) => letter === where[3])!,
        };
  return {
    plain: Number(plain),
    width: Number(width) as Access<number>["width"],
    signed: sign === "s",
    type,
    address,
    value: value as Access<number>["value"],
  };
}

export function writeLayout(row: RegisterOpRow): string {
  const { name, fields, words, cold, writesA, narrowOnly, kind } = row;
  const flags = `${cold ? "c" : ""}${writesA ? "w" : ""}${narrowOnly ? "n" : ""}`;
  const said = row as unknown as Readonly<Record<string, unknown>>;
  const parts: unknown[] = [kind];
  for (const [key, part] of Object.entries(SAYS[kind])) {
    const value = said[key];
    if (value !== undefined) parts.push(part === "access" ? writeAccess(value as Access<number>) : value);
  }
  return [name, fields || "-", flags || "-", parts.join(":"), ...words].join(" ");
}

const NO_WORDS: readonly string[] = [];

export function readLayout(text: string): RegisterOpLayout {
  // By index: taking it apart by a pattern takes three times as long, at each start.
  const parts = text.split(" ");
  const fields = parts[1]!;
  const flags = parts[2]!;
  return {
    name: parts[0]!,
    fields: fields === "-" ? "" : (fields as Encoding["fields"]),
    words: parts.length === 4 ? NO_WORDS : parts.slice(4),
    cold: flags.includes("c"),
    writesA: flags.includes("w"),
    narrowOnly: flags.includes("n"),
    says: parts[3]!,
  };
}

export function readMeaning(says: string): Meaning<number> {
  const [kind, ...parts] = says.split(":") as [Kind, ...string[]];
  const meaning: Record<string, unknown> = { kind };
  Object.entries(SAYS[kind]).forEach(([key, part], i) => {
    const text = parts[i];
    if (text !== undefined) meaning[key] = part === "text" ? text : part === "link" ? Number(text) : readAccess(text);
  });
  return meaning as unknown as Meaning<number>;
}

/** Kinds that have links: which parts of theirs these are, by name. */
const LINKS = new Map<string, readonly (readonly [link: LinkName, part: number])[]>();
for (const kind of KINDS) {
  const parts = Object.entries(SAYS[kind]);
  const links = parts.flatMap(([key, part], i) => (part === "link" ? [[key as LinkName, i + 1] as const] : []));
  if (links.length > 0) LINKS.set(kind, links);
}
/** Calls `use` with each link that `says` has. */
export function forEachLink(says: string, use: (link: LinkName, to: number) => void): void {
  const links = LINKS.get(says.slice(0, says.indexOf(":")));
  if (links === undefined) return;
  const parts = says.split(":");
  for (const [link, part] of links) use(link, Number(parts[part]));
}

/** The operation that the load or store which says `says` is a form of; −1 if it is neither. */
export function plainOf(says: string): number {
  const [kind, access] = says.split(":", 2);
  return kind === "load" || kind === "store" ? Number.parseInt(access!, 10) : -1;
}
