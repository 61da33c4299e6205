// The code map: what positions in register code mean in terms of the module, and what a frame holds
// there. Traps, pauses, snapshots, restoring, the tracing of references and backtraces ask it.
//
// Nothing of it is kept while code runs. A map is made when it is first asked for, by lowering the
// function once more into scratch space, and is linear in the body; the last ones that were asked
// for are kept, up to MAP_BUDGET bytes for each module's code.
//
//   (i32.mul (local.get 0) (call $f (i32.const 7)))        frame: local 0 in slot 0
//   fast form          [16] const_32 R1 = 7   [18] call R1   [21] i32.mul R1 = R0 R1
//   operations         16 → the const's byte offset, 18 → the call's, 21 → i32.mul's
//   charge points      21 → behind the call; promises there: slot 1 is still to get local 0
//   layout at i32.mul  words 1 1 1: a local and two operands of 32 bits
import { Crash } from "../errors.js";
import { getOrMake } from "../get-or-make.js";
import type { CodeRegion, RegisterCode } from "../register-code/register-code.js";
import type { FrameLayout } from "./frame-layout.js";
import type { EntryPoints } from "./function-lowering.js";
import { countUpTo, IntList } from "./int-list.js";
import { type KeptPlace, keptPlaces, type Promises } from "./kept-places.js";
import { LayoutTable, layoutTableOf } from "./layout-table.js";
import { addRegion, appendTo, type Lowered, lowerAt, lowerFunction, NO_ENTRIES } from "./lower.js";
import { HEADER_WORDS, type ModuleContext } from "./module-context.js";
import { WIDTH_REF } from "./operands.js";
import { POINT_ENTRY, POINT_PROMISES, Recording, type Wanted } from "./recording.js";

/** Bytes of maps that are kept for one module's code. The one asked for last is kept whatever it takes. */
export const MAP_BUDGET = 4 << 20;

/** What a charge point means in terms of the module. */
export interface MappedPoint {
  /** Byte offset of the next instruction. */
  readonly offset: number;
  /** What was charged on arrival. */
  readonly cost: number;
  /** The function's entry, before the price of entering. */
  readonly isEntry: boolean;
}

const NONE: Promises = [];
const NO_POSITIONS: ReadonlySet<number> = new Set();

/** What the positions of a region mean in terms of the module. */
export class CodeMap {
  readonly bytes: number;
  /** Slots of the locals that are references, ascending; how many of them are parameters. */
  readonly refLocals: readonly number[];
  readonly refParams: number;
  /** Charge points by position, ascending; of those that share one the last counts. */
  private readonly pointAt: Int32Array;
  private readonly pointOffset: Int32Array;
  private readonly pointCost: Int32Array;
  private readonly pointFlags: Int32Array;
  /**
   * In stepping form instructions, in fast form operations: positions, ascending, and byte offsets;
   * in fast form also what their segments cost behind them.
   */
  private readonly at: Int32Array;
  private readonly offset: Int32Array;
  private readonly rest: Int32Array | null;
  private readonly sites: Pick<Recording, "promises" | "refs" | "incomplete">;
  private readonly shift: number;

  /** @param lowered of the region, at position `start` */
  constructor(
    private readonly context: ModuleContext,
    private readonly region: CodeRegion,
    { lowering, recording }: Lowered<Recording>,
    start: number,
  ) {
    // Code lies the same way wherever it begins.
    this.shift = region.start - start;
    const { localSlot, localWidth, signature } = lowering;
    this.refLocals = localSlot.filter((_, i) => localWidth[i] === WIDTH_REF);
    this.refParams = signature.params.filter((width) => width === WIDTH_REF).length;
    this.pointAt = this.shifted(recording.pointAt);
    this.pointOffset = recording.pointOffset.toArray();
    this.pointCost = recording.costs();
    this.pointFlags = recording.pointFlags.toArray();
    this.at = this.shifted(region.stepping ? recording.instructionAt : recording.at);
    this.offset = (region.stepping ? recording.instructionOffset : recording.offset).toArray();
    this.rest = region.stepping ? null : recording.rests();
    this.sites = { promises: recording.promises, refs: recording.refs, incomplete: recording.incomplete };
    this.bytes = 16 * this.pointAt.length + 12 * this.at.length + 8 * this.refLocals.length + recording.siteBytes();
  }

  private shifted(list: IntList): Int32Array {
    const values = list.toArray();
    if (this.shift !== 0) for (let i = 0; i < values.length; i++) values[i]! += this.shift;
    return values;
  }

