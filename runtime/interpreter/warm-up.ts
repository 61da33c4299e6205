// Runs every operation of the dispatch loop once in each of its ways before a guest does.
//
// V8 compiles the loop for the operations that it has seen. Without this, each operation that a
// program meets for the first time throws the compiled loop away: the first programs take three
// times as long (DESIGN.md). Nothing of it is visible to a guest.
import { ANYREF, I8, I16, I32 } from "../../decoder/index.js";
import { Emitter } from "../lowering/emitter.js";
import { PC_EXIT, PC_INVOKE_RETURN } from "../register-code/register-code.js";
import type { Encoding, Kind, Meaning, RegisterOpRow } from "../register-code/register-op-layout.js";
import { meaningOf, registerOp, registerOps, WIDE } from "../register-code/register-op-table.js";
import { FuncInst } from "../store/func.js";
import { ArrayInst, newElements, CELL_REF as REF, StructInst, CELL_WORD as WORD } from "../store/heap.js";
import { HeapBudget } from "../store/heap-trace.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import { AccessCopy } from "./access-copy.js";
import * as exits from "./exits.js";
import { dispatch, SMALLEST_SLICE, trainingRoom } from "./loop.js";
import { Machine } from "./machine.js";

/** Enough for V8 to have collected feedback for the whole loop. */
const PASSES = 12;

/** Pairs of operands: small, negative, the extremes, and words that make NaNs and fractions of f64s. */
const OPERANDS: readonly (readonly [number, number])[] = [
  [5, 3],
  [-1, 7],
  [-2147483648, 2147483647],
  [2147483632, 0],
];
/** Words of f64s and f32s: 0.1, -3, NaN. */
const FLOATS: readonly (readonly [number, number, number])[] = [
  [-1717986918, 1069128089, 1036831949],
  [0, -1073217536, -1069547520],
  [0, 2146959360, 2143289344],
];

/** One operation of each unit beside the loop, for the loop's calls of those. */
const BESIDE = ["i32.popcnt", "v128.const", "i8x16.add", "i32x4.add", "f32x4.add", "ref.test"];

// Slots of the training frame.
const DESTINATION = 7;
const LEFT = 1;
const RIGHT = 2;
const CONDITION = 12;
const ADDRESS = 6;
const INDEX = 9;
const CALL_BASE = 20;
const FUNC_REF = 30;
const TYPE_ID = 7;
// Two structs, two arrays of each kind, a result, an i31.
const STRUCT = 32;
const ARRAY = 34;
const ARRAYS = [I8, I16, I32, ANYREF];
const CELLS_OF_ARRAYS: readonly string[] = ["8", "16", "32", "ref"];
const OBJECT = 42;
const AN_I31 = 43;

const MOVE_RUN = registerOp("move_run");
const FILL_RUN = registerOp("fill_run");
/** Words that are stepped over where an operation leaves the loop: as many as the longest that does. */
const STEP = 3;

type Row<K extends Kind> = Encoding & Extract<Meaning<number>, { readonly kind: K }>;

class Training {
  readonly machine = new Machine();
  readonly emitter: Emitter;
  private readonly start: number;
  private readonly funcs: FuncInst[] = [];

  constructor() {
    const m = this.machine;
    const { words, start } = trainingRoom();
    this.emitter = new Emitter(words, start, false, null, null);
    const { code } = this.emitter;
    code[PC_EXIT] = registerOp("exit");
    code[PC_INVOKE_RETURN] = registerOp("invoke_return");
    const entries: number[] = [];
    const callee = (op: string, ...operands: number[]) => {
      entries.push(this.emitter.at, 1);
      this.header(64, 8, 4);
      this.emitter.emit(registerOp(op), operands[0], 0, 0, operands[1], operands[2]);
    };
    callee("return");
    callee("return_32", 1);
    callee("return_64", 1);
    callee("return_words", 1, 4);
    callee("return_slots", 0, 1, 2);
    // Objects of two shapes: were they of one, V8 would count on it, and start over at the first guest.
    const other = { other: 1 } as unknown as ModuleInstance;
    this.func(other, 0);
    m.instance = other;
    m.instance = { training: true } as unknown as ModuleInstance;
    for (let i = 0; i < entries.length / 2; i++) this.funcs.push(this.func(m.instance, i));
    const invoke = this.func(null, -1);
    invoke.invokeTypeId = TYPE_ID;
    m.loneCode = code;
    m.entries = Int32Array.from(entries);
    m.globals = new Int32Array(new ArrayBuffer(256));
    m.globalRefs = [];
    m.funcs = [invoke, this.func(null, -1)];
    m.table0 = [];
    for (const func of this.funcs) m.table0.push(func);
    const memory = new ArrayBuffer(8192);
    m.M8 = new Uint8Array(memory);
    m.MS8 = new Int8Array(memory);
    m.M16 = new Uint16Array(memory);
    m.M32 = new Int32Array(memory);
    m.P = new Uint8Array(new ArrayBuffer(64));
    m.memoryBytes = 8192;
    // A field that was never assigned again would be a constant to V8, until the first guest.
    m.aside = new AccessCopy();
    m.aside = null;
    m.stackPointer = 8;
    m.stackPointer = 4;
    m.refs[FUNC_REF] = this.funcs[0] as Ref;
    m.heap = new HeapBudget(2 ** 30);
    this.addObjects();
    this.start = this.emitter.at;
  }

