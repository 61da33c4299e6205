// The layouts of all instructions of a function, for whoever asks about one place of it after the other: a run that is
// stopped a thousand times stands at hundreds of places of the same few functions, and each is another lowering of the
// whole function to whoever asks for it alone.
//
//   (i32.add (local.get 0) (call $f))    offset 4  local.get  layout 0: the locals
//                                               6  call       layout 1: an operand of 32 bits, base 1
//                                               8  i32.add    layout 2: two operands
//
// Most instructions of a function share a few layouts, each of which is there once.
import { getOrMake } from "../get-or-make.js";
import { callAt, type FrameLayout, layoutOf } from "./frame-layout.js";
import type { FunctionLowering } from "./function-lowering.js";
import { countUpTo, IntList } from "./int-list.js";
import type { ModuleContext } from "./module-context.js";

/** Functions that were asked about at fewer places are asked about place by place. */
const PLACES = 2;
/** Operands that are looked at for one table at the most, and slots that its layouts have together. */
const MOST_WORK = 1 << 20;
const MOST_SLOTS = 1 << 20;
/** Bytes of tables that are kept for one module's code. */
const BUDGET = 4 << 20;
/** What a layout takes beside its slots and operands, about. */
const LAYOUT_BYTES = 300;

export class LayoutTable {
  /** Of each instruction, ascending, and the number of its layout. */
  private readonly offsets = new IntList();
  private readonly numbers = new IntList();
  private ascending: Int32Array = new Int32Array(0);
  private readonly layouts: FrameLayout[] = [];
  private readonly known = new Map<string, number>();
  private work = 0;
  private slots = 0;

  /** Whether it has all of the function's instructions: otherwise their operands are too many. */
  get isWhole(): boolean {
    return this.work <= MOST_WORK && this.slots <= MOST_SLOTS;
  }

  get bytes(): number {
    return 8 * this.offsets.length + this.layouts.length * LAYOUT_BYTES + 5 * this.slots;
  }

  /** The instruction at byte `offset` has been read, and nothing of it been lowered. */
  add(offset: number, lowering: FunctionLowering): void {
    this.work += 1 + lowering.operands.height + lowering.controls.length;
    if (!this.isWhole) return;
    const key = keyOf(lowering);
    let number = this.known.get(key);
    if (number === undefined) {
      const layout = layoutOf(lowering);
      this.slots += layout.words.length + layout.operands.length;
      number = this.layouts.push(layout) - 1;
      this.known.set(key, number);
    }
    this.offsets.push(offset);
    this.numbers.push(number);
  }

  /** The function has been lowered: nothing is added any more. */
  close(): this {
    this.known.clear();
    this.ascending = this.offsets.toArray();
    return this;
  }

  /** The layout before the instruction at byte `offset`; undefined if none begins there that can be reached. */
  at(offset: number): FrameLayout | undefined {
    const index = countUpTo(this.ascending, offset) - 1;
    return this.ascending[index] === offset ? this.layouts[this.numbers.at(index)] : undefined;
  }
}

/** All that {@link layoutOf} depends on within a function. */
function keyOf(lowering: FunctionLowering): string {
  const { operands, controls } = lowering;
  let key = "";
  for (let i = 0; i < operands.height; i++) key += String.fromCharCode(operands.width[i]!);
  for (const { kind, height } of controls) if (kind === "catch") key += `,${height}`;
  const { base, typeId } = callAt(lowering);
  return base < 0 ? key : `${key};${base},${typeId}`;
}

/** What is known of the functions of one module's code. */
interface Tables {
  readonly asked: Map<number, number>;
  /** Null of functions that have none. The one asked for last comes last. */
  readonly tables: Map<number, LayoutTable | null>;
  bytes: number;
}

const kept = new WeakMap<ModuleContext, Tables>();

/**
 * The table of a function that was asked about often enough.
 * @param make lowers the function for it
 */
export function layoutTableOf(
  context: ModuleContext,
  index: number,
  make: () => LayoutTable,
): LayoutTable | null | undefined {
  const known = getOrMake(kept, context, () => ({ asked: new Map(), tables: new Map(), bytes: 0 }));
  const found = known.tables.get(index);
  if (found !== undefined) {
    known.tables.delete(index);
    known.tables.set(index, found);
    return found;
  }
  const asked = (known.asked.get(index) ?? 0) + 1;
  known.asked.set(index, asked);
  if (asked < PLACES) return undefined;
  const table = make();
  const made = table.isWhole && table.bytes <= BUDGET ? table : null;
  known.tables.set(index, made);
  known.bytes += made?.bytes ?? 0;
  for (const [other, old] of known.tables) {
    if (known.bytes <= BUDGET) break;
    if (old === null || other === index) continue;
    known.tables.delete(other);
    known.bytes -= old.bytes;
  }
  return made;
}