  // ---- Charge points ----

  private pointIndex(pc: number): number {
    const index = countUpTo(this.pointAt, pc) - 1;
    return index >= 0 && this.pointAt[index] === pc ? index : -1;
  }

  /** The charge point at `pc`. */
  point(pc: number): MappedPoint | undefined {
    const index = this.pointIndex(pc);
    if (index < 0) return undefined;
    return {
      offset: this.pointOffset[index]!,
      cost: this.pointCost[index]!,
      isEntry: pc === this.region.start + HEADER_WORDS,
    };
  }

  /**
   * Operands to bring into their slots at the charge point at `pc`.
   * @param ask as {@link CodeMap.ask} for this position and others, where they are not known yet
   */
  promisesAt(pc: number, ask = () => this.ask([pc])): Promises {
    const index = this.pointIndex(pc);
    if (index < 0 || (this.pointFlags[index]! & POINT_PROMISES) === 0) return NONE;
    return this.sites.promises.get(pc - this.shift) ?? ask().promises.get(pc - this.region.start) ?? NONE;
  }

  /** Where the fast form can be entered. */
  entryPoints(): EntryPoints {
    const offsets = new IntList();
    const indices = new IntList();
    for (let i = 0; i < this.pointAt.length; i++) {
      if ((this.pointFlags[i]! & POINT_ENTRY) === 0 || this.pointAt[i] === this.region.start + HEADER_WORDS) continue;
      offsets.push(this.pointOffset[i]!);
      indices.push(i);
    }
    const ascending = offsets.toArray();
    return {
      find: (offset) => {
        const entry = countUpTo(ascending, offset) - 1;
        return entry >= 0 && ascending[entry] === offset ? indices.at(entry) : -1;
      },
      at: (entry) => this.pointAt[entry]!,
      cost: (entry) => this.pointCost[entry]!,
    };
  }

  // ---- Operations and instructions ----

  private indexAt(pc: number): number {
    return countUpTo(this.at, pc) - 1;
  }

  /** Byte offset of the instruction whose code `pc` lies in; of the body's start where the frame has not begun. */
  offsetAt(pc: number): number {
    const index = this.indexAt(pc);
    return index < 0 ? this.context.module.bodies.get(this.region.index)!.start : this.offset[index]!;
  }

  /** In fast form: what the segment at `pc` costs behind the operation there. */
  restAt(pc: number): number {
    const index = this.indexAt(pc);
    return index < 0 ? 0 : this.rest![index]!;
  }

  /** In stepping form: where the instruction at byte `offset` begins. */
  positionOf(offset: number): number | undefined {
    const index = countUpTo(this.offset, offset) - 1;
    return index >= 0 && this.offset[index] === offset ? this.at[index] : undefined;
  }

  /**
   * In stepping form: byte offset of the instruction that comes next at `pc`; undefined at the
   * function's entry.
   */
  nextOffset(pc: number): number | undefined {
    const index = this.indexAt(pc);
    if (index < 0) return undefined;
    // Otherwise where a call has returned, or at a label: not where an instruction begins, but before it.
    if (this.at[index] === pc) return this.offset[index]!;
    const point = this.point(pc);
    if (point === undefined) throw new Crash(`no instruction begins at ${pc}`);
    return point.offset;
  }

  /** In fast form: byte offset of each call → where it returns to. */
  returnPoints(): Map<number, number> {
    const found = new Map<number, number>();
    let next = 0;
    this.at.forEach((at, i) => {
      while (next < this.pointAt.length && this.pointAt[next]! <= at) next++;
      // The last operation of an instruction counts, which of a call is the call itself.
      if (next < this.pointAt.length) found.set(this.offset[i]!, this.pointAt[next]!);
    });
    return found;
  }

  // ---- Operands ----

  /**
   * Slots of the operands that are references while the call that returns to `pc` waits, or while
   * the operation at `pc` allocates. Copies of locals that are only promised are not among them.
   */
  refsAt(pc: number, ask = () => this.ask([pc])): readonly number[] {
    const known = this.sites.refs.get(pc - this.shift);
    if (known !== undefined || !this.sites.incomplete) return known ?? NONE;
    return ask().refs.get(pc - this.region.start) ?? NONE;
  }

  /** Operands at sites that are not known yet; positions in the answer are counted from the region's start. */
  ask(sites: Iterable<number>): Recording {
    const at = new Set<number>();
    for (const pc of sites) at.add(pc - this.region.start);
    return relower(this.context, this.region, { sites: at, offsets: NO_POSITIONS, room: 0 }, 0).recording;
  }
}

