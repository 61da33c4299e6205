// The state that a step reads and writes, by the parts that a proof shows of it (proof/state-layout.ts says where what is).
//
// Conventions
//   Numbers are their bits as unsigned bigints. A reference is one, too: 8 bytes as they stand in the state, 0 null.
import { toHex } from "./bytes.js";
import { refuse } from "./errors.js";
import { Heap } from "./heap.js";
import type { Part } from "./part.js";
import { Program } from "./program.js";
import { committedJson, type Emscripten, openEmscripten, ShownParts, type StepProof } from "./proof.js";

export type Ref = bigint;
const FUNC = 1n;
const NAMED = 2n;
const I31 = 3n;
const OBJECT = 4n;
export const NULL: Ref = 0n;

const funcRef = (instance: number, funcidx: number): Ref => FUNC | (BigInt(instance) << 8n) | (BigInt(funcidx) << 32n);
export const i31Ref = (bits: bigint): Ref => I31 | (BigInt.asUintN(32, BigInt.asIntN(31, bits)) << 32n);
export const objectRef = (number: number): Ref => OBJECT | (BigInt(number) << 32n);
const kindOf = (ref: Ref) => ref & 0xffn;
export const isI31 = (ref: Ref) => kindOf(ref) === I31;
export const isObject = (ref: Ref) => kindOf(ref) === OBJECT;
/** Value of an i31 as an unsigned number of 31 bits; number of an object, or of a named function. */
export const payloadOf = (ref: Ref) => Number(ref >> 32n);
/** The place of a function; null of one of the host's that has a name alone. */
export function funcPlace(ref: Ref): { readonly instance: number; readonly funcidx: number } | null {
  if (kindOf(ref) === NAMED) return null;
  if (kindOf(ref) !== FUNC) refuse("a reference that is no function is called");
  return { instance: Number((ref >> 8n) & 0xffffffn), funcidx: payloadOf(ref) };
}

export interface Context {
  readonly schedule: string;
  readonly limits: Readonly<Record<string, number | string>>;
  readonly shape: readonly number[];
  readonly memories: readonly (readonly [maxPages: number, pageSizeLog2: number, is64: boolean, shared: boolean])[];
  readonly tables: readonly (readonly [max: number | null, is64: boolean])[];
  readonly imports: readonly (readonly (readonly [instance: number, funcidx: number])[])[];
}

/** Numbers of an instance's memories, tables, globals and tags in the store. */
interface Shape {
  readonly memories: readonly number[];
  readonly tables: readonly number[];
  readonly globals: readonly number[];
  readonly tags: readonly number[];
}

const THREAD = {
  top: 0,
  instance: 4,
  func: 8,
  offset: 12,
  fp: 16,
  fuel: 20,
  started: 28,
  hostFunc: 36,
  base: 44,
  caller: 48,
  bytes: 64,
} as const;
export const TOP = { start: 1, entry: 2, instruction: 3, host: 4 } as const;
export const FRAME = { exit: 1, call: 2, leave: 3, invoke: 4, setThrew: 5 } as const;
const FRAME_BYTES = 32;
const SLOT_BYTES = 16;
const GLOBAL_BYTES = 32;
const REF_BYTES = 8;
const LISTED = 1;

export interface Frame {
  readonly kind: number;
  readonly fp: number;
  readonly instance: number;
  readonly func: number;
  readonly offset: number;
}

export class State {
  readonly context: Context;
  private readonly shapes = new Map<number, Shape>();
  readonly heap: Heap;
  /** Whether references to objects were written: then objects are numbered anew in the end. */
  private renumber = false;

  constructor(
    readonly parts: ReadonlyMap<string, Part>,
    private readonly programs: ReadonlyMap<number, Program>,
    /** Given: which of the module's are Emscripten's, if its imports are. */
    readonly emscripten: Emscripten | null = null,
  ) {
    const context = committedJson(this.part("context")) as Omit<Context, "limits"> & {
      readonly limits: readonly (readonly [string, number | string])[];
    };
    this.context = { ...context, limits: Object.fromEntries(context.limits) };
    this.heap = new Heap(this);
  }

