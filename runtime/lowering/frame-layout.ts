// What the slots of a frame hold before an instruction. It depends on wasm positions alone: locals
// are where the function's type and declarations put them, operands follow in their order, and
// every form of the code keeps to that once promised operands have been brought into their slots.
//
//   (func (param i32 funcref) (local v128) … (i64.const 1) (i32.const 2) | call $f)
//   slot     0    1        2 3       4        5
//   words    1    0        2 2       2        1
import { OP, type ValType } from "../../decoder/index.js";
import type { FunctionLowering } from "./function-lowering.js";
import { WIDTH_128 } from "./operands.js";

export interface FrameLayout {
  /** Slots of the locals; operands follow. */
  readonly localSlots: number;
  /** Per slot, how many of its two words mean something: 0 of a reference, 1 of i32 and f32, 2 of others. */
  readonly words: Uint8Array;
  /** Slots of operands, ascending. */
  readonly operands: Int32Array;
  /** Operands that validation does not know: exceptions that legacy handlers keep for `rethrow`. */
  readonly hidden: ReadonlySet<number>;
  /** If the instruction is a call that returns here: slot of its first argument, −1 otherwise. */
  readonly base: number;
  /** Canonical id of the type that is called. */
  readonly typeId: number;
}

/** A slot that holds a reference. */
export interface RefSlot {
  readonly slot: number;
  readonly type: ValType;
  /** A local without a default value that may not have been set: may hold null, whatever its type. */
  readonly unset: boolean;
}

/** By width. */
const WORDS: readonly number[] = [1, 2, 2, 0];

/** The layout before the instruction that was read last, of which nothing has been lowered. */
export function layoutOf(l: FunctionLowering): FrameLayout {
  const { operands, controls } = l;
  const localSlots = operands.slotAt(0);
  const words = new Uint8Array(operands.slotAt(operands.height));
  for (let i = 0; i < l.localSlot.length; i++) writeWords(words, l.localSlot[i]!, l.localWidth[i]!);
  const slots = new Int32Array(operands.height);
  for (let i = 0; i < operands.height; i++) {
    slots[i] = operands.slot[i]!;
    writeWords(words, operands.slot[i]!, operands.width[i]!);
  }
  const hidden = new Set<number>();
  for (const { kind, height } of controls) if (kind === "catch") hidden.add(height);
  return { localSlots, words, operands: slots, hidden, ...callAt(l) };
}

function writeWords(words: Uint8Array, slot: number, width: number): void {
  words[slot] = WORDS[width]!;
  if (width === WIDTH_128) words[slot + 1] = 2;
}

export function callAt(l: FunctionLowering): { base: number; typeId: number } {
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
