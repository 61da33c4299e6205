// Random function bodies of shapes that compilers and binaryen's fuzzer never write: operands left
// lying under blocks, block parameters, branches with values, polymorphic stacks behind branches,
// hundreds of locals. A typed stack is tracked as in the specification's validation algorithm.
//
// Conventions
//   T      a value type by its code in the binary format; every type here is one byte
//   need   makes the top of the stack have these types, from what is there or by pushing
//   close  leaves exactly the results of the innermost block on its part of the stack

import { OP, OPCODES, type OpcodeName, type OpcodeRow } from "../../../decoder/opcodes.js";
import { EXNREF, EXTERNREF, F32, F64, FUNCREF, I32, I64, V128, type ValType } from "../../../decoder/types.js";
import { type Bytes, leb, opcodeBytes, sleb } from "./module-bytes.js";
import { randomValue } from "./numeric-oracle.js";
import type { Random } from "./random.js";

export interface Signature {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

/** What code can refer to. */
export interface CodeContext {
  /** typeidx → type. */
  readonly types: readonly Signature[];
  /** funcidx → typeidx. */
  readonly funcs: readonly number[];
  /** Functions below this index are imported. */
  readonly importedFuncs: number;
  readonly globals: readonly ValType[];
  /** memidx → whether its addresses are i64. */
  readonly memories: readonly boolean[];
  /** Number of tables of funcref; their indices are i32. */
  readonly tables: number;
  readonly datas: number;
  readonly elems: number;
  /** tagidx → typeidx. */
  readonly tags: readonly number[];
  /** Global that counts down what loops and calls are left; at 0 they trap. */
  readonly budgetGlobal: number;
  /** Whether instructions are allowed that turn the bits of a NaN into something else. */
  readonly seesNaNs: boolean;
  readonly tailCalls: boolean;
  readonly typedReferences: boolean;
  readonly wideArithmetic: boolean;
  /** `try_table` and `throw_ref`. */
  readonly exceptions: boolean;
  /** `try` and `rethrow`. */
  readonly legacyExceptions: boolean;
  /** Atomic accesses; memory 0 is shared. */
  readonly threads: boolean;
  /** Vectors of type v128 and their instructions; `relaxed` ones as well. */
  readonly simd: boolean | "relaxed";
}

const LETTER_TYPES: Readonly<Record<string, ValType>> = { i: I32, l: I64, f: F32, d: F64, v: V128 };
const LETTERS: Readonly<Record<number, string>> = { [I32]: "i", [I64]: "l", [F32]: "f", [F64]: "d", [V128]: "v" };
const NUMBERS: readonly ValType[] = [I32, I64, F32, F64];
const EMPTY_BLOCK = 0x40;

const NUMERIC = OPCODES.filter((row) => row.immediate === "none" && /^[ilfd]+:[ilfd]+$/.test(row.type ?? ""));
const ACCESSES = OPCODES.filter((row) => row.immediate === "memarg" && row.feature === "mvp");
const SIMD = OPCODES.filter((row) => /simd/.test(row.feature) && /^[ilfdv]+:[ilfdv]+$/.test(row.type ?? ""));
const SIMD_ACCESSES = OPCODES.filter((row) => row.feature === "simd" && row.immediate.startsWith("memarg"));
const ATOMICS = OPCODES.filter((row) => row.immediate === "memarg" && row.feature === "threads");
const SHOWS_NAN = /reinterpret_f|copysign|^f(32|64)\.store/;
/** Vectors show the bits of every NaN that is in them: of one computed there, and of a scalar's. */
const MAKES_NAN =
  /^f(32x4|64x2)\.(add|sub|mul|div|sqrt|min|max|ceil|floor|trunc|nearest|.*demote|.*promote|relaxed_m|relaxed_n)/;
const HARMLESS = NUMERIC.filter((row) => !row.traps?.length && row.feature === "mvp" && !SHOWS_NAN.test(row.name));

const typesOf = (letters: string) => [...letters].map((letter) => LETTER_TYPES[letter]!);
const SIGNATURES = new Map<OpcodeRow, Signature>(
  [...NUMERIC, ...SIMD].map((row) => {
    const [params, results] = row.type!.split(":") as [string, string];
    return [row, { params: typesOf(params), results: typesOf(results) }];
  }),
);

interface Block {
  /** A legacy `try` becomes `catch` or `catch_all` with its handlers. */
  kind: "function" | "block" | "loop" | "if" | "try_table" | "try" | "catch" | "catch_all";
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  readonly height: number;
  unreachable: boolean;
}

/** The one-byte code of a type in the binary format. */
export function typeCode(type: ValType): number {
  if (type === FUNCREF) return 0x70;
  if (type === EXTERNREF) return 0x6f;
  return type === EXNREF ? 0x69 : type;
}

export class RandomCode {
  private readonly bytes: Bytes[] = [];
  private stack: ValType[] = [];
  private blocks: Block[] = [];
  private readonly actions: readonly (() => void)[];

