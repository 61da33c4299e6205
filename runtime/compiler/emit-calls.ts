// Calls between compiled functions. A callee that leaves says so by the fuel: FU is then less than any way costs, so
// the check behind the call, which there is anyway, sees it, and the caller adds its frame and returns, too.
import { F32, F64, I32, OP, type ValType } from "../../decoder/index.js";
import { SET_THREW_WORDS } from "../register-code/register-code.js";
import { LONGJMP } from "./binding.js";
import { below as depthBelow } from "./depth.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import { heldOf, kindText, MOST_RESULTS, partNames, REF, resultNames } from "./held.js";
import { canBeDirect, hostName } from "./host-text.js";
import * as operand from "./operand.js";
import { asWords, partsOf, valueText } from "./operand.js";

/** Above this many defined functions a module's are in an array, not in variables. */
export const MOST_NAMED = 1 << 14;

export function functionName(module: { readonly bodies: { readonly length: number } }, index: number): string {
  return module.bodies.length <= MOST_NAMED ? `F${index}` : `FS[${index}]`;
}

function canPass(params: readonly ValType[], results: readonly ValType[]): boolean {
  return results.length <= MOST_RESULTS && params.length <= 1000;
}

function argumentTexts(values: readonly operand.Operand[]): string[] {
  return values.map(asWords).flatMap((value) => [valueText(value), ...partsOf(value).slice(1)]);
}

/**
 * Emits the call of `callee` with the arguments on the stack, of which `kept` is below.
 * @param kind invoke: the first argument has been replaced by the saved stack pointer
 * @param caught invoke: text of the fuel when what it called may have ended by longjmp
 */
function call(
  e: FunctionEmitter,
  kind: "call" | "invoke",
  callee: string,
  params: readonly ValType[],
  results: readonly ValType[],
  caught?: string,
): void {
  const { stack, reader, source } = e;
  const callOffset = reader.start;
  const below = stack.length - params.length;
  // What lies below must be there when the frame is left, in the call or behind it.
  for (let k = 0; k < below; k++) if (!stack[k]!.isAtom) e.intoSlot(k);
  const passed = stack.slice(kind === "invoke" ? below + 1 : below);
  // Of an invoke, the slot of the first argument has the saved stack pointer while it waits.
  const kept = kind === "invoke" ? below + 1 : below;
  const base = e.slotAbove(below);
  const depth = kind === "invoke" ? depthBelow(base + 1, 2) : depthBelow(base);
  const texts = [...argumentTexts(passed), depth].join(", ");
  const fuel = e.acc > 0 ? `FU = f - ${e.acc} | 0;` : "FU = f;";
  e.acc = 0;
  const held = results.map(heldOf);
  const live = stack.slice(0, kept);
  stack.length = below;
  const names = held.map((one, i) => e.slot(below + i, one));
  for (const name of names) e.changes(name);
  const value = `${callee}(${texts})`;
  const lines = held.flatMap((one, i) => {
    const from = resultNames(i, one, value);
    return partNames(names[i]!, one).map((name, k) => kindText(name, from[k]!, one));
  });
  if (held.length === 0) lines.push(`${value};`);
  const wide = e.wideWords(base);
  const seen = countsOf(wide, e.importsHost && (live.some(({ type }) => type === REF) || e.held.includes(REF)));
  source.line([seen.before, fuel, ...lines, "f = FU | 0;", seen.after].filter((text) => text !== "").join(" "));
  const returned = held.map((one, i) => operand.variable(one, names[i]!));
  // For the site, the operands while the callee runs.
  stack.push(...live.slice(below));
  const site = e.site(kind, reader.offset, 0, { callOffset, base }, returned);
  stack.splice(below, stack.length - below, ...returned);
  source.later(e.join([e.segment], true), (most) => {
    const isShort = caught === undefined ? `f < ${most}` : `f < ${most} && (f = ${caught}) < ${most}`;
    return `if (${isShort}${e.randomly()}) ${e.leaveAt(site)}`;
  });
}

/** What a call counts while it runs: words of variables (depth.ts), and frames that hold references. */
function countsOf(wide: number, holdsRefs: boolean): { readonly before: string; readonly after: string } {
  const counts: string[][] = [];
  if (wide > 0) counts.push([`STK = STK - ${wide} | 0;`, `STK = STK + ${wide} | 0;`]);
  if (holdsRefs) counts.push(["RF = RF + 1 | 0;", "RF = RF - 1 | 0;"]);
  return { before: counts.map(([text]) => text).join(" "), after: counts.map(([, text]) => text).join(" ") };
}

