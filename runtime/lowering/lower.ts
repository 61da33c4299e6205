// Entry points of the lowering: per module, per function, and the map back to wasm offsets.
import type { DecodedModule } from "../../decoder/index.js";
import type { FuelSchedule } from "../fuel-schedule.js";
import * as reserved from "../register-code/register-code.js";
import { type CodeRegion, type Handler, RegisterCode } from "../register-code/register-code.js";
import { registerOp } from "../register-code/register-op-table.js";
import { slotsOf } from "../values.js";
import type { Label } from "./control.js";
import { Emitter, type Origins } from "./emitter.js";
import {
  type EntryPoints,
  FunctionLowering,
  HEADER_WORDS,
  type ModuleContext,
  type Recording,
} from "./function-lowering.js";
import { WIDTH_REF } from "./operands.js";
import { ruleOf } from "./rules.js";

/** Register code for `module` under `schedule`, with every function still to be lowered at its first call. */
export function prepareModule(
  module: DecodedModule,
  schedule: FuelSchedule,
  validateBody: ((index: number) => void) | null = null,
): ModuleContext {
  const defined = module.bodies.length;
  const code = new RegisterCode(defined);
  code.code[reserved.PC_EXIT] = registerOp("exit");
  code.code[reserved.PC_LEAVE_INSTANCE] = registerOp("leave_instance");
  code.code[reserved.PC_INVOKE_RETURN] = registerOp("invoke_return");
  code.code[reserved.PC_HOST_RETURN] = registerOp("host_return");
  const lazy = registerOp("lazy");
  code.reserve(defined * (HEADER_WORDS + 2));
  for (let i = 0; i < defined; i++) {
    code.entries[2 * i] = code.length;
    code.length += HEADER_WORDS;
    code.code[code.length++] = lazy;
    code.code[code.length++] = i;
  }
  const globalWords = new Int32Array(module.globals.length).fill(-1);
  let word = 0;
  for (let i = module.importedGlobalCount; i < module.globals.length; i++) {
    globalWords[i] = word;
    word += 2 * slotsOf(module.globals[i]!.type);
  }
  const context: ModuleContext = { module, code, schedule, globalWords, validateBody, signatures: new Map() };
  code.context = context;
  return context;
}

interface Lowered {
  readonly lowering: FunctionLowering;
  readonly entry: Label;
  readonly emitter: Emitter;
}

/** Where a lowering writes: a code array, and how to make it larger. */
interface Target {
  code(): Int32Array;
  readonly grow: ((words: number) => Int32Array) | null;
}

/** Lowers at `start`, in narrow form if the function's slots allow it. */
function lowerAt(
  context: ModuleContext,
  index: number,
  start: number,
  target: Target,
  entryPoints: EntryPoints | null,
  record: boolean,
  wanted = -1,
): Lowered & { recording: Recording | null; origins: Origins | null } {
  let wide = false;
  for (;;) {
    const origins = record ? { at: [], offset: [], paid: [] } : null;
    const recording = record ? newRecording(wanted) : null;
    const emitter = new Emitter(target.code(), start, wide, target.grow, origins);
    const lowering = new FunctionLowering(context, index, emitter, { recording, entryPoints });
    const entry = lowering.run(ruleOf);
    // The wide form has no fields that could overflow.
    if (!emitter.overflow) return { lowering, entry, emitter, recording, origins };
    wide = true;
  }
}

function newRecording(wanted: number): Recording {
  return {
    points: [],
    ends: [],
    positions: new Map(),
    calls: new Map(),
    allocations: new Map(),
    wanted,
    found: null,
  };
}

function appendTo(code: RegisterCode): Target {
  return {
    code: () => code.code,
    grow: (words) => {
      code.reserve(words - code.length);
      return code.code;
    },
  };
}

function addRegion(code: RegisterCode, lowered: Lowered, index: number, start: number, stepping: boolean): CodeRegion {
  code.length = lowered.emitter.at;
  const handlers: Handler[] = lowered.lowering.clauses.map(({ from, to, kind, tagidx, label, slot, delegate }) => {
    return { from, to, kind, tagidx, target: delegate?.firstHandler ?? label.at, fuel: label.cost, slot };
  });
  const region: CodeRegion = { start, end: code.length, index, stepping, handlers, map: null };
  code.regions.push(region);
  return region;
}

/**
 * Lowers defined function `index` to its fast form, which calls enter from now on.
 * @throws InvalidError where bodies are validated lazily, and this one is not valid
 */
