// Results as data, and the table that is printed of them.

/** What issue or README promises about one number, beside what was measured. */
export interface Mark {
  readonly what: string;
  /** The largest value that holds. */
  readonly limit: number;
  /** Null if this host cannot measure it. */
  readonly measured: number | null;
  readonly unit: "" | "x" | "%" | " MiB" | " bytes";
}

export interface Section {
  readonly name: string;
  readonly title: string;
  /** Column heads; the first is the row's name. */
  readonly columns: readonly string[];
  /** Numbers are milliseconds unless the head says otherwise; null prints as a dash. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly marks: readonly Mark[];
  readonly notes?: readonly string[];
  /** What the rows were made of, for the JSON report. */
  readonly detail?: unknown;
}

export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(1);
  if (Math.abs(value) >= 0.1 || value === 0) return value.toFixed(2);
  return value.toFixed(4);
}

export function formatMark(mark: Mark): string {
  const { what, limit, measured, unit } = mark;
  const promise = `mark: ${what} ${limit}${unit}`;
  if (measured === null) return `${promise}: not measured`;
  return `${promise}, measured ${formatNumber(measured)}${unit}: ${measured <= limit ? "holds" : "falls short"}`;
}

/** A section as text: title, aligned table, marks, notes. */
export function formatSection(section: Section): string {
  const cells = [section.columns, ...section.rows].map((row) =>
    row.map((cell) => (cell === null ? "-" : typeof cell === "number" ? formatNumber(cell) : cell)),
  );
  const widths = section.columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [
    `## ${section.title}`,
    "",
    lines[0]!,
    rule,
    ...lines.slice(1),
    "",
    ...section.marks.map(formatMark),
    ...(section.notes ?? []),
    "",
  ].join("\n");
}
