// The texts of functions while they are made: some steps at a time, so that the host's event loop does not wait for all
// of a large one. Whoever asks for the function again goes on with it, in this run or another.
//
//   $vm, 17 KB of body     two steps of 1 KB in each run, and one more for each 262,144 units of fuel that it uses
import type { Thread } from "../interpreter/thread.js";
import type { ModuleContext } from "../lowering/module-context.js";
import type { CompileCredit } from "./compile-credit.js";
import { STEP_BYTES } from "./function-emitter.js";
import { functionText, type MadeText } from "./function-text.js";
import type { CompiledFunction } from "./leave-site.js";
import type { Heat } from "./region.js";
import type { SampledHeat } from "./sampled-heat.js";

/** In place of what is asked for: it is being made. */
export const LATER = "later";
const MOST_WORKS = 4;
/** Of {@link CompileCredit}, for a step: what is large takes longer for each byte than what is small. */
export const STEP_CREDIT = 2 * STEP_BYTES;

interface Work {
  readonly id: number;
  readonly steps: Generator<void, MadeText>;
}

export class TextWorks {
  /** By index and loop. */
  private readonly works = new Map<string, Work>();

  /** @param functions by number: each work takes the next one */
  constructor(
    private readonly context: ModuleContext,
    private readonly settings: { readonly stress: unknown; readonly heat?: Heat },
    private readonly credit: CompileCredit,
    private readonly samples: SampledHeat,
    private readonly functions: (CompiledFunction | null)[],
  ) {}

  /** The text of a function, or as many steps of it as there is credit for, of which the first is paid. */
  of(thread: Thread, key: string, index: number, loopOffset: number): { id: number; made: MadeText } | typeof LATER {
    const work = this.works.get(key) ?? this.begin(key, index, loopOffset);
    // What is small is paid whole.
    const { start, end } = this.context.module.bodies.get(index)!;
    const isStepped = end - start > STEP_CREDIT;
    for (;;) {
      const { done, value } = work.steps.next();
      if (done === true) {
        this.works.delete(key);
        return { id: work.id, made: value };
      }
      if (isStepped && !this.credit.admits(thread, STEP_CREDIT)) return LATER;
    }
  }

  private begin(key: string, index: number, loopOffset: number): Work {
    const { context, settings, samples, functions, works } = this;
    const id = functions.push(null) - 1;
    const work = { id, steps: functionText(context, index, loopOffset, id, settings, samples.heats(index)) };
    // What nobody asks for any more is not kept for long.
    if (works.size >= MOST_WORKS) works.delete(works.keys().next().value!);
    works.set(key, work);
    return work;
  }
}
