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
const MOST_WHOLE = 12_000;
/** Of one that is compiled in parts. */
const MOST_BODY = 30_000;
/** Characters of a function that has parts of its own: as of what is compiled ahead of time. */
const MOST_SIZE = 70_000;

/** Whether a body is not tried whole: it is compiled in parts, by how often they run. */
export function isLarge({ start, end }: { readonly start: number; readonly end: number }): boolean {
  return end - start > MOST_WHOLE && end - start <= MOST_BODY;
}

export interface FunctionText {
  readonly emitted: EmittedFunction;
  /** An expression: the function. */
  readonly text: string;
}

/** What becomes of a function: "size" if it is too large; undefined if it stays with the interpreter for another reason. */
export type MadeText = FunctionText | "size" | undefined;

/**
 * @param loopOffset byte offset of the first instruction in a loop that is to be entered, −1 for the function
 * @param id number by which the function says what has been left
 * @param heats for one that is too large otherwise: from the one that leaves most in it on
 * @returns the work, in steps
 */
export function* functionText(
  context: ModuleContext,
  index: number,
  loopOffset: number,
  id: number,
  { stress, heat }: { readonly stress: unknown; readonly heat?: Heat },
  heats: Iterable<Heat> = [],
): Generator<void, MadeText> {
  const body = context.module.bodies.get(index)!;
  if (body.end - body.start > MOST_BODY) return undefined;
  // Not as the variable that it is in, which it would hide.
  const own = `func${context.module.importedFuncCount + index}`;
  const name = loopOffset < 0 ? own : `${own}_at${loopOffset}`;
  const options = { name, id, loopOffset, stress: stress !== null, ...(heat === undefined ? {} : { heat }) };
  const emit = (more: Partial<EmitOptions>) =>
    new FunctionEmitter(context, index, { ...options, ...more }, emitRuleOf).steps();
  try {
    if (isLarge(body)) return yield* inParts(heats, emit);
    const emitted = yield* emit({});
    if (loopOffset >= 0 || !emitted.callees.has(index) || emitted.size > MOST_TWIN)
      return { emitted, text: together(emitted, []) };
    // V8 puts no function into itself where it is called, but another one. So what calls itself calls a twin, in turns.
    const twin = `${own}_twin`;
    const nameOf = (callee: number) => (callee === index ? twin : functionName(context.module, callee));
    const other = yield* emit({ name: twin });
    return { emitted, text: together(yield* emit({ nameOf }), [other.source]) };
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    if (error.reason !== "size") return undefined;
    return yield* inParts(heats, emit);
  }
}

/** With the heat that leaves most in it of those with which it is not too large. */
function* inParts(
  heats: Iterable<Heat>,
  emit: (more: Partial<EmitOptions>) => Generator<void, EmittedFunction>,
): Generator<void, MadeText> {
  for (const heat of heats) {
    yield;
    try {
      const emitted = yield* emit({ heat });
      yield;
      if (emitted.size <= MOST_SIZE) return { emitted, text: together(emitted, []) };
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      if (error.reason !== "size") return undefined;
    }
  }
  return "size";
}

/** The function, as an expression, in the scope of those that its regions became, and of its twin. */
function together({ source, regions }: EmittedFunction, twin: readonly string[]): string {
  const around = [...regions, ...twin];
  return around.length === 0 ? `(${source})` : `(function () { ${around.join("\n")}\nreturn ${source}; })()`;
}
