// What an instruction costs by itself: its base price, and where its type says how much it makes, moves or
// searches, that too. It is paid with the segment. What depends on operands is the driver's to charge.
import { InstructionReader, OP, OPCODE_LIMIT } from "../../decoder/index.js";
import { BULK_FIXED_NEW, extraCost, valuesCost } from "../fuel-schedule.js";
import { elementStorage, storageBytes, structLayout } from "../store/heap.js";
import type { FunctionLowering } from "./function-lowering.js";
import { labelTypes } from "./lower-control.js";

type Price = (l: FunctionLowering) => number;

/** Where an instruction has been read. */
type Read = Pick<FunctionLowering, "context" | "module" | "reader">;

/** Of a struct: what it costs beyond the base price. */
export function structPrice({ context, module, reader }: Read): number {
  const { type, size } = structLayout(module.registry, module.types[reader.index]!);
  return extraCost(context.schedule, BULK_FIXED_NEW, 1, size) + valuesCost(context.schedule, type.fields.length);
}

/** The same of array.new_fixed. */
export function fixedArrayPrice({ context, module, reader }: Read): number {
  const storage = elementStorage(module.registry, module.types[reader.index]!);
  const { schedule } = context;
  return (
    extraCost(schedule, BULK_FIXED_NEW, reader.index2, storageBytes(storage)) + valuesCost(schedule, reader.index2)
  );
}

/** The values of the label, whether the branch is taken or not. */
function branchPrice(l: FunctionLowering): number {
  return valuesCost(l.context.schedule, labelTypes(l.target(l.reader.index)).length);
}

/** All labels take the same number of values. */
function branchTablePrice(l: FunctionLowering): number {
  return valuesCost(l.context.schedule, labelTypes(l.target(l.reader.labels[0]!)).length);
}

function throwPrice(l: FunctionLowering): number {
  const { params } = l.signatureOf(l.module.tags[l.reader.index]!);
  return valuesCost(l.context.schedule, params.length);
}

/** The clauses are searched once at the most for each time that the block is entered. */
function tryTablePrice({ context, reader }: FunctionLowering): number {
  return valuesCost(context.schedule, reader.catchCount);
}
function tryPrice(l: FunctionLowering): number {
  const { schedule } = l.context;
  if (schedule.freeValues === Number.POSITIVE_INFINITY) return 0;
  l.handlerCounts ??= countHandlers(l);
  return valuesCost(schedule, l.handlerCounts.get(l.reader.start)!);
}

/** By byte offset of a legacy `try`: its handlers, which follow its body. One pass over the function for all of them. */
function countHandlers({ module, body }: FunctionLowering): ReadonlyMap<number, number> {
  const reader = new InstructionReader(module.content.array, module.types).begin(body);
  const counts = new Map<number, number>();
  const open: number[] = [];
  while (reader.offset < body.end) {
    reader.next();
    const { opcode, start } = reader;
    if (opcode === OP.try) counts.set(start, 0);
    if (opcode === OP.try || opcode === OP.block || opcode === OP.loop || opcode === OP.if || opcode === OP.try_table)
      open.push(start);
    else if (opcode === OP.end || opcode === OP.delegate) open.pop();
    else if (opcode === OP.catch || opcode === OP.catch_all) {
      const start = open[open.length - 1]!;
      counts.set(start, counts.get(start)! + 1);
    }
  }
  return counts;
}

const PRICES: readonly (Price | undefined)[] = (() => {
  const prices = new Array<Price | undefined>(OPCODE_LIMIT).fill(undefined);
  prices[OP["struct.new"]] = structPrice;
  prices[OP["struct.new_default"]] = structPrice;
  prices[OP["array.new_fixed"]] = fixedArrayPrice;
  for (const opcode of [OP.br, OP.br_if, OP.br_on_null, OP.br_on_non_null, OP.br_on_cast, OP.br_on_cast_fail])
    prices[opcode] = branchPrice;
  prices[OP.br_table] = branchTablePrice;
  prices[OP.throw] = throwPrice;
  prices[OP.try_table] = tryTablePrice;
  prices[OP.try] = tryPrice;
  return prices;
})();

/** The price of the instruction just read, before it is lowered. */
export function instructionPrice(l: FunctionLowering): number {
  const { opcode } = l.reader;
  const base = l.context.schedule.costs[opcode]!;
  const price = PRICES[opcode];
  return price === undefined ? base : base + price(l);
}

/** The price of entering the function. */
export function entryPrice({ context: { schedule }, localWidth, signature }: FunctionLowering): number {
  return schedule.entry + valuesCost(schedule, localWidth.length) + valuesCost(schedule, signature.results.length);
}
