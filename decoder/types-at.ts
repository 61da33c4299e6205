// The types that validation knows before given instructions of a body: found by validating it once
// more, so that nothing of it has to be kept.

import { InstructionReader } from "./instructions.js";
import { DEFAULT_DECODE_LIMITS, type DecodeLimits } from "./limits.js";
import type { DecodedModule } from "./module.js";
import { FuncSet, ModuleDraft } from "./module-draft.js";
import { CodeValidator } from "./validate-code.js";

/** Before an instruction; only good while it is visited. */
export interface TypeState {
  /** Types of the operands, bottom first, in the first `height` elements. */
  readonly operands: Int32Array;
  readonly height: number;
  /** Whether a local without a default value has been set. */
  isInitialized(local: number): boolean;
}

const NO_LIMITS = Object.fromEntries(
  Object.keys(DEFAULT_DECODE_LIMITS).map((name) => [name, Number.MAX_SAFE_INTEGER]),
) as unknown as DecodeLimits;

class ObservedReader extends InstructionReader {
  beforeNext: () => void = () => {};
  override next(): void {
    this.beforeNext();
    super.next();
  }
}

const drafts = new WeakMap<DecodedModule, ModuleDraft>();

/** The module as validation wants it. */
function draftOf(module: DecodedModule): ModuleDraft {
  let draft = drafts.get(module);
  if (draft === undefined) {
    draft = new ModuleDraft(module.content, module.registry, NO_LIMITS, false);
    Object.assign(draft, module, { dataCount: module.dataCount });
    // Which functions ref.func may name was settled when the module was read.
    draft.refs = FuncSet.all(module.funcs.length);
    drafts.set(module, draft);
  }
  return draft;
}

/**
 * Visits the instructions of defined function `index` that begin at one of `offsets` (bytes from the
 * module's start) and can be reached, in their order.
 * @throws InvalidError if the function has not been validated, and is not valid
 */
export function visitTypes(
  module: DecodedModule,
  index: number,
  offsets: ReadonlySet<number>,
  visit: (offset: number, state: TypeState) => void,
): void {
  const body = module.bodies.get(index)!;
  const draft = draftOf(module);
  const reader = new ObservedReader(module.content.array, draft.types);
  const validator = new CodeValidator(draft, reader);
  reader.beforeNext = () => {
    const { offset } = reader;
    if (!offsets.has(offset) || validator.unreachable) return;
    visit(offset, {
      operands: validator.stack,
      height: validator.sp,
      isInitialized: (local) => validator.isInitialized(local),
    });
  };
  reader.offset = body.start;
  reader.end = module.content.array.length;
  validator.body(module.importedFuncCount + index, body.locals, body.end);
}
