// A module as text, in the text format (spec, chapter 6) as far as the decoded module allows:
// assembling the text again gives a module that means the same. Byte offsets are in comments.

import type { FuncBody } from "./func-bodies.js";
import { CAST_SOURCE_NULLABLE, CAST_TARGET_NULLABLE, CATCH, CATCH_ALL, InstructionReader } from "./instructions.js";
import type { ConstExpr, DecodedModule, ElemSegment, Import } from "./module.js";
import { type ModuleNames, readNames } from "./names.js";
import { OP, OPCODE_ROWS } from "./opcodes.js";
import { floatText, int64Text, quote } from "./text-values.js";
import {
  BOT,
  type CompType,
  type FieldType,
  type GlobalType,
  heapTypeOf,
  isNullable,
  isRef,
  type Limits,
  type MemoryType,
  type TableType,
  type ValType,
} from "./types.js";

/** Bytes of a data segment on one line. */
const DATA_LINE = 64;

/**
 * The lines of a module's text, or of one function's; made one by one as they are asked for.
 * @param funcidx a defined function; all of the module if it is left out
 */
export function disassemble(module: DecodedModule, funcidx?: number): Iterable<string> {
  const printer = new ModulePrinter(module);
  return funcidx === undefined ? printer.module() : printer.func(funcidx);
}

type Space = "funcs" | "types" | "tables" | "memories" | "globals" | "elems" | "datas" | "tags";

class ModulePrinter {
  private readonly names: ModuleNames;
  /** Canonical id → the first typeidx that has it. */
  private readonly typeidxOf = new Map<number, number>();
  private readonly reader: InstructionReader;
  // While a recursive group is printed: its own ids stand for its own indices.
  private groupFirst = 0;
  private groupCount = 0;
  private groupBase = 0;

  constructor(private readonly source: DecodedModule) {
    this.names = readNames(source);
    this.reader = new InstructionReader(source.bytes, source.types);
    for (let i = 0; i < source.types.length; i++) {
      const id = source.types[i]!;
      if (!this.typeidxOf.has(id)) this.typeidxOf.set(id, i);
    }
  }

  *module(): Generator<string> {
    const { source } = this;
    yield this.names.module === undefined
      ? "(module"
      : `(module ${identifier(this.names.module.slice(0, IDENTIFIER_LENGTH))}`;
    yield* this.types();
    yield* this.imports();
    for (let i = source.importedTableCount; i < source.tables.length; i++) {
      const init = source.tableInits[i - source.importedTableCount];
      const suffix = init ? ` ${this.constExpr(init)}` : "";
      yield `  (table ${this.definition("tables", i)} ${this.tableType(source.tables[i]!)}${suffix})`;
    }
    for (let i = source.importedMemoryCount; i < source.memories.length; i++) {
      yield `  (memory ${this.definition("memories", i)} ${memoryType(source.memories[i]!)})`;
    }
    for (let i = source.importedTagCount; i < source.tags.length; i++) {
      yield `  (tag ${this.definition("tags", i)} ${this.typeUse(source.tagTypeidxs[i]!)})`;
    }
    for (let i = source.importedGlobalCount; i < source.globals.length; i++) {
      const init = this.constExpr(source.globalInits[i - source.importedGlobalCount]!);
      yield `  (global ${this.definition("globals", i)} ${this.globalType(source.globals[i]!)} ${init})`;
    }
    for (const { name, kind, index } of source.exports) {
      const space = SPACES[kind];
      yield `  (export ${quote(name)} (${kind} ${this.reference(space, index)}))`;
    }
    if (source.start >= 0) yield `  (start ${this.reference("funcs", source.start)})`;
    for (let i = 0; i < source.elems.length; i++) yield* this.elem(i, source.elems[i]!);
    for (let i = source.importedFuncCount; i < source.funcs.length; i++) yield* this.func(i);
    for (let i = 0; i < source.datas.length; i++) yield* this.data(i);
    yield ")";
  }

  // Names

