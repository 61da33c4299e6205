import {
  DEFAULT_DECODE_LIMITS,
  type DecodeLimits,
  decodeModule,
  parseModule,
  TypeRegistry,
} from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import { DEFAULT_FUEL_SCHEDULE, FUEL_SCHEDULES, type FuelSchedule, type FuelScheduleName } from "../fuel-schedule.js";
import { Module } from "./module.js";

export interface EngineOptions {
  /** What instructions cost; `escapement-1` by default. */
  readonly schedule?: FuelScheduleName;
  /** Limits on modules other than the JavaScript API's. */
  readonly decodeLimits?: Partial<DecodeLimits>;
}

/** What modules share that are linked with each other: their types, and the prices of instructions. */
export class Engine {
  readonly registry = new TypeRegistry();
  readonly schedule: FuelSchedule;
  private readonly decodeLimits: DecodeLimits;

  /** @throws UsageError for an unknown schedule */
  constructor(options: EngineOptions = {}) {
    const name = options.schedule ?? DEFAULT_FUEL_SCHEDULE.name;
    if (!Object.hasOwn(FUEL_SCHEDULES, name)) {
      throw new UsageError(
        `unknown fuel schedule ${String(name)}; there are ${Object.keys(FUEL_SCHEDULES).join(", ")}`,
      );
    }
    this.schedule = FUEL_SCHEDULES[name];
    this.decodeLimits = { ...DEFAULT_DECODE_LIMITS, ...options.decodeLimits };
  }

  /**
   * Decodes and validates a module. The bytes are copied.
   * @throws MalformedError, InvalidError
   */
  compile(bytes: Uint8Array): Module {
    checkBytes(bytes);
    // A copy, because functions are lowered from the bytes later, trusting their validation.
    // What is over the limit is not worth copying: the decoder says so at once.
    const fits = bytes.length <= this.decodeLimits.moduleBytes;
    const own = fits ? new Uint8Array(bytes) : bytes;
    return new Module(this, parseModule(own, { registry: this.registry, limits: this.decodeLimits }));
  }

  /**
   * As {@link compile}, but a function's body is validated when it is first called: for modules
   * that are known to be valid, such as one that a package ships. One that is not ends in a
   * failed execution with an InvalidError.
   * @param code what {@link Module.saveCode} gave for the same module: those functions are neither validated nor
   *   lowered again. Nothing of it is checked but that it fits: it must be as trusted as this package's own code.
   * @throws MalformedError, InvalidError for everything outside of function bodies
   */
  compileLazily(bytes: Uint8Array, code: Uint8Array | null = null): Module {
    checkBytes(bytes);
    const options = { registry: this.registry, limits: this.decodeLimits };
    const { module, validateBody } = decodeModule(new Uint8Array(bytes), options);
    return new Module(this, module, (index) => validateBody(module.importedFuncCount + index), code);
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

function checkBytes(bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new UsageError("a module's bytes are a Uint8Array");
}
