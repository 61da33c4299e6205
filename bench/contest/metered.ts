// The fair peer of exact fuel on V8: npm `binaryen` writes a counter into the module. Each straight piece of code is paid
// before it runs; that the counter is below zero is found at functions' entries and loops' heads, as Wasmtime does.
import binaryen from "binaryen";

type Info = Readonly<Record<string, unknown>>;
type Expression = number;

/** The counter, a global that is exported. */
export const COUNTER = "escapement fuel";
/** Enough for any contest. */
export const FUEL = 1n << 62n;

/** Operands by binaryen's names; of other instructions it tells none, and they are paid without what is inside of them. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  Break: ["value", "condition"],
  Switch: ["condition", "value"],
  Call: ["operands"],
  CallIndirect: ["operands", "target"],
  LocalSet: ["value"],
  GlobalSet: ["value"],
  Load: ["ptr"],
  Store: ["ptr", "value"],
  Unary: ["value"],
  Binary: ["left", "right"],
  Select: ["ifTrue", "ifFalse", "condition"],
  Drop: ["value"],
  Return: ["value"],
  MemoryGrow: ["delta"],
  MemoryCopy: ["dest", "source", "size"],
  MemoryFill: ["dest", "value", "size"],
  SIMDExtract: ["vec"],
  SIMDReplace: ["vec", "value"],
  SIMDShuffle: ["left", "right"],
  SIMDTernary: ["a", "b", "c"],
  SIMDShift: ["vec", "shift"],
  SIMDLoad: ["ptr"],
};
/** Not all: binaryen would write imports in a form that no V8 reads yet. */
const FEATURES = (
  [
    ...["MutableGlobals", "SignExt", "NontrappingFPToInt", "BulkMemory", "BulkMemoryOpt", "ReferenceTypes"],
    ...["Multivalue", "SIMD128", "ExceptionHandling", "TailCall", "GC"],
  ] as (keyof typeof binaryen.Features)[]
).reduce((all, name) => all | binaryen.Features[name], 0);

const FREE = new Set(["Block", "Loop", "Nop"]);

/** What binaryen has at run time and leaves out of its types. */
const untyped = binaryen as unknown as {
  readonly ExpressionIds: Readonly<Record<string, number>>;
  readonly Block: {
    getNumChildren(at: Expression): number;
    getChildAt(at: Expression, index: number): Expression;
    insertChildAt(at: Expression, index: number, child: Expression): void;
  };
  readonly Loop: { setBody(at: Expression, body: Expression): void };
  readonly If: Readonly<Record<"setIfTrue" | "setIfFalse", (at: Expression, arm: Expression) => void>>;
  readonly Function: { getBody(func: number): Expression; setBody(func: number, body: Expression): void };
};
const kinds = new Map(Object.entries(untyped.ExpressionIds).map(([name, id]) => [id, name]));

/** What a piece of code costs until the first place where it may go elsewhere, and whether there is one. */
interface Piece {
  readonly cost: number;
  readonly branches: boolean;
}

export function metered(bytes: Uint8Array): Uint8Array {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES);
  const counter = (): Expression => module.global.get(COUNTER, binaryen.i64);
  const pay = (cost: number): Expression =>
    module.global.set(COUNTER, module.i64.sub(counter(), constant(module, cost)));
  const check = (): Expression => module.if(module.i64.lt_s(counter(), constant(module, 0)), module.unreachable());
  const charged = (body: Expression, checked: boolean): Expression => {
    const { cost } = piece(body);
    const type = binaryen.getExpressionType(body);
    return module.block(null, [...(cost > 0 ? [pay(cost)] : []), ...(checked ? [check()] : []), body], type);
  };

  function piece(expression: Expression): Piece {
    const kind = kinds.get(binaryen.getExpressionId(expression)) ?? "";
    if (kind === "Block") return block(expression);
    // Of others binaryen cannot always tell: it has no description of some kinds.
    const known = kind === "Loop" || kind === "If" || kind in OPERANDS;
    const info = known ? (binaryen.getExpressionInfo(expression) as unknown as Info) : {};
    if (kind === "Loop") {
      untyped.Loop.setBody(expression, charged(info["body"] as Expression, true));
      return { cost: 0, branches: true };
    }
    if (kind === "If") {
      const { cost } = piece(info["condition"] as Expression);
      untyped.If.setIfTrue(expression, charged(info["ifTrue"] as Expression, false));
      if (info["ifFalse"] !== 0) untyped.If.setIfFalse(expression, charged(info["ifFalse"] as Expression, false));
      return { cost: cost + 1, branches: true };
    }
    let cost = FREE.has(kind) ? 0 : 1;
    let branches = kind === "Break" || kind === "Switch" || kind === "Return";
    for (const name of OPERANDS[kind] ?? []) {
      for (const operand of [info[name]].flat() as Expression[]) {
        if (operand === 0) continue;
        const inner = piece(operand);
        cost += inner.cost;
        branches ||= inner.branches;
      }
    }
    return { cost, branches };
  }

  /** Behind each part that may go elsewhere what follows is paid for anew. */
  function block(expression: Expression): Piece {
    const pieces = Array.from({ length: untyped.Block.getNumChildren(expression) }, (_, i) =>
      piece(untyped.Block.getChildAt(expression, i)),
    );
    const costs: { readonly at: number; cost: number }[] = [{ at: 0, cost: 0 }];
    pieces.forEach(({ cost, branches }, i) => {
      costs.at(-1)!.cost += cost;
      if (branches) costs.push({ at: i + 1, cost: 0 });
    });
    for (const { at, cost } of costs.slice(1).reverse()) {
      if (cost > 0) untyped.Block.insertChildAt(expression, at, pay(cost));
    }
    return { cost: costs[0]!.cost, branches: costs.length > 1 };
  }

  module.addGlobal(COUNTER, binaryen.i64, true, module.i64.const(FUEL));
  module.addGlobalExport(COUNTER, COUNTER);
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const func = module.getFunctionByIndex(i);
    const body = untyped.Function.getBody(func);
    if (body !== 0) untyped.Function.setBody(func, charged(body, true));
  }
  if (!module.validate()) throw new Error("the metered module is not valid");
  const output = module.emitBinary();
  module.dispose();
  return output;
}

const constant = (module: binaryen.Module, value: number): Expression => module.i64.const(BigInt(value));