  /** `$name`, or the index. */
  private reference(space: Space, index: number): string {
    const name = this.names[space].get(index);
    return name === undefined ? String(index) : uniqueIdentifier(this.names[space], name, index);
  }

  /** `$name`, or the index in a comment. */
  private definition(space: Space, index: number): string {
    const name = this.names[space].get(index);
    return name === undefined ? `(;${index};)` : `${this.reference(space, index)} (;${index};)`;
  }

  private local(funcidx: number, index: number): string {
    const names = this.names.locals.get(funcidx);
    const name = names?.get(index);
    return names === undefined || name === undefined ? String(index) : uniqueIdentifier(names, name, index);
  }

  // Types

  private typeRef(id: number): string {
    if (id >= this.groupFirst && id < this.groupFirst + this.groupCount) {
      return this.reference("types", this.groupBase + id - this.groupFirst);
    }
    return this.reference("types", this.typeidxOf.get(id) ?? -1);
  }

  /** @param typeidx what an instruction names it by */
  private heapType(heap: number, typeidx: number): string {
    return heap < 0 ? this.source.registry.describeHeap(heap) : this.reference("types", typeidx);
  }

  private valType(type: ValType): string {
    if (!isRef(type) || heapTypeOf(type) < 0) return this.source.registry.describe(type);
    return `(ref ${isNullable(type) ? "null " : ""}${this.typeRef(heapTypeOf(type))})`;
  }

  private *types(): Generator<string> {
    const { types, registry } = this.source;
    for (let i = 0; i < types.length; ) {
      const { first, count } = registry.groupOf(types[i]!);
      this.groupFirst = first;
      this.groupCount = count;
      this.groupBase = i;
      const indent = count > 1 ? "    " : "  ";
      if (count > 1) yield "  (rec";
      for (let at = i; at < i + count; at++) {
        yield `${indent}(type ${this.definition("types", at)} ${this.subType(types[at]!)})`;
      }
      if (count > 1) yield "  )";
      i += count;
    }
    this.groupCount = 0;
  }

  private subType(id: number): string {
    const { comp, final, supertype } = this.source.registry.get(id);
    const text = this.compType(comp);
    if (final && supertype < 0) return text;
    return `(sub ${final ? "final " : ""}${supertype < 0 ? "" : `${this.typeRef(supertype)} `}${text})`;
  }

  private compType(comp: CompType): string {
    if (comp.kind === "func")
      return `(func${this.valTypes("param", comp.params)}${this.valTypes("result", comp.results)})`;
    if (comp.kind === "array") return `(array ${this.fieldType(comp.element)})`;
    return `(struct${comp.fields.map((field) => ` (field ${this.fieldType(field)})`).join("")})`;
  }

  private fieldType({ storage, mutable }: FieldType): string {
    return mutable ? `(mut ${this.valType(storage)})` : this.valType(storage);
  }

  private valTypes(keyword: string, types: readonly ValType[]): string {
    return types.length === 0 ? "" : ` (${keyword} ${types.map((type) => this.valType(type)).join(" ")})`;
  }

  private typeUse(typeidx: number): string {
    return `(type ${this.reference("types", typeidx)})`;
  }

  private tableType({ limits, element, is64 }: TableType): string {
    return `${is64 ? "i64 " : ""}${limitsText(limits)} ${this.valType(element)}`;
  }

  private globalType({ type, mutable }: GlobalType): string {
    return mutable ? `(mut ${this.valType(type)})` : this.valType(type);
  }

  // Imports and segments

  private *imports(): Generator<string> {
    const counts = { funcs: 0, tables: 0, memories: 0, globals: 0, tags: 0 };
    for (const entry of this.source.imports) {
      const space = SPACES[entry.kind];
      const index = counts[space]++;
      const definition = this.definition(space, index);
      const names = `${quote(entry.module)} ${quote(entry.name)}`;
      yield `  (import ${names} (${entry.kind} ${definition} ${this.importType(entry, index)}))`;
    }
  }

