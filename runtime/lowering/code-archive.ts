// Register code as data: what one process has lowered, another one need not. It is not checked when it is read: it
// must come from this very version of the engine, and be as trusted as the engine's own code.
import { type DecodedModule, OP } from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import type { FuelSchedule } from "../fuel-schedule.js";
import type { CodeRegion, Handler, RegisterCode } from "../register-code/register-code.js";
import { LAYOUTS } from "../register-code/register-op-table.generated.js";
import { CodeMaps, mapOf } from "./code-map.js";
import type { RefSlot } from "./frame-layout.js";
import { type KeptPlace, keptPlaces } from "./kept-places.js";
import type { ModuleContext } from "./module-context.js";
import { refsAt } from "./ref-types.js";

// Layout, in 32-bit words: MAGIC; number of words; what the code depends on; loops at whose heads it asks, how many, and
// each one's offset and the position of its head, −1 if it was not lowered; length of the code, number of regions; entries;
// per region start, end, index, number of handlers, and each handler's HANDLER_WORDS words; number of places where frames
// wait, and each as placeWords() has it; number of large functions, and each one's index, number of calls, and of each call
// the byte offset and the position behind it; code.
const MAGIC = 0x65736334;
const HANDLER_WORDS = 7;
/**
 * Words of code from which on the points that calls return to are saved: to find those of Python's VM, of 6,500 words, takes
 * tens of milliseconds in a fresh process.
 */
const LARGE = 128;
const CALLS: ReadonlySet<number> = new Set([OP.call, OP.call_indirect]);
/** Lists of a place. */
const LISTS = 5;

/** Numbers that are equal where the same module lowers to the same code. */
function signatureOf({ bodies, content, types }: DecodedModule, schedule: FuelSchedule): number[] {
  const name = [...schedule.name].map((letter) => letter.charCodeAt(0));
  return [LAYOUTS.length, content.array.length, bodies.length, types.length, name.length, ...types, ...name];
}

/**
 * The functions that have been lowered, but for single steps.
 * @throws UsageError for code of another tier, or that takes a profile
 */
export function encodeCode(context: ModuleContext): Uint8Array {
  const { code, module, schedule, blockCounts } = context;
  if (blockCounts !== null) throw new UsageError("code that takes a profile is not saved");
  if (code.tier !== null) throw new UsageError('code is saved by engines of the tier "interpreter"');
  const words = [MAGIC, 0, ...signatureOf(module, schedule), code.askedLoops.size];
  for (const offset of code.askedLoops) words.push(offset, code.loopHeads.get(offset) ?? -1);
  // What was lowered for single steps is not entered from the rest: its words are there, and nothing leads to them.
  const regions = code.regions.filter(({ stepping }) => !stepping);
  words.push(code.length, regions.length);
  // One by one: arguments of a call lie on the host's stack, and CPython has 178,000 of these.
  for (const entry of code.entries) words.push(entry);
  for (const { start, end, index, handlers } of regions) {
    words.push(start, end, index, handlers.length);
    for (const { from, to, kind, tagidx, target, fuel, slot } of handlers)
      words.push(from, to, kind, tagidx, target, fuel, slot);
  }
  const places = waitingPlaces(context);
  words.push(places.length);
  for (const place of places) for (const word of placeWords(place)) words.push(word);
  const large = regions.filter(({ start, end }) => end - start >= LARGE);
  words.push(large.length);
  for (const region of large) {
    const points = [...mapOf(context, region).returnPoints()].filter(([offset]) =>
      CALLS.has(module.content.array[offset]!),
    );
    words.push(region.index, points.length);
    for (const [offset, pc] of points) words.push(offset, pc);
  }
  const archive = new Int32Array(words.length + code.length);
  words[1] = archive.length;
  archive.set(words);
  archive.set(code.code.subarray(0, code.length), words.length);
  return new Uint8Array(archive.buffer);
}

/**
 * Gives freshly prepared code what `archive` has.
 * @returns false, and nothing has changed, if the archive is of another version, module or schedule
 */
