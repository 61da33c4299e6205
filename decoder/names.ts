// The name section (spec, appendix 7.4.1, with the extended-name-section proposal) and the
// branch hint section (appendix "Custom Sections", metadata.code.branch_hint).

import { InvalidError, MalformedError } from "./errors.js";
import { InstructionReader } from "./instructions.js";
import type { CustomSection, DecodedModule } from "./module.js";
import { OP } from "./opcodes.js";
import { ByteReader } from "./reader.js";

export type NameMap = ReadonlyMap<number, string>;
export type IndirectNameMap = ReadonlyMap<number, NameMap>;

/** Names by index; `locals`, `labels` and `fields` by funcidx or typeidx first. */
export interface ModuleNames {
  readonly module: string | undefined;
  readonly funcs: NameMap;
  readonly locals: IndirectNameMap;
  readonly labels: IndirectNameMap;
  readonly types: NameMap;
  readonly tables: NameMap;
  readonly memories: NameMap;
  readonly globals: NameMap;
  readonly elems: NameMap;
  readonly datas: NameMap;
  readonly fields: IndirectNameMap;
  readonly tags: NameMap;
}

type DirectKind = "funcs" | "types" | "tables" | "memories" | "globals" | "elems" | "datas" | "tags";
type IndirectKind = "locals" | "labels" | "fields";

/** By subsection id; 0 is the module's name. */
const SUBSECTIONS: readonly (
  | { readonly kind: DirectKind; readonly indirect: false }
  | { readonly kind: IndirectKind; readonly indirect: true }
  | undefined
)[] = [
  undefined,
  { kind: "funcs", indirect: false },
  { kind: "locals", indirect: true },
  { kind: "labels", indirect: true },
  { kind: "types", indirect: false },
  { kind: "tables", indirect: false },
  { kind: "memories", indirect: false },
  { kind: "globals", indirect: false },
  { kind: "elems", indirect: false },
  { kind: "datas", indirect: false },
  { kind: "fields", indirect: true },
  { kind: "tags", indirect: false },
];

class NamesDraft implements ModuleNames {
  module: string | undefined;
  readonly funcs = new Map<number, string>();
  readonly locals = new Map<number, Map<number, string>>();
  readonly labels = new Map<number, Map<number, string>>();
  readonly types = new Map<number, string>();
  readonly tables = new Map<number, string>();
  readonly memories = new Map<number, string>();
  readonly globals = new Map<number, string>();
  readonly elems = new Map<number, string>();
  readonly datas = new Map<number, string>();
  readonly fields = new Map<number, Map<number, string>>();
  readonly tags = new Map<number, string>();
}

/**
 * The module's names. Never throws: of an ill-formed name section, what stands before the fault
 * is used, and the subsections behind the faulty one.
 */
export function readNames(module: DecodedModule): ModuleNames {
  const names = new NamesDraft();
  for (const section of module.customs) {
    if (section.name !== "name") continue;
    const reader = sectionReader(module, section);
    while (reader.offset < section.end) {
      const end = tolerate(() => readSubsection(reader, names, false));
      if (end === undefined) break;
      reader.offset = end;
      reader.end = section.end;
    }
  }
  return names;
}

/**
 * Checks the name section as strictly as the specification describes it: at most one, behind the
 * data section, subsections in order and unique, indices ascending.
 * @throws MalformedError if it is ill-formed
 */
export function validateNameSection(module: DecodedModule): void {
  const sections = module.customs.filter((section) => section.name === "name");
  if (sections.length > 1) throw new MalformedError("name section: more than one", sections[1]!.start);
  for (const section of sections) {
    const reader = sectionReader(module, section);
    requireLast(module, section);
    let last = -1;
    while (reader.offset < section.end) {
      const start = reader.offset;
      const id = reader.bytes[start]!;
      if (id <= last) throw new MalformedError("name section: subsection out of order", start);
      if (id >= SUBSECTIONS.length) throw new MalformedError(`name section: unknown subsection ${id}`, start);
      last = id;
      const end = readSubsection(reader, new NamesDraft(), true);
      if (reader.offset !== end) throw new MalformedError("name section: subsection size mismatch", reader.offset);
      reader.end = section.end;
    }
  }
}

/** The sections behind a name section must be custom. */
function requireLast(module: DecodedModule, section: CustomSection): void {
  const reader = new ByteReader(module.bytes, module.types);
  reader.offset = section.end;
  while (reader.offset < reader.end) {
    if (reader.u8() !== 0) throw new MalformedError("name section: it must follow all other sections", section.start);
    reader.skip(reader.u32());
  }
}

