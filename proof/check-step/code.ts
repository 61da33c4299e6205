// Function bodies as lists of instructions, nesting resolved, with the height of the operand stack before each: what the
// slots of a frame hold depends on the position alone.
//
// Conventions
//   slot     16 bytes of the state; a v128 takes two, anything else one. Locals are at the frame's base, operands follow
//   height   slots in use before an instruction, from the frame's base; −1 where no execution gets to
import { OP, OPCODE_ROWS, PREFIX_BASE } from "../../decoder/opcodes.js";
import { type Catch, type Immediates, Reader } from "./body-reader.js";
import { refuse } from "./errors.js";
import type { Program } from "./program.js";

/** A block, as far as branches and exceptions go through it. */
export interface Block {
  readonly parent: Block | null;
  readonly opcode: number;
  /** Slots below its parameters. */
  readonly height: number;
  /** Widths in slots of what it begins and ends with. */
  readonly params: readonly number[];
  readonly results: readonly number[];
  /** Index of its first instruction, and of its `end` or `delegate`. */
  readonly start: number;
  end: number;
  /** Of an `if`: index of its `else`, −1 if there is none. */
  otherwise: number;
  readonly catches: readonly Catch[];
  /** Of a legacy `try`: its handlers, tagidx −1 for catch_all, index of the `catch`. */
  readonly handlers: { readonly tagidx: number; readonly at: number }[];
  /** Of a legacy `try` that ends so: label of its `delegate`, counted from outside; else −1. */
  delegate: number;
  /** Whether it is the handler of a legacy `try`, which keeps the exception in its first slot. */
  readonly isHandler: boolean;
  /** Whether its beginning is reached. */
  readonly live: boolean;
}

export interface Instruction extends Readonly<Omit<Immediates, "blockType" | "catches">> {
  readonly opcode: number;
  /** From the module's first byte. */
  readonly offset: number;
  readonly height: number;
  /** The innermost block around it; of what begins a block, that block. */
  readonly block: Block;
  /** Width of what it moves: of drop, select, local.get and the like. */
  readonly width: number;
}

export interface Code {
  readonly instructions: readonly Instruction[];
  /** Byte offset → index. */
  readonly at: ReadonlyMap<number, number>;
  /** First slot and width of each local, parameters among them. */
  readonly locals: readonly { readonly slot: number; readonly width: number }[];
  readonly paramSlots: number;
  readonly localSlots: number;
  readonly resultSlots: number;
  readonly resultCount: number;
  /** Slots that the engine asks for when the function is entered. */
  readonly room: number;
}

interface BlockType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export const slotsOf = (widths: readonly number[]) => widths.reduce((sum, width) => sum + width, 0);

/** The code of a function. @param start offset of its body in the module */
export function decodeCode(program: Program, typeidx: number, body: Uint8Array, start: number): Code {
  return new Decoder(program, typeidx, body, start).decode();
}

class Decoder {
  private readonly reader: Reader;
  private readonly instructions: Instruction[] = [];
  private readonly at = new Map<number, number>();
  private readonly locals: { slot: number; width: number }[] = [];
  /** Widths of the operands. */
  private readonly operands: number[] = [];
  private height = 0;
  private live = true;
  private room = 0;
  private block: Block;
  private readonly params: readonly number[];
  private readonly results: readonly number[];

  constructor(
    private readonly program: Program,
    typeidx: number,
    body: Uint8Array,
    private readonly start: number,
  ) {
    this.reader = new Reader(body);
    this.params = program.paramWidths(typeidx);
    this.results = program.resultWidths(typeidx);
    for (const width of this.params) this.addLocal(width);
    const runs = this.reader.u32();
    for (let i = 0; i < runs; i++) {
      const count = this.reader.u32();
      if (this.locals.length + count > MAX_LOCALS) refuse(`a function with more than ${MAX_LOCALS} locals`);
      const width = this.reader.valueType();
      for (let n = 0; n < count; n++) this.addLocal(width);
    }
    this.room = Math.max(this.height, slotsOf(this.results)) + 2;
    this.block = this.newBlock(null, -1, [], this.results, 0);
  }

  private addLocal(width: number): void {
    this.locals.push({ slot: this.height, width });
    this.height += width;
  }

  decode(): Code {
    const localSlots = this.height;
    const outermost = this.block;
    while (!this.reader.done) this.next();
    outermost.end = this.instructions.length - 1;
    return {
      ...{ instructions: this.instructions, at: this.at, locals: this.locals, localSlots, room: this.room + 1 },
      ...{ paramSlots: slotsOf(this.params), resultSlots: slotsOf(this.results), resultCount: this.results.length },
    };
  }

  // ---- The operand stack, by widths ----

