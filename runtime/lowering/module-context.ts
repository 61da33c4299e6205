// What the lowering of a module's functions has in common.
import type { DecodedModule } from "../../decoder/index.js";
import type { FuelSchedule } from "../fuel-schedule.js";
import type { RegisterCode } from "../register-code/register-code.js";
import type { ChargeListener } from "./fuel-meter.js";

/** Words of a function's header: frame size, words to zero, first word to zero. */
export const HEADER_WORDS = 3;

/** What lowering needs to know about a module, computed once. */
export interface ModuleContext {
  readonly module: DecodedModule;
  readonly code: RegisterCode;
  readonly schedule: FuelSchedule;
  /** globalidx → first word in the instance's cells, −1 for imported globals. */
  readonly globalWords: Int32Array;
  /** Validates defined function `index` before it is lowered; null where all of them were validated at once. */
  readonly validateBody: ((index: number) => void) | null;
  /** How often blocks have run, by the byte offsets of their first instructions; null where no profile is taken. */
  readonly blockCounts: Map<number, number> | null;
  /** Told of each charge; null where fuel is not metered by functions. */
  readonly meter: ChargeListener | null;
  /** Function types by canonical id, as widths. */
  readonly signatures: Map<number, Signature>;
}

export interface Signature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}