export function lowerFunction(context: ModuleContext, index: number): void {
  const { code } = context;
  context.validateBody?.(index);
  const start = code.length;
  const lowered = lowerAt(context, index, start, appendTo(code), null, false);
  code.fast.set(index, addRegion(code, lowered, index, start, false));
  code.entries[2 * index] = start;
  code.entries[2 * index + 1] = lowered.entry.cost;
}

/** What a charge point means in terms of the module. */
export interface MappedPoint {
  /** The next instruction. */
  readonly offset: number;
  /** What was charged on arrival. */
  readonly cost: number;
  /** Operands to bring into their slots, as Operands.pending gives them. */
  readonly pending: readonly number[];
  /** The function's entry, before the price of entering. */
  readonly isEntry: boolean;
}

/** What the positions of a region mean in terms of the module. */
export interface CodeMap {
  readonly points: ReadonlyMap<number, MappedPoint>;
  readonly entryPoints: EntryPoints;
  /** Positions of operations, ascending; their instructions' byte offsets; what their segments cost behind them. */
  readonly at: readonly number[];
  readonly offset: readonly number[];
  readonly rest: readonly number[];
  /** Byte offset → position of that instruction. */
  readonly positions: ReadonlyMap<number, number>;
  /** Slots of the locals that are references, ascending; how many of them are parameters. */
  readonly refLocals: readonly number[];
  readonly refParams: number;
  /** Slots of the operands that are references, as Recording has them. */
  readonly calls: ReadonlyMap<number, readonly number[]>;
  readonly allocations: ReadonlyMap<number, readonly number[]>;
}

function makeMap(region: CodeRegion, lowering: FunctionLowering, recording: Recording, origins: Origins): CodeMap {
  const points = new Map<number, MappedPoint>();
  const entryPoints = new Map<number, { at: number; cost: number }>();
  // Points that share a position agree on the cost (Segments.bind), and on every operand still in use.
  for (const { at, offset, label, pending, entry } of recording.points) {
    const isEntry = at === region.start + HEADER_WORDS;
    points.set(at, { offset, cost: label.cost, pending, isEntry });
    if (entry && !isEntry) entryPoints.set(offset, { at, cost: label.cost });
  }
  const { ends } = recording;
  let segment = 0;
  const rest = origins.at.map((at, i) => {
    while (ends[segment]! <= at) segment += 2;
    return ends[segment + 1]! - origins.paid[i]!;
  });
  const { localSlot, localWidth, signature } = lowering;
  const { positions, calls, allocations } = recording;
  const refLocals = localSlot.filter((_, i) => localWidth[i] === WIDTH_REF);
  const refParams = signature.params.filter((width) => width === WIDTH_REF).length;
  return {
    points,
    entryPoints,
    at: origins.at,
    offset: origins.offset,
    rest,
    positions,
    refLocals,
    refParams,
    calls,
    allocations,
  };
}

/** The map of a region: for a fast one by lowering the function again, into scratch space. */
export function mapOf(context: ModuleContext, region: CodeRegion): CodeMap {
  if (region.map === null) {
    const scratch = new Int32Array(region.end + 64);
    const { lowering, recording, origins } = lowerAt(
      context,
      region.index,
      region.start,
      { code: () => scratch, grow: null },
      null,
      true,
    );
    region.map = makeMap(region, lowering, recording!, origins!);
  }
  return region.map as CodeMap;
}

/** The stepping form of a function that has a fast form. */
export function steppingRegion(context: ModuleContext, index: number): CodeRegion {
  const { code } = context;
  let region = code.stepping.get(index);
  if (region === undefined) {
    const { entryPoints } = mapOf(context, code.fast.get(index)!);
    const start = code.length;
    const lowered = lowerAt(context, index, start, appendTo(code), entryPoints, true);
    region = addRegion(code, lowered, index, start, true);
    region.map = makeMap(region, lowered.lowering, lowered.recording!, lowered.origins!);
    code.stepping.set(index, region);
  }
  return region;
}

/** Slots of the references among the operands before the instruction at byte `offset`, in stepping form. */
export function operandsAt(context: ModuleContext, region: CodeRegion, offset: number): readonly number[] {
  const scratch = new Int32Array(region.end + 64);
  const target = { code: () => scratch, grow: null };
  const { recording } = lowerAt(context, region.index, region.start, target, new Map(), true, offset);
  return recording!.found ?? [];
}

/** Index of the operation at or before `pc`. */
export function operationAt(map: CodeMap, pc: number): number {
  let low = 0;
  let high = map.at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (map.at[middle]! <= pc) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