  private push(...widths: readonly number[]): void {
    if (!this.live) return;
    for (const width of widths) {
      this.operands.push(width);
      this.height += width;
    }
    this.needs(this.height);
  }
  private pop(count = 1): number {
    if (!this.live) return 1;
    let width = 1;
    for (let i = 0; i < count; i++) {
      const popped = this.operands.pop();
      if (popped === undefined) refuse("a function pops more operands than there are");
      width = popped;
      this.height -= width;
    }
    return width;
  }
  private needs(slots: number): void {
    if (slots > this.room) this.room = slots;
  }
  private dropTo(height: number): void {
    while (this.height > height) this.height -= this.operands.pop()!;
  }

  private newBlock(
    parent: Block | null,
    opcode: number,
    params: readonly number[],
    results: readonly number[],
    start: number,
    catches: readonly Catch[] = [],
    isHandler = false,
  ): Block {
    const height = this.height - (this.live ? slotsOf(params) : 0);
    const { live } = this;
    return {
      ...{ parent, opcode, height, params, results, start, end: -1, otherwise: -1, catches, handlers: [] },
      ...{ delegate: -1, isHandler, live },
    };
  }

  private typeOf(type: NonNullable<Immediates["blockType"]>): BlockType {
    const { program } = this;
    if ("width" in type) return { params: [], results: type.width === 0 ? [] : [type.width] };
    return { params: program.paramWidths(type.typeidx), results: program.resultWidths(type.typeidx) };
  }

  // ---- Instructions ----

  private next(): void {
    const { reader } = this;
    const offset = this.start + reader.at;
    let opcode = reader.byte();
    const prefix = PREFIX_BASE[opcode];
    if (prefix !== undefined) opcode = prefix + reader.u32();
    const row = OPCODE_ROWS[opcode];
    if (row === undefined) refuse(`there is no instruction at byte ${offset}`);
    const { blockType, catches, ...immediates } = reader.immediates(row.immediate);
    const { index, index2 } = immediates;
    const height = this.live ? this.height : -1;
    const here = this.instructions.length;
    this.at.set(offset, here);
    let { block } = this;
    let { width } = immediates;
    if (blockType !== null) {
      this.begin(opcode, this.typeOf(blockType), here, catches);
      block = this.block;
    } else if (BOUNDARIES.has(opcode)) this.boundary(opcode, index, here);
    else width = this.effect(opcode, index, index2, width, row.type);
    this.instructions.push({ ...immediates, opcode, offset, height, block, width });
    if (ENDS.has(opcode)) this.live = false;
  }

  private begin(opcode: number, { params, results }: BlockType, here: number, catches: readonly Catch[]): void {
    if (opcode === OP.if) this.pop();
    const outer = this.block;
    this.block = this.newBlock(outer, opcode, params, results, here, catches);
    for (const { label } of catches) {
      const target = labelled(outer, label);
      if (this.live) this.needs(target.height + slotsOf(labelWidths(target)));
    }
  }

  /** `else`, `catch`, `catch_all`, `delegate` and `end`. */
  private boundary(opcode: number, index: number, here: number): void {
    const { block } = this;
    const { parent } = block;
    if (opcode === OP.else || opcode === OP.catch || opcode === OP.catch_all) {
      const first = this.opener(block);
      if (opcode === OP.else) first.otherwise = here;
      else first.handlers.push({ tagidx: opcode === OP.catch ? index : -1, at: here });
      this.dropTo(block.height);
      this.live = first.live;
      this.height = block.height;
      if (opcode === OP.else) {
        this.push(...block.params);
        this.block = { ...this.newBlock(parent, opcode, block.params, block.results, here), live: first.live };
      } else {
        this.block = { ...this.newBlock(parent, opcode, [], block.results, here, [], true), live: first.live };
        this.push(1);
        if (opcode === OP.catch) this.push(...this.program.paramWidths(this.program.outline.tags[index]!));
      }
      this.openers.set(this.block, first);
      this.parts.get(first)?.push(this.block) ?? this.parts.set(first, [this.block]);
      return;
    }
    const first = this.opener(block);
    for (const part of [first, ...(this.parts.get(first) ?? [])]) part.end = here;
    if (opcode === OP.delegate) first.delegate = index;
    if (parent === null) return;
    this.dropTo(block.height);
    this.height = block.height;
    this.live = first.live;
    this.push(...block.results);
    this.block = parent;
  }

  /** Of `else` and handlers, the block that they are parts of; and the parts of those. */
  private readonly openers = new Map<Block, Block>();
  private readonly parts = new Map<Block, Block[]>();
  private opener(block: Block): Block {
    return this.openers.get(block) ?? block;
  }

