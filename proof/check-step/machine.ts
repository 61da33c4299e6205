// Where a step stands, and how control goes through frames: calls, returns, branches, exceptions.
//
// Conventions
//   fp, top   first slot of the running frame, and the first one that is free; slots from `top` on are zeros
import { OP } from "../../decoder/opcodes.js";
import { type Block, type Code, type Instruction, labelled, labelWidths, slotsOf } from "./code.js";
import { refuse, TrapError } from "./errors.js";
import { EXCEPTION, exception } from "./heap.js";
import { Prices } from "./price.js";
import { Program } from "./program.js";
import type { StepOutcome } from "./proof.js";
import { EMPTY, FRAME, funcPlace, NULL, type Ref, type Slot, type State, TOP } from "./state.js";

/** A call of a host function: what is left to say of it is not the machine's. */
export type HostCalls = (
  machine: Machine,
  place: { instance: number; funcidx: number },
  base: number,
  isTail: boolean,
) => void;

export class Machine {
  readonly prices: Prices;
  instance: number;
  func: number;
  code: Code;
  fp: number;
  top: number;
  /** Index of the instruction that is executed, and of the next one. */
  current = 0;
  next = 0;
  /** At the entry of a function, which is not paid yet. */
  atEntry = false;
  /** A call of the host's that is under way. */
  pending: State["pendingHost"] | null = null;
  /** Fuel that the execution has used. */
  fuel: number;
  outcome: StepOutcome = { kind: "running" };

  constructor(
    readonly state: State,
    private readonly callHost: HostCalls,
  ) {
    this.prices = new Prices(state.context.schedule);
    const { top, instance, func, offset, fp, fuel } = state.thread;
    this.fuel = fuel;
    this.fp = fp;
    this.instance = instance;
    this.func = func;
    this.code = state.program(instance).code(func);
    this.top = state.stackSlots;
    if (top === TOP.entry) this.atEntry = true;
    else if (top === TOP.instruction) this.next = this.indexOf(offset);
    else if (top === TOP.host) this.begin(state.pendingHost, offset);
    else refuse("the execution has not begun");
  }

  /** In a call of the host's that is to be made anew: it could not pay for itself. */
  private begin(pending: State["pendingHost"], offset: number): void {
    if (pending.caller !== CALLED)
      refuse("a call of the host's by the host, in tail position, or by Emscripten's invoke");
    this.current = this.indexOf(offset);
    this.next = this.current + 1;
    this.pending = pending;
  }
  callPending(): void {
    const { func, base } = this.pending!;
    this.callHost(this, funcPlace(func) ?? refuse("a function of the host's that no instance imports"), base, false);
  }

  private indexOf(offset: number): number {
    return this.code.at.get(offset) ?? refuse(`function ${this.func} has no instruction at byte ${offset}`);
  }

  get instruction(): Instruction {
    return this.code.instructions[this.next] ?? refuse("behind a function's last instruction");
  }

  pay(fuel: number): void {
    this.fuel += fuel;
  }

  /** Writes down where the execution stands. */
  save(): void {
    const { state } = this;
    if (this.outcome.kind !== "running") state.end();
    else {
      state.stackSlots = this.top;
      const offset = this.atEntry ? 0 : this.instruction.offset;
      state.setThread(this.atEntry ? TOP.entry : TOP.instruction, this.instance, this.func, offset, this.fp, this.fuel);
    }
    state.finish();
  }

  // ---- The operand stack ----

  pushSlot(slot: Slot): void {
    const { state } = this;
    if (this.top >= state.stackSlots) state.part("stack").resize((this.top + 1) * 16);
    state.setSlot(this.top++, slot);
  }
  popSlot(): Slot {
    const { state } = this;
    if (this.top <= this.fp) refuse("an operand stack that is empty");
    const slot = state.slot(--this.top);
    state.setSlot(this.top, EMPTY);
    return slot;
  }
  push(bits: bigint): void {
    this.pushSlot({ bits, ref: NULL });
  }
  pop(): bigint {
    return this.popSlot().bits;
  }
  pushRef(ref: Ref): void {
    this.pushSlot({ bits: 0n, ref });
  }
  popRef(): Ref {
    return this.popSlot().ref;
  }
  pushWide(bits: bigint): void {
    this.push(BigInt.asUintN(64, bits));
    this.push(bits >> 64n);
  }
  popWide(): bigint {
    const high = this.pop();
    return (high << 64n) | this.pop();
  }
  /** The slots on top, in their order. */
  popMany(count: number): Slot[] {
    return Array.from({ length: count }, () => this.popSlot()).reverse();
  }
  /** The slot so many below the top one, which stays. */
  peek(below: number): Slot {
    return this.state.slot(this.top - 1 - below);
  }
  dropTo(top: number): void {
    while (this.top > top) this.state.setSlot(--this.top, EMPTY);
  }
  /** Moves the slots on top down to `to`, over what is between. */
  private settle(count: number, to: number): void {
    if (this.top - count === to) return;
    const slots = this.popMany(count);
    this.dropTo(to);
    for (const slot of slots) this.pushSlot(slot);
  }

