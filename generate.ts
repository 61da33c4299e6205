// `npm run generate`: writes the generated files. CI proves that they are fresh.
import { writeFileSync } from "node:fs";
import { generateCold, generateDispatch } from "./runtime/interpreter/generate-dispatch.js";

const folder = new URL("./runtime/interpreter/", import.meta.url);
writeFileSync(new URL("dispatch.generated.ts", folder), generateDispatch({ fuel: true }));
writeFileSync(new URL("cold.generated.ts", folder), generateCold());
