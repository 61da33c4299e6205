// Validation of function bodies and constant expressions (spec 3.4 and 3.5; the algorithm of
// the appendix), in one pass over the bytes. Instructions with a type in the opcode table are
// checked by that type, the others by a rule of their own: the frequent ones here, the rest
// in validate-control.ts and validate-references.ts.

import { matchesResult } from "./matching.js";
import type { ConstExpr } from "./module.js";
import { OP, OPCODE_LIMIT, OPCODES, type OpcodeName } from "./opcodes.js";
import { BOT, F32, F64, I32, I64, isDefaultable, V128, type ValType } from "./types.js";
import { AGGREGATE_RULES } from "./validate-aggregates.js";
import { CONTROL_RULES } from "./validate-control.js";
import { REFERENCE_RULES, TABLE_AND_MEMORY_RULES } from "./validate-references.js";
import { addressType, NO_TYPES, ValidationStack } from "./validation-stack.js";

/** How an instruction is checked. */
enum Rule {
  /** By OTHER_RULES. */
  other,
  /** By its type in the opcode table. */
  plain,
  /** The same, of the shapes `:t`, `t:u` and `tt:u`. */
  constant,
  unary,
  binary,
  /** By its type, behind a memarg. */
  memarg,
  /** By its type; `index` is the memory. */
  memory,
  /** By its type, behind lane indices. */
  lanes,
  localGet,
  localSet,
  localTee,
  globalGet,
  globalSet,
  block,
  loop,
  if,
  else,
  end,
  br,
  brIf,
  call,
  drop,
  select,
}

const FREQUENT: Partial<Record<OpcodeName, Rule>> = {
  "local.get": Rule.localGet,
  "local.set": Rule.localSet,
  "local.tee": Rule.localTee,
  "global.get": Rule.globalGet,
  "global.set": Rule.globalSet,
  block: Rule.block,
  loop: Rule.loop,
  if: Rule.if,
  else: Rule.else,
  end: Rule.end,
  br: Rule.br,
  br_if: Rule.brIf,
  call: Rule.call,
  drop: Rule.drop,
  select: Rule.select,
};

/** Instructions of constant expressions (spec 3.4, "Constant Expressions"), global.get only of immutable globals. */
const CONSTANT: readonly OpcodeName[] = [
  "i32.const",
  "i64.const",
  "f32.const",
  "f64.const",
  "v128.const",
  "ref.null",
  "ref.func",
  "global.get",
  "i32.add",
  "i32.sub",
  "i32.mul",
  "i64.add",
  "i64.sub",
  "i64.mul",
  "struct.new",
  "struct.new_default",
  "array.new",
  "array.new_default",
  "array.new_fixed",
  "ref.i31",
  "any.convert_extern",
  "extern.convert_any",
  "end",
];

const LETTERS: Readonly<Record<string, ValType>> = { i: I32, l: I64, f: F32, d: F64, v: V128 };
/** Stands for the address type in PARAMS and RESULTS. */
const ADDRESS = -1;
/** Columns per opcode in PARAMS and RESULTS. */
const COLUMNS = 4;

const RULES = new Uint8Array(OPCODE_LIMIT);
const OTHER_RULES: (((stack: ValidationStack) => void) | undefined)[] = new Array(OPCODE_LIMIT).fill(undefined);
const PARAM_COUNTS = new Uint8Array(OPCODE_LIMIT);
const RESULT_COUNTS = new Uint8Array(OPCODE_LIMIT);
const PARAMS = new Int32Array(OPCODE_LIMIT * COLUMNS);
const RESULTS = new Int32Array(OPCODE_LIMIT * COLUMNS);
/** log2 of an access's bytes. */
const NATURAL_ALIGN = new Uint8Array(OPCODE_LIMIT);
/** Number of lanes that a lane index selects from; 0 without one. */
const LANES = new Uint8Array(OPCODE_LIMIT);
const IS_ATOMIC = new Uint8Array(OPCODE_LIMIT);
const IS_CONSTANT = new Uint8Array(OPCODE_LIMIT);

const OTHER: Partial<Record<OpcodeName, (stack: ValidationStack) => void>> = {
  ...CONTROL_RULES,
  ...TABLE_AND_MEMORY_RULES,
  ...REFERENCE_RULES,
  ...AGGREGATE_RULES,
};