  // ---- Branches ----

  /** The block that a label of the current instruction means. */
  target(label: number): Block {
    return labelled(this.code.instructions[this.current]!.block, label);
  }

  branch(target: Block): void {
    if (target.parent === null) {
      this.returnValues(this.code.resultSlots);
      return;
    }
    this.settle(slotsOf(labelWidths(target)), this.fp + target.height);
    this.next = target.opcode === OP.loop ? target.start : target.end + 1;
  }

  // ---- Calls and returns ----

  /** The results are on top of the frame, or where its arguments were. */
  returnValues(slots: number): void {
    this.settle(slots, this.fp);
    // The slot of an invoke function that longjmp has ended: its result is zero.
    let zeroed = -1;
    for (;;) {
      const frame = this.state.popFrame();
      if (frame.kind === FRAME.exit) {
        const results = Array.from({ length: slots }, (_, i) => this.state.slot(i));
        this.outcome = { kind: "done", results: results.map(slotText) };
        return;
      }
      if (frame.kind === FRAME.leave) continue;
      if (frame.kind === FRAME.invoke) {
        this.settle(slots, frame.fp);
        continue;
      }
      if (frame.kind === FRAME.setThrew) {
        zeroed = frame.fp;
        continue;
      }
      if (frame.kind !== FRAME.call) refuse("a frame of no kind that there is");
      this.resume(frame);
      if (zeroed >= 0) this.dropTo(zeroed + this.resultsOfCall());
      this.next = this.current + 1;
      return;
    }
  }

  /** Slots of the results of the function that the current instruction calls. */
  private resultsOfCall(): number {
    const { opcode, index } = this.code.instructions[this.current]!;
    if (opcode !== OP.call) refuse("an invoke function that is not called by its index has no proof");
    const program = this.state.program(this.instance);
    return slotsOf(program.resultWidths(program.typeOf(index)));
  }

  private resume(frame: {
    readonly fp: number;
    readonly instance: number;
    readonly func: number;
    readonly offset: number;
  }) {
    this.fp = frame.fp;
    this.instance = frame.instance;
    this.func = frame.func;
    this.code = this.state.program(frame.instance).code(frame.func);
    this.current = this.indexOf(frame.offset);
  }

  /** What a function's type is, by the instance that has it. */
  typeOf({ instance, funcidx }: { instance: number; funcidx: number }) {
    const program = this.state.program(instance);
    return program.outline.types[program.typeOf(funcidx)]!;
  }

  /** Calls a function, whose arguments are on top; in tail position it takes the frame's place. */
  call(ref: Ref, isTail: boolean): void {
    const place = funcPlace(ref);
    if (place === null) refuse("the function is one of the host's that no instance imports");
    const program = this.state.program(place.instance);
    const params = slotsOf(program.paramWidths(program.typeOf(place.funcidx)));
    if (isTail) this.settle(params, this.fp);
    const base = this.top - params;
    if (place.funcidx < program.importedFuncs) {
      const results = slotsOf(program.resultWidths(program.typeOf(place.funcidx)));
      this.requireRoom(base + results);
      this.callHost(this, place, base, isTail);
      if (isTail && this.outcome.kind === "running") this.returnValues(results);
      return;
    }
    const { state } = this;
    const leaves = place.instance !== this.instance;
    if (!isTail) {
      this.pushCallFrame();
      if (leaves) state.pushFrame(FRAME.leave, base, this.instance);
    } else if (leaves && state.topFrame().kind !== FRAME.leave) {
      this.requireFrames();
      state.pushFrame(FRAME.leave, base, this.instance);
    }
    this.instance = place.instance;
    this.enterAt(place.funcidx, base);
  }

