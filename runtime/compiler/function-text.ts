// The text of one function for the just-in-time compiler, as it is evaluated in its module's scope.
import type { ModuleContext } from "../lowering/module-context.js";
import { functionName } from "./emit-calls.js";
import type { EmitOptions, EmittedFunction } from "./emitted-function.js";
import { FunctionEmitter } from "./function-emitter.js";
import type { Heat } from "./region.js";
import { emitRuleOf } from "./rules.js";
import { Unsupported } from "./unsupported.js";

/** Characters of a function up to which it has a twin. */
const MOST_TWIN = 2000;
/**
 * Bytes of a body: with 14 characters for each, on an average, one that is larger would be too large for V8 to optimise
 * (FunctionEmitter has the exact bound), and finding that out takes 20 ms.
 */
const MOST_BODY = 12_000;

export interface FunctionText {
  readonly emitted: EmittedFunction;
  /** An expression: the function. */
  readonly text: string;
}

/**
 * @param loopOffset byte offset of the first instruction in a loop that is to be entered, −1 for the function
 * @param id number by which the function says what has been left
 * @returns undefined if it stays with the interpreter
 */
export function functionText(
  context: ModuleContext,
  index: number,
  loopOffset: number,
  id: number,
  { stress, heat }: { readonly stress: unknown; readonly heat?: Heat },
): FunctionText | undefined {
  const { start, end } = context.module.bodies.get(index)!;
  if (end - start > MOST_BODY) return undefined;
  // Not as the variable that it is in, which it would hide.
  const own = `func${context.module.importedFuncCount + index}`;
  const name = loopOffset < 0 ? own : `${own}_at${loopOffset}`;
  const options = { name, id, loopOffset, stress: stress !== null, ...(heat === undefined ? {} : { heat }) };
  const emit = (more: Partial<EmitOptions>) =>
    new FunctionEmitter(context, index, { ...options, ...more }, emitRuleOf).run();
  try {
    const emitted = emit({});
    if (loopOffset >= 0 || !emitted.callees.has(index) || emitted.size > MOST_TWIN)
      return { emitted, text: together(emitted, []) };
    // V8 puts no function into itself where it is called, but another one. So what calls itself calls a twin, in turns.
    const twin = `${own}_twin`;
    const nameOf = (callee: number) => (callee === index ? twin : functionName(context.module, callee));
    return { emitted, text: together(emit({ nameOf }), [emit({ name: twin }).source]) };
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

/** The function, as an expression, in the scope of those that its regions became, and of its twin. */
function together({ source, regions }: EmittedFunction, twin: readonly string[]): string {
  const around = [...regions, ...twin];
  return around.length === 0 ? `(${source})` : `(function () { ${around.join("\n")}\nreturn ${source}; })()`;
}
