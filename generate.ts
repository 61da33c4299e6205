// `npm run generate`: writes the generated files. CI proves that they are fresh.
import { writeFileSync } from "node:fs";
import { fileOf, generateDispatch, generateUnit, UNITS } from "./runtime/interpreter/generate-dispatch.js";

const folder = new URL("./runtime/interpreter/", import.meta.url);
writeFileSync(new URL("dispatch.generated.ts", folder), generateDispatch({ fuel: true }));
for (const unit of UNITS) writeFileSync(new URL(`${fileOf(unit)}.generated.ts`, folder), generateUnit(unit));
