// Structured control, branches and returns. JavaScript has labels as WebAssembly has: br to a block is a break, br to
// a loop a continue. Whoever comes to a label has paid what was due, and has the label's values in their variables.
import { OP, type ValType } from "../../decoder/index.js";
import { valuesCost } from "../fuel-schedule.js";
import type { Control } from "./emitted-function.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import { heldOf, resultNames } from "./held.js";
import * as operand from "./operand.js";
import { asWords, conditionText, partsOf, valueText } from "./operand.js";
import { wordsOnTop } from "./vector.js";

function blockType(e: FunctionEmitter): { params: readonly ValType[]; results: readonly ValType[] } {
  const { reader, module } = e;
  if (reader.blockTypeId >= 0) return module.registry.funcType(reader.blockTypeId);
  return { params: [], results: reader.blockResult === 0 ? [] : [reader.blockResult] };
}

export function labelTypes({ kind, params, results }: Control): readonly ValType[] {
  return kind === "loop" ? params : results;
}

function open(e: FunctionEmitter, kind: "block" | "loop" | "if"): Control {
  const { params, results } = blockType(e);
  const { start } = e.reader;
  const control = e.control(
    kind,
    start,
    e.stack.length - params.length,
    params,
    results,
    kind === "if" ? e.segment : null,
  );
  e.controls.push(control);
  return control;
}

function ofParams(rule: (e: FunctionEmitter, params: number) => void): EmitRule {
  return (e) => rule(e, blockType(e).params.length);
}

const block = ofParams((e, params) => {
  e.pay(e.price);
  e.spill(params);
  const onWay = e.opensWay;
  if (onWay) e.endBefore();
  const { label } = open(e, "block");
  e.source.open(`${label}: {`);
  if (onWay) e.beginWay(false);
});

/**
 * Handlers are for the interpreter: whatever throws leaves, and it looks for them by position. So where nothing throws
 * this is a block.
 */
const tryTable: EmitRule = (e) => {
  e.price += valuesCost(e.context.schedule, e.reader.catchCount);
  block(e);
};

const loop = ofParams((e, params) => {
  e.pay(e.price);
  e.spill(params);
  e.payNow();
  const onWay = e.opensWay;
  const isOuter = onWay && !e.isLastOnWay;
  if (onWay) e.endBefore();
  const { label, start } = open(e, "loop");
  if (onWay && !isOuter && e.loopsOnWay > 0) e.source.line("osr = 0;");
  e.forgetVariables(start);
  e.source.open(`${label}: for (;;) {`);
  // Who enters an inner loop from outside comes through this head, and does not stand here.
  if (isOuter) e.beginWay(true);
  e.check();
  if (onWay && !isOuter) e.beginWay(true);
});

const ifThen = ofParams((e, params) => {
  e.pay(e.price);
  if (e.opensWay) ifOnWay(e, params);
  else {
    e.spill(params, 1);
    e.payNow();
    const test = conditionText(e.pop());
    const { label } = open(e, "if");
    e.source.open(`${label}: if ${test} {`);
  }
  e.join([e.target(0).tested!], false);
  if (!e.isBeforeLoop) e.beginBlock();
});

/** An `if` in one of whose arms is the loop that is entered from outside. */
function ifOnWay(e: FunctionEmitter, params: number): void {
  e.spill(params, 1);
  e.settle();
  const test = conditionText(e.pop());
  const isElse = e.wayIsElse;
  const isReached = e.loopsOnWay > 0;
  e.endBefore();
  const control = open(e, "if");
  const { label } = control;
  if (isReached) e.source.open(`${label}: if (${isElse ? `osr === 0 && ${test}` : `osr !== 0 || ${test}`}) {`);
  else {
    // Nobody comes to the condition, nor to the other arm.
    e.source.open(`${label}: {`);
    if (!isElse) control.elseIsDead = true;
  }
  if (isElse) e.waitForElse();
  else e.beginWay(false);
}

const elseArm: EmitRule = (e) => {
  const control = e.controls.pop()!;
  if (!e.dead) {
    e.payNow();
    e.moveTo(control.height, control.results);
    control.from.push(e.segment);
  }
  e.endRegion(control);
  const { start, height, params, results, from, label } = control;
  const turned = e.control("else", start, height, params, results, null, from, label);
  e.controls.push(turned);
  if (control.elseIsDead) {
    e.stops();
    return;
  }
  e.dead = false;
  e.acc = 0;
  e.forgetVariables(control.start);
  e.stack.length = control.height;
  e.pushVariables(control.params);
  const isWay = e.isElseOfWay;
  if (isWay && e.loopsOnWay === 0) e.endBefore();
  else e.source.turn("} else {");
  e.join([control.tested!], false);
  if (isWay) e.beginWay(false);
  else e.beginBlock();
};

const end: EmitRule = (e) => {
  const control = e.controls.pop()!;
  const { kind, from, height, results, label, start } = control;
  if (kind === "function") {
    if (!e.dead) e.source.line(returnText(e));
    e.stops();
    e.endRegion(control);
    return;
  }
  if (!e.dead) {
    // Where control only falls through, what is due may stay so.
    if (kind !== "block" || from.length > 0) e.payNow();
    if (kind === "block" && from.length === 0) {
      // One way: what the stack holds may stay as it is, but the block's results are where it says.
      e.moveResults(control);
    } else e.moveTo(height, results);
    from.push(e.segment);
  }
  e.endRegion(control);
  if (!e.dead && kind === "loop") e.source.line(`break ${label};`);
  if (kind === "if") from.push(control.tested!);
  e.source.close();
  if (from.length === 0) {
    e.stops();
    e.stack.length = height;
    return;
  }
  const wasDead = e.dead;
  e.dead = false;
  e.forgetVariables(start);
  if (wasDead) e.acc = 0;
  e.stack.length = height;
  e.pushVariables(results);
  if (from.length > 1 || from[0] !== e.segment) {
    e.join(from, false);
    if (kind !== "loop") e.beginBlock();
  }
};

