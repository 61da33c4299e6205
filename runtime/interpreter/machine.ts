// The state that the dispatch loop runs on: registers, frames, and views of the running
// instance. All of an execution's state between two instructions is here.
import type { FuncInst } from "../store/func.js";
import type { HeapBudget } from "../store/heap-trace.js";
import type { MemoryInst } from "../store/memory.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import type { AccessCopy } from "./access-copy.js";
import { type RegisterFile, RegisterViews } from "./register-views.js";

/** Two words for each slot. */
const INITIAL_REGISTER_WORDS = 1 << 11;
const INITIAL_FRAME_WORDS = 1 << 10;
/** What a machine that is to be used again keeps, where its registers lie in the file of all. */
const KEPT_REGISTER_WORDS = 1 << 14;
const KEPT_FRAME_WORDS = 1 << 12;
/** Smaller arrays are on V8's heap. */
const LEAST_WORDS = 32;
/** Room that the loop may use past its frame limit before it looks again (invoke pushes two frames). */
export const FRAME_SLACK = 8;

export class Machine {
  private own = new RegisterViews(INITIAL_REGISTER_WORDS);
  /** The file that it is in. */
  private file: RegisterFile | null = null;
  /** Where the registers are: its own, or the process's register file (loop.ts). */
  views!: RegisterViews;
  /** The same, for the generated code; references lie beside them. */
  R!: Int32Array;
  D!: Float64Array;
  S!: Float32Array;
  R8!: Uint8Array;
  R8s!: Int8Array;
  R16!: Uint16Array;
  R16s!: Int16Array;
  readonly refs: Ref[] = [];
  /** Frames: pairs of return pc and the caller's frame base (in words). */
  frames!: Int32Array;
  /** First word index at which the loop must ask for more. */
  registerLimit = 0;
  frameLimit = 0;

  // The running position: words into registers, frames and code.
  pc = 0;
  fp = 0;
  sp = 0;
  /** What is left of the current slice; below zero after a charge that failed. */
  fuel = 0;

  // What an exit is about (exits.ts).
  arg = 0;
  callee: FuncInst | null = null;
  base = 0;
  heapRequest = 0;
  returnTo = 0;
  /** Where the operation at `pc` finds the bytes that it accesses, while it is done by itself (access-copy.ts). */
  aside: AccessCopy | null = null;

  // The running instance.
  instance!: ModuleInstance;
  heap!: HeapBudget;
  /** Code that is no instance's: the training's, or that of one operation which is done by itself. */
  loneCode: Int32Array | null = null;
  /** What {@link code} was when the loop was entered, for the generated code: a run of another module may move it. */
  loopCode!: Int32Array;
  entries!: Int32Array;
  globals!: Int32Array;
  globalRefs!: Ref[];
  /** Imported functions. */
  funcs!: FuncInst[];
  table0!: Ref[];
  M8!: Uint8Array;
  MS8!: Int8Array;
  M16!: Uint16Array;
  M32!: Int32Array;
  /** Per page of 4 KiB that the views cover: 1 once it was written (MemoryInst.written). */
  P!: Uint8Array;
  /** Bytes of memory 0 that the views cover, at most 2^31 − 1: an access beyond that is for the driver. */
  memoryBytes = 0;
  /** Whether the views cover all of memory 0. */
  coversMemory = true;
  /** Word of the instance's stack-pointer global, for `invoke_*`. */
  stackPointer = 0;
  /** Whether another tier is asked at the heads of loops. */
  isAskedAtLoops = false;

  constructor() {
    this.use(this.own);
    this.limitRegisters(INITIAL_REGISTER_WORDS);
    this.allocateFrames(INITIAL_FRAME_WORDS);
  }

  /** Makes room for `words` of registers, and no more, keeping what is there. */
  allocateRegisters(words: number): void {
    // The file has room for more than its user's limit.
    if (this.file !== null && words <= this.R.length) this.limitRegisters(words);
    else this.moveOut(words, words);
  }

  /** Moves into `file`, whose length the limit is within. */
  enterFile(file: RegisterFile): void {
    file.views.R.set(this.R.subarray(0, this.registerLimit));
    file.resident = this;
    this.file = file;
    this.use(file.views);
  }

  /** Moves back, with all registers. */
  leaveFile(): void {
    this.moveOut(this.registerLimit, this.registerLimit);
  }

  /** Takes the first `kept` words into registers of its own, which have room for `words`. */
  private moveOut(words: number, kept: number): void {
    const { R } = this;
    if (this.file === null || this.own.R.length !== words) this.own = new RegisterViews(words);
    if (this.file !== null) {
      this.file.resident = null;
      this.file = null;
    }
    this.own.R.set(R.subarray(0, Math.min(kept, words, R.length)));
    this.use(this.own);
    this.limitRegisters(words);
  }

  private limitRegisters(words: number): void {
    while (this.refs.length < words >> 1) this.refs.push(null);
    this.refs.length = words >> 1;
    this.registerLimit = words;
  }