  /** What an instruction does to the operand stack. @returns the width of what it moves */
  private effect(opcode: number, index: number, index2: number, width: number, type: string | undefined): number {
    const { program } = this;
    const { outline } = program;
    const pop = (count: number, ...results: readonly number[]) => {
      this.pop(count);
      this.push(...results);
      return 1;
    };
    const call = (typeidx: number, above: number, returns: boolean) => {
      this.pop(above + program.paramWidths(typeidx).length);
      const [params, results] = [program.paramWidths(typeidx), program.resultWidths(typeidx)];
      if (!this.live) return 1;
      if (returns) this.needs(slotsOf(params));
      else {
        this.needs(this.height + Math.max(slotsOf(params), slotsOf(results)) + 2);
        this.push(...results);
      }
      return 1;
    };
    if (type !== undefined) {
      const [params, results] = type.split(":") as [string, string];
      return pop(params.length, ...[...results].map((letter) => (letter === "v" ? 2 : 1)));
    }
    switch (opcode) {
      case OP.drop:
        return this.pop();
      case OP.select:
      case OP["select t"]: {
        this.pop();
        const moved = this.live ? this.pop(2) : width;
        this.push(moved);
        return moved;
      }
      case OP["local.get"]:
        this.push(this.locals[index]!.width);
        return this.locals[index]!.width;
      case OP["local.set"]:
        this.pop();
        return this.locals[index]!.width;
      case OP["local.tee"]:
        return this.locals[index]!.width;
      case OP["global.get"]:
        this.push(program.globalWidth(index));
        return program.globalWidth(index);
      case OP["global.set"]:
        this.pop();
        return program.globalWidth(index);
      case OP.br_if:
      case OP.br_table:
      case OP.throw_ref:
      case OP.br_on_non_null:
        return pop(1);
      case OP.call:
        return call(program.typeOf(index), 0, false);
      case OP.return_call:
        return call(program.typeOf(index), 0, true);
      case OP.call_indirect:
      case OP.call_ref:
        return call(index, 1, false);
      case OP.return_call_indirect:
      case OP.return_call_ref:
        return call(index, 1, true);
      case OP.throw:
        return pop(program.paramWidths(outline.tags[index]!).length);
      case OP["table.set"]:
        return pop(2);
      case OP["table.get"]:
      case OP["ref.is_null"]:
      case OP["array.len"]:
      case OP["struct.new_default"]:
      case OP["array.new_default"]:
      case OP["ref.test"]:
      case OP["ref.test null"]:
      case OP["ref.i31"]:
      case OP["i31.get_s"]:
      case OP["i31.get_u"]:
        return pop(opcode === OP["struct.new_default"] ? 0 : 1, 1);
      case OP["table.grow"]:
      case OP["ref.eq"]:
      case OP["array.new"]:
      case OP["array.new_data"]:
      case OP["array.new_elem"]:
        return pop(2, 1);
      case OP["memory.copy"]:
      case OP["table.init"]:
      case OP["table.copy"]:
      case OP["table.fill"]:
      case OP["array.set"]:
        return pop(3);
      case OP["array.fill"]:
      case OP["array.init_data"]:
      case OP["array.init_elem"]:
        return pop(4);
      case OP["array.copy"]:
        return pop(5);
      case OP["table.size"]:
      case OP["ref.null"]:
      case OP["ref.func"]:
        return pop(0, 1);
      case OP["struct.new"]:
        return pop(outline.types[index]!.values.length, 1);
      case OP["struct.get"]:
      case OP["struct.get_s"]:
      case OP["struct.get_u"]:
        return pop(1, program.fieldWidth(index, index2));
      case OP["struct.set"]:
        return pop(2);
      case OP["array.new_fixed"]:
        return pop(index2, 1);
      case OP["array.get"]:
      case OP["array.get_s"]:
      case OP["array.get_u"]:
        return pop(2, program.fieldWidth(index, 0));
    }
    // What is left takes off what it puts back, or ends the block.
    return 1;
  }
}

/** As engines have it (JavaScript API, "Implementation-defined Limits"). */
const MAX_LOCALS = 50_000;
const BOUNDARIES = new Set([OP.else, OP.catch, OP.catch_all, OP.delegate, OP.end]);
/** What is behind them is not reached. */
const ENDS = new Set([
  ...[OP.unreachable, OP.br, OP.br_table, OP.return, OP.throw, OP.throw_ref, OP.rethrow],
  ...[OP.return_call, OP.return_call_indirect, OP.return_call_ref],
]);

/** The block that a label counts to. */
export function labelled(block: Block, label: number): Block {
  let target: Block | null = block;
  for (let n = label; n > 0 && target !== null; n--) target = target.parent;
  if (target === null) refuse("a label of no block");
  return target;
}

/** What a branch to a block takes along. */
export function labelWidths({ opcode, params, results }: Block): readonly number[] {
  return opcode === OP.loop ? params : results;
}