  /** Opens what a proof shows; `root` checks it against the roots that it names, and gives that of the state. */
  static open({ state, programs, emscripten }: StepProof): { readonly state: State; readonly root: () => string } {
    const shown = new ShownParts(state);
    const count = [...shown.parts.keys()].filter((name) => name.startsWith("program ")).length;
    if (count !== programs.length) refuse(`the state has ${count} programs, the proof ${programs.length}`);
    const opened = programs.map((parts) => (parts === null ? null : new ShownParts(parts)));
    const codes = opened.flatMap((parts, i) => (parts === null ? [] : [[i, new Program(parts.parts)] as const]));
    const root = () => {
      opened.forEach((parts, i) => {
        const named = shown.parts.get(`program ${i}`);
        if (named === undefined) refuse(`there is no program ${i}`);
        if (parts !== null && parts.rootBefore() !== toHex(named.root)) refuse(`program ${i} is another one`);
      });
      return shown.rootBefore();
    };
    return { state: new State(shown.parts, new Map(codes), openEmscripten(emscripten)), root };
  }

  part(name: string): Part {
    return this.parts.get(name) ?? refuse(`the state has no part ${name}`);
  }

  program(instance: number): Program {
    return this.programs.get(instance) ?? refuse(`program ${instance} is not shown`);
  }
  get instances(): number {
    return this.context.imports.length;
  }

  private shape(instance: number): Shape {
    const known = this.shapes.get(instance);
    if (known !== undefined) return known;
    let at = 0;
    const take = (count: number) => {
      at += count;
      return this.context.shape.slice(at - count, at);
    };
    for (let i = 0; i < instance; i++) {
      const { memories, tables, globals, tags } = this.program(i).outline;
      at += memories + tables + globals.length + tags.length + 2 * this.context.imports[i]!.length;
    }
    const { memories, tables, globals, tags } = this.program(instance).outline;
    const shape = {
      ...{ memories: take(memories), tables: take(tables), globals: take(globals.length), tags: take(tags.length) },
    };
    this.shapes.set(instance, shape);
    return shape;
  }

  /** A function of an instance, as it is referred to. */
  funcOf(instance: number, funcidx: number): Ref {
    const imports = this.context.imports[instance]!;
    if (funcidx >= imports.length) return funcRef(instance, funcidx);
    const [from, index] = imports[funcidx]!;
    return from < 0 ? NAMED | (BigInt(index) << 32n) : funcRef(from, index);
  }
  tag(instance: number, tagidx: number): number {
    return this.shape(instance).tags[tagidx]!;
  }

  // ---- Accounts ----

  account(name: "memoryBytes" | "peak" | "tableElements" | "heapUsed" | "heapLive"): number {
    return Number(this.part("accounts").number(ACCOUNTS[name], 8));
  }
  setAccount(name: keyof typeof ACCOUNTS, value: number): void {
    this.part("accounts").setNumber(ACCOUNTS[name], 8, BigInt(value));
  }
  limit(name: string): number {
    return this.context.limits[name] as number;
  }

  // ---- Memories, tables, globals, segments ----

  memory(instance: number, memidx: number): { readonly part: Part; readonly bounds: Context["memories"][number] } {
    const number = this.shape(instance).memories[memidx]!;
    return { part: this.part(`memory ${number}`), bounds: this.context.memories[number]! };
  }

  table(instance: number, tableidx: number): { readonly part: Part; readonly bounds: Context["tables"][number] } {
    const number = this.shape(instance).tables[tableidx]!;
    return { part: this.part(`table ${number}`), bounds: this.context.tables[number]! };
  }
  tableLength(instance: number, tableidx: number): number {
    return this.table(instance, tableidx).part.byteLength / REF_BYTES;
  }
  element(instance: number, tableidx: number, index: number): Ref {
    return this.readRef(this.table(instance, tableidx).part, index * REF_BYTES);
  }
  setElement(instance: number, tableidx: number, index: number, ref: Ref): void {
    this.writeRef(this.table(instance, tableidx).part, index * REF_BYTES, ref);
  }

