import {
  DEFAULT_DECODE_LIMITS,
  type DecodedModule,
  type DecodeLimits,
  decodeModule,
  type ModuleSource,
  openModule,
  parseModule,
  TypeRegistry,
} from "../../decoder/index.js";
import { type AheadModule, checkAhead, codeFor } from "../compiler/ahead-code.js";
import { mayMakeCode } from "../compiler/scope.js";
import { AT_ONCE, type CompilerSettings, DEFAULT_SETTINGS } from "../compiler/settings.js";
import { UsageError } from "../errors.js";
import { DEFAULT_FUEL_SCHEDULE, FUEL_SCHEDULES, type FuelSchedule, type FuelScheduleName } from "../fuel-schedule.js";
import { type ChargeListener, FuelMeter } from "../lowering/fuel-meter.js";
import { giveHash } from "../module-hash.js";
import { checkOptions, type OptionNames } from "../options.js";
import type { Sha256 } from "../sha256.js";
import { Module } from "./module.js";

/** Ways to run functions. */
export type Tier = "interpreter" | "compiler" | "ahead-of-time";

export interface EngineOptions {
  /** What instructions cost; `escapement-2` by default. */
  readonly schedule?: FuelScheduleName;
  /** Limits on modules other than the JavaScript API's. */
  readonly decodeLimits?: Partial<DecodeLimits>;
  /**
   * compiler: functions that are called often are compiled to JavaScript, where the host allows it. Results, fuel, traps
   * and states are the same. `interpreter` by default.
   */
  readonly tier?: Tier;
  /**
   * Code that was compiled ahead of time (`escapement compile`), of the modules that are to be compiled: imported, one
   * or a list, or what finds it for a module's bytes; or "later": a module gets its code by {@link Module.giveAhead} when
   * it may have run for long. The tier is then `ahead-of-time`, which makes no code of text: functions that were compiled run
   * as that, the others by the interpreter.
   */
  readonly ahead?: AheadModule | readonly AheadModule[] | AheadFinder | "later";
  /** Calls after which a function is compiled; 0: at its first one, and loops soon. 100 by default. */
  readonly compileAfter?: number;
  /** Bytes of generated code that are kept for each module at the most; what was used last stays. 64 MiB by default. */
  readonly codeBytes?: number;
  /**
   * Counts how often each block of each function runs, for {@link Module.profile}: functions are run by the interpreter
   * alone, and take longer. Results and fuel are the same.
   */
  readonly profile?: boolean;
  /**
   * Meters fuel by functions and the calls that led to them, see {@link Engine.meter}: functions are run by the
   * interpreter in single steps, some fifty times slower. Default: false.
   */
  readonly meter?: boolean;
  /** Is told of each charge, in place of a meter of the engine's own: for debuggers. Not together with `meter`. */
  readonly chargeListener?: ChargeListener;
  /**
   * The host's SHA-256, by which snapshots name the engine's modules; by default our own, which takes ten times as long
   * as Node's (0.7 s for 100 MB). It is called when the first snapshot of a module is made or read.
   */
  readonly sha256?: Sha256;
}

/** Gives what was compiled ahead of time from a module of these bytes. */
export type AheadFinder = (bytes: Uint8Array, schedule: FuelScheduleName) => AheadModule;

/** What engines have that are not told: tests run everything on each tier so. */
export const defaultTier: {
  tier: Tier;
  settings: CompilerSettings;
  /** Compiles modules ahead of time, where the tier is that and an engine is told no code. */
  ahead: AheadFinder | null;
} = { tier: "interpreter", settings: DEFAULT_SETTINGS, ahead: null };

const ENGINE_OPTIONS: OptionNames<EngineOptions> = {
  schedule: true,
  decodeLimits: true,
  tier: true,
  ahead: true,
  compileAfter: true,
  codeBytes: true,
  profile: true,
  meter: true,
  chargeListener: true,
  sha256: true,
};
const DECODE_LIMITS = Object.fromEntries(
  Object.keys(DEFAULT_DECODE_LIMITS).map((name) => [name, true]),
) as OptionNames<DecodeLimits>;

export interface CompileOptions {
  /** The SHA-256 of the module's bytes, where it is known; it is not checked. */
  readonly sha256?: Uint8Array;
  /** The bytes are used where they are, and not copied: nobody may change them as long as the module lives. Default: false. */
  readonly borrowed?: boolean;
}

