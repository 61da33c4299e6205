// Entry points of the lowering: per module and per function. The way back is in code-map.ts.
import type { DecodedModule } from "../../decoder/index.js";
import type { FuelSchedule } from "../fuel-schedule.js";
import * as reserved from "../register-code/register-code.js";
import { type CodeRegion, type Handler, RegisterCode } from "../register-code/register-code.js";
import { registerOp } from "../register-code/register-op-table.js";
import { slotsOf } from "../values.js";
import type { Label } from "./control.js";
import { Emitter } from "./emitter.js";
import type { ChargeListener } from "./fuel-meter.js";
import { type EntryPoints, FunctionLowering, type LoweringRules } from "./function-lowering.js";
import { entryPrice, instructionPrice } from "./instruction-price.js";
import type { ModuleContext } from "./module-context.js";
import type { Recording } from "./recording.js";
import { ruleOf } from "./rules.js";

/** For every function. */
export const RULES: LoweringRules = { ruleOf, entryPrice, instructionPrice };

/** Register code for `module` under `schedule`, with every function still to be lowered at its first call. */
export function prepareModule(
  module: DecodedModule,
  schedule: FuelSchedule,
  validateBody: ((index: number) => void) | null = null,
  blockCounts: Map<number, number> | null = null,
  meter: ChargeListener | null = null,
): ModuleContext {
  const defined = module.bodies.length;
  const code = new RegisterCode(defined);
  code.code[reserved.PC_EXIT] = registerOp("exit");
  code.code[reserved.PC_LEAVE_INSTANCE] = registerOp("leave_instance");
  code.code[reserved.PC_INVOKE_RETURN] = registerOp("invoke_return");
  code.code[reserved.PC_HOST_RETURN] = registerOp("host_return");
  // What calls find of a function that was not lowered: a frame that no stack has room for.
  code.code[reserved.PC_LAZY] = reserved.LAZY_FRAME_WORDS;
  for (let i = 0; i < defined; i++) code.entries[2 * i] = reserved.PC_LAZY;
  const globalWords = new Int32Array(module.globals.length).fill(-1);
  let word = 0;
  for (let i = module.importedGlobalCount; i < module.globals.length; i++) {
    globalWords[i] = word;
    word += 2 * slotsOf(module.globals[i]!.type);
  }
  const signatures = new Map();
  const context: ModuleContext = { module, code, schedule, globalWords, validateBody, blockCounts, meter, signatures };
  code.context = context;
  return context;
}

export interface Lowered<R extends Recording | null = Recording | null> {
  readonly lowering: FunctionLowering;
  readonly entry: Label;
  readonly emitter: Emitter;
  readonly recording: R;
}

/** Where a lowering writes: a code array, and how to make it larger. */
export interface Target {
  code(): Int32Array;
  readonly grow: ((words: number) => Int32Array) | null;
}

/**
 * Lowers at `start`, in narrow form if the function's slots allow it.
 * @param entryPoints for the stepping form: where it may go over to the fast one
 * @param record makes what a lowering writes down, if anything
 */
export function lowerAt<R extends Recording | null>(
  context: ModuleContext,
  index: number,
  start: number,
  target: Target,
  entryPoints: EntryPoints | null,
  record: () => R,
): Lowered<R> {
  let wide = false;
  for (;;) {
    const recording = record();
    const emitter = new Emitter(target.code(), start, wide, target.grow, recording);
    const lowering = new FunctionLowering(context, index, emitter, entryPoints);
    const entry = lowering.run(RULES);
    // The wide form has no fields that could overflow.
    if (!emitter.overflow) return { lowering, entry, emitter, recording };
    wide = true;
  }
}

export function appendTo(code: RegisterCode): Target {
  return {
    code: () => code.code,
    grow: (words) => {
      code.reserve(words - code.length);
      return code.code;
    },
  };
}

/** Adds what was lowered behind the end of `code` to it. */
export function addRegion(
  code: RegisterCode,
  lowered: Lowered,
  index: number,
  start: number,
  stepping: boolean,
): CodeRegion {
  code.length = lowered.emitter.at;
  const handlers: Handler[] = lowered.lowering.clauses.map(({ from, to, kind, tagidx, label, slot, delegate }) => {
    return { from, to, kind, tagidx, target: delegate?.firstHandler ?? label.at, fuel: label.cost, slot };
  });
  const region: CodeRegion = { start, end: code.length, index, stepping, handlers };
  code.regions.push(region);
  return region;
}

/** The fast form of a function, which is lowered if it was not yet: the code array may be a new one then. */
export function fastRegion(context: ModuleContext, index: number): CodeRegion {
  return context.code.fast.get(index) ?? lowerFunction(context, index).region;
}

const NOTHING = () => null;
/** Of the stepping form of a metered function, which has no other. */
export const NO_ENTRIES: EntryPoints = { find: () => -1, at: () => -1, cost: () => 0 };

/**
 * Lowers defined function `index` to its fast form, or where fuel is metered to its stepping form, which calls enter from now on.
 * @param record as {@link lowerAt}'s; the recording is of the region that is returned with it
 * @throws InvalidError where bodies are validated lazily, and this one is not valid
 */
export function lowerFunction(context: ModuleContext, index: number): Lowered & { readonly region: CodeRegion };
export function lowerFunction<R extends Recording | null>(
  context: ModuleContext,
  index: number,
  record: () => R,
): Lowered<R> & { readonly region: CodeRegion };
export function lowerFunction(
  context: ModuleContext,
  index: number,
  record: () => Recording | null = NOTHING,
): Lowered & { readonly region: CodeRegion } {
  const { code } = context;
  context.validateBody?.(index);
  const start = code.length;
  const isMetered = context.meter !== null;
  const lowered = lowerAt(context, index, start, appendTo(code), isMetered ? NO_ENTRIES : null, record);
  const region = addRegion(code, lowered, index, start, isMetered);
  code.fast.set(index, region);
  for (const [offset, at] of lowered.lowering.loopHeads) code.loopHeads.set(offset, at);
  if (isMetered) code.stepping.set(index, region);
  code.entries[2 * index] = start;
  code.entries[2 * index + 1] = lowered.entry.cost;
  code.tier?.lowered(index);
  return { ...lowered, region };
}
