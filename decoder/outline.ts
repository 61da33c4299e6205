// What a module has outside of its bodies and data, as bytes. A process that has it decodes nothing of the module's many
// functions, and reads of the module what is asked for. It is not checked when it is read: it must come from this very
// version of the decoder, of a module with these bytes.
//
// Layout, in 32-bit words: MAGIC; length of the module; start function; declared number of data segments; lists: typeidxs of
// the defined functions, sections that are read again (id, start, end), start and end of the functions' bodies, functions
// that ref.func may name as bits, SEGMENT_WORDS words for each data segment, custom sections (number of characters, start,
// end, after, characters), element segments (ELEM_WORDS words, then its functions or its expressions). A list is its number
// of words and the words.

import { FuncBodies } from "./func-bodies.js";
import { InstructionReader } from "./instructions.js";
import { DEFAULT_DECODE_LIMITS } from "./limits.js";
import type { ConstExpr, CustomSection, DataSegment, DecodedModule, ElemSegment } from "./module.js";
import { ModuleContent, type ModuleSource } from "./module-content.js";
import { FuncSet, ModuleDraft } from "./module-draft.js";
import { type LazyModule, lazyModule, type ModuleParts, type ParseOptions, SECTIONS } from "./module-reader.js";
import { TypeRegistry } from "./type-registry.js";
import { heapTypeOf, isNullable, refType, type ValType } from "./types.js";
import { CodeValidator } from "./validate-code.js";

const MAGIC = 0x65736f31;
/** The function, element, code, data and data count sections, whose entries are many: the outline has what they say. */
const LISTED: ReadonlySet<number> = new Set([3, 9, 10, 11, 12]);

const IMPORT_SECTION = 2;
const HEADER_WORDS = 4;
const SEGMENT_WORDS = 6;
const ELEM_WORDS = 9;
/** In place of an offset, where there is none. */
const NONE = -1;
const DATA_MODES = ["passive", "active"] as const;
const ELEM_MODES = ["passive", "active", "declarative"] as const;

/** The outline of a module, for {@link openModule}. */
export function encodeOutline({ draft, sections }: ModuleParts): Uint8Array {
  const words = [MAGIC, draft.content.array.length, draft.start, draft.dataCount];
  const again = sections.filter(({ id }) => !LISTED.has(id));
  const list = (items: Iterable<number>): void => {
    const at = words.push(0);
    // One by one: arguments of a call lie on the host's stack.
    for (const item of items) words.push(item);
    words[at - 1] = words.length - at;
  };
  list(draft.funcTypeidxs.subarray(draft.importedFuncCount));
  list(again.flatMap(({ id, start, end }) => [id, start, end]));
  list(draft.bodies.places);
  list(draft.refs.words());
  list(draft.datas.flatMap((data) => segmentWords(data)));
  list(draft.customs.flatMap((custom) => customWords(custom)));
  list(draft.elems.flatMap((elem) => elemWords(elem, draft.types)));
  return new Uint8Array(Int32Array.from(words).buffer);
}

/**
 * The module of an outline.
 * @param source the module's bytes
 * @returns undefined if the outline is of another version, or of a module of another length
 */
export function openModule(outline: Uint8Array, source: ModuleSource, options: ParseOptions): LazyModule | undefined {
  if (outline.length % 4 !== 0) return undefined;
  // A copy: aligned, and nobody else's.
  const words = new Int32Array(outline.slice().buffer);
  if (words[0] !== MAGIC || words[1] !== source.length) return undefined;
  const limits = { ...DEFAULT_DECODE_LIMITS, ...options.limits };
  const content = ModuleContent.of(source);
  const draft = new ModuleDraft(content, options.registry ?? new TypeRegistry(), limits, true);
  const reader = new InstructionReader(content.array, draft.types);
  const validator = new CodeValidator(draft, reader);
  draft.start = words[2]!;
  draft.dataCount = words[3]!;
  let at = HEADER_WORDS;
  const list = (): Int32Array => {
    const start = at + 1;
    at = start + words[at]!;
    return words.subarray(start, at);
  };
  const typeidxs = list();
  const sections = list();
  const readAgain = (wanted: (id: number) => boolean): void => {
    for (let i = 0; i < sections.length; i += 3) {
      const [id, start, end] = sections.subarray(i) as unknown as [number, number, number];
      if (!wanted(id)) continue;
      content.ensure(start, end);
      SECTIONS[id]!.read(reader.begin({ start, end }), draft, validator);
    }
  };
  readAgain((id) => id <= IMPORT_SECTION);
  addFunctions(draft, typeidxs);
  readAgain((id) => id > IMPORT_SECTION);
  const places = list();
  draft.bodies = FuncBodies.at(content, draft.types, new Uint32Array(places.buffer, places.byteOffset, places.length));
  draft.refs = FuncSet.of(list());
  const datas = list();
  draft.customs.push(...customsOf(list()));
  draft.elems.push(...elemsOf(list(), draft.types));
  return lazyModule(outlined(draft, datas), reader, validator, null);
}