  /** Writes down where the running frame goes on. */
  pushCallFrame(): void {
    this.requireFrames();
    const { offset } = this.code.instructions[this.current]!;
    this.state.pushFrame(FRAME.call, this.fp, this.instance, this.func, offset);
  }

  /** Goes to the entry of a function of this module, whose arguments are at slot `base`. */
  enterAt(funcidx: number, base: number): void {
    const program = this.state.program(this.instance);
    this.fp = base;
    this.func = funcidx - program.importedFuncs;
    this.code = program.code(this.func);
    this.requireRoom(base + this.code.room);
    this.atEntry = true;
  }

  private requireRoom(slots: number): void {
    if (slots > this.state.limit("stackSlots")) throw new TrapError("call stack exhausted");
  }
  private requireFrames(): void {
    if (this.state.frameCount > this.state.limit("frames")) throw new TrapError("call stack exhausted");
  }

  /** Pays for a function's entry, and begins. */
  enter(): void {
    const { locals, paramSlots, localSlots, resultCount } = this.code;
    this.pay(this.prices.entry(locals.length, resultCount));
    for (let slot = paramSlots; slot < localSlots; slot++) this.pushSlot(EMPTY);
    this.atEntry = false;
    this.next = 0;
  }

  // ---- Exceptions ----

  /** Throws what is on top: the arguments of a new exception. */
  throwNew(tagidx: number): void {
    const { state, instance } = this;
    const slots = slotsOf(state.program(instance).paramWidths(state.program(instance).outline.tags[tagidx]!));
    state.heap.allocate(256 + 16 * slots, (used) => this.pay(this.prices.trace(used)));
    this.throwRef(state.heap.add(exception(state.tag(instance, tagidx), this.popMany(slots))));
  }

  /** Goes on in the innermost handler (spec 4.6.11), or ends the execution. */
  throwRef(ref: Ref): void {
    const thrown = this.state.heap.get(ref);
    if (thrown.kind !== EXCEPTION) refuse("what is thrown is no exception");
    for (;;) {
      if (this.handle(ref, thrown.place, thrown.slots)) return;
      for (;;) {
        const frame = this.state.popFrame();
        if (frame.kind === FRAME.exit) {
          this.outcome = { kind: "threw" };
          return;
        }
        if (frame.kind !== FRAME.call) continue;
        this.resume(frame);
        break;
      }
    }
  }

  /** Looks for a handler in the running frame, from the current instruction outwards. */
  private handle(ref: Ref, tag: number, slots: readonly Slot[]): boolean {
    const { state, instance } = this;
    const { block: innermost } = this.code.instructions[this.current]!;
    for (let block: Block | null = innermost; block !== null; ) {
      if (block.delegate >= 0) {
        block = labelled(block.parent!, block.delegate);
        continue;
      }
      const outside: Block | null = block.parent;
      for (const { kind, tagidx, label } of block.catches) {
        if (kind < 2 && state.tag(instance, tagidx) !== tag) continue;
        const target = labelled(outside!, label);
        this.dropTo(this.fp + block.height);
        if (kind < 2) for (const slot of slots) this.pushSlot(slot);
        if (kind === 1 || kind === 3) this.pushRef(ref);
        this.branch(target);
        return true;
      }
      for (const { tagidx, at } of block.handlers) {
        if (tagidx >= 0 && state.tag(instance, tagidx) !== tag) continue;
        this.dropTo(this.fp + block.height);
        this.pushRef(ref);
        if (tagidx >= 0) for (const slot of slots) this.pushSlot(slot);
        this.next = at + 1;
        return true;
      }
      block = outside;
    }
    return false;
  }

  /** The function in a table, if it has the type. */
  indirect(tableidx: number, index: bigint, typeidx: number): Ref {
    const { state, instance } = this;
    if (index >= BigInt(state.tableLength(instance, tableidx))) throw new TrapError("undefined element");
    const ref = state.element(instance, tableidx, Number(index));
    if (ref === NULL) throw new TrapError("uninitialized element");
    const place = funcPlace(ref);
    if (place === null) refuse("the function is one of the host's that no instance imports");
    const { key } = state.program(instance).outline.types[typeidx]!;
    if (!Program.isSubtype(this.typeOf(place), key)) throw new TrapError("indirect call type mismatch");
    return ref;
  }
}

/** How a function that waits for the host called it. */
const CALLED = 3;

/** A slot as 32 hexadecimal digits: its number, and the reference above. */
export function slotText({ bits, ref }: Slot): string {
  return ((ref << 64n) | bits).toString(16).padStart(32, "0");
}
