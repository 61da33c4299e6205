// How a function's v128s are best held: as words, or as the floats that its instructions work on. A local is what most
// of its uses are; what is loaded is what it is loaded for.
import {
  type DecodedModule,
  type FuncBody,
  InstructionReader,
  OP,
  OPCODES,
  V128,
  type ValType,
} from "../../decoder/index.js";
import { F32X4, F64X2, type Held, heldOf } from "./held.js";

/** Instructions that are looked at for who takes a value. */
const MOST_AHEAD = 16;

/** By opcode: how an instruction has its vectors, and how it makes one; 0 if it has or makes none. */
interface Vectors {
  readonly takes: readonly Held[];
  readonly makes: readonly Held[];
  readonly pops: readonly number[];
  readonly pushes: readonly number[];
}

let known: Vectors | undefined;

/** Made for the first function with vectors. */
function vectors(): Vectors {
  known ??= readVectors();
  return known;
}

function readVectors(): Vectors {
  const takes: Held[] = [];
  const makes: Held[] = [];
  const pops: number[] = [];
  const pushes: number[] = [];
  for (const { opcode, name, type } of OPCODES) {
    if (type === undefined) continue;
    const [params, results] = type.split(":") as [string, string];
    pops[opcode] = params.length;
    pushes[opcode] = results.length;
    if (params.includes("v")) takes[opcode] = takenBy(name);
    if (results === "v") makes[opcode] = madeBy(name);
  }
  return { takes, makes, pops, pushes };
}

function takenBy(name: string): Held {
  if (/^f32x4\.(?!convert|demote)|_f32x4/.test(name)) return F32X4;
  if (/^f64x2\.(?!convert)|_f64x2/.test(name)) return F64X2;
  return V128;
}

function madeBy(name: string): Held {
  if (/\.([lg][te]|eq|ne)$/.test(name)) return V128;
  return name.startsWith("f32x4.") ? F32X4 : name.startsWith("f64x2.") ? F64X2 : V128;
}

/** Loads and constants are whatever they are wanted as. */
const IS_ANY: ReadonlySet<number> = new Set([
  OP["v128.load"],
  OP["v128.const"],
  OP["v128.load32_splat"],
  OP["v128.load64_splat"],
]);

/** Looks ahead in a function for who takes a value. */
export class Consumers {
  private readonly reader: InstructionReader;

  constructor(
    module: DecodedModule,
    private readonly end: number,
  ) {
    this.reader = new InstructionReader(module.content.array, module.types);
  }

  /** The instruction at byte `offset`; −1 at the end. */
  opcodeAt(offset: number): number {
    const { reader, end } = this;
    if (offset >= end) return -1;
    reader.offset = offset;
    reader.end = end;
    reader.next();
    return reader.opcode;
  }

  /** How the vector that is on top at byte `offset` is taken; 0 if that cannot be seen. @param locals as they are held */
  of(offset: number, locals: readonly Held[]): Held {
    const { reader, end } = this;
    reader.offset = offset;
    reader.end = end;
    let above = 0;
    for (let i = 0; i < MOST_AHEAD && reader.offset < end; i++) {
      reader.next();
      const { opcode } = reader;
      if (opcode === OP["local.get"] || opcode === OP["global.get"]) above++;
      else if (opcode === OP["local.set"] || opcode === OP.drop) {
        if (above === 0) return opcode === OP.drop ? 0 : (locals[reader.index] ?? 0);
        above--;
      } else if (opcode === OP["local.tee"]) {
        if (above === 0 && locals[reader.index] !== undefined) return locals[reader.index]!;
      } else {
        const table = vectors();
        const pops = table.pops[opcode];
        if (pops === undefined) return 0;
        if (pops > above) return table.takes[opcode] ?? 0;
        above += table.pushes[opcode]! - pops;
      }
    }
    return 0;
  }
}

/** How each local is held. Parameters are words: whoever calls has them so. */
export function heldLocals(
  module: DecodedModule,
  body: FuncBody,
  locals: readonly ValType[],
  params: number,
): readonly Held[] {
  const held = locals.map(heldOf);
  if (!locals.includes(V128, params)) return held;
  const consumers = new Consumers(module, body.end);
  const reader = new InstructionReader(module.content.array, module.types).begin(body);
  const votes = locals.map(() => ({ [V128]: 0, [F32X4]: 0, [F64X2]: 0 }) as Record<Held, number>);
  let made: Held = 0;
  while (reader.offset < body.end) {
    reader.next();
    const { opcode, index } = reader;
    const isLocal = opcode === OP["local.get"] || opcode === OP["local.set"] || opcode === OP["local.tee"];
    if (isLocal && locals[index] === V128) {
      const vote = opcode === OP["local.get"] ? consumers.of(reader.offset, NONE) : made;
      if (vote !== 0) votes[index]![vote]!++;
      if (opcode === OP["local.tee"]) continue;
    }
    made = IS_ANY.has(opcode) ? 0 : (vectors().makes[opcode] ?? 0);
  }
  return held.map((words, i) => {
    if (locals[i] !== V128 || i < params) return words;
    const of = votes[i]!;
    const best = of[F32X4]! > of[F64X2]! ? F32X4 : F64X2;
    return of[best]! > of[V128]! ? best : V128;
  });
}
const NONE: readonly Held[] = [];