  private importType(entry: Import, index: number): string {
    if (entry.kind === "table") return this.tableType(entry.type);
    if (entry.kind === "memory") return memoryType(entry.type);
    if (entry.kind === "global") return this.globalType(entry.type);
    return this.typeUse((entry.kind === "func" ? this.source.funcTypeidxs : this.source.tagTypeidxs)[index]!);
  }

  private *elem(index: number, segment: ElemSegment): Generator<string> {
    const mode =
      segment.mode === "active"
        ? ` (table ${this.reference("tables", segment.tableidx)}) (offset ${this.constExpr(segment.offset!)})`
        : segment.mode === "declarative"
          ? " declare"
          : "";
    const type = segment.funcs === null ? this.valType(segment.type) : "func";
    yield `  (elem ${this.definition("elems", index)}${mode} ${type}`;
    for (const funcidx of segment.funcs ?? []) yield `    ${this.reference("funcs", funcidx)}`;
    for (const expr of segment.exprs ?? []) yield `    (item ${this.constExpr(expr)})`;
    yield "  )";
  }

  private *data(index: number): Generator<string> {
    const { bytes, datas } = this.source;
    const segment = datas[index]!;
    const mode =
      segment.offset === null
        ? ""
        : ` (memory ${this.reference("memories", segment.memidx)}) (offset ${this.constExpr(segment.offset)})`;
    yield `  (data ${this.definition("datas", index)}${mode}`;
    for (let at = segment.start; at < segment.end; at += DATA_LINE) {
      yield `    ${quote(bytes.subarray(at, Math.min(at + DATA_LINE, segment.end)))}`;
    }
    yield "  )";
  }

  // Code

  *func(funcidx: number): Generator<string> {
    const { source } = this;
    const body = source.bodies.get(funcidx - source.importedFuncCount);
    if (body === undefined) return;
    const typeId = source.funcs[funcidx]!;
    yield `  (func ${this.definition("funcs", funcidx)} ${this.typeUse(source.funcTypeidxs[funcidx]!)}${this.params(funcidx, typeId)}`;
    yield* this.locals(funcidx, source.registry.funcType(typeId).params.length, body);
    const { reader } = this;
    reader.begin(body);
    let depth = 0;
    while (reader.offset < body.end) {
      reader.next();
      const { opcode, start } = reader;
      if (CLOSES.has(opcode)) depth--;
      // The function's own end is the closing parenthesis.
      if (depth >= 0)
        yield `    (;@${start.toString(16)};) ${"  ".repeat(Math.min(depth, 40))}${this.instruction(funcidx)}`;
      if (OPENS.has(opcode)) depth++;
    }
    yield "  )";
  }

  private params(funcidx: number, typeId: number): string {
    const { params, results } = this.source.registry.funcType(typeId);
    if (this.names.locals.get(funcidx) === undefined) {
      return this.valTypes("param", params) + this.valTypes("result", results);
    }
    const text = params.map((type, i) => ` (param${this.localName(funcidx, i)} ${this.valType(type)})`).join("");
    return text + this.valTypes("result", results);
  }

  private localName(funcidx: number, index: number): string {
    const text = this.local(funcidx, index);
    return text.startsWith("$") ? ` ${text}` : "";
  }

  private *locals(funcidx: number, first: number, body: FuncBody): Generator<string> {
    let index = first;
    for (let i = 0; i < body.locals.length; i += 2) {
      const type = this.valType(body.locals[i + 1]!);
      for (let n = body.locals[i]!; n > 0; n--, index++) yield `    (local${this.localName(funcidx, index)} ${type})`;
    }
  }

  /** A constant expression as folded text: its instructions but the end. */
  private constExpr(expr: ConstExpr): string {
    const { reader } = this;
    reader.begin(expr);
    const parts: string[] = [];
    for (reader.next(); reader.opcode !== OP.end; reader.next()) parts.push(this.instruction(-1));
    return parts.length === 1 ? `(${parts[0]})` : parts.join(" ");
  }

