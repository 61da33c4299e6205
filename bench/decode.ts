// Decoding and validating MicroPython's module, against V8's `WebAssembly.validate`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseModule } from "../decoder/index.js";
import { compare, type Effort } from "./measure.js";
import type { Section } from "./report.js";

/** The bytes of the MicroPython artifact. */
export function micropythonBytes(): Uint8Array {
  const path = createRequire(import.meta.url).resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm");
  return new Uint8Array(readFileSync(path));
}

/** Rounds before the timed ones, in which V8 compiles the decoder. */
const WARM_UP_ROUNDS = 20;

export async function decodeSection(effort: Effort): Promise<Section> {
  const bytes = micropythonBytes();
  if (!WebAssembly.validate(bytes)) throw new Error("V8 finds MicroPython's module not valid");
  for (let i = 0; i < WARM_UP_ROUNDS; i++) parseModule(bytes);
  const timings = await compare({ V8: () => WebAssembly.validate(bytes), ours: () => parseModule(bytes) }, effort);
  const ratio = timings.ours.min / timings.V8.min;
  return {
    name: "decode",
    title: `Decoding and validating MicroPython's module (${bytes.length} bytes), warm`,
    columns: ["ms", "minimum", "median", "minimum/V8"],
    rows: [
      ["V8, WebAssembly.validate", timings.V8.min, timings.V8.median, 1],
      ["parseModule", timings.ours.min, timings.ours.median, ratio],
    ],
    detail: timings,
    marks: [{ what: "parseModule / WebAssembly.validate, at most", limit: 40, measured: ratio, unit: "x" }],
  };
}
