// A suite's results: as a table, and as files in bench/results/.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { csvFormat } from "d3-dsv";
import { formatNumber } from "../report.js";
import { chartOf } from "./chart.js";
import type { Row, SuiteResult } from "./suite.js";

const CELLS: readonly (readonly [head: string, cell: (row: Row) => string | number | null])[] = [
  ["case", (row) => row.case],
  ["engine", (row) => row.engine],
  ["first, ms", (row) => row.first],
  ["median, ms", (row) => row.median],
  ["minimum, ms", (row) => row.minimum],
  ["rounds", (row) => row.rounds || null],
  ["ratio", (row) => row.ratio?.ratio ?? null],
  ["ratio, low", (row) => row.ratio?.low ?? null],
  ["ratio, high", (row) => row.ratio?.high ?? null],
  ["peak, MiB", (row) => row.peakMebibytes],
  ["note", (row) => row.note],
];

/** The rows of a suite as text, an empty line between cases. */
export function formatSuite({ title, reference, rows, notes, stamp }: SuiteResult): string {
  const shown = (cell: string | number | null): string =>
    cell === null ? "-" : typeof cell === "number" ? formatNumber(cell) : cell;
  const table = [CELLS.map(([head]) => head), ...rows.map((row) => CELLS.map(([, cell]) => shown(cell(row))))];
  const widths = CELLS.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const lines = table.map((cells) =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : i === cells.length - 1 ? cell : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  const spaced = lines
    .slice(1)
    .flatMap((line, i) => (i > 0 && rows[i]!.case !== rows[i - 1]!.case ? ["", line] : [line]));
  const about = `Ratios to ${reference}, of the same rounds, with intervals of 95%. Load at the start: ${stamp.load.toFixed(1)}.`;
  return [
    `## ${title}`,
    "",
    lines[0]!,
    widths.map((width) => "-".repeat(width)).join("  "),
    ...spaced,
    "",
    about,
    ...notes,
    "",
  ].join("\n");
}

/** Writes FOLDER/SUITE.json, .csv and .svg. */
export async function writeResults(folder: string, result: SuiteResult): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = (extension: string): string => path.join(folder, `${result.suite}.${extension}`);
  writeFileSync(file("json"), `${JSON.stringify(result, null, 1)}\n`);
  const records = result.rows.map((row) => Object.fromEntries(CELLS.map(([head, cell]) => [head, cell(row) ?? ""])));
  writeFileSync(
    file("csv"),
    `${csvFormat(
      records,
      CELLS.map(([head]) => head),
    )}\n`,
  );
  writeFileSync(file("svg"), await chartOf(result));
}