  private use(views: RegisterViews): void {
    this.views = views;
    this.R = views.R;
    this.D = views.D;
    this.S = views.S;
    this.R8 = views.R8;
    this.R8s = views.R8s;
    this.R16 = views.R16;
    this.R16s = views.R16s;
  }

  allocateFrames(words: number): void {
    const old = this.frames;
    this.frames = new Int32Array(new ArrayBuffer(words * 4));
    if (old !== undefined) this.frames.set(old.length <= words ? old : old.subarray(0, words));
    this.frameLimit = words - FRAME_SLACK;
  }

  /** Keeps the first `words` registers, the frames in use, and no views of memories: bind() makes those again. */
  release(words: number): void {
    this.moveOut(Math.max(words, LEAST_WORDS), words);
    this.allocateFrames(Math.max(this.sp + FRAME_SLACK, LEAST_WORDS));
    this.forgetMemory();
  }

  /** Keeps the first `words` registers, for who asks for results: the execution is over, and may be referred to for long. */
  end(words: number): void {
    if (this.file !== null || this.R.length > INITIAL_REGISTER_WORDS) this.moveOut(Math.max(words, LEAST_WORDS), words);
    if (this.frames.length > INITIAL_FRAME_WORDS) this.frames = new Int32Array(new ArrayBuffer(LEAST_WORDS * 4));
    this.refs.length = words >> 1;
    this.forgetMemory();
  }

  /**
   * For another call, of a thread that is over: forgets all, and keeps the room. What a fresh machine has is enough to
   * keep, and some more where that is only a limit.
   * @returns false, with nothing done, if this one has taken more
   */
  rest(): boolean {
    const kept = this.file === null ? INITIAL_REGISTER_WORDS : KEPT_REGISTER_WORDS;
    if (this.registerLimit > kept || this.frames.length > KEPT_FRAME_WORDS) return false;
    this.refs.fill(null);
    this.forgetMemory();
    this.pc = 0;
    this.fp = 0;
    this.sp = 0;
    this.fuel = 0;
    return true;
  }

  /** Makes `instance` the running one, as {@link bind} does, where it mostly is already and nothing of it has changed. */
  rebind(instance: ModuleInstance): void {
    const memory = instance.memories[0];
    if (instance !== this.instance) this.bind(instance);
    else if (memory !== undefined && !this.isBoundTo(memory)) this.bind(instance);
  }

  private isBoundTo({ u8, reach, byteLength }: MemoryInst): boolean {
    return this.M8 === u8 && this.memoryBytes === reach && this.coversMemory === (reach === byteLength);
  }

  /** Makes `instance` the running one: its views, as they are now. */
  bind(instance: ModuleInstance): void {
    this.instance = instance;
    this.heap = instance.store.heap;
    this.entries = instance.code.entries;
    this.isAskedAtLoops = instance.code.isAskedAtLoops;
    this.globals = instance.globalCells;
    this.globalRefs = instance.globalRefs;
    this.funcs = instance.importedFuncs;
    this.table0 = instance.tables.length === 0 ? NO_TABLE : instance.tables[0]!.elements;
    this.stackPointer = instance.stackPointerWord;
    const memory = instance.memories[0];
    if (memory === undefined) {
      this.forgetMemory();
    } else {
      this.M8 = memory.u8;
      this.MS8 = memory.i8;
      this.M16 = memory.u16;
      this.M32 = memory.i32;
      this.P = memory.written;
      this.memoryBytes = Math.min(memory.reach, 0x7fffffff);
      this.coversMemory = memory.reach === memory.byteLength;
    }
  }

  /** Runs `code` from its beginning, with every access to a memory in `copy`. */
  bindAside(copy: AccessCopy, code: Int32Array): void {
    this.aside = copy;
    this.loneCode = code;
    this.pc = 0;
    // No access is below memoryBytes, so each asks effectiveAddress where it is.
    this.memoryBytes = 0;
    this.coversMemory = true;
    this.M8 = copy.views.u8;
    this.MS8 = copy.views.i8;
    this.M16 = copy.views.u16;
    this.M32 = copy.views.i32;
    this.P = copy.views.written;
  }

  /** The running instance's register code, where it lies now. */
  get code(): Int32Array {
    return this.loneCode ?? this.instance.code.code;
  }

  /** Keeps no views of memories: bind() makes them again. */
  forgetMemory(): void {
    this.memoryBytes = 0;
    this.coversMemory = true;
    this.M8 = NO_BYTES;
    this.MS8 = NO_SIGNED_BYTES;
    this.M16 = NO_HALVES;
    this.M32 = NO_WORDS;
    this.P = NO_BYTES;
  }

  /** The memory of a general access; bit 30 of `memory` says that its addresses are i64. */
  memoryAt(memory: number): MemoryInst {
    return this.instance.memories[memory & 0x3fffffff]!;
  }
}

const NO_TABLE: Ref[] = [];
const NOTHING = new ArrayBuffer(128);
const NO_BYTES = new Uint8Array(NOTHING);
const NO_SIGNED_BYTES = new Int8Array(NOTHING);
const NO_HALVES = new Uint16Array(NOTHING);
const NO_WORDS = new Int32Array(NOTHING);
