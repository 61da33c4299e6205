// Compiling a module ahead of time: the face of compiler/ahead-text.ts.
import { parseModule, TypeRegistry } from "../../decoder/index.js";
import { type AheadText, aheadText } from "../compiler/ahead-text.js";
import { readProfile } from "../compiler/profile.js";
import { UsageError } from "../errors.js";
import { DEFAULT_FUEL_SCHEDULE, FUEL_SCHEDULES, type FuelScheduleName } from "../fuel-schedule.js";
import { prepareModule } from "../lowering/lower.js";
import { checkOptions, type OptionNames } from "../options.js";

export interface AheadOptions {
  /** Under which the code will run; the engine's default. */
  readonly schedule?: FuelScheduleName;
  /**
   * What `Module.profile` gave, of this module: functions that it did not see are left to the interpreter, as are blocks
   * of others. Without one, everything is compiled.
   */
  readonly profile?: string;
  /** Functions that were called less often in the profile are left to the interpreter, too; 1 by default. */
  readonly leastCalls?: number;
}

const OPTIONS: OptionNames<AheadOptions> = { schedule: true, profile: true, leastCalls: true };

/**
 * Compiles a module to the text of an ECMAScript module, for {@link EngineOptions.ahead} of this very version.
 * @throws MalformedError, InvalidError; UsageError for options that cannot be, or a profile of another module
 */
export function compileAhead(bytes: Uint8Array, options: AheadOptions = {}): AheadText {
  checkOptions("options of compileAhead", options, OPTIONS);
  const { schedule = DEFAULT_FUEL_SCHEDULE.name, profile, leastCalls = 1 } = options;
  if (!Object.hasOwn(FUEL_SCHEDULES, schedule)) throw new UsageError(`unknown fuel schedule ${String(schedule)}`);
  const module = parseModule(bytes, { registry: new TypeRegistry() });
  const counts = profile === undefined ? null : readProfile(module, profile);
  return aheadText(prepareModule(module, FUEL_SCHEDULES[schedule]), counts, leastCalls);
}
