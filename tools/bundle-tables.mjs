// A part of `npm run build`: the table of instructions as data in place of the calls that build it, which take 6 ms of each
// process's start.
import { readFileSync } from "node:fs";

/** From the first list of rows to where they are put together (decoder/opcodes.ts). */
const LISTS = /^const CONTROL = \[[\s\S]*?^const ROWS = \[[^\]]*\];$/m;
const COLUMNS = ["name", "opcode", "immediate", "feature", "type", "width", "traps"];

/** esbuild's plugin. */
export const tables = {
  name: "tables as data",
  setup(build) {
    build.onLoad({ filter: /\/dist\/decoder\/opcodes\.js$/ }, async ({ path }) => {
      const { OPCODES } = await import(path);
      // Rows of one shape: a property that a row lacks is there, too.
      const rows = OPCODES.map((row) => Object.fromEntries(COLUMNS.map((column) => [column, row[column] ?? null])));
      const made = `const ROWS = JSON.parse(${JSON.stringify(JSON.stringify(rows))});
        for (const row of ROWS) {
          if (row.type === null) row.type = undefined;
          if (row.width === null) row.width = undefined;
        }`;
      const text = readFileSync(path, "utf8");
      if (!LISTS.test(text)) throw new Error(`${path} has its rows otherwise: bundle-tables.mjs`);
      return { contents: text.replace(LISTS, () => made) };
    });
  },
};