  private func(instance: ModuleInstance | null, index: number): FuncInst {
    return new FuncInst({ kind: "func", params: [], results: [] }, TYPE_ID, instance, index, null);
  }

  /** What the operations on objects find in the slots that they are given. */
  private addObjects(): void {
    const { refs } = this.machine;
    refs[AN_I31] = -7;
    refs[STRUCT] = new StructInst(0, [null, -5, 7, null, 3, 2 ** 31 - 1, null, 1]);
    refs[STRUCT + 1] = new StructInst(0, [1, 2, 3, 4, 5, 6, 7, 8]);
    const { length } = ARRAYS;
    ARRAYS.forEach((storage, i) => {
      refs[ARRAY + i] = new ArrayInst(0, 16, newElements(storage, 16));
      refs[ARRAY + i + length] = new ArrayInst(0, 64, newElements(storage, 64));
    });
  }

  private header(words: number, zeroWords: number, zeroFrom: number): void {
    for (const word of [words, zeroWords, zeroFrom]) this.emitter.word(word);
  }

  private set(slot: number, low: number, high = 0): void {
    this.emitter.emit(registerOp("const_64"), slot, 0, 0, low, high);
  }

  private program(pair: readonly [number, number]): void {
    registerOps().forEach((row, op) => {
      if (!row.cold) this.exercise({ ...row, ...meaningOf(op) }, pair);
    });
    for (const name of BESIDE) {
      const op = registerOp(name);
      const { fields, words } = registerOps()[op]!;
      this.emitter.emit(op, DESTINATION, LEFT, RIGHT);
      this.emitter.word(WIDE | (op << 8));
      for (const slot of [DESTINATION, LEFT, RIGHT].slice(0, fields.length)) this.emitter.word(slot);
      for (let i = 0; i < words.length; i++) this.emitter.word(0);
    }
  }

  private exercise(row: RegisterOpRow, [left, right]: readonly [number, number]): void {
    switch (row.kind) {
      case "table":
        this.exerciseTable(row);
        break;
      case "branch":
        this.exerciseBranch(row, left, right);
        break;
      case "call":
        this.exerciseCall(row);
        break;
      case "run":
        this.exerciseRun(row);
        break;
      case "object":
        this.exerciseObject(row);
        break;
      case "load":
      case "store":
        this.exerciseAccess(row, left);
        break;
      case "truncate":
        this.exerciseTruncation(row);
        break;
      case "divide":
        this.exerciseValue(row, left, right === 0 ? 3 : right);
        break;
      case "value":
      case "compare":
      case "binary":
        if (row.takes === "f32" || row.takes === "f64") this.exerciseFloat(row, row.takes);
        else this.exerciseValue(row, left, right);
        break;
      case "effect":
        this.exerciseValue(row, left, right);
        break;
      // Exits, and returns: of these each callee of the calls has one.
      case "leave":
      case "driver":
      case "return":
    }
  }

  private exerciseValue(row: Encoding, left: number, right: number): void {
    this.set(LEFT, left, left >> 3);
    this.set(RIGHT, right, right >> 5);
    this.emit(row, DESTINATION, LEFT, RIGHT, right);
    this.set(CONDITION, 1);
    this.emit(row, DESTINATION, LEFT, RIGHT, left === -1 ? 33 : left);
    this.emit(row, DESTINATION, LEFT, LEFT, left);
    this.set(CONDITION, 0);
  }

