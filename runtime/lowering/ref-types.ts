// Which slots of a frame hold references, and of which types: for what comes from outside and is
// checked. The layout says where the operands are, validation of what types they are.
import { EXNREF, isDefaultable, isRef, type TypeState, type ValType, visitTypes } from "../../decoder/index.js";
import { slotsOf } from "../values.js";
import type { CodeMaps } from "./code-map.js";
import type { FrameLayout, RefSlot } from "./frame-layout.js";
import type { ModuleContext } from "./module-context.js";

/** Slots of references in a row of values of these types. */
export function refSlots(types: readonly ValType[], first: number): RefSlot[] {
  const found: RefSlot[] = [];
  let slot = first;
  for (const type of types) {
    if (isRef(type)) found.push({ slot, type, unset: false });
    slot += slotsOf(type);
  }
  return found;
}

/** Slots of the parameters of defined function `index` that are references: all that it has when it is entered. */
export function entryRefs({ module }: ModuleContext, index: number): RefSlot[] {
  const { params } = module.registry.funcType(module.funcs[module.importedFuncCount + index]!);
  return refSlots(params, 0);
}

/**
 * Slots of the references of defined function `index` before the instructions at these byte offsets;
 * without those at which no instruction begins that can be reached.
 * @throws InvalidError if the function has not been validated, and is not valid
 */
export function refsAt(
  context: ModuleContext,
  index: number,
  offsets: ReadonlySet<number>,
  maps: CodeMaps,
): ReadonlyMap<number, readonly RefSlot[]> {
  const found = new Map<number, readonly RefSlot[]>();
  // Validated to the end before anything is lowered: lowering trusts what it reads.
  const states = new Map<number, { readonly locals: readonly RefSlot[]; readonly operands: Int32Array }>();
  let room = maps.room;
  visitTypes(context.module, index, offsets, (offset, state) => {
    room -= state.height;
    if (room < 0) return;
    const operands = state.operands.slice(0, state.height);
    states.set(offset, { locals: localRefs(context, index, state), operands });
  });
  for (const [offset, { locals, operands }] of states) {
    const layout = maps.layoutAt(context, index, offset);
    if (layout !== undefined) found.set(offset, [...locals, ...operandRefs(layout, operands)]);
  }
  return found;
}

function operandRefs(layout: FrameLayout, types: ArrayLike<ValType>): RefSlot[] {
  const found: RefSlot[] = [];
  for (const [slot, type] of operandTypes(layout, types))
    if (layout.words[slot] === 0) found.push({ slot, type, unset: false });
  return found;
}

/**
 * Slots of operands, bottom first, with their types.
 * @param types of those that validation knows ({@link TypeState}); the hidden ones are exceptions
 */
export function* operandTypes(
  { operands, hidden }: FrameLayout,
  types: ArrayLike<ValType>,
): Generator<readonly [slot: number, type: ValType]> {
  let next = 0;
  for (let i = 0; i < operands.length; i++) yield [operands[i]!, hidden.has(i) ? EXNREF : types[next++]!];
}

function localRefs(context: ModuleContext, index: number, state: TypeState): RefSlot[] {
  const { module } = context;
  const found = entryRefs(context, index);
  const { params } = module.registry.funcType(module.funcs[module.importedFuncCount + index]!);
  const { locals } = module.bodies.get(index)!;
  let local = params.length;
  let slot = params.reduce((sum, type) => sum + slotsOf(type), 0);
  for (let i = 0; i < locals.length; i += 2) {
    const type = locals[i + 1]!;
    const width = slotsOf(type);
    if (!isRef(type)) {
      local += locals[i]!;
      slot += width * locals[i]!;
      continue;
    }
    for (let n = locals[i]!; n > 0; n--, local++, slot += width) {
      found.push({ slot, type, unset: !isDefaultable(type) && !state.isInitialized(local) });
    }
  }
  return found;
}
