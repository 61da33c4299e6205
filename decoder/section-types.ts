// The type section (spec 5.5), and limits, table, memory and global types (spec 5.3).

import { InvalidError } from "./errors.js";
import type { InstructionReader } from "./instructions.js";
import { checkLimit } from "./limits.js";
import type { ModuleDraft } from "./module-draft.js";
import type { RelativeSubType } from "./type-registry.js";
import type { CompType, FieldType, GlobalType, Limits, MemoryType, TableType, ValType } from "./types.js";

const FUNC = 0x60;
const STRUCT = 0x5f;
const ARRAY = 0x5e;
const SUB = 0x50;
const SUB_FINAL = 0x4f;
const REC = 0x4e;

const HAS_MAX = 1;
const SHARED = 2;
const IS_64 = 4;
const HAS_PAGE_SIZE = 8;

export function readTypeSection(reader: InstructionReader, draft: ModuleDraft): void {
  const count = reader.count();
  for (let i = 0; i < count; i++) {
    const start = reader.offset;
    let groupCount = 1;
    if (reader.offset < reader.end && reader.bytes[reader.offset] === REC) {
      reader.offset++;
      groupCount = reader.count(2);
      checkLimit("number of types in a recursive group", groupCount, draft.limits.recursiveGroupTypes, start);
    }
    checkLimit("number of types", draft.types.length + groupCount, draft.limits.types, start);
    readGroup(reader, draft, groupCount);
  }
}

function readGroup(reader: InstructionReader, draft: ModuleDraft, count: number): void {
  const group: RelativeSubType[] = [];
  const supertypes: number[] = [];
  const offsets: number[] = [];
  const base = draft.types.length;
  reader.recursiveCount = count;
  for (let i = 0; i < count; i++) {
    offsets.push(reader.offset);
    group.push(readSubType(reader, draft, base + i, supertypes));
  }
  reader.recursiveCount = 0;
  const first = draft.registry.addGroup(group, (position, reason) => {
    const subject = `sub type ${base + position} does not match super type ${supertypes[position]}`;
    throw new InvalidError(`${subject}: ${reason}`, offsets[position]!);
  });
  for (let i = 0; i < count; i++) draft.types.push(first + i);
}

function readSubType(
  reader: InstructionReader,
  draft: ModuleDraft,
  typeidx: number,
  supertypes: number[],
): RelativeSubType {
  const start = reader.offset;
  const form = start < reader.end ? reader.bytes[start]! : -1;
  let supertype = -1;
  let supertypeIndex = -1;
  if (form === SUB || form === SUB_FINAL) {
    reader.offset++;
    const offset = reader.offset;
    const count = reader.count();
    if (count > 1) throw new InvalidError("sub type has more than one supertype", offset);
    if (count === 1) {
      supertypeIndex = reader.u32();
      if (supertypeIndex >= typeidx) {
        throw new InvalidError(`unknown type ${supertypeIndex}: a supertype must be declared before`, offset + 1);
      }
      supertype = reader.typeIndex(supertypeIndex, offset + 1);
    }
  }
  supertypes.push(supertypeIndex);
  return { comp: readCompType(reader, draft), final: form !== SUB, supertype };
}

function readCompType(reader: InstructionReader, draft: ModuleDraft): CompType {
  const start = reader.offset;
  const form = reader.u8();
  if (form === FUNC) {
    const params = readValTypes(reader, "number of parameters", draft.limits.params);
    return { kind: "func", params, results: readValTypes(reader, "number of results", draft.limits.results) };
  }
  if (form === STRUCT) {
    const count = reader.count(2);
    checkLimit("number of fields", count, draft.limits.structFields, start);
    const fields: FieldType[] = [];
    for (let i = 0; i < count; i++) fields.push(readFieldType(reader));
    return { kind: "struct", fields };
  }
  if (form === ARRAY) return { kind: "array", element: readFieldType(reader) };
  return reader.malformed("malformed definition type", start);
}

function readValTypes(reader: InstructionReader, what: string, limit: number): ValType[] {
  const start = reader.offset;
  const count = reader.count();
  checkLimit(what, count, limit, start);
  const types: ValType[] = [];
  for (let i = 0; i < count; i++) types.push(reader.valType());
  return types;
}

function readFieldType(reader: InstructionReader): FieldType {
  const storage = reader.storageType();
  return { storage, mutable: reader.mutability() };
}

function readBounds(reader: InstructionReader, flags: number): Limits {
  reader.u64();
  const min = reader.u64AsNumber();
  const minLo = reader.lo >>> 0;
  const minHi = reader.hi >>> 0;
  if ((flags & HAS_MAX) === 0) return { min, max: undefined };
  const start = reader.offset;
  reader.u64();
  const hi = reader.hi >>> 0;
  if (hi < minHi || (hi === minHi && reader.lo >>> 0 < minLo)) {
    throw new InvalidError("size minimum must not be greater than maximum", start);
  }
  return { min, max: reader.u64AsNumber() };
}

/** A table type, read (spec 5.3) and validated (spec 3.2). */
export function readTableType(reader: InstructionReader): TableType {
  const element = reader.refType();
  const start = reader.offset;
  const flags = reader.u8();
  if ((flags & ~(HAS_MAX | IS_64)) !== 0) reader.malformed("malformed limits flags", start);
  const limits = readBounds(reader, flags);
  const is64 = (flags & IS_64) !== 0;
  if (!is64 && Math.max(limits.min, limits.max ?? 0) >= 2 ** 32) {
    throw new InvalidError("table size must be at most 2^32-1", start);
  }
  return { limits, element, is64 };
}

/** A memory type, read (spec 5.3) and validated (spec 3.2), with the threads and custom-page-sizes proposals. */
export function readMemoryType(reader: InstructionReader): MemoryType {
  const start = reader.offset;
  const flags = reader.u8();
  if (flags > 15) reader.malformed("malformed limits flags", start);
  const limits = readBounds(reader, flags);
  const is64 = (flags & IS_64) !== 0;
  const shared = (flags & SHARED) !== 0;
  let pageSizeLog2 = 16;
  if ((flags & HAS_PAGE_SIZE) !== 0) {
    const offset = reader.offset;
    pageSizeLog2 = reader.u32();
    if (pageSizeLog2 >= 64) reader.malformed(`invalid custom page size 2^${pageSizeLog2}`, offset);
    if (pageSizeLog2 !== 0 && pageSizeLog2 !== 16) {
      throw new InvalidError(`invalid custom page size 2^${pageSizeLog2}: it must be 1 or 65536`, offset);
    }
  }
  if (shared && limits.max === undefined) throw new InvalidError("shared memory must have maximum", start);
  const size = Math.max(limits.min, limits.max ?? 0);
  if (pageSizeLog2 === 16) {
    if (!is64 && size > 2 ** 16) throw new InvalidError("memory size must be at most 65536 pages (4GiB)", start);
    if (is64 && size > 2 ** 48) throw new InvalidError("memory size must be at most 2^48 pages", start);
  } else if (!is64 && size >= 2 ** 32) throw new InvalidError("memory size must be at most 2^32-1 bytes", start);
  return { limits, is64, shared, pageSizeLog2 };
}

/** A global type (spec 5.3). */
export function readGlobalType(reader: InstructionReader): GlobalType {
  const type = reader.valType();
  return { type, mutable: reader.mutability() };
}