  constructor(
    private readonly random: Random,
    private readonly context: CodeContext,
    /** Parameters and declared locals. */
    private readonly locals: readonly ValType[],
    private readonly signature: Signature,
  ) {
    const { memories, tables, tags, tailCalls, seesNaNs, wideArithmetic } = context;
    const numeric = NUMERIC.filter(
      (row) => (seesNaNs || !SHOWS_NAN.test(row.name)) && (wideArithmetic || row.feature !== "wide-arithmetic"),
    );
    const simd = SIMD.filter(
      (row) =>
        (context.simd === "relaxed" || row.feature === "simd") &&
        (seesNaNs || !(MAKES_NAN.test(row.name) || /[fd].*:/.test(row.type!))),
    );
    const often = (count: number, action: () => void) => new Array<() => void>(count).fill(action);
    this.actions = [
      ...often(6, () => this.push(this.anyType())),
      ...often(12, () => this.numeric(numeric)),
      ...often(6, () => this.setLocal()),
      ...often(2, () => this.setGlobal()),
      ...often(3, () => this.openBlock()),
      ...often(4, () => this.closeBlock()),
      ...often(3, () => this.branch()),
      ...often(2, () => this.select()),
      () => this.drop(),
      () => this.emit("nop"),
      ...often(2, () => this.call()),
      ...(tailCalls ? [() => this.tailCall()] : []),
      ...(memories.length > 0 ? [...often(4, () => this.access()), () => this.bulkMemory()] : []),
      ...(tables > 0 ? [() => this.table()] : []),
      ...(tags.length > 0 && context.exceptions ? often(2, () => this.exception()) : []),
      ...(context.legacyExceptions ? often(3, () => this.legacyException()) : []),
      ...(context.simd ? often(10, () => this.simd(simd)) : []),
      ...(context.simd && memories.length > 0 ? often(4, () => this.access(SIMD_ACCESSES)) : []),
      ...(context.threads && memories.length > 0 ? often(4, () => this.atomic()) : []),
      () => this.reference(),
      ...(random.below(3) === 0 ? [() => this.leave()] : []),
    ];
  }

  /** An expression of about `size` instructions, its `end` included. */
  generate(size: number): Bytes {
    this.blocks = [{ kind: "function", params: [], results: this.signature.results, height: 0, unreachable: false }];
    this.spend();
    for (let i = 0; i < size; i++) this.random.pick(this.actions)();
    while (this.blocks.length > 0) this.close();
    return this.bytes;
  }

  private emit(name: OpcodeName, ...immediates: Bytes[]): void {
    this.bytes.push(opcodeBytes(OP[name]), immediates);
  }
  private get block(): Block {
    return this.blocks.at(-1)!;
  }
  private chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }
  private anyType(): ValType {
    if (this.chance(8)) return this.random.pick([FUNCREF, EXTERNREF]);
    if (this.context.simd && this.chance(30)) return V128;
    return this.random.pick(NUMBERS);
  }
  private someTypes(max: number): ValType[] {
    return Array.from({ length: this.random.below(max + 1) }, () => this.anyType());
  }

  // The typed stack