/** The module, whose bytes, and list of data segments, are made when they are asked for; copies have neither. */
function outlined(draft: ModuleDraft, words: Int32Array): DecodedModule {
  const { content } = draft;
  let segments: readonly DataSegment[] | undefined;
  const getters = {
    bytes: { enumerable: false, get: () => content.range(0, content.array.length) },
    datas: {
      enumerable: false,
      get: () => {
        segments ??= segmentsOf(words);
        return segments;
      },
    },
  };
  return Object.defineProperties({ ...draft.finish(), dataCount: words.length / SEGMENT_WORDS }, getters);
}

function addFunctions(draft: ModuleDraft, typeidxs: Int32Array): void {
  const imported = draft.importedFuncCount;
  const all = new Int32Array(imported + typeidxs.length);
  all.set(draft.funcTypeidxs);
  all.set(typeidxs, imported);
  draft.funcTypeidxs = all;
  const { types } = draft;
  const funcs = new Int32Array(all.length);
  for (let i = 0; i < funcs.length; i++) funcs[i] = types[all[i]!]!;
  draft.funcs = funcs;
}

// ---- segments and custom sections ----

const exprWords = (expr: ConstExpr | null): [number, number] => (expr === null ? [NONE, NONE] : [expr.start, expr.end]);
const exprOf = (start: number, end: number): ConstExpr | null => (start === NONE ? null : { start, end });

function segmentWords({ mode, memidx, offset, start, end }: DataSegment): number[] {
  return [DATA_MODES.indexOf(mode), memidx, ...exprWords(offset), start, end];
}

function segmentsOf(words: Int32Array): DataSegment[] {
  const segments: DataSegment[] = [];
  for (let at = 0; at < words.length; at += SEGMENT_WORDS) {
    const offset = exprOf(words[at + 2]!, words[at + 3]!);
    const mode = DATA_MODES[words[at]!]!;
    segments.push({ mode, memidx: words[at + 1]!, offset, start: words[at + 4]!, end: words[at + 5]! });
  }
  return segments;
}

function customWords({ name, start, end, after }: CustomSection): number[] {
  return [name.length, start, end, after, ...Array.from({ length: name.length }, (_, i) => name.charCodeAt(i))];
}

function customsOf(words: Int32Array): CustomSection[] {
  const customs: CustomSection[] = [];
  for (let at = 0; at < words.length; ) {
    const [length, start, end, after] = words.subarray(at) as unknown as [number, number, number, number];
    at += 4;
    const name = Array.from(words.subarray(at, at + length), (unit) => String.fromCharCode(unit)).join("");
    customs.push({ name, start, end, after });
    at += length;
  }
  return customs;
}

/** Mode, table, offset, heap type and whether that is a typeidx, null, how many functions or else expressions. */
function elemWords({ mode, tableidx, offset, type, funcs, exprs }: ElemSegment, types: readonly number[]): number[] {
  const heap = heapTypeOf(type);
  const typeidx = heap < 0 ? NONE : types.indexOf(heap);
  const nullable = Number(isNullable(type));
  const counts = [funcs === null ? NONE : funcs.length, exprs === null ? NONE : exprs.length];
  const head = [ELEM_MODES.indexOf(mode), tableidx, ...exprWords(offset), heap, typeidx, nullable, ...counts];
  return [...head, ...(funcs ?? exprs!.flatMap((expr) => [expr.start, expr.end]))];
}

function elemsOf(words: Int32Array, types: readonly number[]): ElemSegment[] {
  const elems: ElemSegment[] = [];
  for (let at = 0; at < words.length; ) {
    const [mode, tableidx, start, end, heap, typeidx, nullable, funcCount, exprCount] = words.subarray(at);
    at += ELEM_WORDS;
    const type: ValType = refType(typeidx === NONE ? heap! : types[typeidx!]!, nullable === 1);
    const base = { mode: ELEM_MODES[mode!]!, tableidx: tableidx!, offset: exprOf(start!, end!), type };
    const length = funcCount === NONE ? 2 * exprCount! : funcCount!;
    const listed = words.subarray(at, at + length);
    at += length;
    if (funcCount === NONE) elems.push({ ...base, funcs: null, exprs: exprsOf(listed) });
    else elems.push({ ...base, funcs: listed, exprs: null });
  }
  return elems;
}

function exprsOf(words: Int32Array): ConstExpr[] {
  return Array.from({ length: words.length / 2 }, (_, i) => ({ start: words[2 * i]!, end: words[2 * i + 1]! }));
}