  /** Emits with each word filled in by what its name asks for. */
  private emit(row: Encoding, a: number, b: number, c: number, k = 5, offset = 16): number {
    const at = this.emitter.at;
    const values: Readonly<Record<string, number>> = {
      k,
      h: k >> 3,
      offset,
      cell: 4,
      s: 7,
      mask: -1,
      limit: 7,
      condition: CONDITION * 2,
      index: 4,
      price: 1,
      value: 7,
      word: RIGHT * 2,
      slot: LEFT,
      dst: 40,
      src: 42,
      n: 4,
      words: 4,
      count: 2,
    };
    const word = (i: number) => values[row.words[i] ?? ""] ?? 0;
    this.emitter.emit(registerOp(row.name), a, b, c, word(0), word(1), word(2), word(3));
    return at;
  }

  /** A branch that goes to the next operation either way. */
  private branch(row: Encoding, a: number, b: number, k: number): void {
    const at = this.emit(row, a, b, RIGHT, k);
    this.emitter.code[at + 1] = this.emitter.at;
    this.emitter.code[at + 2] = 1;
  }

  private exerciseBranch(row: Row<"branch">, left: number, right: number): void {
    if (row.tests === "ref") {
      this.branch(row, FUNC_REF, 0, 0);
      this.branch(row, FUNC_REF + 1, 0, 0);
      return;
    }
    this.set(LEFT, left, 1074266112);
    this.set(RIGHT, right, 1073741824);
    this.branch(row, LEFT, RIGHT, right);
    this.branch(row, RIGHT, LEFT, left);
    this.branch(row, LEFT, LEFT, left);
    this.set(LEFT, 0, 0);
    this.branch(row, LEFT, RIGHT, 0);
    // More fuel than there is.
    if (row.tests === "fuel") this.emitter.emit(registerOp(row.name), 0, 0, 0, 0, 2 ** 30);
  }

  private exerciseTable(row: Row<"table">): void {
    const { emitter } = this;
    for (const index of [0, 2, -1, -2147483648]) {
      this.set(INDEX, index);
      this.set(ADDRESS, 256);
      const fromMemory = row.index === "memory";
      const word = { count: 2, bias: fromMemory ? index : 0, offset: 3, slot: INDEX } as Record<string, number>;
      const words = row.words.map((name) => word[name]);
      emitter.emit(registerOp(row.name), fromMemory ? ADDRESS : row.fields === "" ? 0 : INDEX, 0, 0, ...words);
      const next = emitter.at + 6;
      for (let i = 0; i < 3; i++) {
        emitter.word(next);
        emitter.word(1);
      }
    }
  }

  private exerciseCall(row: Row<"call">): void {
    const { emitter } = this;
    // A tail call pays nothing of its caller's.
    if (!row.words.includes("fuel")) return;
    const op = registerOp(row.name);
    this.funcs.forEach((_, i) => {
      this.set(INDEX, i);
      this.set(CALL_BASE, i);
      if (row.callee === "function") emitter.emit(op, CALL_BASE, 0, 0, i, 1);
      else if (row.callee === "imported") emitter.emit(op, CALL_BASE, 0, 0, i & 1, 1);
      else emitter.emit(op, CALL_BASE, row.callee === "table" ? INDEX : FUNC_REF, 0, TYPE_ID, 1);
    });
  }

  private exerciseRun(row: Row<"run">): void {
    const { emitter } = this;
    const op = registerOp(row.name);
    if (op === FILL_RUN) emitter.emit(op, DESTINATION, 3, 0, -5);
    else {
      emitter.emit(op, 2);
      emitter.word(DESTINATION | (5 << 8));
      emitter.word((DESTINATION + 1) | (op === MOVE_RUN ? LEFT << 8 : -5 << 8));
    }
  }

