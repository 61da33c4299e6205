// Implementation limits: JavaScript API, "Implementation-defined Limits". Exceeding one is
// an InvalidError that names it. Those of that list that concern sizes at run time (elements
// of a table, pages of a memory) are not here: a module may declare more than a store gives.

import { InvalidError } from "./errors.js";

/** Largest shapes of a module that decoding accepts; counts are per module unless said otherwise. */
export interface DecodeLimits {
  /** Bytes of the whole module. */
  readonly moduleBytes: number;
  readonly types: number;
  /** Types in one recursive group. */
  readonly recursiveGroupTypes: number;
  /** Imported and defined functions together, as for the other index spaces below. */
  readonly functions: number;
  readonly tables: number;
  readonly memories: number;
  readonly globals: number;
  readonly tags: number;
  readonly imports: number;
  readonly exports: number;
  readonly elementSegments: number;
  readonly dataSegments: number;
  /** Elements of one element segment. */
  readonly elementSegmentLength: number;
  readonly params: number;
  readonly results: number;
  readonly structFields: number;
  /** Operands of one array.new_fixed. */
  readonly arrayNewFixedOperands: number;
  /** Bytes of one function body, its local declarations included. */
  readonly bodyBytes: number;
  /** Parameters and declared locals of one function. */
  readonly locals: number;
  /** Labels of one br_table, the default not counted. */
  readonly brTableLabels: number;
  /** Clauses of one try_table. Not in that list; V8's limit. */
  readonly tryTableClauses: number;
  /** Non-spec: operands that one function can have on its stack at once. */
  readonly operandStackHeight: number;
  /** UTF-8 bytes of one name. */
  readonly nameBytes: number;
}

export const DEFAULT_DECODE_LIMITS: DecodeLimits = {
  moduleBytes: 2 ** 30,
  types: 1_000_000,
  recursiveGroupTypes: 1_000_000,
  functions: 1_000_000,
  tables: 100_000,
  memories: 100,
  globals: 1_000_000,
  tags: 1_000_000,
  imports: 1_000_000,
  exports: 1_000_000,
  elementSegments: 10_000_000,
  dataSegments: 100_000,
  elementSegmentLength: 10_000_000,
  params: 1_000,
  results: 1_000,
  structFields: 10_000,
  arrayNewFixedOperands: 10_000,
  bodyBytes: 7_654_321,
  locals: 50_000,
  brTableLabels: 65_520,
  tryTableClauses: 65_520,
  operandStackHeight: 1_000_000,
  nameBytes: 100_000,
};

/** Throws InvalidError if `value` is above `limit`; `what` names the limit, as "number of types". */
export function checkLimit(what: string, value: number, limit: number, offset: number, funcidx = -1): void {
  if (value > limit) {
    throw new InvalidError(`implementation limit exceeded: ${what} is ${value}, at most ${limit}`, offset, funcidx);
  }
}
