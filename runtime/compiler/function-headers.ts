// How calls of a function come to the compiler tier: by a header of the tier's own in front of its register code.
import { HEADER_WORDS, type ModuleContext } from "../lowering/module-context.js";
import { registerOp } from "../register-code/register-op-table.js";

const ENTER_TIER = registerOp("enter_tier");

/**
 * The headers of a module's defined functions. A call goes to `code.entries[2 * index]` and pays what is beside it: of
 * a function that the tier is asked for that is a header `[words, 0, 0, enter_tier, index]` and nothing; of one that
 * stays with the interpreter, its fast form and the price of that form's first segment.
 */
export class FunctionHeaders {
  /** Per function: what its first segment costs in fast form; −1 until it is lowered. */
  private readonly costs: Int32Array;
  /** Of functions that were compiled ahead of time: where their headers are. */
  private readonly kept = new Map<number, number>();
  private isAhead = false;

  constructor(private readonly context: ModuleContext) {
    this.costs = new Int32Array(context.module.bodies.length).fill(-1);
  }

  /** What a function's first segment costs in fast form: it has been lowered. */
  costOf(index: number): number {
    return this.costs[index]!;
  }

  /** Functions that were compiled ahead of time need not be lowered to be entered. */
  ahead(functions: Iterable<{ readonly index: number; readonly words: number }>): void {
    const { code } = this.context;
    this.isAhead = true;
    for (const index of code.fast.keys()) this.costs[index] = code.entries[2 * index + 1]!;
    for (const { index, words } of functions) this.kept.set(index, this.set(index, words));
  }

  /** A function has been lowered, and calls go to its fast form. @param isAsked whether calls may come to the tier */
  lowered(index: number, isAsked: boolean): void {
    const { code } = this.context;
    this.costs[index] = code.entries[2 * index + 1]!;
    if (!isAsked) return;
    if (!this.isAhead) {
      this.set(index, code.code[code.entries[2 * index]!]!);
      return;
    }
    const at = this.kept.get(index);
    if (at !== undefined) this.link(index, at);
  }

  /** Calls go to the fast form, without asking the tier. */
  unlink(index: number): void {
    const { code } = this.context;
    code.entries[2 * index] = code.fast.get(index)!.start;
    code.entries[2 * index + 1] = this.costs[index]!;
  }

  /** @param words of the function's frame, which a call looks at; what that holds is for the tier to prepare */
  private set(index: number, words: number): number {
    const { code } = this.context;
    code.reserve(HEADER_WORDS + 2);
    const at = code.length;
    code.code.set([words, 0, 0, ENTER_TIER, index], at);
    code.length = at + HEADER_WORDS + 2;
    this.link(index, at);
    return at;
  }

  private link(index: number, at: number): void {
    const { code } = this.context;
    code.entries[2 * index] = at;
    code.entries[2 * index + 1] = 0;
  }
}