/** Lowers the function of a region once more, from position 0 on. */
function relower(context: ModuleContext, region: CodeRegion, wanted: Wanted, bodyBytes: number): Lowered<Recording> {
  const scratch = new Int32Array(64 + 2 * (region.end - region.start));
  const entries = !region.stepping
    ? null
    : context.meter !== null
      ? NO_ENTRIES
      : fastMap(context, region.index).entryPoints();
  const target = { code: () => scratch, grow: null };
  return lowerAt(
    context,
    region.index,
    0,
    target,
    entries,
    () => new Recording(wanted, bodyBytes, bodyBytes > 0 && !region.stepping),
  );
}

const NOTHING_WANTED: Wanted = { sites: NO_POSITIONS, offsets: NO_POSITIONS, room: 0 };

function bytesOf({ module }: ModuleContext, index: number): number {
  const { start, end } = module.bodies.get(index)!;
  return end - start;
}

/** The map of a region. Whoever asks for many regions in turn keeps them as long: see {@link CodeMaps}. */
export function mapOf(context: ModuleContext, region: CodeRegion): CodeMap {
  const { maps } = context.code;
  const known = maps.get(region) as CodeMap | undefined;
  if (known !== undefined) {
    maps.delete(region);
    maps.set(region, known);
    return known;
  }
  const lowered = relower(context, region, NOTHING_WANTED, bytesOf(context, region.index));
  return keep(context.code, region, new CodeMap(context, region, lowered, 0));
}

function fastMap(context: ModuleContext, index: number): CodeMap {
  return mapOf(context, context.code.fast.get(index)!);
}

function keep(code: RegisterCode, region: CodeRegion, map: CodeMap): CodeMap {
  code.maps.set(region, map);
  code.mapBytes += map.bytes;
  for (const [old, { bytes }] of code.maps) {
    if (code.mapBytes <= MAP_BUDGET || old === region) break;
    code.maps.delete(old);
    code.mapBytes -= bytes;
  }
  return map;
}

/**
 * Lowers defined function `index` to its fast form, for a call that has `fuel`. If that may not pay the first segment
 * the call is about to pause there, and ask for the map: it is made on the way, which saves a lowering.
 * @throws InvalidError as lowerFunction
 */
export function lowerForCall(context: ModuleContext, index: number, fuel: number): void {
  // An instruction takes a byte at the least, and most cost 1.
  const bytes = bytesOf(context, index);
  if (fuel >= bytes || context.meter !== null) {
    lowerFunction(context, index);
    return;
  }
  const lowered = lowerFunction(context, index, () => new Recording(NOTHING_WANTED, bytes, true));
  keep(context.code, lowered.region, new CodeMap(context, lowered.region, lowered, lowered.region.start));
}

/** What one walk of a stack asks about a region. */
interface Questions {
  readonly map: CodeMap;
  readonly sites: Set<number>;
  answers: Recording | null;
}

/** The layouts that are asked for of one function. */
interface LayoutQuestions {
  readonly offsets: Set<number>;
  layouts: ReadonlyMap<number, FrameLayout> | null;
}

/**
 * The questions of one walk of a stack. A function is lowered a few times at the most, however many
 * frames it has and however little may be kept: say first what will be asked (`want…`).
 */
export class CodeMaps {
  private readonly regions = new Map<CodeRegion, Questions>();
  private readonly functions = new Map<ModuleContext, Map<number, LayoutQuestions>>();

  /** @param room slots that all layouts together may have; those beyond are left out */
  constructor(public room = Number.POSITIVE_INFINITY) {}

  of(context: ModuleContext, region: CodeRegion): CodeMap {
    return this.ask(context, region).map;
  }

  /** Byte offset of the call that waits at `pc` and returns to `returnTo`. */
  offsetOfCall(context: ModuleContext, region: CodeRegion, pc: number, returnTo: number): number {
    return knownCall(context, region, returnTo)?.offset ?? this.of(context, region).offsetAt(pc);
  }

  private ask(context: ModuleContext, region: CodeRegion): Questions {
    return getOrMake(this.regions, region, () => ({
      map: mapOf(context, region),
      sites: new Set<number>(),
      answers: null,
    }));
  }

  private layouts(context: ModuleContext, index: number): LayoutQuestions {
    const functions = getOrMake(this.functions, context, () => new Map<number, LayoutQuestions>());
    return getOrMake(functions, index, () => ({ offsets: new Set<number>(), layouts: null }));
  }

