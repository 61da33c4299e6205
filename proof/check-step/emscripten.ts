// Emscripten's invoke functions, which call a function of table 0 in a frame that they mark, and its longjmp, which drops
// frames down to the nearest mark. They are imports; that the host's are Emscripten's, with this stack pointer and this
// setThrew, no state says: proofs with them are right *given* that.
//
//   invoke(f, x) with its arguments at slot b      b      f, then the stack pointer's value, then the result
//                                                  b + 1  x, which is the first local of f, then its result
//   after longjmp   b and b + 1 zero (the result),  b + 2  1 and 0, the arguments of setThrew, which returns in its place
import { toHex, utf8 } from "./bytes.js";
import { slotsOf } from "./code.js";
import { refuse, TrapError } from "./errors.js";
import type { Machine } from "./machine.js";
import type { Emscripten } from "./proof.js";
import { sha256 } from "./sha256.js";
import { EMPTY, FRAME, funcPlace, NULL } from "./state.js";

const INVOKE = /^env\.invoke_\w*$/;
const LONGJMP = "env._emscripten_throw_longjmp";
/** From the mark to the frame of setThrew. */
const SET_THREW_SLOTS = 2;

export const isEmscripten = (name: string): boolean => INVOKE.test(name) || name === LONGJMP;

/** The key of a function type that stands for itself and has numbers alone (proof/program.ts says how keys are made). */
function keyOf(params: readonly string[], results: readonly string[]): string {
  if ([...params, ...results].some((type) => type === "ref" || type === "v128"))
    refuse("Emscripten's functions with values other than numbers have no proof");
  return `${toHex(sha256(utf8(`(sub final  (func (param ${params.join(" ")}) (result ${results.join(" ")})))`)))}.0`;
}

/** Makes a call of one of them, which are a module's own, and whose arguments are on top. */
export function callEmscripten(
  m: Machine,
  { stackPointer, setThrew }: Emscripten,
  { instance, funcidx }: { readonly instance: number; readonly funcidx: number },
  isTail: boolean,
): void {
  if (isTail || instance !== m.instance)
    refuse("Emscripten's functions are called by their module, and not in tail position");
  const program = m.state.program(m.instance);
  if (program.outline.globals[stackPointer] !== "i32") refuse("the stack pointer is no i32");
  if (program.outline.imports[funcidx] === LONGJMP) longjmp(m, stackPointer, setThrew);
  else invoke(m, stackPointer, funcidx);
}

function invoke(m: Machine, stackPointer: number, funcidx: number): void {
  const { state, instance } = m;
  const program = state.program(instance);
  const type = program.outline.types[program.typeOf(funcidx)]!;
  const base = m.top - slotsOf(program.paramWidths(program.typeOf(funcidx)));
  const index = Number(BigInt.asUintN(32, state.slot(base).bits));
  if (index >= state.tableLength(instance, 0)) throw new TrapError("undefined element");
  const ref = state.element(instance, 0, index);
  if (ref === NULL) throw new TrapError("uninitialized element");
  const place = funcPlace(ref);
  if (place === null || place.instance !== instance || place.funcidx < program.importedFuncs)
    refuse("an invoke function that calls another module's function, or the host's, has no proof");
  if (m.typeOf(place).key !== keyOf(type.values.slice(1), type.results))
    throw new TrapError("indirect call type mismatch");
  m.pushCallFrame();
  state.pushFrame(FRAME.invoke, base);
  state.setSlot(base, { bits: state.global(instance, stackPointer, 1)[0]!.bits, ref: NULL });
  m.enterAt(place.funcidx, base + 1);
}

function longjmp(m: Machine, stackPointer: number, setThrew: number): void {
  const { state } = m;
  const program = state.program(m.instance);
  if (
    setThrew < program.importedFuncs ||
    m.typeOf({ instance: m.instance, funcidx: setThrew }).key !== keyOf(["i32", "i32"], [])
  )
    refuse("setThrew is a function of the module's, of two i32");
  let mark = state.popFrame();
  for (; mark.kind !== FRAME.invoke; mark = state.popFrame())
    if (mark.kind !== FRAME.call && mark.kind !== FRAME.setThrew) refuse("longjmp past other frames than calls");
  const { kind, instance } = state.topFrame();
  if (kind !== FRAME.call || instance !== m.instance) refuse("longjmp into another module");
  const { bits } = state.slot(mark.fp);
  state.setGlobal(instance, stackPointer, [{ bits, ref: NULL }]);
  m.dropTo(mark.fp);
  for (const argument of [0n, 0n, 1n, 0n]) m.pushSlot({ ...EMPTY, bits: argument });
  state.pushFrame(FRAME.setThrew, mark.fp);
  m.enterAt(setThrew, mark.fp + SET_THREW_SLOTS);
}