function sectionReader(module: DecodedModule, section: CustomSection): ByteReader {
  return new ByteReader(module.bytes, module.types).begin(section);
}

/** The result of `read`, undefined if the bytes are ill-formed. */
function tolerate<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError || error instanceof InvalidError) return undefined;
    throw error;
  }
}

/** Reads one subsection into `names`; a fault in its contents is thrown only if `strict`. Returns its end. */
function readSubsection(reader: ByteReader, names: NamesDraft, strict: boolean): number {
  const id = reader.u8();
  const sizeOffset = reader.offset;
  const size = reader.u32();
  if (size > reader.end - reader.offset) reader.malformed("length out of bounds", sizeOffset);
  const end = reader.offset + size;
  reader.end = end;
  const read = (): void => readContents(reader, id, names, strict);
  if (strict) read();
  else tolerate(read);
  return end;
}

function readContents(reader: ByteReader, id: number, names: NamesDraft, strict: boolean): void {
  if (id === 0) names.module ??= reader.name();
  const subsection = SUBSECTIONS[id];
  if (subsection === undefined) return;
  if (!subsection.indirect) {
    readNameMap(reader, names[subsection.kind], strict);
    return;
  }
  const outer = names[subsection.kind];
  const count = reader.count(2);
  let last = -1;
  for (let i = 0; i < count; i++) {
    const index = reader.u32();
    if (strict && index <= last) reader.malformed("name section: indices must ascend");
    last = index;
    let inner = outer.get(index);
    if (inner === undefined) {
      inner = new Map();
      outer.set(index, inner);
    }
    readNameMap(reader, inner, strict);
  }
}

function readNameMap(reader: ByteReader, map: Map<number, string>, strict: boolean): void {
  const count = reader.count(2);
  let last = -1;
  for (let i = 0; i < count; i++) {
    const index = reader.u32();
    if (strict && index <= last) reader.malformed("name section: indices must ascend");
    last = index;
    const name = reader.name();
    // The first one stands, should an index be named twice.
    if (!map.has(index)) map.set(index, name);
  }
}

const BRANCH_HINTS = "metadata.code.branch_hint";
const CODE_SECTION = 10;
/** The only section that may stand behind the code. */
const DATA_SECTION = 11;

/**
 * Checks the branch hint section: each hint must be on a br_if or an if.
 * @throws MalformedError if the section is ill-formed, InvalidError if a hint is misplaced
 */
export function validateBranchHints(module: DecodedModule): void {
  const sections = module.customs.filter((section) => section.name === BRANCH_HINTS);
  if (sections.length > 1) throw new MalformedError(`@${BRANCH_HINTS} annotation: more than one`, sections[1]!.start);
  for (const section of sections) {
    if (section.after === CODE_SECTION || section.after === DATA_SECTION) {
      throw new MalformedError(`@${BRANCH_HINTS} annotation: it must precede the code section`, section.start);
    }
    const reader = sectionReader(module, section);
    const count = reader.count(2);
    let last = -1;
    for (let i = 0; i < count; i++) {
      const start = reader.offset;
      const funcidx = reader.u32();
      if (funcidx <= last) reader.malformed(`@${BRANCH_HINTS} annotation: functions must ascend`, start);
      last = funcidx;
      validateFunctionHints(module, reader, funcidx, start);
    }
    if (reader.offset !== section.end) reader.malformed("section size mismatch");
  }
}

function validateFunctionHints(module: DecodedModule, reader: ByteReader, funcidx: number, start: number): void {
  const body = module.bodies.get(funcidx - module.importedFuncCount);
  if (body === undefined) throw new InvalidError(`@${BRANCH_HINTS} annotation: unknown function ${funcidx}`, start);
  const code = new InstructionReader(module.bytes, module.types).begin(body);
  const count = reader.count(3);
  let last = -1;
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const offset = reader.u32();
    if (offset <= last) reader.malformed(`@${BRANCH_HINTS} annotation: offsets must ascend`, at);
    last = offset;
    if (reader.u32() !== 1) reader.malformed(`@${BRANCH_HINTS} annotation: a hint has one byte`);
    if (reader.u8() > 1) reader.malformed(`@${BRANCH_HINTS} annotation: a hint is 0 or 1`);
    const target = body.declarationsStart + offset;
    while (code.offset <= target && code.offset < body.end) code.next();
    if (code.start !== target || (code.opcode !== OP.br_if && code.opcode !== OP.if)) {
      throw new InvalidError(`@${BRANCH_HINTS} annotation: invalid target`, at, funcidx);
    }
  }
}