/** A type of the opcode table, taken apart. */
interface Signature {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  readonly rule: Rule;
}

/** By text: there are few. */
const SIGNATURES = new Map<string, Signature>();
function signatureOf(text: string): Signature {
  let signature = SIGNATURES.get(text);
  if (signature === undefined) {
    const [params, results] = text
      .split(":")
      .map((letters) => [...letters].map((letter) => LETTERS[letter] ?? ADDRESS));
    const [a = ADDRESS, b = a] = params!;
    const simple = results!.length === 1 && !text.includes("a") && a === b && params!.length <= 2;
    const rule = simple ? [Rule.constant, Rule.unary, Rule.binary][params!.length]! : Rule.plain;
    signature = { params: params!, results: results!, rule };
    SIGNATURES.set(text, signature);
  }
  return signature;
}

for (const { name, opcode, immediate, feature, type, width } of OPCODES) {
  if (type !== undefined) {
    const { params, results, rule } = signatureOf(type);
    PARAM_COUNTS[opcode] = params.length;
    RESULT_COUNTS[opcode] = results.length;
    for (let i = 0; i < params.length; i++) PARAMS[opcode * COLUMNS + i] = params[i]!;
    for (let i = 0; i < results.length; i++) RESULTS[opcode * COLUMNS + i] = results[i]!;
    RULES[opcode] = rule;
  }
  if (width !== undefined) NATURAL_ALIGN[opcode] = 31 - Math.clz32(width);
  if (feature === "threads") IS_ATOMIC[opcode] = 1;
  if (immediate === "memarg" || immediate === "memarg_lane") RULES[opcode] = Rule.memarg;
  else if (immediate === "memory") RULES[opcode] = Rule.memory;
  if (immediate === "memarg_lane") LANES[opcode] = 16 / width!;
  else if (immediate === "lanes" || immediate === "lane") {
    RULES[opcode] = Rule.lanes;
    // Of i8x16.shuffle, the lanes of both operands.
    LANES[opcode] = immediate === "lanes" ? 32 : Number(name.slice(name.indexOf("x") + 1, name.indexOf(".")));
  }
}
for (const name of Object.keys(FREQUENT) as OpcodeName[]) RULES[OP[name]] = FREQUENT[name]!;
for (const name of Object.keys(OTHER) as OpcodeName[]) {
  RULES[OP[name]] = Rule.other;
  OTHER_RULES[OP[name]] = OTHER[name];
}
for (const name of CONSTANT) IS_CONSTANT[OP[name]] = 1;

export class CodeValidator extends ValidationStack {
  private params: readonly ValType[] = NO_TYPES;
  /** Parameters and declared locals. */
  private localCount = 0;
  /** Types of the first `expanded` locals. The others are found in `runs`: their number is not bounded by bytes. */
  private localTypes: ValType[] = [];
  private expanded = 0;
  private runs: readonly number[] = [];
  private runEnds: number[] = [];

  /**
   * Validates a function's expression, from the reader's offset to `end`.
   * @param runs declared locals, as in FuncBody
   */
  body(funcidx: number, runs: readonly number[], end: number): void {
    const { reader } = this;
    const sectionEnd = reader.end;
    const type = this.registry.funcType(this.draft.funcs[funcidx]!);
    this.reset();
    this.funcidx = funcidx;
    reader.funcidx = funcidx;
    this.setLocals(type.params, runs, end - reader.offset);
    reader.start = reader.offset;
    reader.opcode = OP.block;
    this.pushFrame(OP.block, NO_TYPES, type.results);
    reader.end = end;
    while (this.frames > 0) {
      if (reader.offset === end) this.missingEnd(end, sectionEnd);
      reader.next();
      this.instruction();
    }
    if (reader.offset !== end) reader.malformed("section size mismatch: code behind the end of the function");
    reader.end = sectionEnd;
    reader.funcidx = -1;
  }

  private missingEnd(end: number, sectionEnd: number): never {
    if (end < sectionEnd) this.reader.malformed("END opcode expected");
    if (end < this.reader.bytes.length) this.reader.malformed("section size mismatch: END opcode expected");
    this.reader.malformed("unexpected end of section or function");
  }

