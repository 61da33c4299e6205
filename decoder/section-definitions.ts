// The sections that define what a module has, imports to start (spec 5.5).

import { InvalidError } from "./errors.js";
import type { InstructionReader } from "./instructions.js";
import { checkLimit } from "./limits.js";
import type { Export, ExternKind } from "./module.js";
import type { ModuleDraft } from "./module-draft.js";
import { readGlobalType, readMemoryType, readTableType } from "./section-types.js";
import { isDefaultable } from "./types.js";
import type { CodeValidator } from "./validate-code.js";

/** By the byte that names them in imports and exports. */
const EXTERN_KINDS: readonly ExternKind[] = ["func", "table", "memory", "global", "tag"];

/** The typeidx of the function that is number `count` of the module's. */
function readFunc(reader: InstructionReader, draft: ModuleDraft, offset: number, count: number): number {
  const typeidx = reader.u32();
  draft.funcType(typeidx, offset);
  checkLimit("number of functions", count, draft.limits.functions, offset);
  return typeidx;
}

function pushTag(reader: InstructionReader, draft: ModuleDraft): void {
  const start = reader.offset;
  if (reader.u8() !== 0) reader.malformed("malformed tag attribute", start);
  const typeidx = reader.u32();
  const type = draft.funcType(typeidx, start + 1);
  if (type.results.length !== 0) throw new InvalidError("non-empty tag result type", start);
  checkLimit("number of tags", draft.tags.length + 1, draft.limits.tags, start);
  draft.tags.push(draft.types[typeidx]!);
  draft.tagTypeidxs.push(typeidx);
}

export function readImportSection(reader: InstructionReader, draft: ModuleDraft): void {
  const start = reader.offset;
  const count = reader.u32();
  checkLimit("number of imports", count, draft.limits.imports, start);
  const funcs: number[] = [];
  for (let i = 0; i < count; i++) readImport(reader, draft, funcs);
  draft.funcTypeidxs = Int32Array.from(funcs);
  draft.funcs = draft.funcTypeidxs.map((typeidx) => draft.types[typeidx]!);
  draft.importedFuncCount = draft.funcs.length;
  draft.importedTableCount = draft.tables.length;
  draft.importedMemoryCount = draft.memories.length;
  draft.importedGlobalCount = draft.globals.length;
  draft.importedTagCount = draft.tags.length;
}

/** @param funcs gets the typeidx of each function */
function readImport(reader: InstructionReader, draft: ModuleDraft, funcs: number[]): void {
  const module = reader.name(draft.limits.nameBytes);
  const name = reader.name(draft.limits.nameBytes);
  const start = reader.offset;
  const kind = EXTERN_KINDS[reader.u8()];
  switch (kind) {
    case "func": {
      const typeidx = readFunc(reader, draft, start + 1, funcs.length + 1);
      funcs.push(typeidx);
      draft.imports.push({ module, name, kind, typeId: draft.types[typeidx]! });
      break;
    }
    case "table": {
      const type = readTableType(reader);
      pushTable(draft, type, start);
      draft.imports.push({ module, name, kind, type });
      break;
    }
    case "memory": {
      const type = readMemoryType(reader);
      pushMemory(draft, type, start);
      draft.imports.push({ module, name, kind, type });
      break;
    }
    case "global": {
      const type = readGlobalType(reader);
      pushGlobal(draft, type, start);
      draft.imports.push({ module, name, kind, type });
      break;
    }
    case "tag": {
      pushTag(reader, draft);
      draft.imports.push({ module, name, kind, typeId: draft.tags[draft.tags.length - 1]! });
      break;
    }
    default:
      reader.malformed("malformed import kind", start);
  }
}

function pushTable(draft: ModuleDraft, type: ModuleDraft["tables"][number], offset: number): void {
  checkLimit("number of tables", draft.tables.push(type), draft.limits.tables, offset);
}

function pushMemory(draft: ModuleDraft, type: ModuleDraft["memories"][number], offset: number): void {
  checkLimit("number of memories", draft.memories.push(type), draft.limits.memories, offset);
}

function pushGlobal(draft: ModuleDraft, type: ModuleDraft["globals"][number], offset: number): void {
  checkLimit("number of globals", draft.globals.push(type), draft.limits.globals, offset);
}

