// `npm run generate`: writes the generated files. CI proves that they are fresh.
import { readFileSync, writeFileSync } from "node:fs";
import { fileOf, generateDispatch, generateTable, generateUnit, UNITS } from "./generate-dispatch.js";
import { generatePart } from "./generate-parts.js";

const interpreter = new URL("../runtime/interpreter/generated/", import.meta.url);
writeFileSync(new URL("dispatch.generated.ts", interpreter), generateDispatch({ fuel: true }));
writeFileSync(new URL("roaming.generated.ts", interpreter), generateDispatch({ fuel: true, roaming: true }));
for (const unit of UNITS) writeFileSync(new URL(`${fileOf(unit)}.generated.ts`, interpreter), generateUnit(unit));
writeFileSync(new URL("../runtime/register-code/register-op-table.generated.ts", import.meta.url), generateTable());
const patch = new URL("../micropython-wasm/patch/", import.meta.url);
const PARTS = [
  "tables",
  "builtins",
  "errors",
  "operators",
  "numbers",
  "floats",
  "heap",
  "blocks",
  "strings",
  "text",
  "random",
  "lexer",
  "parser",
  "calls",
];
for (const part of PARTS) {
  const generated = await generatePart(part, readFileSync(new URL(`${part}.wat`, patch), "utf8"));
  writeFileSync(new URL(`${part}.generated.ts`, patch), generated);
}
