// Functions of a module replaced by those of another, before anything compiles it.
//
// The other module is a *part*: it defines no memory, table or global, and its data is added. What it imports is bound
// here: functions to those of the module, immutable globals to numbers. A function that it exports takes the place of
// the module's, whose own body the part may import as "original"; the other functions are added at the end, so no index
// changes. One that it exports for an *edit* is called in the midst of a function of the module, in the place of an
// instruction that gives a number.

import { type DecodedModule, decodeModule, type FuncBody, InstructionReader, OP } from "../../decoder/index.js";
import type { Data } from "./known-data.js";
import { SectionWriter } from "./section-writer.js";

const TYPE_SECTION = 1;
const FUNCTION_SECTION = 3;
const CODE_SECTION = 10;
const DATA_SECTION = 11;
const DATA_COUNT_SECTION = 12;
const HEADER_BYTES = 8;

export interface Binding {
  /** Export of the part → funcidx that it takes the place of. */
  readonly replaces: Readonly<Record<string, number>>;
  /** Import of the part from "artifact" → funcidx. */
  readonly functions: Readonly<Record<string, number>>;
  /** Import of the part from "artifact" → the number that the global is. */
  readonly constants: Readonly<Record<string, number>>;
  /** Data beside the part's own, which depends on the module. */
  readonly data?: readonly Data[];
  /** Functions of the module that are changed, by their funcidx. */
  readonly edits?: Readonly<Record<number, readonly Edit[]>>;
}

/** An instruction that gives an i32, and what gives one in its place: a function of the part, called with a variable. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly local: number;
  /** Export of the part. */
  readonly name: string;
}

/** The parts do not fit the module: a fault of what made them. */
class BindingError extends Error {}

/** The bytes of `module` with the functions of `part`; a new array. */
export function replaceFunctions(module: DecodedModule, part: Uint8Array, binding: Binding): Uint8Array {
  const { module: added } = decodeModule(part, { registry: module.registry });
  const plan = planFunctions(module, added, binding);
  const out = new SectionWriter();
  out.bytes(module.bytes.subarray(0, HEADER_BYTES));
  for (let at = HEADER_BYTES; at < module.bytes.length; ) {
    const reader = new InstructionReader(module.bytes, []);
    reader.offset = at;
    const id = reader.u8();
    const size = reader.u32();
    const start = reader.offset;
    const end = start + size;
    const more = entriesFor(id, added, plan);
    if (id === DATA_COUNT_SECTION)
      out.section(id, (section) => section.u32(reader.u32() + added.datas.length + plan.data.length));
    else if (more !== undefined) {
      const count = reader.u32();
      out.section(id, (section) => {
        section.u32(count + more.count);
        section.bytes(module.bytes.subarray(reader.offset, end));
        section.bytes(more.bytes);
      });
    } else if (id === CODE_SECTION) out.section(id, (section) => writeBodies(section, module, plan));
    else out.bytes(module.bytes.subarray(at, end));
    at = end;
  }
  return out.take();
}

/** Entries of a section. */
interface Entries {
  readonly count: number;
  readonly bytes: Uint8Array;
}

interface NewFunction {
  readonly typeidx: number;
  body: Uint8Array;
}

interface Plan {
  /** Functions added at the end. */
  readonly newFunctions: readonly NewFunction[];
  /** Defined functions, counted without imports → their new bodies. */
  readonly bodies: ReadonlyMap<number, Uint8Array>;
  readonly data: readonly Data[];
}

function planFunctions(module: DecodedModule, part: DecodedModule, binding: Binding): Plan {
  const edits = Object.entries(binding.edits ?? {});
  const inserted = new Set(edits.flatMap(([, those]) => those.map(({ name }) => name)));
  const replaced = new Map<number, number>();
  for (const { name, kind, index } of part.exports)
    if (kind === "func" && !inserted.has(name)) replaced.set(index, of(binding.replaces, name));
  const newFunctions: NewFunction[] = [];
  /** Functions whose own bodies the part imports → those. */
  const moved = new Map<number, NewFunction>();
  const firstNew = module.funcs.length;
  const add = (typeidx: number, body: Uint8Array) => firstNew + newFunctions.push({ typeidx, body }) - 1;

  // Indices of the part's functions in the module.
  const functions: number[] = [];
  const constants: number[] = [];
  for (const entry of part.imports) {
    if (entry.kind === "func") {
      const original = entry.module === "original";
      const funcidx = of(original ? binding.replaces : binding.functions, entry.name);
      requireType(module, funcidx, entry.typeId, entry.name);
      functions.push(
        original ? add(module.funcTypeidxs[funcidx]!, bodyBytes(module, definedBody(module, funcidx))) : funcidx,
      );
      if (original) moved.set(funcidx, newFunctions.at(-1)!);
    } else if (entry.kind === "global") constants.push(of(binding.constants, entry.name));
  }
  const own: { index: number; body: FuncBody }[] = [];
  let next = firstNew + newFunctions.length;
  for (let i = 0; i < part.bodies.length; i++) {
    const funcidx = part.importedFuncCount + i;
    functions.push(replaced.get(funcidx) ?? next++);
    own.push({ index: funcidx, body: part.bodies.get(i)! });
  }

  const bodies = new Map<number, Uint8Array>();
  for (const { index, body } of own) {
    const bound = bindBody(part, body, functions, constants);
    const at = replaced.get(index);
    if (at === undefined) add(module.types.length + part.funcTypeidxs[index]!, bound);
    else {
      requireType(module, at, part.funcs[index]!, `function ${at}`);
      bodies.set(at - module.importedFuncCount, bound);
    }
  }
  const funcidxOf = (name: string) => functions[part.exports.find((entry) => entry.name === name)!.index]!;
  for (const [funcidx, those] of edits) {
    const body = editedBody(module, definedBody(module, Number(funcidx)), those, funcidxOf);
    const elsewhere = moved.get(Number(funcidx));
    if (elsewhere === undefined) bodies.set(Number(funcidx) - module.importedFuncCount, body);
    else elsewhere.body = body;
  }
  return { newFunctions, bodies, data: binding.data ?? [] };
}