  /** The instruction that the reader has just read. */
  private instruction(funcidx: number): string {
    const { reader } = this;
    const row = OPCODE_ROWS[reader.opcode]!;
    const name = row.name;
    switch (row.immediate) {
      case "none":
      case "zero":
        return name;
      case "block":
        return name + this.blockType();
      case "try_table":
        return name + this.blockType() + this.catches();
      case "label":
        return `${name} ${reader.index}`;
      case "labels":
        return `${name} ${reader.labels.slice(0, reader.labelCount).join(" ")}`;
      case "func":
        return `${name} ${this.reference("funcs", reader.index)}`;
      case "type":
        return `${name} ${this.reference("types", reader.index)}`;
      case "type_table":
        return `${name} ${this.reference("tables", reader.index2)} (type ${this.reference("types", reader.index)})`;
      case "local":
        return `${name} ${this.local(funcidx, reader.index)}`;
      case "global":
        return `${name} ${this.reference("globals", reader.index)}`;
      case "table":
        return `${name} ${this.reference("tables", reader.index)}`;
      case "tag":
        return `${name} ${this.reference("tags", reader.index)}`;
      case "memory":
        return name + this.memory(reader.index);
      case "memarg":
        return name + this.memarg();
      case "memarg_lane":
        return `${name}${this.memarg()} ${reader.lane}`;
      case "lane":
        return `${name} ${reader.lane}`;
      case "i32":
        return `${name} ${reader.lo}`;
      case "i64":
        return `${name} ${int64Text(reader.lo, reader.hi)}`;
      case "f32":
        return `${name} ${floatText(reader.lo)}`;
      case "f64":
        return `${name} ${floatText(reader.lo, reader.hi)}`;
      case "heap":
        return `${name.replace(" null", "")} ${this.castTarget(name)}`;
      case "types":
        return `select${this.valTypes("result", reader.selectTypes)}`;
      case "data_memory":
        return `${name}${this.memory(reader.index2)} ${this.reference("datas", reader.index)}`;
      case "data":
        return `${name} ${this.reference("datas", reader.index)}`;
      case "memory_memory":
        if (reader.index === 0 && reader.index2 === 0) return name;
        return `${name} ${this.reference("memories", reader.index)} ${this.reference("memories", reader.index2)}`;
      case "elem_table":
        return `${name} ${this.reference("tables", reader.index2)} ${this.reference("elems", reader.index)}`;
      case "elem":
        return `${name} ${this.reference("elems", reader.index)}`;
      case "table_table":
        return `${name} ${this.reference("tables", reader.index)} ${this.reference("tables", reader.index2)}`;
      case "type_field":
      case "type_count":
        return `${name} ${this.reference("types", reader.index)} ${reader.index2}`;
      case "type_data":
        return `${name} ${this.reference("types", reader.index)} ${this.reference("datas", reader.index2)}`;
      case "type_elem":
        return `${name} ${this.reference("types", reader.index)} ${this.reference("elems", reader.index2)}`;
      case "type_type":
        return `${name} ${this.reference("types", reader.index)} ${this.reference("types", reader.index2)}`;
      case "cast":
        return `${name} ${reader.index} ${this.castTypes()}`;
      case "v128":
        return `${name} i8x16 ${[...reader.vector].join(" ")}`;
      case "lanes":
        return `${name} ${[...reader.vector].join(" ")}`;
    }
  }

  private blockType(): string {
    const { blockTypeId, blockTypeidx, blockResult } = this.reader;
    if (blockTypeId >= 0) return ` ${this.typeUse(blockTypeidx)}`;
    return blockResult === BOT ? "" : this.valTypes("result", [blockResult]);
  }

