// What a paused thread holds, for debuggers: its frames with their locals and operands, by the code map and by
// validation's types. Nothing of the thread changes: promised operands are brought into place in a copy.
//
//   (func (export "f") (param i32) … (i32.add (local.get 0) (i32.const 5)) paused before i32.add
//   → name "f", funcidx 0, offset 39, locals [i32 7], operands [i32 7, i32 5]
import { type DecodedModule, type ValType, visitTypes } from "../../decoder/index.js";
import { type BacktraceFrame, UsageError } from "../errors.js";
import { getOrMake } from "../get-or-make.js";
import { CodeMaps } from "../lowering/code-map.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { operandTypes } from "../lowering/ref-types.js";
import { readValue, type Value } from "../store/convert.js";
import type { Ref } from "../store/refs.js";
import { slotsOf, slotsOfAll } from "../values.js";
import { frames, type WasmFrame } from "./frames.js";
import { describeFrame, materialise } from "./positions.js";
import type { Thread } from "./thread.js";

/** A local or an operand of a frame. */
export interface InspectedValue {
  /** As the text format writes it: "i32", "(ref null $struct.0)", by the number of its canonical type. */
  readonly type: string;
  readonly value: Value;
}

/** A frame of a paused execution. Its `offset` is of the instruction that comes next, or of the call that is under way. */
export interface InspectedFrame extends BacktraceFrame {
  /** Parameters and declared locals, in their order; at the function's entry only parameters. */
  readonly locals: readonly InspectedValue[];
  /** The operand stack, bottom first, but for what the call that is under way has taken. */
  readonly operands: readonly InspectedValue[];
}

/** Frames that are shown if nobody says how many. */
const DEFAULT_FRAMES = 50;

/** A frame, the instruction at which it stands (undefined at the function's entry), and the first word that is its callee's. */
interface Found {
  readonly frame: WasmFrame;
  readonly context: ModuleContext;
  readonly offset: number | undefined;
  readonly end: number;
}

/**
 * The frames of wasm functions of a thread that has begun and waits, innermost first.
 * @param limit how many of them
 * @throws UsageError if `limit` is no whole number from 0
 */
export function inspectFrames(thread: Thread, limit = DEFAULT_FRAMES): InspectedFrame[] {
  if (!Number.isSafeInteger(limit) || limit < 0) throw new UsageError(`a number of frames from 0, not ${limit}`);
  const maps = new CodeMaps();
  const found: Found[] = [];
  let end = Number.POSITIVE_INFINITY;
  for (const frame of frames(thread)) {
    if (found.length === limit) break;
    if (frame.kind === "wasm") found.push(find(frame, end, maps));
    if (frame.kind === "host") end = frame.call.base;
    else if (frame.kind !== "exit") end = frame.base;
  }
  const types = new OperandTypes(found);
  return found.map((each) => inspect(thread, each, maps, types));
}

function find(frame: WasmFrame, end: number, maps: CodeMaps): Found {
  const { instance, region, pc, returnTo } = frame;
  const context = instance.code.context as ModuleContext;
  const map = maps.of(context, region);
  const offset = returnTo === 0 && region.stepping ? map.nextOffset(pc) : map.offsetAt(pc);
  if (returnTo !== 0) maps.wantSite(context, region, returnTo);
  if (offset !== undefined) maps.wantLayout(context, region.index, offset);
  return { frame, context, offset, end };
}

function inspect({ machine: m }: Thread, found: Found, maps: CodeMaps, types: OperandTypes): InspectedFrame {
  const { frame, context, offset, end } = found;
  const { region, returnTo, base } = frame;
  const layout = offset === undefined ? undefined : maps.layoutAt(context, region.index, offset);
  const locals = localTypes(context, region.index, layout === undefined);
  const slots = Math.max(slotsOfAll(locals), layout?.words.length ?? 0);
  const words = m.R.slice(base, base + 2 * slots);
  const refs: Ref[] = m.refs.slice(base >> 1, (base >> 1) + slots);
  const own = Math.min(slots, (end - base) / 2);
  if (returnTo !== 0) materialise(words, refs, 0, maps.promisesAt(context, region, returnTo), own);
  const { registry } = context.module;
  const value = (slot: number, type: ValType): InspectedValue => ({
    type: registry.describe(type),
    value: readValue(words, refs, slot, type),
  });
  let slot = 0;
  const inspected = locals.map((type) => {
    slot += slotsOf(type);
    return value(slot - slotsOf(type), type);
  });
  const operands: InspectedValue[] = [];
  if (layout !== undefined) {
    for (const [at, type] of operandTypes(layout, types.of(found))) if (at < own) operands.push(value(at, type));
  }
  const described = describeFrame(frame, maps);
  return { ...described, offset: offset ?? described.offset, locals: inspected, operands };
}

/** @param atEntry whether the declared locals do not exist yet */
function localTypes({ module }: ModuleContext, index: number, atEntry: boolean): ValType[] {
  const { params } = module.registry.funcType(module.funcs[module.importedFuncCount + index]!);
  const types = [...params];
  if (atEntry) return types;
  const { locals } = module.bodies.get(index)!;
  for (let i = 0; i < locals.length; i += 2) {
    for (let n = locals[i]!; n > 0; n--) types.push(locals[i + 1]! as ValType);
  }
  return types;
}

/** Types of operands where frames stand: each function is validated once more, however many frames it has. */
class OperandTypes {
  private readonly functions = new Map<DecodedModule, Map<number, Map<number, ArrayLike<ValType>>>>();

  constructor(found: readonly Found[]) {
    for (const { frame, context, offset } of found) {
      if (offset !== undefined) this.typesIn(context.module, frame.region.index).set(offset, []);
    }
    for (const [module, functions] of this.functions) {
      for (const [index, types] of functions) {
        visitTypes(module, index, new Set(types.keys()), (offset, { operands, height }) => {
          types.set(offset, operands.slice(0, height));
        });
      }
    }
  }

  private typesIn(module: DecodedModule, index: number): Map<number, ArrayLike<ValType>> {
    const functions = getOrMake(this.functions, module, () => new Map<number, Map<number, ArrayLike<ValType>>>());
    return getOrMake(functions, index, () => new Map<number, ArrayLike<ValType>>());
  }

  of({ frame, context, offset }: Found): ArrayLike<ValType> {
    return this.typesIn(context.module, frame.region.index).get(offset!)!;
  }
}
