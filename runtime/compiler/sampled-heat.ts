// Which blocks of a function that is too large for V8 run often: by where slices of fuel end in it. The rest become
// functions of their own (region.ts), so that what is left is small enough, and nothing is left out.
//
//   300 slices of 32 to 1,055 units end in $vm: 212 at the head of its loop, 40 and 48 behind two of its labels
//   heat of the block that begins behind the first of those: 40; of all others but the loop and the second: 0
//
// A slice ends where a segment is to be paid: at a label, or behind a call. What runs from there on, up to the next
// transfer that cannot but be taken, or call, counts as run as often.
import { type DecodedModule, InstructionReader, OP } from "../../decoder/index.js";
import { OPENS } from "./loop-way.js";
import type { Heat } from "./region.js";

const ENOUGH_SAMPLES = 300;
/** Fewer say nothing. */
const LEAST_SAMPLES = 30;
/** Slices that are short for the samples' sake. */
const MOST_SLICES = 6000;
const SHORTEST_SLICE = 32;
/** 1,024 lengths: the highest bits of a word. */
const LENGTH_SHIFT = 22;

export class SampledHeat {
  /** By defined function, sorted when they are enough: byte offsets of segments. */
  private readonly samples = new Map<number, number[]>();
  /** Functions that wait for more. */
  private readonly wanting = new Set<number>();
  private seed = 1;
  private slices = 0;

  /** @param module whose functions are asked for */
  constructor(private readonly module: DecodedModule) {}

  /** Whether function `index` has to wait for samples; they are taken from now on. */
  wants(index: number): boolean {
    if (this.samples.has(index)) return this.wanting.has(index);
    this.samples.set(index, []);
    this.wanting.add(index);
    this.slices = 0;
    return true;
  }

  /** A slice has ended at a segment of function `index`. @returns whether it was taken for a sample */
  add(index: number, offset: () => number | undefined): boolean {
    if (this.wanting.size === 0) return false;
    this.slices++;
    if (this.slices > MOST_SLICES) {
      for (const waits of this.wanting) this.samples.get(waits)!.sort((a, b) => a - b);
      this.wanting.clear();
    }
    if (!this.wanting.has(index)) return false;
    const at = offset();
    const own = this.samples.get(index)!;
    if (at === undefined) return true;
    own.push(at);
    if (own.length < ENOUGH_SAMPLES) return true;
    own.sort((a, b) => a - b);
    this.wanting.delete(index);
    return false;
  }

  /** Fuel of the next slice while samples are taken: any of many lengths, so that they fall in step with no loop. */
  slice(): number | undefined {
    if (this.wanting.size === 0) return undefined;
    this.seed = (Math.imul(this.seed, 1664525) + 1013904223) | 0;
    return SHORTEST_SLICE + (this.seed >>> LENGTH_SHIFT);
  }

  /** Heats of a function, from the one that leaves most in it on; none without enough samples. */
  *heats(index: number): Iterable<Heat> {
    const samples = this.samples.get(index) ?? [];
    if (samples.length < LEAST_SAMPLES) return;
    const { heads, ends } = extents(this.module, index);
    const countOf = (offset: number) =>
      below(samples, ends.get(offset) ?? offset) - below(samples, heads.get(offset) ?? offset);
    for (let inline = 1; inline <= samples.length; inline *= 2) yield { countOf, inline, prune: false };
  }
}

/** How many of sorted numbers are below a limit. */
function below(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By byte offset of an instruction: where what certainly runs before it begins, and where the block around it ends. */
function extents(module: DecodedModule, index: number) {
  const body = module.bodies.get(index)!;
  const reader = new InstructionReader(module.content.array, module.types).begin(body);
  const heads = new Map<number, number>();
  const ends = new Map<number, number>();
  // Per open block, the offsets in it.
  const open: number[][] = [[]];
  let head = body.start;
  while (reader.offset < body.end) {
    reader.next();
    const { opcode, start, offset } = reader;
    heads.set(start, head);
    if (opcode === OP.end || opcode === OP.else) {
      for (const inside of open.pop()!) ends.set(inside, start);
      if (opcode === OP.else) open.push([]);
    }
    open.at(-1)?.push(start);
    if (OPENS.has(opcode)) open.push([]);
    if (BEGINS_SEGMENT.has(opcode)) head = offset;
  }
  return { heads, ends };
}

/** What follows them is reached from elsewhere, or later. */
const BEGINS_SEGMENT = new Set<number>([
  OP.loop,
  OP.else,
  OP.br,
  OP.br_table,
  OP.return,
  OP.unreachable,
  OP.call,
  OP.call_indirect,
  OP.call_ref,
]);
