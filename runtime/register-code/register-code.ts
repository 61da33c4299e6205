// Register code of one module under one fuel schedule, shared by all its instances.
// Floor 3 (lowering/) fills it, floor 4 (interpreter/) runs it.
import { CodeWords } from "./code-words.js";

/** Fixed return addresses at the head of every code array; frames that end in the driver return there. */
export const PC_EXIT = 4;
export const PC_LEAVE_INSTANCE = 6;
export const PC_INVOKE_RETURN = 8;
export const PC_HOST_RETURN = 10;
/** Stands for a frame of compiled code, of which nothing is known here while what it has called calls the guest. */
export const PC_HIDDEN = 14;
/** Words from the frame of an `invoke_*` of Emscripten's that longjmp has ended to that of `setThrew`. */
export const SET_THREW_WORDS = 4;
/**
 * The header of every function that was not lowered yet. Its frame is larger than any stack, so a call leaves the
 * loop as one without room does, and says which function it is: eight bytes for each function, and no code.
 */
export const PC_LAZY = 12;
/** More words than a stack has, and than an int32 is left when a frame's base is added. */
export const LAZY_FRAME_WORDS = 2 ** 29;
/** First position for lowered functions. */
export const PC_FIRST = 16;

/** Kinds of handlers of the legacy `try`, beside the decoder's CATCH… of try_table. */
export const LEGACY_CATCH = 4;
export const LEGACY_CATCH_ALL = 5;
export const DELEGATE = 6;

/** A clause of try_table, or of a legacy try, over a range of register code. */
export interface Handler {
  /** Frames whose instruction lies in [from, to) are covered. */
  readonly from: number;
  readonly to: number;
  /** One of the decoder's CATCH… kinds, or of those above. */
  readonly kind: number;
  /** −1 where the kind has none. */
  readonly tagidx: number;
  /**
   * Where to go on, what the segment there costs, and the slot that takes the first value; of
   * legacy clauses the slot that takes the exception itself, the values behind it.
   * DELEGATE: `target` is the index of the next handler to look at, and nothing else counts.
   */
  readonly target: number;
  readonly fuel: number;
  readonly slot: number;
}

/** One lowering of one function. */
export interface CodeRegion {
  readonly start: number;
  readonly end: number;
  /** Index among the defined functions. */
  readonly index: number;
  /** Unfused form with a charge before every instruction. */
  readonly stepping: boolean;
  /** Innermost first. */
  readonly handlers: readonly Handler[];
}

/** A map that lowering/code-map.ts has made of a region, and can make again. */
export interface KeptMap {
  /** What it takes, about. */
  readonly bytes: number;
}

/** Of the operation at the head of a loop that asks a tier: the word, from its beginning, that has the segment's cost. */
export const LOOP_COST_WORD = 3;

/** Another way to run the functions of a module; interpreter/tier.ts has what the interpreter asks of it. */
export interface CodeTier {
  /** Defined function `index` has been lowered: calls find it by its entry, which may be changed now. */
  lowered(index: number): void;
  /** Lets go of the instance that ran last. */
  forget(): void;
  /** Lets go of the memory of the instance whose globals have these cells: it hibernates. */
  sleep(globalCells: Int32Array): void;
}

export class RegisterCode {
  /** Sorted by position, without gaps that hold code. */
  readonly regions: CodeRegion[] = [];
  /** What the lowering knows about the module (lowering/function-lowering.ts, ModuleContext). */
  context: object | null = null;
  /** What runs functions beside the interpreter, if anything does. */
  tier: CodeTier | null = null;
  /**
   * Loops, by the byte offsets of their first instructions, that are lowered with an operation at their heads by which
   * the tier is asked. As long as code is kept they stay the same: what has been lowered is lowered again for its map.
   */
  askedLoops: ReadonlySet<number> = new Set();
  /** Whether it runs for long: then the loop that runs it is warmed up. Not where most of the work is another tier's. */
  isTrained = true;
  /** Where that operation is, by the same offsets, of functions that have been lowered. */
  readonly loopHeads = new Map<number, number>();
  /** Whether there is a tier that is asked there. */
  isAskedAtLoops = false;
  /**
   * Of large functions whose code was saved: where calls return to in fast form, by the calls' byte offsets. Else the code
   * map says it, for which such a function is lowered once more.
   */
  readonly returnPoints = new Map<number, ReadonlyMap<number, number>>();
  /** Per defined function: its stepping form, if it was ever needed. */
  readonly stepping = new Map<number, CodeRegion>();
  readonly fast = new Map<number, CodeRegion>();
  /** Maps of regions, the one that was asked for last at the end; lowering/code-map.ts bounds them. */
  readonly maps = new Map<CodeRegion, KeptMap>();
  /** Bytes of all of them. */
  mapBytes = 0;
  readonly words = new CodeWords(PC_FIRST);
  /** Per defined function: position of its header, cost of its first segment. PC_LAZY and 0 before it is lowered. */
  readonly entries: Int32Array;

  constructor(definedFunctions: number) {
    this.entries = new Int32Array(new ArrayBuffer(Math.max(definedFunctions, 16) * 8));
  }

  /** Where the code lies now: a run of any other module may change that. */
  get code(): Int32Array {
    return this.words.array;
  }
  /** Words in use. */
  get length(): number {
    return this.words.length;
  }
  set length(length: number) {
    this.words.length = length;
  }

  /** Makes room for `words` more; the code array may be a new one afterwards. */
  reserve(words: number): void {
    this.words.reserve(words);
  }

  /** The lowering that `pc` lies in. */
  regionAt(pc: number): CodeRegion | undefined {
    let low = 0;
    let high = this.regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.regions[middle]!.end <= pc) low = middle + 1;
      else high = middle;
    }
    const region = this.regions[low];
    return region !== undefined && region.start <= pc ? region : undefined;
  }
}