  private catches(): string {
    const { catches, catchCount } = this.reader;
    let text = "";
    for (let i = 0; i < 3 * catchCount; i += 3) {
      const kind = catches[i]!;
      const keyword = `${kind < CATCH_ALL ? "catch" : "catch_all"}${kind === CATCH || kind === CATCH_ALL ? "" : "_ref"}`;
      const tag = kind < CATCH_ALL ? ` ${this.reference("tags", catches[i + 1]!)}` : "";
      text += ` (${keyword}${tag} ${catches[i + 2]})`;
    }
    return text;
  }

  private castTarget(name: string): string {
    const heap = this.heapType(this.reader.heapType, this.reader.heapTypeidx);
    if (name === "ref.null") return heap;
    return name.endsWith(" null") ? `(ref null ${heap})` : `(ref ${heap})`;
  }

  private castTypes(): string {
    const { castFlags, heapType, heapTypeidx, heapType2, heapTypeidx2 } = this.reader;
    const type = (heap: number, typeidx: number, nullable: number) =>
      `(ref ${(castFlags & nullable) !== 0 ? "null " : ""}${this.heapType(heap, typeidx)})`;
    return `${type(heapType, heapTypeidx, CAST_SOURCE_NULLABLE)} ${type(heapType2, heapTypeidx2, CAST_TARGET_NULLABLE)}`;
  }

  private memory(memidx: number): string {
    return memidx === 0 ? "" : ` ${this.reference("memories", memidx)}`;
  }

  private memarg(): string {
    const { memory, align, lo, hi } = this.reader;
    const offset = lo === 0 && hi === 0 ? "" : ` offset=${int64Text(lo, hi, false)}`;
    return `${this.memory(memory)}${offset} align=${2 ** align}`;
  }
}

const SPACES = { func: "funcs", table: "tables", memory: "memories", global: "globals", tag: "tags" } as const;

const OPENS: ReadonlySet<number> = new Set(
  (["block", "loop", "if", "else", "try", "catch", "catch_all", "try_table"] as const).map((name) => OP[name]),
);
const CLOSES: ReadonlySet<number> = new Set(
  (["else", "end", "catch", "catch_all", "delegate"] as const).map((name) => OP[name]),
);

function limitsText({ min, max }: Limits): string {
  return max === undefined ? sizeText(min) : `${sizeText(min)} ${sizeText(max)}`;
}

/** A bound in full digits; those that were rounded up to 2^64 stand for the largest u64. */
function sizeText(size: number): string {
  return size >= 2 ** 64 ? "0xffffffffffffffff" : BigInt(size).toString();
}

function memoryType({ limits, is64, shared, pageSizeLog2 }: MemoryType): string {
  const pageSize = pageSizeLog2 === 16 ? "" : ` (pagesize ${2 ** pageSizeLog2})`;
  return `${is64 ? "i64 " : ""}${limitsText(limits)}${shared ? " shared" : ""}${pageSize}`;
}

/** A name as an identifier of the text format (spec 6.3, "Identifiers"): other characters become "_". */
function identifier(name: string): string {
  return `$${name.replace(/[^!#$%&'*+\-./0-9:<=>?@A-Z\\^_`a-z|~]/g, "_") || "_"}`;
}

/** The same, with the index if the name alone would not be unique. */
function uniqueIdentifier(names: ReadonlyMap<number, string>, name: string, index: number): string {
  const plain = identifier(name.slice(0, IDENTIFIER_LENGTH));
  return plain === `$${name}` && !plain.includes("#") && isUnique(names, name) ? plain : `${plain}#${index}`;
}

/** Longer names are cut: a line of text stays readable whatever the module says. */
const IDENTIFIER_LENGTH = 200;

const duplicates = new WeakMap<ReadonlyMap<number, string>, ReadonlySet<string>>();

function isUnique(names: ReadonlyMap<number, string>, name: string): boolean {
  let repeated = duplicates.get(names);
  if (repeated === undefined) {
    const seen = new Set<string>();
    const found = new Set<string>();
    for (const other of names.values()) (seen.has(other) ? found : seen).add(other);
    repeated = found;
    duplicates.set(names, repeated);
  }
  return !repeated.has(name);
}
