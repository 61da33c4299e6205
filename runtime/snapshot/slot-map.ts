// What the slots of a frame hold before a given instruction: found by lowering and validating the
// function's body once more, so that nothing of it has to be kept while code runs.

import { EXNREF, InstructionReader, isDefaultable, isRef, OP, type ValType } from "../../decoder/index.js";
import { DEFAULT_DECODE_LIMITS } from "../../decoder/limits.js";
import { ModuleDraft } from "../../decoder/module-draft.js";
import { CodeValidator } from "../../decoder/validate-code.js";
import { Emitter } from "../lowering/emitter.js";
import { FunctionLowering, type ModuleContext } from "../lowering/function-lowering.js";
import { WIDTH_REF } from "../lowering/operands.js";
import { ruleOf } from "../lowering/rules.js";
import { slotsOf } from "../values.js";

/** A slot that holds a reference. */
export interface RefSlot {
  readonly slot: number;
  readonly type: ValType;
  /** A local without a default value that may not have been set: may hold null, whatever its type. */
  readonly unset: boolean;
}

export interface SlotMap {
  readonly refs: readonly RefSlot[];
  /** If the instruction is a call that returns here: slot of its first argument, −1 otherwise. */
  readonly base: number;
  /** Canonical id of the type that is called. */
  readonly typeId: number;
}

interface Layout {
  readonly operandSlots: readonly number[];
  readonly isRef: readonly boolean[];
  /** Operands that validation does not know: exceptions that legacy handlers keep for `rethrow`. */
  readonly hidden: ReadonlySet<number>;
  readonly base: number;
  readonly typeId: number;
}

interface Types {
  readonly operands: Int32Array;
  readonly locals: readonly RefSlot[];
}

/** Answers for many positions, and keeps the answers as long as it lives itself. */
export class SlotMaps {
  private readonly known = new Map<ModuleContext, Map<number, Map<number, SlotMap | null>>>();

  /**
   * What holds before the instruction at byte `offset` of defined function `index`; null if no
   * instruction that can be reached begins there.
   * @throws InvalidError if the function has not been validated, and is not valid
   */
  at(context: ModuleContext, index: number, offset: number): SlotMap | null {
    const functions = getOrMake(this.known, context, () => new Map<number, Map<number, SlotMap | null>>());
    const offsets = getOrMake(functions, index, () => new Map<number, SlotMap | null>());
    return getOrMake(offsets, offset, () => findSlotMap(context, index, offset));
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function findSlotMap(context: ModuleContext, index: number, offset: number): SlotMap | null {
  // Validated first: lowering trusts what it reads.
  const types = typesAt(context, index, offset);
  const layout = types === null ? null : layoutAt(context, index, offset);
  if (types === null || layout === null) return null;
  const refs = [...types.locals];
  let next = 0;
  layout.operandSlots.forEach((slot, i) => {
    const type = layout.hidden.has(i) ? EXNREF : types.operands[next++]!;
    if (layout.isRef[i]) refs.push({ slot, type, unset: false });
  });
  return { refs, base: layout.base, typeId: layout.typeId };
}

/** Slots of the parameters of defined function `index` that are references: all that it has when it is entered. */
export function entryRefs({ module }: ModuleContext, index: number): RefSlot[] {
  const { params } = module.registry.funcType(module.funcs[module.importedFuncCount + index]!);
  return refSlots(params, 0);
}

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

// ---- Slots, from the lowering ----

function layoutAt(context: ModuleContext, index: number, offset: number): Layout | null {
  let layout: Layout | null = null;
  const lowering = new FunctionLowering(context, index, new Emitter(new Int32Array(1024), 0, false, null, null), {
    recording: null,
    entryPoints: null,
  });
  lowering.run((opcode) => {
    if (lowering.reader.start === offset) layout = layoutOf(lowering);
    return ruleOf(opcode);
  });
  return layout;
}

function layoutOf(l: FunctionLowering): Layout {
  const { operands, controls } = l;
  const hidden = new Set<number>();
  for (const { kind, height } of controls) if (kind === "catch") hidden.add(height);
  const operandSlots = operands.slot.slice(0, operands.height);
  const refs = operands.width.slice(0, operands.height).map((width) => width === WIDTH_REF);
  return { operandSlots, isRef: refs, hidden, ...callAt(l) };
}

function callAt(l: FunctionLowering): { base: number; typeId: number } {
  const { reader, module, operands } = l;
  const { opcode, index } = reader;
  let typeId: number;
  // Above the arguments: the index or the reference of the function.
  let above = 1;
  if (opcode === OP.call) {
    typeId = module.funcs[index]!;
    above = 0;
  } else if (opcode === OP.call_indirect || opcode === OP.call_ref) typeId = module.types[index]!;
  else return { base: -1, typeId: -1 };
  const { params } = l.signatureOf(typeId);
  return { base: operands.slotAt(operands.height - above - params.length), typeId };
}

// ---- Types, from the validation ----

const NO_LIMITS = Object.fromEntries(
  Object.keys(DEFAULT_DECODE_LIMITS).map((name) => [name, Number.MAX_SAFE_INTEGER]),
) as unknown as typeof DEFAULT_DECODE_LIMITS;

class ObservedReader extends InstructionReader {
  beforeNext: () => void = () => {};
  override next(): void {
    this.beforeNext();
    super.next();
  }
}

const drafts = new WeakMap<ModuleContext, ModuleDraft>();

/** The module as validation wants it. */
function draftOf(context: ModuleContext): ModuleDraft {
  let draft = drafts.get(context);
  if (draft === undefined) {
    const { module } = context;
    draft = new ModuleDraft(module.bytes, module.registry, NO_LIMITS, false);
    Object.assign(draft, module, { dataCount: module.datas.length });
    // Which functions ref.func may name was settled when the module was read.
    for (let i = 0; i < module.funcs.length; i++) draft.refs.add(i);
    drafts.set(context, draft);
  }
  return draft;
}

function typesAt(context: ModuleContext, index: number, offset: number): Types | null {
  const { module } = context;
  const body = module.bodies[index]!;
  const draft = draftOf(context);
  const reader = new ObservedReader(module.bytes, draft.types);
  const validator = new CodeValidator(draft, reader);
  const funcidx = module.importedFuncCount + index;
  let types: Types | null = null;
  reader.beforeNext = () => {
    if (reader.offset === offset && !validator.unreachable) {
      types = { operands: validator.stack.slice(0, validator.sp), locals: localRefs(context, index, validator) };
    }
  };
  reader.offset = body.start;
  reader.end = module.bytes.length;
  validator.body(funcidx, body.locals, body.end);
  return types;
}

function localRefs(context: ModuleContext, index: number, validator: CodeValidator): RefSlot[] {
  const { module } = context;
  const found = entryRefs(context, index);
  const { params } = module.registry.funcType(module.funcs[module.importedFuncCount + index]!);
  const { locals } = module.bodies[index]!;
  let local = params.length;
  let slot = params.reduce((sum, type) => sum + slotsOf(type), 0);
  for (let i = 0; i < locals.length; i += 2) {
    const type = locals[i + 1]!;
    const width = slotsOf(type);
    for (let n = locals[i]!; n > 0; n--, local++, slot += width) {
      if (isRef(type)) found.push({ slot, type, unset: !isDefaultable(type) && !validator.isInitialized(local) });
    }
  }
  return found;
}