  /** Operands at the site at `pc` will be asked for. */
  wantSite(context: ModuleContext, region: CodeRegion, pc: number): void {
    if (knownCall(context, region, pc)?.promises !== undefined) return;
    this.ask(context, region).sites.add(pc);
  }

  /** The layout before the instruction at byte `offset` of defined function `index` will be asked for. */
  wantLayout(context: ModuleContext, index: number, offset: number): void {
    this.layouts(context, index).offsets.add(offset);
  }

  /** As {@link CodeMap.promisesAt}. */
  promisesAt(context: ModuleContext, region: CodeRegion, pc: number): Promises {
    const known = knownCall(context, region, pc)?.promises;
    if (known !== undefined) return known;
    const questions = this.ask(context, region);
    return questions.map.promisesAt(pc, () => answer(questions, pc));
  }

  /** As {@link CodeMap.refsAt}. */
  refsAt(context: ModuleContext, region: CodeRegion, pc: number): readonly number[] {
    const questions = this.ask(context, region);
    return questions.map.refsAt(pc, () => answer(questions, pc));
  }

  /**
   * What frames of defined function `index` hold before the instruction at byte `offset`; undefined if
   * no instruction begins there that can be reached, or there is no room.
   */
  layoutAt(context: ModuleContext, index: number, offset: number): FrameLayout | undefined {
    const questions = this.layouts(context, index);
    const { offsets } = questions;
    if (questions.layouts?.has(offset)) return questions.layouts.get(offset);
    const kept = keptPlaces(context);
    const known = kept.get(index, offset)?.layout;
    if (known !== undefined && known.words.length <= this.room) {
      this.room -= known.words.length;
      return known;
    }
    // What is known of functions that were asked about before is not lowered once more, and takes no room here.
    if (this.room === Number.POSITIVE_INFINITY) {
      const table = layoutTableOf(context, index, () => tableOf(context, index));
      if (table != null) return table.at(offset);
    }
    if (questions.layouts === null || !offsets.has(offset)) {
      offsets.add(offset);
      questions.layouts = layoutsAt(context, index, offsets, this.room);
      for (const [at, layout] of questions.layouts) {
        this.room -= layout.words.length;
        if (kept.get(index, at) === undefined)
          kept.set({ index, offset: at, layout, refs: undefined, back: undefined, promises: undefined });
      }
    }
    return questions.layouts.get(offset);
  }
}

/** What is kept of the call that returns to `pc`. */
function knownCall(context: ModuleContext, { index, start, stepping }: CodeRegion, pc: number): KeptPlace | undefined {
  return stepping ? undefined : keptPlaces(context).atReturn(index, pc - start);
}

function answer(questions: Questions, pc: number): Recording {
  const { map, sites } = questions;
  if (questions.answers === null || !sites.has(pc)) {
    sites.add(pc);
    questions.answers = map.ask(sites);
  }
  return questions.answers;
}

/** The stepping form of a function that has a fast form. */
export function steppingRegion(context: ModuleContext, index: number): CodeRegion {
  const { code } = context;
  let region = code.stepping.get(index);
  if (region === undefined) {
    const entries = fastMap(context, index).entryPoints();
    const start = code.length;
    const record = () => new Recording(NOTHING_WANTED, bytesOf(context, index), false);
    const lowered = lowerAt(context, index, start, appendTo(code), entries, record);
    region = addRegion(code, lowered, index, start, true);
    code.stepping.set(index, region);
    keep(code, region, new CodeMap(context, region, lowered, start));
  }
  return region;
}

function tableOf(context: ModuleContext, index: number): LayoutTable {
  const scratch = new Int32Array(1024);
  const target = { code: () => scratch, grow: null };
  let table = new LayoutTable();
  const record = () => {
    // What does not fit the narrow form is lowered anew.
    table = new LayoutTable();
    return new Recording(NOTHING_WANTED, 0, false, table);
  };
  lowerAt(context, index, 0, target, null, record);
  return table.close();
}

/** What frames of defined function `index` hold before the instructions at these byte offsets: one pass over the body. */
function layoutsAt(
  context: ModuleContext,
  index: number,
  offsets: ReadonlySet<number>,
  room: number,
): ReadonlyMap<number, FrameLayout> {
  const scratch = new Int32Array(1024);
  const target = { code: () => scratch, grow: null };
  const record = () => new Recording({ sites: NO_POSITIONS, offsets, room }, 0, false);
  return lowerAt(context, index, 0, target, null, record).recording.layouts;
}