  /** Slots of a global: numbers and references as pairs. */
  global(instance: number, globalidx: number, width: number): Slot[] {
    const at = this.shape(instance).globals[globalidx]! * GLOBAL_BYTES;
    return Array.from({ length: width }, (_, i) => this.readSlot(this.part("globals"), at + i * SLOT_BYTES));
  }
  setGlobal(instance: number, globalidx: number, slots: readonly Slot[]): void {
    const at = this.shape(instance).globals[globalidx]! * GLOBAL_BYTES;
    slots.forEach((slot, i) => {
      this.writeSlot(this.part("globals"), at + i * SLOT_BYTES, slot);
    });
  }

  /** Where an instance's marks of segments begin. */
  private segmentMark(instance: number, isData: boolean, index: number): number {
    let at = 0;
    for (let i = 0; i < instance; i++) {
      const { elems, datas } = this.program(i).outline;
      at += elems.length + datas.length;
    }
    return at + (isData ? this.program(instance).outline.elems.length : 0) + index;
  }
  private mark(instance: number, isData: boolean, index: number): number {
    return Number(this.part("segments").number(this.segmentMark(instance, isData, index), 1));
  }
  dataLength(instance: number, dataidx: number): number {
    return this.mark(instance, true, dataidx) === 0 ? 0 : this.program(instance).dataLength(dataidx);
  }
  dropData(instance: number, dataidx: number): void {
    this.part("segments").setNumber(this.segmentMark(instance, true, dataidx), 1, 0n);
  }

  /** References of an element segment; none once it is dropped. */
  elements(instance: number, elemidx: number): Ref[] {
    const mark = this.mark(instance, false, elemidx);
    if (mark === 0) return [];
    if (mark === LISTED) {
      const listed = this.program(instance).outline.elems[elemidx]!;
      if (typeof listed === "number") refuse(`element segment ${elemidx} lists no functions`);
      return listed.map((funcidx) => this.funcOf(instance, funcidx));
    }
    const { at, count } = this.elementRange(instance, elemidx);
    return Array.from({ length: count }, (_, i) => this.readRef(this.part("elements"), at + i * REF_BYTES));
  }
  dropElements(instance: number, elemidx: number): void {
    if (this.mark(instance, false, elemidx) > LISTED) {
      const { at, count } = this.elementRange(instance, elemidx);
      const part = this.part("elements");
      const rest = part.bytes(at + count * REF_BYTES, part.byteLength - at - count * REF_BYTES);
      for (let i = 0; i < count; i++) this.writeRef(part, at + i * REF_BYTES, NULL);
      part.setBytes(at, rest);
      part.resize(part.byteLength - count * REF_BYTES);
    }
    this.part("segments").setNumber(this.segmentMark(instance, false, elemidx), 1, 0n);
  }
  /** Where a segment that lists expressions lies: behind those before it that do and are not dropped. */
  private elementRange(instance: number, elemidx: number): { at: number; count: number } {
    let at = 0;
    for (let i = 0; i <= instance; i++) {
      const { elems } = this.program(i).outline;
      for (let j = 0; j < elems.length; j++) {
        const listed = elems[j]!;
        const count = typeof listed === "number" ? listed : listed.length;
        if (i === instance && j === elemidx) return { at, count };
        if (this.mark(i, false, j) > LISTED) at += count * REF_BYTES;
      }
    }
    return { at, count: 0 };
  }

  // ---- Slots and references ----

