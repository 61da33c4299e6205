// Legacy exception handling: try, catch, catch_all, delegate, rethrow.
// https://github.com/WebAssembly/exception-handling/blob/main/proposals/exception-handling/legacy/Exceptions.md
//
// A handler's body is entered with the exception itself in a slot below the tag's values. That
// slot is an operand like the others, which no instruction can reach: `rethrow` throws it again,
// and branches and the block's end move the results down over it.

import { OP } from "../../decoder/index.js";
import { DELEGATE, LEGACY_CATCH, LEGACY_CATCH_ALL } from "../register-code/register-code.js";
import { registerOp } from "../register-code/register-op-table.js";
import { jump } from "./branch.js";
import { Label } from "./control.js";
import type { FunctionLowering } from "./function-lowering.js";
import { endBlock, moveLabelValues, pushControl, unreachableFromHere } from "./lower-control.js";
import { IN_SLOT, WIDTH_REF } from "./operands.js";

const THROW_REF = registerOp("throw_ref");

export function lowerTry(l: FunctionLowering): void {
  const signature = l.blockSignature();
  l.materialiseFrom(0);
  pushControl(l, "try", signature).clauses = [];
  // Code before must not be merged with code inside.
  l.emitter.barrier();
}

/** `catch` and `catch_all`: ends the body or the handler before, and begins the next handler. */
export function lowerCatch(l: FunctionLowering): void {
  const { operands, reader, emitter } = l;
  const control = l.target(0);
  if (!control.dead) endPart(l);
  if (control.kind === "try") {
    control.to = emitter.at;
    control.kind = "catch";
  }
  const hasTag = reader.opcode === OP.catch;
  const label = new Label();
  const clause = {
    from: control.from,
    to: control.to,
    kind: hasTag ? LEGACY_CATCH : LEGACY_CATCH_ALL,
    tagidx: hasTag ? reader.index : -1,
    label,
    slot: operands.slotAt(control.height),
    delegate: null,
  };
  control.clauses.push(clause);
  control.dead = false;
  operands.height = control.height;
  operands.push(IN_SLOT, WIDTH_REF);
  if (hasTag) l.pushAll(l.signatureOf(l.module.tags[reader.index]!).params);
  l.bind(label, reader.offset, true);
}

/** Leaves the body or a handler by its end. */
function endPart(l: FunctionLowering): void {
  const control = l.target(0);
  moveLabelValues(l, control);
  jump(l, control.label);
}

/** Ends a `try` whose exceptions go to the handlers of an outer block. */
export function lowerDelegate(l: FunctionLowering): void {
  const { emitter, reader } = l;
  const control = l.controls.pop()!;
  control.firstHandler = l.clauses.length;
  // The label is counted from outside the block.
  const delegate = l.target(reader.index);
  l.clauses.push({
    from: control.from,
    to: emitter.at,
    kind: DELEGATE,
    tagidx: -1,
    label: control.label,
    slot: 0,
    delegate,
  });
  emitter.barrier();
  endBlock(l, control);
}

export function lowerRethrow(l: FunctionLowering): void {
  const { height } = l.target(l.reader.index);
  l.markRepeatable();
  l.emitter.emit(THROW_REF, 0, 0, 0, l.operands.slotAt(height));
  l.segments.end();
  unreachableFromHere(l);
}