/** What modules share that are linked with each other: their types, and the prices of instructions. */
export class Engine {
  readonly registry = new TypeRegistry();
  readonly schedule: FuelSchedule;
  private readonly decodeLimits: DecodeLimits;
  private readonly sha256: Sha256 | undefined;
  /** How the compiler behaves; null where there is none. */
  readonly compilerSettings: CompilerSettings | null;
  /** What the functions of this engine's modules have used, if it was asked for. */
  readonly meter: FuelMeter | null;
  readonly chargeListener: ChargeListener | null;
  /** Finds code that was compiled ahead of time; null if modules run none, or are given it later. */
  private readonly ahead: ((module: DecodedModule, schedule: FuelScheduleName) => readonly AheadModule[]) | null;
  /** Whether modules may be given code that was compiled ahead of time. */
  readonly takesAheadLater: boolean;
  /** Whether modules count how often their blocks run. */
  readonly takesProfiles: boolean;

  /** @throws UsageError for an unknown option or schedule */
  constructor(options: EngineOptions = {}) {
    checkOptions("options of an Engine", options, ENGINE_OPTIONS);
    checkOptions("decodeLimits", options.decodeLimits ?? {}, DECODE_LIMITS);
    const name = options.schedule ?? DEFAULT_FUEL_SCHEDULE.name;
    if (!Object.hasOwn(FUEL_SCHEDULES, name)) {
      throw new UsageError(
        `unknown fuel schedule ${String(name)}; there are ${Object.keys(FUEL_SCHEDULES).join(", ")}`,
      );
    }
    this.schedule = FUEL_SCHEDULES[name];
    this.decodeLimits = { ...DEFAULT_DECODE_LIMITS, ...options.decodeLimits };
    const { sha256, profile = false } = options;
    if (typeof profile !== "boolean") throw new UsageError("profile is true or false");
    this.takesProfiles = profile;
    const { meter = false } = options;
    if (typeof meter !== "boolean") throw new UsageError("meter is true or false");
    if (meter && profile) throw new UsageError("meter and profile: one of them");
    this.meter = meter ? new FuelMeter() : null;
    this.chargeListener = options.chargeListener ?? this.meter;
    const tier = tierOf(options);
    const ahead = tier === "ahead-of-time" ? (options.ahead ?? defaultTier.ahead!) : null;
    this.takesAheadLater = ahead === "later";
    this.ahead = ahead === null || ahead === "later" ? null : finderOf(ahead);
    this.compilerSettings = tier === "compiler" && mayMakeCode() ? settingsFor(options) : null;
    if (sha256 !== undefined && typeof sha256 !== "function")
      throw new UsageError("sha256 is a function from bytes to 32 bytes");
    this.sha256 = sha256;
  }

  /** What functions are run by: the compiler is left out where the host refuses to make code of text. */
  get tiers(): readonly Tier[] {
    if (this.ahead !== null || this.takesAheadLater) return ["interpreter", "ahead-of-time"];
    return this.compilerSettings === null ? ["interpreter"] : ["interpreter", "compiler"];
  }

  /**
   * What was compiled ahead of time from `module`; null if this engine runs no such code.
   * @throws UsageError if the engine was given other code
   */
  aheadOf(module: DecodedModule): AheadModule | null {
    return this.ahead === null ? null : codeFor(this.ahead(module, this.schedule.name), module, this.schedule);
  }

  /**
   * Decodes and validates a module. The bytes are copied, unless they are said to be borrowed.
   * @throws MalformedError, InvalidError; UsageError for options that cannot be
   */
  compile(bytes: Uint8Array, options: CompileOptions = {}): Module {
    checkBytes(bytes);
    // A copy, because functions are lowered from the bytes later, trusting their validation.
    // What is over the limit is not worth copying: the decoder says so at once.
    const fits = bytes.length <= this.decodeLimits.moduleBytes;
    const own = fits && options.borrowed !== true ? new Uint8Array(bytes) : bytes;
    const decoded = parseModule(own, { registry: this.registry, limits: this.decodeLimits });
    return new Module(this, this.named(decoded, options));
  }