  private exerciseObject(row: Row<"object">): void {
    const { emitter } = this;
    const op = registerOp(row.name);
    const isRef = row.cells === "ref";
    this.set(INDEX, 3);
    if (row.does === "new") {
      for (const [first, second] of [
        [REF, WORD],
        [WORD, WORD],
        [REF, REF],
      ] as const) {
        emitter.emit(op, OBJECT, 0, 0, 0, 112, 2);
        emitter.word(((FUNC_REF * 2) << 2) | first);
        emitter.word(((LEFT * 2) << 2) | second);
      }
    } else if (row.of === "i31") emitter.emit(op, DESTINATION, AN_I31);
    else if (row.of === "struct") {
      for (const struct of [STRUCT, STRUCT + 1]) {
        if (row.does === "set") emitter.emit(op, struct, LEFT, 0, isRef ? 6 : 4);
        else emitter.emit(op, OBJECT, struct, 0, isRef ? 6 : 4);
      }
    } else {
      const kind = CELLS_OF_ARRAYS.indexOf(row.cells === "i31" ? "ref" : row.cells);
      for (const array of [ARRAY + Math.max(kind, 0), ARRAY + Math.max(kind, 0) + ARRAYS.length]) {
        if (row.does === "set") emitter.emit(op, array, INDEX, isRef ? AN_I31 : LEFT);
        else emitter.emit(op, OBJECT, array, INDEX);
        // What it is fused with, and where to go on after its trap at a null.
        if (row.does === "get" && row.cells === "i31") {
          emitter.emit(registerOp("i31.get_s"), DESTINATION, OBJECT);
          for (let i = 1; i < STEP; i++) emitter.emit(registerOp("nop"));
        }
      }
    }
  }

  private exerciseAccess(row: Row<"load" | "store">, value: number): void {
    this.set(LEFT, value, -1);
    // 16 is an offset in field c, and a slot in the forms that add one.
    for (const addend of [8, 5]) {
      this.set(16, addend);
      for (const address of [64, 65, 66]) {
        this.set(ADDRESS, address);
        if (row.access.address === "constant") this.emit(row, LEFT, 0, 0, value);
        else if (row.kind === "store") this.emit(row, ADDRESS, LEFT, 16, addend);
        else this.emit(row, DESTINATION, ADDRESS, 16, addend);
      }
    }
  }

  private exerciseTruncation(row: Row<"truncate">): void {
    for (const value of [7, -7]) {
      this.set(LEFT, value);
      this.emitter.emit(registerOp(row.takes === "f64" ? "f64.convert_i32_s" : "f32.convert_i32_s"), ADDRESS, LEFT);
      this.emitter.emit(registerOp(row.name), DESTINATION, ADDRESS);
    }
  }

  private exerciseFloat(row: Encoding, type: "f32" | "f64"): void {
    const single = type === "f32";
    for (const x of FLOATS) {
      for (const y of FLOATS) {
        this.set(LEFT, single ? x[2] : x[0], x[1]);
        this.set(RIGHT, single ? y[2] : y[0], y[1]);
        this.emit(row, DESTINATION, LEFT, RIGHT);
      }
    }
  }

  /** All of the training, in steps of some milliseconds: building programs takes as long as running them. */
  *steps(): Generator<void, void> {
    for (const [i, pair] of OPERANDS.entries()) {
      this.program(pair);
      if (i % 2 === 1) yield;
    }
    this.emitter.emit(registerOp("return"));
    for (let i = 0; i < PASSES; i++) {
      // The first runs out of fuel wherever it may be.
      this.pass(i === 0 ? 3 : 1 << 29);
      if (i % 4 === 3) yield;
    }
  }

  /** One run from start to end; exits to the driver are stepped over. */
  private pass(fuel: number): void {
    const m = this.machine;
    m.frames[0] = PC_EXIT;
    m.frames[1] = 0;
    m.sp = 2;
    m.fp = 0;
    m.pc = this.start;
    m.fuel = fuel;
    for (let exit = dispatch(m); exit !== exits.EXIT_DONE; exit = dispatch(m)) {
      if (exit === exits.EXIT_FUEL) m.fuel += 1 << 20;
      else if (exit === exits.EXIT_CANNOT_PAY) m.fuel = 1 << 20;
      else if (exit === exits.EXIT_CALL) m.pc = m.returnTo;
      else m.pc += STEP;
    }
  }
}

/** Fuel that this process still has to use before the loop is worth training: short programs end sooner. */
let coldFuel = 2 ** 20;
let trained = false;
let training: Generator<void, void> | undefined;

/** Counts fuel that a run used. */
export function countFuel(used: number): void {
  coldFuel -= used;
}

/**
 * The slice of fuel to run next. While the process has run little, slices are short; then this trains the loop, one step
 * before each slice, so that no turn of the host's event loop waits for all of them; then it grants `whole`. Where
 * slices end is not visible to a guest.
 */
export function nextSlice(whole: number): number {
  if (trained) return whole;
  if (coldFuel > 0) return Math.max(coldFuel, SMALLEST_SLICE);
  training ??= new Training().steps();
  trained = training.next().done === true;
  if (!trained) return SMALLEST_SLICE;
  training = undefined;
  return whole;
}
