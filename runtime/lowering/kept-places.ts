// Places in the module where frames have waited, as snapshots ask about them. A guest that waits stands where it stood
// when it waited before, and so do its copies: pictures of it are taken and put back without lowering the functions on
// its stack once more each time.
//
//   (call $f (local.get 0) (i32.const 7)) at byte offset 0x51, in fast form [18] call R1   [21] …
//   layout    as FrameLayout, before the call
//   refs      slots of it that hold references
//   back      21 less the region's start: where the call returns to
//   promises  operands that the code behind the call has only promised
import { getOrMake } from "../get-or-make.js";
import type { FrameLayout, RefSlot } from "./frame-layout.js";
import type { ModuleContext } from "./module-context.js";

/** Quadruples, as Operands.pending gives them. */
export type Promises = readonly number[];

export interface KeptPlace {
  /** Defined function. */
  readonly index: number;
  /** Byte offset of the instruction. */
  readonly offset: number;
  readonly layout: FrameLayout;
  /** What is not known yet is undefined. */
  readonly refs: readonly RefSlot[] | undefined;
  /** Only of calls, in the fast form of the function: counted from its region's start. */
  readonly back: number | undefined;
  readonly promises: Promises | undefined;
}

/** Numbers that are kept for one module's code: those of a deep stack of large frames. */
const BUDGET = 1 << 16;
/** What a place takes beside its lists. */
const PLACE = 16;

function sizeOf({ layout, refs = [], promises = [] }: KeptPlace): number {
  return PLACE + layout.words.length + layout.operands.length + 4 * refs.length + promises.length;
}

/** Those asked for last. */
export class KeptPlaces {
  private readonly places = new Map<string, KeptPlace>();
  /** Byte offsets by where calls return to. */
  private readonly returns = new Map<string, number>();
  private size = 0;

  get(index: number, offset: number): KeptPlace | undefined {
    const key = `${index} ${offset}`;
    const found = this.places.get(key);
    if (found !== undefined) {
      this.places.delete(key);
      this.places.set(key, found);
    }
    return found;
  }

  /** The call that returns to `back`. */
  atReturn(index: number, back: number): KeptPlace | undefined {
    const offset = this.returns.get(`${index} ${back}`);
    return offset === undefined ? undefined : this.get(index, offset);
  }

  /** Keeps a place, or what more is known of it. */
  set(place: KeptPlace): void {
    this.remove(place.index, place.offset);
    const size = sizeOf(place);
    if (size > BUDGET) return;
    this.size += size;
    this.places.set(`${place.index} ${place.offset}`, place);
    if (place.back !== undefined) this.returns.set(`${place.index} ${place.back}`, place.offset);
    for (const { index, offset } of this.places.values()) {
      if (this.size <= BUDGET) break;
      this.remove(index, offset);
    }
  }

  /** What more is known of a place that is kept; one that is not stays so. */
  learn(index: number, offset: number, more: Partial<Pick<KeptPlace, "refs" | "back" | "promises">>): void {
    const known = this.places.get(`${index} ${offset}`);
    if (known !== undefined) this.set({ ...known, ...more });
  }

  private remove(index: number, offset: number): void {
    const key = `${index} ${offset}`;
    const known = this.places.get(key);
    if (known === undefined) return;
    this.size -= sizeOf(known);
    this.places.delete(key);
    if (known.back !== undefined) this.returns.delete(`${index} ${known.back}`);
  }

  /** The one asked for last comes last. */
  all(): KeptPlace[] {
    return [...this.places.values()];
  }
}

const kept = new WeakMap<ModuleContext, KeptPlaces>();

export function keptPlaces(context: ModuleContext): KeptPlaces {
  return getOrMake(kept, context, () => new KeptPlaces());
}
