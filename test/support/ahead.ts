// Compiling ahead of time in this very process, for tests of whatever module: what is imported from a file otherwise.
import { type DecodedModule, parseModule } from "../../decoder/index.js";
import type { AheadModule } from "../../runtime/compiler/ahead-code.js";
import { aheadText } from "../../runtime/compiler/ahead-text.js";
import type { BlockCounts } from "../../runtime/compiler/profile.js";
import { FUEL_SCHEDULES, type FuelScheduleName } from "../../runtime/fuel-schedule.js";
import { prepareModule } from "../../runtime/lowering/lower.js";
import { hex, sha256 } from "../../runtime/sha256.js";

/** What importing the text gives. */
export function importAhead(text: string): AheadModule {
  const script = text.replaceAll(/^export /gm, "");
  return new Function(`${script}\nreturn { about, functions, make };`)() as AheadModule;
}

const known = new Map<string, AheadModule>();

/** @param countsOf makes a profile */
export function aheadOf(
  bytes: Uint8Array,
  schedule: FuelScheduleName,
  countsOf: ((module: DecodedModule) => BlockCounts) | null = null,
): AheadModule {
  const key = `${hex(sha256(bytes))} ${schedule} ${countsOf?.name}`;
  let code = known.get(key);
  if (code === undefined) {
    const module = parseModule(bytes);
    const counts = countsOf === null ? null : countsOf(module);
    code = importAhead(aheadText(prepareModule(module, FUEL_SCHEDULES[schedule]), counts).text);
    known.set(key, code);
  }
  return code;
}
