// The assertions that an engine is known to fail, with the reason. The table is exact: a row that
// passes, or that names no command of its file, makes the run fail as a wrong result does.

export interface ExpectedFailure {
  /** Name of the engine's adapter. */
  readonly engine: string;
  /** Tier, if only that one fails. */
  readonly tier?: string;
  /** Path in the suite, with slashes: `proposals/threads/memory.wast`. */
  readonly file: string;
  /** Line on which the command begins. */
  readonly line: number;
  readonly reason: string;
}

/** The proposal's scripts are older than WebAssembly 3.0, which allows several memories and tables. */
const MULTIPLE_TABLES = "the script calls several tables invalid; WebAssembly 3.0 allows them";
const MULTIPLE_MEMORIES = "the script calls several memories invalid; WebAssembly 3.0 allows them";
const LARGE_MEMORY =
  "the script calls 2^32 pages malformed text; WebAssembly 3.0 reads them, and calls them invalid (core/memory.wast)";

const NO_EXCEPTIONS = "the JavaScript API passes no exnref: a call of a function that returns one is a TypeError";
const NO_CUSTOM_SECTIONS = "the JavaScript API does not check custom sections";

export const EXPECTED_FAILURES: readonly ExpectedFailure[] = [
  ...["escapement", "js-api"].flatMap((engine) => [
    ...[309, 313, 317].map((line) => contradiction(engine, "imports", line, MULTIPLE_TABLES)),
    ...[404, 408, 412].map((line) => contradiction(engine, "imports", line, MULTIPLE_MEMORIES)),
    ...[14, 15].map((line) => contradiction(engine, "memory", line, MULTIPLE_MEMORIES)),
    ...[83, 87, 91].map((line) => contradiction(engine, "memory", line, LARGE_MEMORY)),
  ]),
  ...[18, 67, 68, 69, 70, 71, 72].map((line) => inherent("core/ref_null.wast", line, NO_EXCEPTIONS)),
  inherent("custom/metadata.code.branch_hint/branch_hint.wast", 85, NO_CUSTOM_SECTIONS),
];

function contradiction(engine: string, script: string, line: number, reason: string): ExpectedFailure {
  return { engine, file: `proposals/threads/${script}.wast`, line, reason };
}

/** What no engine can do behind the JavaScript API. */
function inherent(file: string, line: number, reason: string): ExpectedFailure {
  return { engine: "js-api", file, line, reason };
}

/** Rows of one engine and tier, by `file:line`. */
export function rowsFor(
  rows: readonly ExpectedFailure[],
  engine: string,
  tier: string | undefined,
): Map<string, ExpectedFailure> {
  const mine = rows.filter((row) => row.engine === engine && (row.tier === undefined || row.tier === tier));
  return new Map(mine.map((row) => [`${row.file}:${row.line}`, row]));
}