  /**
   * As {@link compile}, but a function's body is validated when it is first called: for modules
   * that are known to be valid, such as one that a package ships. One that is not ends in a
   * failed execution with an InvalidError.
   * @param code what {@link Module.saveCode} gave for the same module: those functions are neither validated nor
   *   lowered again. Nothing of it is checked but that it fits: it must be as trusted as this package's own code.
   * @throws MalformedError, InvalidError for everything outside of function bodies; UsageError for options that cannot be
   */
  compileLazily(bytes: Uint8Array, code: Uint8Array | null = null, options: CompileOptions = {}): Module {
    checkBytes(bytes);
    const parse = { registry: this.registry, limits: this.decodeLimits };
    const own = options.borrowed === true ? bytes : new Uint8Array(bytes);
    const lazy = decodeModule(own, parse);
    return new Module(this, this.named(lazy.module, options), lazy, code);
  }

  /**
   * As {@link compileLazily}, but nothing is decoded, and a function's body is read when it is first called.
   * @param outline what {@link Module.outline} gave for the same module; as trusted as `code`
   * @param source the module's bytes, which must not change. What it throws ends the execution that asked for them.
   * @returns undefined if the outline is of another version of this package
   */
  openModule(
    outline: Uint8Array,
    source: ModuleSource,
    code: Uint8Array | null = null,
    options: { readonly sha256?: Uint8Array } = {},
  ): Module | undefined {
    checkBytes(outline);
    const lazy = openModule(outline, source, { registry: this.registry, limits: this.decodeLimits });
    return lazy && new Module(this, this.named(lazy.module, options), lazy, code);
  }

  /** The module, whose hash is known or will be. */
  private named(
    module: DecodedModule,
    { sha256 = this.sha256 }: { readonly sha256?: Uint8Array | Sha256 | undefined },
  ): DecodedModule {
    if (sha256 !== undefined) giveHash(module, sha256);
    return module;
  }

  /**
   * Decodes and validates a module, and forgets it.
   * @throws MalformedError, InvalidError
   */
  static validate(bytes: Uint8Array): void {
    checkBytes(bytes);
    parseModule(bytes);
  }
}

/** @throws UsageError for a tier that there is not, or that has not what it needs */
function tierOf({ tier, profile = false, meter = false, chargeListener, ahead }: EngineOptions): Tier {
  const listens = meter || chargeListener !== undefined;
  const chosen =
    tier ?? (ahead !== undefined ? "ahead-of-time" : profile || listens ? "interpreter" : defaultTier.tier);
  if (chosen !== "interpreter" && chosen !== "compiler" && chosen !== "ahead-of-time")
    throw new UsageError(`unknown tier ${String(chosen)}; there are interpreter, compiler, ahead-of-time`);
  if (listens && chosen !== "interpreter")
    throw new UsageError(`fuel is told apart by the tier interpreter, not ${chosen}`);
  if (profile && chosen !== "interpreter")
    throw new UsageError(`a profile is taken by the tier interpreter, not ${chosen}`);
  if (ahead !== undefined && chosen !== "ahead-of-time")
    throw new UsageError(`code that was compiled ahead of time is for the tier ahead-of-time, not ${chosen}`);
  if (chosen === "ahead-of-time" && ahead === undefined && defaultTier.ahead === null)
    throw new UsageError("the tier ahead-of-time needs the option ahead: what escapement compile has written");
  return chosen;
}

/** @throws UsageError for what is no code of this version */
function finderOf(
  ahead: Exclude<NonNullable<EngineOptions["ahead"]>, "later">,
): (module: DecodedModule, schedule: FuelScheduleName) => readonly AheadModule[] {
  if (typeof ahead !== "function") {
    const codes = [ahead].flat() as readonly AheadModule[];
    codes.forEach(checkAhead);
    return () => codes;
  }
  return (module, schedule) => {
    const code = ahead(module.bytes, schedule);
    checkAhead(code);
    return [code];
  };
}

/** @throws UsageError */
function settingsFor({ compileAfter, codeBytes }: EngineOptions): CompilerSettings {
  for (const [name, value] of Object.entries({ compileAfter, codeBytes }))
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0))
      throw new UsageError(`${name} is a whole number from 0, not ${String(value)}`);
  const { settings } = defaultTier;
  const timed = compileAfter === 0 ? AT_ONCE : { ...settings, threshold: compileAfter ?? settings.threshold };
  return codeBytes === undefined ? timed : { ...timed, codeBytes };
}

function checkBytes(bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new UsageError("a module's bytes are a Uint8Array");
}