const direct: EmitRule = (e) => {
  const { module, reader } = e;
  const { params, results } = module.registry.funcType(module.funcs[reader.index]!);
  const index = reader.index - module.importedFuncCount;
  if (!canPass(params, results)) {
    e.leaveInstruction(params, results);
    return;
  }
  if (index < 0) {
    imported(e, params, results);
    return;
  }
  e.pay(e.price);
  e.callees.add(index);
  const { nameOf } = e.options;
  call(e, "call", nameOf === undefined ? functionName(module, index) : nameOf(index), params, results);
};

/** Emscripten's invoke functions call a function of table 0; others are the host's, or another instance's (host-text.ts). */
function imported(e: FunctionEmitter, params: readonly ValType[], results: readonly ValType[]): void {
  const { reader, module } = e;
  const entry = module.imports.filter(({ kind }) => kind === "func")[reader.index]!;
  if (!entry.name.startsWith("invoke_") || results.length > 1) {
    // It may be longjmp, which an invoke of compiled code's that waits below can catch.
    if (params.length + results.length === 0) {
      const leaving = e.leaving();
      e.source.line(`if (VT[${reader.index}] === ${LONGJMP}) { TH = ${e.acc + e.price}; ${leaving.slice(1)}`);
    }
    if (!canBeDirect(params, results)) {
      e.leaveInstruction(params, results);
      return;
    }
    e.pay(e.price);
    e.hosts.add(reader.index);
    call(e, "call", hostName(reader.index), params, results);
    return;
  }
  const leaving = e.leaving();
  const position = e.stack.length - params.length;
  const index = e.stack[position]!.lo;
  e.source.line(
    `if ((t = T[${index}]) == null || t.typeId !== VT[${reader.index}] || t.instance !== I || FS[t.index] === undefined) ${leaving}`,
  );
  e.pay(e.price);
  // A variable of its own: the result's would be overwritten where the callee leaves.
  const saved = e.declare(`s${position}`, I32);
  e.source.line(`u = t.index; ${saved} = G[SP];`);
  e.stack[position] = operand.variable(I32, saved);
  const setThrew = module.exports.find(({ name, kind }) => name === "setThrew" && kind === "func");
  const isCatching = setThrew !== undefined && setThrew.index >= module.importedFuncCount && isZeroOf0(results);
  // There to be called, compiled or not.
  if (isCatching) e.callees.add(setThrew.index - module.importedFuncCount);
  const base = e.slotAbove(position);
  const caught = isCatching ? `CAUGHT(f, ${saved}, ${depthBelow(base + (SET_THREW_WORDS >> 1))})` : undefined;
  call(e, "invoke", "FS[u]", params, results, caught);
}

/** Whether the 0 that what has left returns is the result of an invoke that was ended by longjmp. */
function isZeroOf0(results: readonly ValType[]): boolean {
  return results.every((type) => type === I32 || type === F32 || type === F64);
}

const indirect: EmitRule = (e) => {
  const { module, reader } = e;
  const typeId = module.types[reader.index]!;
  const { params, results } = module.registry.funcType(typeId);
  if (reader.index2 !== 0 || module.tables[0]!.is64 || !canPass(params, results)) {
    e.leaveInstruction([...params, I32], results);
    return;
  }
  const leaving = e.leaving();
  const index = e.top().lo;
  e.source.line(
    `if ((t = T[${index}]) == null || t.typeId !== ${e.typeText(typeId)} || t.instance !== I || FS[t.index] === undefined) ${leaving}`,
  );
  e.pay(e.price);
  e.pop();
  e.source.line("u = t.index;");
  call(e, "call", "FS[u]", params, results);
};

const reference: EmitRule = (e) => {
  const { module, reader } = e;
  const { params, results } = module.registry.funcType(module.types[reader.index]!);
  if (!canPass(params, results)) {
    e.leaveInstruction([...params, REF_TYPE], results);
    return;
  }
  const leaving = e.leaving();
  const { lo } = e.top();
  e.source.line(`if (${lo} === null || ${lo}.instance !== I || FS[${lo}.index] === undefined) ${leaving}`);
  e.pay(e.price);
  e.pop();
  e.source.line(`u = ${lo}.index;`);
  call(e, "call", "FS[u]", params, results);
};
/** Some reference type. */
const REF_TYPE = 0x63;

export const CALL_RULES: readonly (readonly [number, EmitRule])[] = [
  [OP.call, direct],
  [OP.call_indirect, indirect],
  [OP.call_ref, reference],
];
