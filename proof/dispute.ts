// Finds where two runs of the same program part: the checkpoint, the fuel, the instruction, and what differs then.
//
// Two parties each answer for their own run. Both are asked for the hash of their state at the middle of the part in
// which they part: as many questions as the part's fuel has binary digits. Equal states stay equal if nothing is wrong,
// so the first fuel at which they differ is where something was.
import { disassemble } from "../decoder/index.js";
import type { DecodedModule } from "../decoder/module.js";
import { readNames } from "../decoder/names.js";
import type { ExecutionPicture, StorePicture, TopPicture } from "../runtime/snapshot/picture.js";
import { BLOCK_BYTES, type MemoryPicture } from "../runtime/store/memory-picture.js";
import type { Checkpoints, Hash } from "./receipt.js";

/** Somebody's run, at any fuel that they are asked for. */
export interface Party {
  /** Hash of the state in which the run has been granted so much fuel: of its end, if that is before. */
  stateAt(fuel: number): Promise<Hash>;
  /** That state itself. */
  pictureAt(fuel: number): Promise<StorePicture>;
}

/** Where an instruction is. */
export interface Place {
  /** Index in the module, imports included, and the name that the module gives it. */
  readonly funcidx: number;
  readonly name: string | null;
  /** Byte offset in the module. */
  readonly offset: number;
}

/** One thing of the two states that differs. */
export interface StateDifference {
  /** `memory 0 at 1024`, `global 3`, `stack word 7`, `table 0 element 2`, and so on. */
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

export interface Finding {
  /** The last fuel at which the states are equal; with one more unit they differ. */
  readonly fuel: number;
  /** What is executed next there, null where nothing is under way. */
  readonly place: Place | null;
  /** As the text format has it. */
  readonly instruction: string | null;
  /** Callers' places, innermost first. */
  readonly stack: readonly Place[];
  /** At most {@link MAX_DIFFERENCES}. */
  readonly differences: readonly StateDifference[];
  /** Questions that each party was asked. */
  readonly questions: number;
}

export const MAX_DIFFERENCES = 32;

/**
 * Fuel of the first checkpoint at which two runs differ, and of the one before; null if there is none that both have.
 * Intervals may differ by a power of two.
 */
export function firstDifferingCheckpoint(a: Checkpoints, b: Checkpoints): { before: number; after: number } | null {
  const interval = Math.max(a.interval, b.interval);
  const state = ({ interval: own, states }: Checkpoints, fuel: number) => states[fuel / own - 1];
  const count = Math.min(...[a, b].map((side) => Math.floor((side.states.length * side.interval) / interval)));
  let [low, high] = [0, count + 1];
  // States that have parted stay apart as long as what differs is not overwritten.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (state(a, middle * interval) === state(b, middle * interval)) low = middle;
    else high = middle;
  }
  return high > count ? null : { before: low * interval, after: high * interval };
}

/**
 * The first unit of fuel with which two runs part.
 * @param before fuel at which they agree
 * @param after fuel at which they do not
 * @returns null if they agree there, too
 */
export async function dispute(
  module: DecodedModule,
  a: Party,
  b: Party,
  before: number,
  after: number,
): Promise<Finding | null> {
  let questions = 0;
  const agree = async (fuel: number) => {
    questions++;
    return (await a.stateAt(fuel)) === (await b.stateAt(fuel));
  };
  if (await agree(after)) return null;
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await agree(middle)) low = middle;
    else high = middle;
  }
  const [common, left, right] = [await a.pictureAt(low), await a.pictureAt(high), await b.pictureAt(high)];
  return { fuel: low, ...standing(module, common), questions, differences: stateDifferences(left, right) };
}

/** A place in one line: `mix at 0x3d`. */
export function placeText({ funcidx, name, offset }: Place): string {
  return `${name ?? `function ${funcidx}`} at 0x${offset.toString(16)}`;
}

/** What a state is about to execute, and for whom. */
export function standing(module: DecodedModule, state: StorePicture): Pick<Finding, "place" | "instruction" | "stack"> {
  const [place = null, ...stack] = placesOf(module, state.execution);
  return { place, instruction: place === null ? null : instructionAt(module, place), stack };
}

// ---- Where ----