  /** Validates the constant expression at the reader's offset, of a type that matches `type`. */
  constExpr(type: ValType): ConstExpr {
    const { reader } = this;
    const start = reader.offset;
    this.reset();
    this.funcidx = -1;
    this.localCount = 0;
    reader.start = start;
    reader.opcode = OP.block;
    this.pushFrame(OP.block, NO_TYPES, this.single(type));
    while (this.frames > 0) {
      reader.next();
      if (IS_CONSTANT[reader.opcode] === 0) this.fail("constant expression required");
      if (reader.opcode === OP["global.get"]) {
        if (this.draft.global(reader.index, reader.start).mutable) this.fail("constant expression required");
      } else if (reader.opcode === OP["ref.func"]) {
        this.draft.func(reader.index, reader.start);
        this.draft.declare(reader.index);
      }
      this.instruction();
    }
    return { start, end: reader.offset };
  }

  private setLocals(params: readonly ValType[], runs: readonly number[], bodyBytes: number): void {
    const { localTypes } = this;
    this.params = params;
    this.runs = runs;
    let count = params.length;
    for (let i = 0; i < count; i++) localTypes[i] = params[i]!;
    const limit = count + bodyBytes;
    this.expanded = count;
    for (let i = 0; i < runs.length; i += 2) {
      count += runs[i]!;
      const end = Math.min(count, limit);
      for (let at = this.expanded; at < end; at++) localTypes[at] = runs[i + 1]!;
      this.expanded = end;
    }
    this.localCount = count;
    this.runEnds.length = 0;
    if (this.expanded === count) return;
    let runEnd = params.length;
    for (let i = 0; i < runs.length; i += 2) {
      runEnd += runs[i]!;
      this.runEnds.push(runEnd);
    }
  }

