// A part of `npm run build`: the table of instructions as data in place of the calls that build it, which take 6 ms of each
// process's start.
import { readFileSync } from "node:fs";

/** From the first list of rows to where they are put together (decoder/opcodes.ts). */
const LISTS = /^const CONTROL = \[[\s\S]*?^const ROWS = \[[^\]]*\];$/m;
/** A row is a line of these with commas, "-" for none; traps are one of a list. */
const COLUMNS = ["name", "opcode", "immediate", "feature", "type", "width", "traps"];

/** Runs where the table is loaded: rows of one shape, a property that a row lacks is there, too. */
function readRows(text, traps) {
  return text.split("\n").map((line) => {
    const [name, opcode, immediate, feature, type, width, which] = line.split(",");
    return {
      name,
      opcode: +opcode,
      immediate,
      feature,
      type: type === "-" ? undefined : type,
      width: width === "-" ? undefined : +width,
      traps: traps[which],
    };
  });
}

/** esbuild's plugin. */
export const tables = {
  name: "tables as data",
  setup(build) {
    build.onLoad({ filter: /\/dist\/decoder\/opcodes\.js$/ }, async ({ path }) => {
      const { OPCODES } = await import(path);
      const traps = [];
      const lines = OPCODES.map((row) => {
        const written = JSON.stringify(row.traps);
        if (!traps.includes(written)) traps.push(written);
        const known = { ...row, traps: traps.indexOf(written) };
        return COLUMNS.map((column) => String(known[column] ?? "-")).join(",");
      });
      const made = `${readRows}
        const ROWS = readRows(${JSON.stringify(lines.join("\n"))}, [${traps.join()}]);`;
      // What was written has to be what is read.
      const again = readRows(
        lines.join("\n"),
        traps.map((text) => JSON.parse(text)),
      );
      for (const [i, row] of OPCODES.entries())
        for (const column of COLUMNS)
          if (JSON.stringify(again[i][column]) !== JSON.stringify(row[column]))
            throw new Error(`${row.name}: ${column} is lost: bundle-tables.mjs`);
      const text = readFileSync(path, "utf8");
      if (!LISTS.test(text)) throw new Error(`${path} has its rows otherwise: bundle-tables.mjs`);
      return { contents: text.replace(LISTS, () => made) };
    });
  },
};
