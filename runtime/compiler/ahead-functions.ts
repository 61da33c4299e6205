// The functions of a module that were compiled ahead of time, as the tier asks for them.
import type { ModuleContext } from "../lowering/module-context.js";
import type { Adapter } from "./adapters.js";
import { type AheadModule, type AheadScope, FIELDS_PER_FUNCTION } from "./ahead-code.js";
import { AheadFunction } from "./ahead-sites.js";
import type { CompiledFunction } from "./leave-site.js";
import { CodeScope, type JsFunction } from "./scope.js";

/** What the tier enters. */
interface Found {
  readonly func: CompiledFunction;
  readonly call: JsFunction;
  readonly adapter: Adapter;
  readonly words: number;
}

export class AheadFunctions {
  readonly scope: CodeScope;
  /** By the numbers with which they name themselves. */
  readonly functions: readonly AheadFunction[];
  private readonly numbers = new Map<number, number>();
  private readonly loops: { readonly offset: number; readonly func: CompiledFunction }[] = [];
  private entries: AheadScope["entries"] = [];

  constructor({ functions, make }: AheadModule, context: ModuleContext) {
    const made: AheadFunction[] = [];
    for (let i = 0; i < functions.length; i += FIELDS_PER_FUNCTION) {
      const [index, words, most, offset, loopMost, sites] = functions.slice(i, i + FIELDS_PER_FUNCTION) as [
        number,
        number,
        number,
        number,
        number,
        string,
      ];
      const func = new AheadFunction(index, words, most, sites);
      this.numbers.set(index, made.length);
      // Where it is left, both say the same.
      this.loops.push({ offset, func: offset < 0 ? func : new AheadFunction(index, words, loopMost, sites) });
      made.push(func);
    }
    this.functions = made;
    this.scope = new CodeScope(
      (parts) => {
        const scope = make(parts);
        this.entries = scope.entries;
        return scope;
      },
      context,
      () => false,
    );
  }

  /** @param loopOffset of the loop to be entered, −1 for the beginning; undefined if there is no such entry */
  find(index: number, loopOffset: number): Found | undefined {
    const number = this.numbers.get(index);
    if (number === undefined) return undefined;
    const [call, adapter, loopAdapter] = this.entries[number]!;
    const own = this.functions[number]!;
    const { words } = own;
    if (loopOffset < 0) return { func: own, call, adapter, words };
    const { offset, func } = this.loops[number]!;
    return offset === loopOffset && loopAdapter !== null ? { func, call, adapter: loopAdapter, words } : undefined;
  }
}
