// Element segments, data segments and the data count (spec 5.5).

import { InvalidError } from "./errors.js";
import type { InstructionReader } from "./instructions.js";
import { checkLimit } from "./limits.js";
import { matchesVal } from "./matching.js";
import type { ConstExpr } from "./module.js";
import type { ModuleDraft } from "./module-draft.js";
import { FUNCREF, HEAP_FUNC, I32, I64, refType, type ValType } from "./types.js";
import type { CodeValidator } from "./validate-code.js";

// Bits of an element segment's flags.
const PASSIVE_OR_DECLARATIVE = 1;
/** Of an active segment: an explicit table index. Otherwise: declarative. */
const EXPLICIT = 2;
const HAS_EXPRS = 4;

const FUNCREF_NON_NULL = refType(HEAP_FUNC, false);

export function readElementSection(reader: InstructionReader, draft: ModuleDraft, validator: CodeValidator): void {
  const start = reader.offset;
  const count = reader.u32();
  checkLimit("number of element segments", count, draft.limits.elementSegments, start);
  for (let i = 0; i < count; i++) readElementSegment(reader, draft, validator);
}

function readElementSegment(reader: InstructionReader, draft: ModuleDraft, validator: CodeValidator): void {
  const start = reader.offset;
  const flags = reader.u32();
  if (flags > 7) reader.malformed("malformed elements segment kind", start);
  const active = (flags & PASSIVE_OR_DECLARATIVE) === 0;
  const explicit = (flags & EXPLICIT) !== 0;
  const mode = active ? "active" : explicit ? "declarative" : "passive";
  const tableOffset = reader.offset;
  const tableidx = active && explicit ? reader.u32() : 0;
  let offset: ConstExpr | null = null;
  if (active) {
    const table = draft.table(tableidx, tableOffset);
    offset = validator.constExpr(table.is64 ? I64 : I32);
  }
  const type = readElementType(reader, flags);
  if (active) {
    const expected = draft.tables[tableidx]!.element;
    if (!matchesVal(draft.registry, type, expected)) {
      const { registry } = draft;
      const detail = `expected ${registry.describe(expected)}, found ${registry.describe(type)}`;
      throw new InvalidError(`type mismatch: element segment for table ${tableidx}: ${detail}`, start);
    }
  }
  const countOffset = reader.offset;
  const count = reader.count();
  checkLimit("length of an element segment", count, draft.limits.elementSegmentLength, countOffset);
  if ((flags & HAS_EXPRS) !== 0) {
    const exprs: ConstExpr[] = [];
    for (let i = 0; i < count; i++) exprs.push(validator.constExpr(type));
    draft.elems.push({ mode, tableidx, offset, type, funcs: null, exprs });
    return;
  }
  const funcs = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const funcidx = reader.u32();
    draft.func(funcidx, at);
    draft.declare(funcidx);
    funcs[i] = funcidx;
  }
  draft.elems.push({ mode, tableidx, offset, type, funcs, exprs: null });
}

function readElementType(reader: InstructionReader, flags: number): ValType {
  const hasExprs = (flags & HAS_EXPRS) !== 0;
  if ((flags & (PASSIVE_OR_DECLARATIVE | EXPLICIT)) === 0) return hasExprs ? FUNCREF : FUNCREF_NON_NULL;
  if (hasExprs) return reader.refType();
  if (reader.u8() !== 0) reader.malformed("malformed element kind", reader.offset - 1);
  return FUNCREF_NON_NULL;
}

export function readDataCountSection(reader: InstructionReader, draft: ModuleDraft): void {
  const start = reader.offset;
  draft.dataCount = reader.u32();
  checkLimit("number of data segments", draft.dataCount, draft.limits.dataSegments, start);
}

export function readDataSection(reader: InstructionReader, draft: ModuleDraft, validator: CodeValidator): void {
  const start = reader.offset;
  const count = reader.u32();
  if (draft.dataCount >= 0 && draft.dataCount !== count) {
    reader.malformed("data count and data section have inconsistent lengths", start);
  }
  checkLimit("number of data segments", count, draft.limits.dataSegments, start);
  for (let i = 0; i < count; i++) readDataSegment(reader, draft, validator);
}

function readDataSegment(reader: InstructionReader, draft: ModuleDraft, validator: CodeValidator): void {
  const start = reader.offset;
  const flags = reader.u32();
  if (flags > 2) reader.malformed("malformed data segment kind", start);
  const memidxOffset = reader.offset;
  const memidx = flags === 2 ? reader.u32() : 0;
  let offset: ConstExpr | null = null;
  if (flags !== 1) {
    const memory = draft.memory(memidx, memidxOffset);
    offset = validator.constExpr(memory.is64 ? I64 : I32);
  }
  const length = reader.u32();
  const payload = reader.offset;
  reader.skip(length);
  draft.datas.push({ mode: flags === 1 ? "passive" : "active", memidx, offset, start: payload, end: reader.offset });
}