export function readFunctionSection(reader: InstructionReader, draft: ModuleDraft): void {
  // A byte of the section for each, at least.
  const count = reader.count();
  const imported = draft.importedFuncCount;
  const funcs = new Int32Array(imported + count);
  const typeidxs = new Int32Array(imported + count);
  funcs.set(draft.funcs);
  typeidxs.set(draft.funcTypeidxs);
  for (let i = imported; i < funcs.length; i++) {
    const typeidx = readFunc(reader, draft, reader.offset, i + 1);
    typeidxs[i] = typeidx;
    funcs[i] = draft.types[typeidx]!;
  }
  draft.funcs = funcs;
  draft.funcTypeidxs = typeidxs;
}

/** 0x40 0x00 introduces a table with an initial element (spec 5.5, "Table Section"). */
const TABLE_WITH_INIT = 0x40;

export function readTableSection(reader: InstructionReader, draft: ModuleDraft, validator: CodeValidator): void {
  const count = reader.u32();
  for (let i = 0; i < count; i++) {
    const start = reader.offset;
    const hasInit = start < reader.end && reader.bytes[start] === TABLE_WITH_INIT;
    if (hasInit) {
      reader.offset++;
      if (reader.u8() !== 0) reader.malformed("zero byte expected", start + 1);
    }
    const type = readTableType(reader);
    if (hasInit) draft.tableInits.push(validator.constExpr(type.element));
    else {
      if (!isDefaultable(type.element)) throw new InvalidError("type mismatch: the table has no initial value", start);
      draft.tableInits.push(null);
    }
    pushTable(draft, type, start);
  }
}

export function readMemorySection(reader: InstructionReader, draft: ModuleDraft): void {
  const count = reader.u32();
  for (let i = 0; i < count; i++) {
    const start = reader.offset;
    pushMemory(draft, readMemoryType(reader), start);
  }
}

export function readTagSection(reader: InstructionReader, draft: ModuleDraft): void {
  const count = reader.u32();
  for (let i = 0; i < count; i++) pushTag(reader, draft);
}

export function readGlobalSection(reader: InstructionReader, draft: ModuleDraft, validator: CodeValidator): void {
  const count = reader.u32();
  for (let i = 0; i < count; i++) {
    const start = reader.offset;
    const type = readGlobalType(reader);
    // A global sees those before it, not itself.
    draft.globalInits.push(validator.constExpr(type.type));
    pushGlobal(draft, type, start);
  }
}

export function readExportSection(reader: InstructionReader, draft: ModuleDraft): void {
  const sectionStart = reader.offset;
  const count = reader.u32();
  checkLimit("number of exports", count, draft.limits.exports, sectionStart);
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const start = reader.offset;
    const name = reader.name(draft.limits.nameBytes);
    const kindOffset = reader.offset;
    const kind = EXTERN_KINDS[reader.u8()];
    if (kind === undefined) reader.malformed("malformed export kind", kindOffset);
    const index = reader.u32();
    requireExportee(draft, kind, index, kindOffset + 1);
    if (names.has(name)) throw new InvalidError(`duplicate export name ${JSON.stringify(name)}`, start);
    names.add(name);
    draft.exports.push({ name, kind, index } satisfies Export);
  }
}

function requireExportee(draft: ModuleDraft, kind: ExternKind, index: number, offset: number): void {
  if (kind === "func") {
    draft.func(index, offset);
    draft.declare(index);
  } else if (kind === "table") draft.table(index, offset);
  else if (kind === "memory") draft.memory(index, offset);
  else if (kind === "global") draft.global(index, offset);
  else draft.tag(index, offset);
}

export function readStartSection(reader: InstructionReader, draft: ModuleDraft): void {
  const start = reader.offset;
  const funcidx = reader.u32();
  const type = draft.registry.funcType(draft.func(funcidx, start));
  if (type.params.length > 0 || type.results.length > 0) {
    const found = `${draft.registry.describeAll(type.params)} -> ${draft.registry.describeAll(type.results)}`;
    throw new InvalidError(`start function must have type [] -> [], found ${found}`, start);
  }
  draft.start = funcidx;
}