/** A body with calls in the place of some instructions, which are in the order of their places. */
function editedBody(
  module: DecodedModule,
  { declarationsStart, end }: FuncBody,
  edits: readonly Edit[],
  funcidxOf: (name: string) => number,
): Uint8Array {
  const out = new SectionWriter();
  let kept = declarationsStart;
  for (const edit of edits) {
    out.bytes(module.bytes.subarray(kept, edit.start));
    out.u8(OP["local.get"]);
    out.u32(edit.local);
    out.u8(OP.call);
    out.u32(funcidxOf(edit.name));
    kept = edit.end;
  }
  out.bytes(module.bytes.subarray(kept, end));
  return out.take();
}

/** What is added to a section at its end; undefined for sections that stay, or are made anew. */
function entriesFor(id: number, part: DecodedModule, plan: Plan): Entries | undefined {
  if (id === TYPE_SECTION) return sectionEntries(part, id);
  if (id === DATA_SECTION) return withData(sectionEntries(part, id), plan.data);
  return id === FUNCTION_SECTION ? newTypeidxs(plan) : undefined;
}

/** The entries, and active segments of `data` behind them. */
function withData({ count, bytes }: Entries, data: readonly Data[]): Entries {
  const out = new SectionWriter();
  out.bytes(bytes);
  for (const segment of data) {
    out.u8(0);
    out.u8(OP["i32.const"]);
    out.s32(segment.address);
    out.u8(OP.end);
    out.sized(segment.bytes);
  }
  return { count: count + data.length, bytes: out.take() };
}

/** The entries of a section. */
function sectionEntries(part: DecodedModule, wanted: number): Entries {
  const reader = new InstructionReader(part.bytes, []);
  for (reader.offset = HEADER_BYTES; reader.offset < part.bytes.length; ) {
    const id = reader.u8();
    const size = reader.u32();
    const end = reader.offset + size;
    if (id === wanted) {
      const count = reader.u32();
      return { count, bytes: part.bytes.subarray(reader.offset, end) };
    }
    reader.offset = end;
  }
  return { count: 0, bytes: new Uint8Array(0) };
}

function newTypeidxs({ newFunctions }: Plan): Entries {
  const out = new SectionWriter();
  for (const { typeidx } of newFunctions) out.u32(typeidx);
  return { count: newFunctions.length, bytes: out.take() };
}

function of(record: Readonly<Record<string, number>>, name: string): number {
  const value = record[name];
  if (value === undefined) throw new BindingError(`nothing is bound to ${name}`);
  return value;
}

function requireType(module: DecodedModule, funcidx: number, typeId: number, name: string): void {
  if (module.funcs[funcidx] !== typeId) throw new BindingError(`${name} has another type in the module`);
}

function definedBody(module: DecodedModule, funcidx: number): FuncBody {
  const body = module.bodies.get(funcidx - module.importedFuncCount);
  if (body === undefined) throw new BindingError(`function ${funcidx} is not defined in the module`);
  return body;
}

function bodyBytes(module: DecodedModule, { declarationsStart, end }: FuncBody): Uint8Array {
  return module.bytes.subarray(declarationsStart, end);
}

/** A body of the part with the module's indices in its calls, and numbers for its globals. */
function bindBody(
  part: DecodedModule,
  body: FuncBody,
  functions: readonly number[],
  constants: readonly number[],
): Uint8Array {
  const out = new SectionWriter();
  out.bytes(part.bytes.subarray(body.declarationsStart, body.start));
  const reader = new InstructionReader(part.bytes, part.types).begin(body);
  while (reader.offset < body.end) {
    reader.next();
    if (reader.opcode === OP.call) {
      out.u8(OP.call);
      out.u32(functions[reader.index]!);
    } else if (reader.opcode === OP["global.get"]) {
      out.u8(OP["i32.const"]);
      out.s32(constants[reader.index]!);
    } else out.bytes(part.bytes.subarray(reader.start, reader.offset));
  }
  return out.take();
}

function writeBodies(section: SectionWriter, module: DecodedModule, { bodies, newFunctions }: Plan): void {
  const { length } = module.bodies;
  section.u32(length + newFunctions.length);
  // Runs of bodies that stay are copied as they are.
  let kept = 0;
  const keepTo = (index: number): void => {
    if (index > kept) section.bytes(module.bytes.subarray(entryStart(module, kept), module.bodies.get(index - 1)!.end));
  };
  for (const index of [...bodies.keys()].sort((a, b) => a - b)) {
    keepTo(index);
    section.sized(bodies.get(index)!);
    kept = index + 1;
  }
  keepTo(length);
  for (const { body } of newFunctions) section.sized(body);
}

/** Where a body's entry begins in the code section: its size stands before it. */
function entryStart(module: DecodedModule, index: number): number {
  const { declarationsStart, end } = module.bodies.get(index)!;
  if (index > 0) return module.bodies.get(index - 1)!.end;
  return declarationsStart - leb(end - declarationsStart).length;
}

function leb(value: number): Uint8Array {
  const out = new SectionWriter();
  out.u32(value);
  return out.take();
}
