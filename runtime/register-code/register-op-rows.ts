// What a row of the register code's instruction set is, and how rows are written. Their notation
// heads register-ops.ts.

/** Escapes in the op byte. */
export const COLD = 255;
export const WIDE = 254;

/** What the lowering needs to know of a row. */
export interface RegisterOpLayout {
  readonly name: string;
  /** Operand fields in use: "", "a", "ab" or "abc". */
  readonly fields: string;
  readonly words: readonly string[];
  /** Not in the dispatch loop: encoded behind an escape. */
  readonly cold: boolean;
  /** Field a is a result that nothing but `a` names: the next local.set may retarget it. */
  readonly writesA: boolean;
  /** Has no wide form: control transfers, which have `wide.` rows of their own, and fused forms. */
  readonly narrowOnly: boolean;
}

/** The generated function that a row's body is in: the dispatch loop, or one beside it. */
export type Unit = "dispatch" | "cold" | "gc" | "simd" | "simdSmall" | "simdLarge" | "simdFloat" | "atomic";

export interface RegisterOp extends RegisterOpLayout {
  readonly body: string;
  readonly unit: Unit;
}

/** The text of a layout: the name, the fields, flags, the words. */
export function writeLayout({ name, fields, words, cold, writesA, narrowOnly }: RegisterOpLayout): string {
  const flags = `${cold ? "c" : ""}${writesA ? "w" : ""}${narrowOnly ? "n" : ""}`;
  return [name, fields || "-", flags || "-", ...words].join(" ");
}

export function readLayout(text: string): RegisterOpLayout {
  const [name, fields, flags, ...words] = text.split(" ");
  return {
    name: name!,
    fields: fields === "-" ? "" : fields!,
    words,
    cold: flags!.includes("c"),
    writesA: flags!.includes("w"),
    narrowOnly: flags!.includes("n"),
  };
}

/**
 * Adds a row: its name, fields, words and body. `flags` are any of "cold"; "narrow"; "sink", if
 * what looks like a result in field a is none; "writes", if field a is a result though the body
 * does not look like it.
 */
export type RowWriter = (name: string, fields: string, words: string, body: string, flags?: string) => void;

/**
 * A writer that appends to `rows`. Rows flagged "cold" go to the unit `unit`, and with `unit`
 * other than "cold" all do.
 */
export function rowWriter(rows: RegisterOp[], unit: Exclude<Unit, "dispatch">): RowWriter {
  return (name, fields, words, body, flags = "") => {
    const cold = unit !== "cold" || flags.includes("cold");
    const writes = flags.includes("writes") || /\b[RDSH]\[a\] = |@f(32|64)\(a|\(R, A,/.test(body);
    rows.push({
      name,
      fields,
      words: words === "" ? [] : words.split(" "),
      body,
      unit: cold ? unit : "dispatch",
      cold,
      writesA: writes && !flags.includes("sink"),
      narrowOnly: flags.includes("narrow"),
    });
  };
}