export function restoreCode(context: ModuleContext, archive: Uint8Array): boolean {
  const { code, module, schedule } = context;
  if (archive.length % 4 !== 0) return false;
  // A copy: aligned, and nobody else's.
  const words = new Int32Array(archive.slice().buffer);
  let at = 0;
  for (const expected of [MAGIC, words.length, ...signatureOf(module, schedule)])
    if (words[at++] !== expected) return false;
  const loopCount = words[at++]!;
  const loops = new Set<number>();
  for (const end = at + 2 * loopCount; at < end; at += 2) {
    loops.add(words[at]!);
    if (words[at + 1]! >= 0) code.loopHeads.set(words[at]!, words[at + 1]!);
  }
  code.askedLoops = loops;
  const length = words[at++]!;
  const regionCount = words[at++]!;
  code.entries.set(words.subarray(at, at + code.entries.length));
  at += code.entries.length;
  for (let i = 0; i < regionCount; i++) {
    const handlerCount = words[at + 3]!;
    const region: CodeRegion = {
      start: words[at]!,
      end: words[at + 1]!,
      index: words[at + 2]!,
      stepping: false,
      handlers: handlersOf(words, at + 4, handlerCount),
    };
    at += 4 + handlerCount * HANDLER_WORDS;
    code.regions.push(region);
    code.fast.set(region.index, region);
  }
  const placeCount = words[at++]!;
  for (let i = 0; i < placeCount; i++) {
    const size = words[at]!;
    keptPlaces(context).set(placeOf(words.subarray(at, at + size)));
    at += size;
  }
  const largeCount = words[at++]!;
  for (let i = 0; i < largeCount; i++) {
    const points = new Map<number, number>();
    const end = at + 2 + 2 * words[at + 1]!;
    code.returnPoints.set(words[at]!, points);
    for (at += 2; at < end; at += 2) points.set(words[at]!, words[at + 1]!);
  }
  setCode(code, words.subarray(at, at + length));
  if (code.tier !== null) for (const index of code.fast.keys()) code.tier.lowered(index);
  return true;
}

function handlersOf(words: Int32Array, start: number, count: number): readonly Handler[] {
  return Array.from({ length: count }, (_, i) => {
    const [from, to, kind, tagidx, target, fuel, slot] = words.subarray(start + i * HANDLER_WORDS);
    return { from: from!, to: to!, kind: kind!, tagidx: tagidx!, target: target!, fuel: fuel!, slot: slot! };
  });
}

// ---- Places where frames wait ----

/** A place of which all is known. */
type WaitingPlace = { readonly [Name in keyof KeptPlace]-?: NonNullable<KeptPlace[Name]> };

/** The calls in which frames have waited, all that restoring asks about each, and capturing: see KeptPlaces. */
function waitingPlaces(context: ModuleContext): WaitingPlace[] {
  const { fast } = context.code;
  const maps = new CodeMaps();
  const found: WaitingPlace[] = [];
  for (const place of keptPlaces(context).all()) {
    const { index, offset, layout } = place;
    const region = fast.get(index);
    if (layout.base < 0 || region === undefined) continue;
    const map = mapOf(context, region);
    const pc = place.back === undefined ? map.returnPoints().get(offset) : region.start + place.back;
    if (pc === undefined) continue;
    found.push({
      ...place,
      refs: place.refs ?? refsAt(context, index, new Set([offset]), maps).get(offset) ?? [],
      back: pc - region.start,
      promises: place.promises ?? map.promisesAt(pc),
    });
  }
  return found;
}

/** Number of words; index, offset, back, slots of locals, base, type; lengths of the lists; the lists. */
function placeWords({ index, offset, back, layout, refs, promises }: WaitingPlace): number[] {
  const { localSlots, words, operands, hidden, base, typeId } = layout;
  const lists = [
    [...words],
    [...operands],
    [...hidden],
    refs.flatMap(({ slot, type, unset }) => [slot, type, Number(unset)]),
    promises,
  ];
  const place = [index, offset, back, localSlots, base, typeId, ...lists.map(({ length }) => length), ...lists.flat()];
  return [place.length + 1, ...place];
}

function placeOf(place: Int32Array): KeptPlace {
  const [, index, offset, back, localSlots, base, typeId, ...rest] = place;
  const lists: number[][] = [];
  let at = LISTS;
  for (const length of rest.slice(0, LISTS)) {
    lists.push(rest.slice(at, at + length));
    at += length;
  }
  const [words, operands, hidden, triples, promises] = lists as [number[], number[], number[], number[], number[]];
  const refs: RefSlot[] = [];
  for (let i = 0; i < triples.length; i += 3)
    refs.push({ slot: triples[i]!, type: triples[i + 1]!, unset: triples[i + 2] === 1 });
  const layout = {
    localSlots: localSlots!,
    words: Uint8Array.from(words),
    operands: Int32Array.from(operands),
    hidden: new Set(hidden),
    base: base!,
    typeId: typeId!,
  };
  return { index: index!, offset: offset!, back: back!, layout, refs, promises };
}

function setCode(code: RegisterCode, words: Int32Array): void {
  code.reserve(words.length - code.length);
  code.code.set(words);
  code.length = words.length;
}