  private localType(index: number): ValType {
    if (index < this.expanded) return this.localTypes[index]!;
    if (index >= this.localCount) this.fail(`unknown local ${index} (the function has ${this.localCount})`);
    let low = 0;
    let high = this.runEnds.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.runEnds[middle]! > index) high = middle;
      else low = middle + 1;
    }
    return this.runs[2 * low + 1]!;
  }

  private requireInitialized(local: number): void {
    if (local >= this.params.length && !this.isInitialized(local)) this.fail(`uninitialized local ${local}`);
  }

  private instruction(): void {
    const { reader } = this;
    const { opcode } = reader;
    switch (RULES[opcode] as Rule) {
      case Rule.localGet: {
        const { index } = reader;
        const type = index < this.expanded ? this.localTypes[index]! : this.localType(index);
        if (!isDefaultable(type)) this.requireInitialized(index);
        if (this.sp === this.stack.length) this.grow();
        this.stack[this.sp++] = type;
        break;
      }
      case Rule.constant:
        if (this.sp === this.stack.length) this.grow();
        this.stack[this.sp++] = RESULTS[opcode * COLUMNS]!;
        break;
      case Rule.unary: {
        const { sp, stack } = this;
        if (sp > this.height && stack[sp - 1] === PARAMS[opcode * COLUMNS]) stack[sp - 1] = RESULTS[opcode * COLUMNS]!;
        else this.typed(opcode, BOT);
        break;
      }
      case Rule.binary: {
        const { sp, stack } = this;
        const type = PARAMS[opcode * COLUMNS];
        if (sp - 2 >= this.height && stack[sp - 1] === type && stack[sp - 2] === type) {
          stack[sp - 2] = RESULTS[opcode * COLUMNS]!;
          this.sp = sp - 1;
        } else this.typed(opcode, BOT);
        break;
      }
      case Rule.plain:
        this.typed(opcode, BOT);
        break;
      case Rule.localSet: {
        const type = this.localType(reader.index);
        this.pop(type);
        if (!isDefaultable(type)) this.initialize(reader.index);
        break;
      }
      case Rule.localTee: {
        const { index } = reader;
        const type = index < this.expanded ? this.localTypes[index]! : this.localType(index);
        if (!isDefaultable(type)) this.initialize(index);
        // The operand stays, as of the local's type.
        this.pop(type);
        this.push(type);
        break;
      }
      case Rule.memarg:
        this.memarg(opcode);
        break;
      case Rule.block:
      case Rule.loop:
        this.enter();
        break;
      case Rule.if:
        this.pop(I32);
        this.enter();
        break;
      case Rule.else:
        if (this.frameOpcodes[this.frames - 1] !== OP.if) reader.malformed("END opcode expected", reader.start);
        this.else();
        break;
      case Rule.end:
        this.end();
        break;
      case Rule.br:
        this.popAll(this.labelTypes(reader.index));
        this.setUnreachable();
        break;
      case Rule.brIf: {
        this.pop(I32);
        const types = this.labelTypes(reader.index);
        if (types.length > 0) {
          this.popAll(types);
          this.pushAll(types);
        }
        break;
      }
      case Rule.call: {
        const type = this.registry.funcType(this.draft.func(reader.index, reader.start, this.funcidx));
        this.popAll(type.params);
        this.pushAll(type.results);
        break;
      }
      case Rule.globalGet:
        this.push(this.draft.global(reader.index, reader.start, this.funcidx).type);
        break;
      case Rule.globalSet: {
        const global = this.draft.global(reader.index, reader.start, this.funcidx);
        if (!global.mutable) this.fail(`immutable global ${reader.index}`);
        this.pop(global.type);
        break;
      }
      case Rule.drop:
        this.popAny();
        break;
      case Rule.select:
        this.select();
        break;
      case Rule.memory:
        this.typed(opcode, addressType(this.draft.memory(reader.index, reader.start, this.funcidx)));
        break;
      case Rule.lanes:
        this.lanes(opcode);
        this.typed(opcode, BOT);
        break;
      case Rule.other:
        OTHER_RULES[opcode]!(this);
        break;
    }
  }

  /** Applies the instruction's type in the opcode table. */
  private typed(opcode: number, address: ValType): void {
    const base = opcode * COLUMNS;
    for (let i = PARAM_COUNTS[opcode]! - 1; i >= 0; i--) {
      const type = PARAMS[base + i]!;
      this.pop(type === ADDRESS ? address : type);
    }
    const results = RESULT_COUNTS[opcode]!;
    for (let i = 0; i < results; i++) {
      const type = RESULTS[base + i]!;
      this.push(type === ADDRESS ? address : type);
    }
  }

  private memarg(opcode: number): void {
    const { reader } = this;
    const memory = this.draft.memory(reader.memory, reader.start, this.funcidx);
    const natural = NATURAL_ALIGN[opcode]!;
    if (reader.align > natural) {
      this.fail(`alignment must not be larger than natural: found 2^${reader.align}, natural is 2^${natural}`);
    }
    if (reader.align !== natural && IS_ATOMIC[opcode] === 1) {
      this.fail(`atomic alignment must be natural: found 2^${reader.align}, natural is 2^${natural}`);
    }
    if (reader.hi !== 0 && !memory.is64) this.fail("offset out of range: it must be below 2^32");
    if (LANES[opcode] !== 0) this.lanes(opcode);
    this.typed(opcode, addressType(memory));
  }

  private lanes(opcode: number): void {
    const { reader } = this;
    const count = LANES[opcode]!;
    if (opcode !== OP["i8x16.shuffle"]) {
      if (reader.lane >= count) this.fail(`invalid lane index ${reader.lane} (there are ${count})`);
      return;
    }
    for (const lane of reader.vector) if (lane >= count) this.fail(`invalid lane index ${lane} (there are ${count})`);
  }

  private else(): void {
    const frame = this.frames - 1;
    const params = this.frameParams[frame]!;
    const results = this.frameResults[frame]!;
    this.popFrame();
    this.pushFrame(OP.else, params, results);
  }

  private end(): void {
    const frame = this.frames - 1;
    const results = this.frameResults[frame]!;
    if (this.frameOpcodes[frame] === OP.if && !matchesResult(this.registry, this.frameParams[frame]!, results)) {
      this.fail(`type mismatch: if without else must leave its parameters, not ${this.registry.describeAll(results)}`);
    }
    this.popFrame();
    if (this.frames > 0) this.pushAll(results);
  }

  private select(): void {
    this.pop(I32);
    const a = this.popAny();
    const b = this.popAny();
    if (!isNumOrVec(a) || !isNumOrVec(b)) this.mismatch("references need a type annotation");
    if (a !== b && a !== BOT && b !== BOT) {
      this.mismatch(`expected ${this.registry.describe(b)}, found ${this.registry.describe(a)}`);
    }
    this.push(a === BOT ? b : a);
  }
}

function isNumOrVec(type: ValType): boolean {
  return type === BOT || (type >= V128 && type <= I32);
}