  /** Whether the top has these types; below an unreachable point, what is missing counts as there. */
  private has(types: readonly ValType[]): boolean {
    const { height, unreachable } = this.block;
    return types.every((type, i) => {
      const at = this.stack.length - types.length + i;
      return at < height ? unreachable : this.stack[at] === type;
    });
  }
  private pop(count: number): void {
    this.stack.length = Math.max(this.block.height, this.stack.length - count);
  }
  private apply(params: readonly ValType[], results: readonly ValType[]): void {
    this.pop(params.length);
    this.stack.push(...results);
  }
  private need(types: readonly ValType[]): void {
    if (this.chance(50) && this.has(types)) return;
    for (const type of types) this.push(type);
  }
  private setUnreachable(): void {
    this.stack.length = this.block.height;
    this.block.unreachable = true;
  }

  private push(type: ValType): void {
    const { globals, funcs } = this.context;
    const from = (types: readonly ValType[]) => types.flatMap((candidate, i) => (candidate === type ? [i] : []));
    const locals = from(this.locals);
    const global = from(globals).filter((i) => i !== this.context.budgetGlobal);
    if (locals.length > 0 && this.chance(60)) this.emit("local.get", leb(this.random.pick(locals)));
    else if (global.length > 0 && this.chance(30)) this.emit("global.get", leb(this.random.pick(global)));
    else if (type === FUNCREF) {
      if (this.chance(60)) this.emit("ref.func", leb(this.random.below(funcs.length)));
      else this.emit("ref.null", 0x70);
    } else if (type === EXTERNREF) this.emit("ref.null", 0x6f);
    else if (type === EXNREF) this.emit("ref.null", 0x69);
    else this.constant(type);
    this.stack.push(type);
  }
  private constant(type: ValType): void {
    if (type === V128) {
      this.emit("v128.const", [...this.random.bytes(16)]);
      return;
    }
    const bits = randomValue(this.random, LETTERS[type]!);
    if (type === I32) this.emit("i32.const", sleb(BigInt.asIntN(32, bits)));
    else if (type === I64) this.emit("i64.const", sleb(BigInt.asIntN(64, bits)));
    else {
      const bytes = Array.from({ length: type === F32 ? 4 : 8 }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn));
      this.emit(type === F32 ? "f32.const" : "f64.const", bytes);
    }
  }
  private smallConstant(type: ValType, below: number): void {
    this.emit(type === I64 ? "i64.const" : "i32.const", sleb(this.random.below(below)));
    this.stack.push(type);
  }

  // Actions

  private numeric(rows: readonly OpcodeRow[]): void {
    let row = this.random.pick(rows);
    for (let attempt = 0; attempt < 8 && !this.has(SIGNATURES.get(row)!.params); attempt++)
      row = this.random.pick(rows);
    const { params, results } = SIGNATURES.get(row)!;
    if (!this.has(params)) this.need(params);
    this.bytes.push(opcodeBytes(row.opcode));
    this.apply(params, results);
  }
  private simd(rows: readonly OpcodeRow[]): void {
    let row = this.random.pick(rows);
    for (let attempt = 0; attempt < 8 && !this.has(SIGNATURES.get(row)!.params); attempt++)
      row = this.random.pick(rows);
    const { params, results } = SIGNATURES.get(row)!;
    if (!this.has(params)) this.need(params);
    const lanes = Number(/x(\d+)/.exec(row.name)?.[1] ?? 0);
    const immediates: Readonly<Record<string, () => Bytes>> = {
      lane: () => this.random.below(lanes),
      lanes: () => Array.from({ length: 16 }, () => this.random.below(32)),
      v128: () => [...this.random.bytes(16)],
    };
    const immediate = immediates[row.immediate]?.() ?? [];
    this.bytes.push(opcodeBytes(row.opcode), immediate);
    this.apply(params, results);
  }
  private setLocal(): void {
    if (this.locals.length === 0) return;
    const index = this.random.below(this.locals.length);
    const type = this.locals[index]!;
    this.need([type]);
    const tee = this.chance(30);
    this.emit(tee ? "local.tee" : "local.set", leb(index));
    this.apply([type], tee ? [type] : []);
  }
  private setGlobal(): void {
    const index = this.random.below(this.context.globals.length);
    if (index === this.context.budgetGlobal) return;
    const type = this.context.globals[index]!;
    this.need([type]);
    this.emit("global.set", leb(index));
    this.pop(1);
  }
  private drop(): void {
    if (this.stack.length === this.block.height && !this.block.unreachable) this.push(this.anyType());
    this.emit("drop");
    this.pop(1);
  }
  private select(): void {
    const type = this.anyType();
    this.need([type, type, I32]);
    if (LETTERS[type] !== undefined && this.chance(60)) this.emit("select");
    else this.emit("select t", 1, typeCode(type));
    this.apply([type, type, I32], [type]);
  }

  private openBlock(): void {
    if (this.blocks.length > 8) return;
    const kind = this.random.pick(["block", "block", "loop", "if", "if"] as const);
    // A block type is one of the module's types, or of the short forms.
    const short = this.chance(50);
    const signature = short ? { params: [], results: this.someTypes(1) } : undefined;
    const typeidx = this.random.below(this.context.types.length);
    const { params, results } = signature ?? this.context.types[typeidx]!;
    const condition = kind === "if" ? [I32] : [];
    this.need([...params, ...condition]);
    const code = short ? (results.length === 0 ? EMPTY_BLOCK : typeCode(results[0]!)) : sleb(typeidx);
    this.emit(kind, code);
    this.pop(params.length + condition.length);
    this.enter(kind, params, results);
    if (kind === "loop") this.spend();
  }
  private enter(kind: Block["kind"], params: readonly ValType[], results: readonly ValType[]): void {
    this.blocks.push({ kind, params, results, height: this.stack.length, unreachable: false });
    this.stack.push(...params);
  }
  /** Traps when the budget is used up; else takes one from it. */
  private spend(): void {
    const global = leb(this.context.budgetGlobal);
    this.emit("global.get", global);
    this.emit("i32.eqz");
    this.emit("if", EMPTY_BLOCK);
    this.emit("unreachable");
    this.emit("end");
    this.emit("global.get", global);
    this.emit("i32.const", 1);
    this.emit("i32.sub");
    this.emit("global.set", global);
  }
  private closeBlock(): void {
    if (this.blocks.length > 1) this.close();
  }
  private close(): void {
    const { kind, params, results } = this.block;
    this.settle();
    if (this.nextHandler()) return;
    if (kind === "if") {
      this.emit("else");
      this.stack.length = this.block.height;
      this.stack.push(...params);
      this.block.unreachable = false;
      for (let i = this.random.below(6); i > 0; i--) this.numeric(HARMLESS);
      if (this.chance(20)) this.leave();
      this.settle();
    }
    this.emit("end");
    this.stack.length = this.block.height;
    this.blocks.pop();
    this.stack.push(...results);
  }
  /** Leaves exactly the results of the innermost block. */
  private settle(): void {
    const { results, height, unreachable } = this.block;
    const exact = this.stack.length - height <= results.length && this.has(results);
    if (exact && (unreachable || this.stack.length - height === results.length)) return;
    while (this.stack.length > height) this.drop();
    if (unreachable && this.chance(70)) return;
    for (const type of results) this.push(type);
  }

  private labelTypes(label: number): readonly ValType[] {
    const block = this.blocks.at(-1 - label)!;
    return block.kind === "loop" ? block.params : block.results;
  }
  private branch(): void {
    const label = this.random.below(this.blocks.length);
    const types = this.labelTypes(label);
    switch (this.random.below(4)) {
      case 0: {
        if (this.chance(60)) return;
        this.need(types);
        this.emit("br", leb(label));
        this.setUnreachable();
        break;
      }
      case 1: {
        if (this.chance(50)) return;
        const same = this.blocks.flatMap((_, i) => (String(this.labelTypes(i)) === String(types) ? [i] : []));
        this.need([...types, I32]);
        const labels = Array.from({ length: this.random.below(5) }, () => leb(this.random.pick(same)));
        this.emit("br_table", leb(labels.length), labels, leb(label));
        this.setUnreachable();
        break;
      }
      default: {
        this.need([...types, I32]);
        this.emit("br_if", leb(label));
        this.apply([...types, I32], types);
      }
    }
  }
  /** An unconditional end of the block's code. */
  private leave(): void {
    if (this.chance(50)) {
      this.need(this.signature.results);
      this.emit("return");
    } else this.emit("unreachable");
    this.setUnreachable();
  }

  private call(): void {
    const { funcs, types, tables } = this.context;
    if (tables > 0 && this.chance(40)) {
      const typeidx = this.random.pick(funcs);
      const { params, results } = types[typeidx]!;
      this.need(params);
      this.smallConstant(I32, 12);
      this.emit("call_indirect", leb(typeidx), leb(this.random.below(tables)));
      this.apply([...params, I32], results);
    } else {
      const funcidx = this.random.below(funcs.length);
      const { params, results } = types[funcs[funcidx]!]!;
      this.need(params);
      if (this.context.typedReferences && this.chance(30)) {
        this.emit("ref.func", leb(funcidx));
        this.emit("call_ref", leb(funcs[funcidx]!));
      } else this.emit("call", leb(funcidx));
      this.apply(params, results);
    }
  }
  private tailCall(): void {
    const { funcs, types, tables } = this.context;
    const wanted = String(this.signature.results);
    const fitting = funcs.flatMap((typeidx, i) => (String(types[typeidx]!.results) === wanted ? [i] : []));
    if (fitting.length === 0 || this.chance(60)) return;
    const funcidx = this.random.pick(fitting);
    const { params } = types[funcs[funcidx]!]!;
    this.need(params);
    if (tables > 0 && this.chance(40)) {
      this.smallConstant(I32, 12);
      this.emit("return_call_indirect", leb(funcs[funcidx]!), leb(this.random.below(tables)));
    } else if (this.context.typedReferences && this.chance(30)) {
      this.emit("ref.func", leb(funcidx));
      this.emit("return_call_ref", leb(funcs[funcidx]!));
    } else this.emit("return_call", leb(funcidx));
    this.setUnreachable();
  }

  /** An address that is in bounds most of the time. */
  private pushAddress(memory: number): ValType {
    const type = this.context.memories[memory]! ? I64 : I32;
    if (this.chance(90)) {
      this.push(type);
      this.emit(type === I64 ? "i64.const" : "i32.const", sleb(0xff3f));
      this.emit(type === I64 ? "i64.and" : "i32.and");
    } else this.push(type);
    return type;
  }
  private access(rows: readonly OpcodeRow[] = ACCESSES): void {
    const row = this.random.pick(rows);
    if (!this.context.seesNaNs && SHOWS_NAN.test(row.name)) return;
    const memory = this.random.below(this.context.memories.length);
    const address = this.pushAddress(memory);
    const [params, results] = row.type!.split(":") as [string, string];
    const value = typesOf(params.slice(1));
    for (const type of value) this.push(type);
    const align = this.random.below(Math.log2(row.width!) + 1);
    const offset = this.chance(80) ? this.random.below(200) : this.random.below(70_000);
    this.bytes.push(opcodeBytes(row.opcode), memory === 0 ? align : [align | 0x40, leb(memory)], leb(offset));
    if (row.immediate === "memarg_lane") this.bytes.push(this.random.below(16 / row.width!));
    this.apply(
      [address, ...value],
      [...results].map((letter) => LETTER_TYPES[letter]!),
    );
  }
  private bulkMemory(): void {
    const { memories, datas } = this.context;
    const memory = this.random.below(memories.length);
    const address = memories[memory]! ? I64 : I32;
    switch (this.random.below(datas > 0 ? 6 : 4)) {
      case 0:
        this.emit("memory.size", leb(memory));
        this.stack.push(address);
        break;
      case 1:
        this.smallConstant(address, 3);
        this.emit("memory.grow", leb(memory));
        this.apply([address], [address]);
        break;
      case 2:
        this.pushAddress(memory);
        this.push(I32);
        this.smallConstant(address, 300);
        this.emit("memory.fill", leb(memory));
        this.pop(3);
        break;
      case 3: {
        const source = this.random.below(memories.length);
        this.pushAddress(memory);
        const sourceAddress = this.pushAddress(source);
        this.smallConstant(address === I64 && sourceAddress === I64 ? I64 : I32, 300);
        this.emit("memory.copy", leb(memory), leb(source));
        this.pop(3);
        break;
      }
      case 4:
        this.pushAddress(memory);
        this.smallConstant(I32, 4);
        this.smallConstant(I32, 12);
        this.emit("memory.init", leb(this.random.below(datas)), leb(memory));
        this.pop(3);
        break;
      default:
        if (this.chance(20)) this.emit("data.drop", leb(this.random.below(datas)));
    }
  }
  private table(): void {
    const { tables, elems } = this.context;
    const table = leb(this.random.below(tables));
    switch (this.random.below(elems > 0 ? 8 : 6)) {
      case 0:
        this.smallConstant(I32, 12);
        this.emit("table.get", table);
        this.apply([I32], [FUNCREF]);
        break;
      case 1:
        this.smallConstant(I32, 12);
        this.push(FUNCREF);
        this.emit("table.set", table);
        this.pop(2);
        break;
      case 2:
        this.emit("table.size", table);
        this.stack.push(I32);
        break;
      case 3:
        this.push(FUNCREF);
        this.smallConstant(I32, 3);
        this.emit("table.grow", table);
        this.apply([FUNCREF, I32], [I32]);
        break;
      case 4:
        this.smallConstant(I32, 8);
        this.push(FUNCREF);
        this.smallConstant(I32, 6);
        this.emit("table.fill", table);
        this.pop(3);
        break;
      case 5:
        for (const limit of [8, 8, 6]) this.smallConstant(I32, limit);
        this.emit("table.copy", table, leb(this.random.below(tables)));
        this.pop(3);
        break;
      case 6:
        for (const limit of [8, 2, 4]) this.smallConstant(I32, limit);
        this.emit("table.init", leb(this.random.below(elems)), table);
        this.pop(3);
        break;
      default:
        if (this.chance(20)) this.emit("elem.drop", leb(this.random.below(elems)));
    }
  }
  private reference(): void {
    const type = this.random.pick([FUNCREF, EXTERNREF]);
    const label = this.random.below(this.blocks.length);
    const types = this.labelTypes(label);
    switch (this.context.typedReferences ? this.random.below(4) : 0) {
      case 0:
        this.need([type]);
        this.emit("ref.is_null");
        this.apply([type], [I32]);
        break;
      // What follows leaves references that are not null, tracked as their supertype.
      case 1:
        this.need([type]);
        this.emit("ref.as_non_null");
        this.apply([type], [type]);
        break;
      case 2:
        this.need([...types, type]);
        this.emit("br_on_null", leb(label));
        this.apply([...types, type], [...types, type]);
        break;
      default:
        if (types.at(-1) !== FUNCREF && types.at(-1) !== EXTERNREF) return;
        this.need(types);
        this.emit("br_on_non_null", leb(label));
        this.apply(types, types.slice(0, -1));
    }
  }

  // Legacy exceptions

  private legacyException(): void {
    const { tags, types } = this.context;
    switch (this.random.below(4)) {
      case 0: {
        if (this.chance(50)) return;
        const tag = this.random.below(tags.length);
        this.need(types[tags[tag]!]!.params);
        this.emit("throw", leb(tag));
        this.setUnreachable();
        break;
      }
      case 1: {
        const handlers = this.blocks.flatMap(({ kind }, i) =>
          kind === "catch" || kind === "catch_all" ? [this.blocks.length - 1 - i] : [],
        );
        if (handlers.length === 0 || this.chance(50)) return;
        this.emit("rethrow", leb(this.random.pick(handlers)));
        this.setUnreachable();
        break;
      }
      default: {
        if (this.blocks.length > 8) return;
        const results = this.someTypes(1);
        const typeidx = this.random.below(types.length);
        const short = this.chance(60);
        const type = short ? { params: [], results } : types[typeidx]!;
        this.need(type.params);
        const code = results.length === 0 ? EMPTY_BLOCK : typeCode(results[0]!);
        this.emit("try", short ? code : sleb(typeidx));
        this.pop(type.params.length);
        this.enter("try", type.params, type.results);
        if (this.chance(60)) this.call();
      }
    }
  }
  /** Ends a part of a legacy `try`, if the innermost block is one; false if `end` is what remains to be written. */
  private nextHandler(): boolean {
    const { block } = this;
    const { tags, types } = this.context;
    if ((block.kind !== "try" && block.kind !== "catch") || this.chance(block.kind === "try" ? 10 : 60)) return false;
    if (block.kind === "try" && this.chance(25)) {
      this.stack.length = block.height;
      this.blocks.pop();
      this.emit("delegate", leb(this.random.below(this.blocks.length)));
      this.stack.push(...block.results);
      return true;
    }
    this.stack.length = block.height;
    block.unreachable = false;
    if (this.chance(25)) {
      this.emit("catch_all");
      block.kind = "catch_all";
    } else {
      const tag = this.random.below(tags.length);
      this.emit("catch", leb(tag));
      this.stack.push(...types[tags[tag]!]!.params);
      block.kind = "catch";
    }
    return true;
  }

  private atomic(): void {
    if (this.chance(3)) {
      this.emit("atomic.fence", 0);
      return;
    }
    const row = this.random.pick(ATOMICS);
    const memory = this.random.below(this.context.memories.length);
    const address = this.context.memories[memory]! ? I64 : I32;
    const [params, results] = row.type!.split(":") as [string, string];
    const width = row.width!;
    this.push(address);
    // Not both unaligned and out of bounds: V8 checks the bounds first.
    const inBounds = this.chance(95);
    this.emit(address === I64 ? "i64.const" : "i32.const", sleb(inBounds ? 0x7ff8 : -8));
    this.emit(address === I64 ? "i64.and" : "i32.and");
    const values = typesOf(params.slice(1));
    if (row.name.includes("wait")) {
      // A short timeout: V8 really waits.
      if (this.chance(50)) this.smallConstant(values[0]!, 1);
      else this.push(values[0]!);
      this.smallConstant(I64, 1000);
    } else for (const type of values) this.push(type);
    const isAligned = !inBounds || this.chance(95);
    const offset = isAligned ? this.random.below(this.chance(95) ? 200 : 9000) * width : this.random.below(7);
    const align = Math.log2(width);
    this.bytes.push(opcodeBytes(row.opcode), memory === 0 ? align : [align | 0x40, leb(memory)], leb(offset));
    this.apply([address, ...values], typesOf(results));
  }

  private exception(): void {
    const { tags, types } = this.context;
    const tag = this.random.below(tags.length);
    const { params } = types[tags[tag]!]!;
    switch (this.random.below(5)) {
      case 0:
        if (this.chance(50)) return;
        this.need(params);
        this.emit("throw", leb(tag));
        this.setUnreachable();
        break;
      case 1:
        if (!this.has([EXNREF]) && this.chance(80)) return;
        this.need([EXNREF]);
        this.emit("throw_ref");
        this.setUnreachable();
        break;
      default:
        this.tryTable(tag, params);
    }
  }
  /** A block to land in for each kind of clause that fits a label, and the try_table inside of it. */
  private tryTable(tag: number, params: readonly ValType[]): void {
    if (this.blocks.length > 8) return;
    const clauses: Bytes[] = [];
    // Landing blocks have the short form, so at most one result: what the clause brings.
    const bare = params.length === 0;
    const brings: readonly ValType[] = this.chance(50) ? [EXNREF] : [];
    if (brings.length === 1 || this.chance(50) || params.length > 1) {
      this.emit("block", brings.length === 0 ? EMPTY_BLOCK : typeCode(EXNREF));
      this.enter("block", [], brings);
      if (bare && this.chance(50)) clauses.push([brings.length === 0 ? 0 : 1, leb(tag), 0]);
      clauses.push([brings.length === 0 ? 2 : 3, 0]);
    } else {
      this.emit("block", bare ? EMPTY_BLOCK : typeCode(params[0]!));
      this.enter("block", [], params);
      clauses.push([0, leb(tag), 0]);
    }
    const results = this.someTypes(1);
    this.emit("try_table", results.length === 0 ? EMPTY_BLOCK : typeCode(results[0]!), leb(clauses.length), clauses);
    this.enter("try_table", [], results);
    if (this.chance(60)) this.call();
  }
}