/** What the function returns, once the fuel is flushed. */
export function returnText(e: FunctionEmitter): string {
  const { results, stack, acc, region } = e;
  // Of a region, the function returns.
  const inFunction = acc > 0 ? `FU = f - ${acc} | 0;` : "FU = f;";
  const inRegion = acc > 0 ? [`f = f - ${acc} | 0;`] : [];
  const leave = region === null ? [inFunction] : inRegion;
  const back = (value: string) =>
    region === null ? [`return ${value};`] : [...(value === "" ? [] : [`XR = ${value};`]), region.return()];
  if (results.length === 0) return [...leave, ...(region === null ? ["return;"] : back(""))].join(" ");
  const values = stack.slice(stack.length - results.length).map(asWords);
  const stores = values.flatMap((value, i) => {
    const texts = [valueText(value), ...partsOf(value).slice(1)];
    return resultNames(i, value.type, "").map((name, k) => (name === "" ? "" : `${name} = ${texts[k]};`));
  });
  return [...leave, ...stores.filter((text) => text !== ""), ...back(valueText(values[0]!))].join(" ");
}

/** Lines that go to a label. */
export function branch(e: FunctionEmitter, depth: number): string[] {
  const control = e.target(depth);
  const { acc } = e;
  const stack = [...e.stack];
  const write = () => {
    if (control.kind === "function") {
      e.source.line(returnText(e));
      return;
    }
    e.payNow();
    e.moveTo(control.height, labelTypes(control));
    const text = control.kind === "loop" ? `continue ${control.label};` : `break ${control.label};`;
    if (control.kind !== "loop") control.from.push(e.segment);
    if (!e.leadsOut(depth)) e.source.line(text);
    else {
      const values = labelTypes(control).map((type, i) => e.slot(control.height + i, heldOf(type)));
      e.source.line(e.region!.exit(text, values));
    }
  };
  const lines = e.passedBy(() => e.source.aside(write));
  e.acc = acc;
  e.stack.splice(0, e.stack.length, ...stack);
  return lines;
}

export function payBranch(e: FunctionEmitter, depth: number): void {
  e.pay(e.price + valuesCost(e.context.schedule, labelTypes(e.target(depth)).length));
}

const br: EmitRule = (e) => {
  payBranch(e, e.reader.index);
  for (const line of branch(e, e.reader.index)) e.source.line(line);
  e.stops();
};

const brIf: EmitRule = (e) => {
  const depth = e.reader.index;
  payBranch(e, depth);
  const test = conditionText(e.pop());
  e.source.line(`if ${test} { ${branch(e, depth).join(" ")} }`);
  e.beginBlock();
};

const brTable: EmitRule = (e) => {
  const { labels, labelCount } = e.reader;
  payBranch(e, labels[0]!);
  const index = e.pop();
  const last = labelCount - 1;
  e.source.open(`switch ${bracketed(valueText(index))} {`);
  const cases = new Map<number, number[]>();
  for (let i = 0; i < last; i++) {
    const depth = labels[i]!;
    if (depth === labels[last]) continue;
    const known = cases.get(depth);
    if (known === undefined) cases.set(depth, [i]);
    else known.push(i);
  }
  for (const [depth, numbers] of cases)
    e.source.line(`${numbers.map((i) => `case ${i}:`).join(" ")} ${branch(e, depth).join(" ")}`);
  e.source.line(`default: ${branch(e, labels[last]!).join(" ")}`);
  e.source.close();
  e.stops();
};

function bracketed(text: string): string {
  return text[0] === "(" ? text : `(${text})`;
}

const returns: EmitRule = (e) => {
  e.pay(e.price);
  e.source.line(returnText(e));
  e.stops();
};

const unreachable: EmitRule = (e) => e.leaveBefore();
const nop: EmitRule = (e) => e.pay(e.price);

const drop: EmitRule = (e) => {
  e.pay(e.price);
  e.pop();
};

const select: EmitRule = (e) => {
  e.pay(e.price);
  if (e.top(1).type !== e.top(2).type) wordsOnTop(e, 3);
  if (e.top(1).hi !== "") e.settle(1);
  const test = e.pop();
  const otherwise = e.pop();
  const value = e.pop();
  const c = conditionText(test);
  const [texts, others] = [value, otherwise].map((one) => [valueText(one), ...partsOf(one).slice(1)]);
  const parts = texts!.map((text, i) => `(${c} ? ${text} : ${others![i]})`);
  e.push(operand.expressions(value.type, [test, value, otherwise], parts));
};

export const CONTROL_RULES: readonly (readonly [number, EmitRule])[] = [
  [OP.unreachable, unreachable],
  [OP.nop, nop],
  [OP.block, block],
  [OP.loop, loop],
  [OP.try_table, tryTable],
  [OP.if, ifThen],
  [OP.else, elseArm],
  [OP.end, end],
  [OP.br, br],
  [OP.br_if, brIf],
  [OP.br_table, brTable],
  [OP.return, returns],
  [OP.drop, drop],
  [OP.select, select],
  [OP["select t"], select],
];