  readRef(part: Part, at: number): Ref {
    return part.number(at, 8);
  }
  writeRef(part: Part, at: number, ref: Ref): void {
    const old = part.number(at, 8);
    if (old === ref) return;
    if (isObject(old) || isObject(ref)) this.renumber = true;
    part.setNumber(at, 8, ref);
  }
  readSlot(part: Part, at: number): Slot {
    return { bits: part.number(at, 8), ref: this.readRef(part, at + 8) };
  }
  writeSlot(part: Part, at: number, { bits, ref }: Slot): void {
    if (part.number(at, 8) !== bits) part.setNumber(at, 8, bits);
    this.writeRef(part, at + 8, ref);
  }

  slot(index: number): Slot {
    return this.readSlot(this.part("stack"), index * SLOT_BYTES);
  }
  setSlot(index: number, slot: Slot): void {
    this.writeSlot(this.part("stack"), index * SLOT_BYTES, slot);
  }
  get stackSlots(): number {
    return this.part("stack").byteLength / SLOT_BYTES;
  }
  /** Slots above are zeros. */
  set stackSlots(slots: number) {
    for (let i = slots; i < this.stackSlots; i++) this.setSlot(i, EMPTY);
    this.part("stack").resize(slots * SLOT_BYTES);
  }

  /** References were made or moved: objects may be numbered otherwise now. */
  heapChanged(): void {
    this.renumber = true;
  }

  // ---- The execution ----

  get isRunning(): boolean {
    return this.part("execution").byteLength > 0;
  }
  get thread() {
    const part = this.part("execution");
    return {
      ...{ top: part.u32(THREAD.top), instance: part.u32(THREAD.instance), func: part.u32(THREAD.func) },
      ...{ offset: part.u32(THREAD.offset), fp: part.u32(THREAD.fp), started: part.number(THREAD.started, 8) },
      fuel: Number(part.number(THREAD.fuel, 8)),
    };
  }
  get pendingHost() {
    const part = this.part("execution");
    return { func: part.number(THREAD.hostFunc, 8), base: part.u32(THREAD.base), caller: part.u32(THREAD.caller) };
  }
  setThread(top: number, instance: number, func: number, offset: number, fp: number, fuel: number): void {
    const part = this.part("execution");
    const words = [top, instance, func, offset, fp];
    words.forEach((word, i) => {
      part.setNumber(4 * i, 4, BigInt(word));
    });
    part.setNumber(THREAD.fuel, 8, BigInt(fuel));
    // Of a host call that was under way.
    part.setBytes(THREAD.hostFunc, new Uint8Array(16));
  }

  get frameCount(): number {
    return (this.part("execution").byteLength - THREAD.bytes) / FRAME_BYTES;
  }
  pushFrame(kind: number, fp: number, instance = 0, func = 0, offset = 0): void {
    const part = this.part("execution");
    const at = part.byteLength;
    part.resize(at + FRAME_BYTES);
    [kind, fp, instance, func, offset].forEach((word, i) => {
      part.setNumber(at + 4 * i, 4, BigInt(word));
    });
  }
  topFrame(): Frame {
    const part = this.part("execution");
    const at = part.byteLength - FRAME_BYTES;
    if (at < THREAD.bytes) refuse("an execution without frames");
    const [kind, fp, instance, func, offset] = [0, 4, 8, 12, 16].map((word) => part.u32(at + word));
    return { kind: kind!, fp: fp!, instance: instance!, func: func!, offset: offset! };
  }
  popFrame(): Frame {
    const frame = this.topFrame();
    const part = this.part("execution");
    part.resize(part.byteLength - FRAME_BYTES);
    return frame;
  }

  /** The execution is over. */
  end(): void {
    this.stackSlots = 0;
    this.part("execution").resize(0);
  }

  /** Brings the heap up to date: call it last. */
  finish(): void {
    if (this.renumber) this.heap.renumber();
  }
}

/** 8 bytes of a number, and 8 of a reference. */
export interface Slot {
  readonly bits: bigint;
  readonly ref: Ref;
}
export const EMPTY: Slot = { bits: 0n, ref: NULL };

const ACCOUNTS = { memoryBytes: 0, peak: 8, tableElements: 16, heapUsed: 24, heapLive: 32 } as const;