function placesOf(module: DecodedModule, execution: ExecutionPicture | null): Place[] {
  if (execution === null) return [];
  const { funcs } = readNames(module);
  const place = ({ func, offset }: { func: number; offset: number }): Place => {
    const funcidx = module.importedFuncCount + func;
    return { funcidx, name: funcs.get(funcidx) ?? exportName(module, funcidx), offset };
  };
  const callers = execution.frames.flatMap((frame) => (frame.kind === "call" ? [place(frame.at)] : [])).reverse();
  const top = topOf(module, execution.top);
  return top === null ? callers : [place(top), ...callers];
}

function topOf(module: DecodedModule, top: TopPicture): { func: number; offset: number } | null {
  if (top.kind === "instruction") return top.at;
  if (top.kind === "entry") return { func: top.func, offset: module.bodies.get(top.func)!.start };
  if (top.kind === "host" && top.caller.kind === "call") return top.caller.at;
  return null;
}

function exportName(module: DecodedModule, funcidx: number): string | null {
  return module.exports.find(({ kind, index }) => kind === "func" && index === funcidx)?.name ?? null;
}

/** The line of a function's text at a byte offset. */
function instructionAt(module: DecodedModule, { funcidx, offset }: Place): string | null {
  for (const line of disassemble(module, funcidx)) {
    const match = LINE.exec(line);
    if (match !== null && Number.parseInt(match[1]!, 16) === offset) return match[2]!;
  }
  return null;
}
/** `    (;@3d;)   i32.mul` */
const LINE = /^\s*\(;@([\da-f]+);\)\s*(.*)$/;

// ---- What ----

class Differences {
  readonly list: StateDifference[] = [];

  add(what: string, a: unknown, b: unknown): void {
    const [left, right] = [shown(a), shown(b)];
    if (left !== right && this.list.length < MAX_DIFFERENCES) this.list.push({ what, a: left, b: right });
  }

  lists(what: string, a: ArrayLike<unknown>, b: ArrayLike<unknown>): void {
    for (let i = 0; i < Math.max(a.length, b.length); i++) this.add(`${what} ${i}`, a[i], b[i]);
  }
}

/** As JSON; names in order: a state that was read has its fields in another order than one that was captured. */
function shown(value: unknown): string {
  const inOrder = (_name: string, item: unknown): unknown =>
    typeof item === "object" && item !== null && !Array.isArray(item) && !ArrayBuffer.isView(item)
      ? Object.fromEntries(Object.entries(item).sort(([x], [y]) => (x < y ? -1 : 1)))
      : item;
  return JSON.stringify(value, inOrder) ?? "nothing";
}

/** What differs in two states of the same program, at most {@link MAX_DIFFERENCES} things. */
export function stateDifferences(a: StorePicture, b: StorePicture): StateDifference[] {
  const found = new Differences();
  const [left, right] = [a.execution, b.execution];
  found.add("execution", left?.top, right?.top);
  found.lists("stack word", left?.words ?? [], right?.words ?? []);
  found.lists("frame", left?.frames ?? [], right?.frames ?? []);
  found.lists("stack reference", left?.refs ?? [], right?.refs ?? []);
  a.globals.forEach((global, i) => {
    found.add(`global ${i}`, [...global.words, global.ref], [...b.globals[i]!.words, b.globals[i]!.ref]);
  });
  a.tables.forEach((table, i) => {
    found.lists(`table ${i} element`, table, b.tables[i]!);
  });
  a.memories.forEach((memory, i) => {
    memoryDifferences(found, i, memory.flat(), b.memories[i]!.flat());
  });
  found.add("accounts", a.accounts, b.accounts);
  found.lists("object", a.refs, b.refs);
  return found.list;
}

function memoryDifferences(found: Differences, number: number, a: MemoryPicture, b: MemoryPicture): void {
  found.add(`memory ${number} bytes`, a.byteLength, b.byteLength);
  const block = ({ numbers, data }: MemoryPicture, at: number) => {
    const i = numbers.indexOf(at);
    return i < 0 ? NO_BLOCK : data.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
  };
  for (const at of [...new Set([...a.numbers, ...b.numbers])].sort((x, y) => x - y)) {
    const [left, right] = [block(a, at), block(b, at)];
    for (let i = 0; i < BLOCK_BYTES; i++) {
      if (left[i] !== right[i]) found.add(`memory ${number} at ${at * BLOCK_BYTES + i}`, left[i], right[i]);
    }
  }
}
const NO_BLOCK = new Uint8Array(BLOCK_BYTES);
