// A dispatch that clears no variables.
//
// The operands of Python's bytecode are numbers in groups of seven bits: `n = 0; do { n = n << 7 | … } while (…)` in 35
// of the VM's cases. LLVM has moved all those `n = 0` in front of the switch, so that every opcode clears 35 variables
// that it does not use, which is half of what it costs. Each is read in one case alone: there it is put back.
//
//   local.set $a (0)  local.set $b (0)  br_table 1 0          br_table 1 0
//   end  … $a …                                          →    end  local.set $a (0)  … $a …
//   end  … $b …                                               end  local.set $b (0)  … $b …
//
// That holds for any code: a variable may be cleared where the one label is at which it is live, if only the br_table
// leads to that label.

import { type DecodedModule, decodeModule, InstructionReader, OP, OPCODE_ROWS } from "../../decoder/index.js";

/** Fewer are left where they are. */
const LEAST_CLEARED = 16;

interface Instruction {
  readonly opcode: number;
  readonly lo: number;
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly labels: readonly number[];
}

/** `i32.const 0; local.set $variable`, by the place of the second in a body's instructions. */
interface Clearing {
  readonly at: number;
  readonly variable: number;
}

/** The bytes of an artifact that clears variables where they are used; `bytes` themselves if there is nothing to do. */
export function withLeanDispatch(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  let result: Uint8Array | undefined;
  for (let i = 0; i < module.bodies.length; i++) {
    if (module.bodies.size(i) < LEAST_CLEARED * 4) continue;
    const code = readCode(module, i);
    for (const [at, { opcode }] of code.entries()) {
      if (opcode !== OP.br_table) continue;
      const cleared = clearedBefore(code, at);
      if (cleared.length < LEAST_CLEARED) continue;
      const moves = movesOf(code, at, cleared);
      if (moves.size === 0) continue;
      result ??= new Uint8Array(bytes);
      rewrite(result, bytes, code, moves);
    }
  }
  return result ?? bytes;
}

function readCode(module: DecodedModule, i: number): Instruction[] {
  const body = module.bodies.get(i)!;
  const reader = new InstructionReader(module.bytes, module.types).begin(body);
  const code: Instruction[] = [];
  while (reader.offset < body.end) {
    reader.next();
    const { opcode, lo, index, start, offset: end } = reader;
    const labels = opcode === OP.br_table ? Array.from({ length: reader.labelCount }, (_, k) => reader.labels[k]!) : [];
    code.push({ opcode, lo, index, start, end, labels });
  }
  return code;
}

/** What is cleared on the straight way to an instruction and not touched between. */
function clearedBefore(code: readonly Instruction[], end: number): Clearing[] {
  const cleared: Clearing[] = [];
  const touched = new Set<number>();
  for (let at = end - 1; at > 0; at--) {
    const { opcode, index: variable } = code[at]!;
    if (opcode !== OP.block && OPCODE_ROWS[opcode]!.immediate === "block") break;
    if (isTransfer(opcode) || opcode === OP.end || opcode === OP.else) break;
    if (opcode !== OP["local.get"] && opcode !== OP["local.set"] && opcode !== OP["local.tee"]) continue;
    const before = code[at - 1]!;
    const isClearing = opcode === OP["local.set"] && before.opcode === OP["i32.const"] && before.lo === 0;
    if (isClearing && !touched.has(variable)) cleared.push({ at, variable });
    touched.add(variable);
  }
  return cleared;
}

const TRANSFERS: ReadonlySet<number> = new Set([OP.br, OP.br_if, OP.br_table, OP.return, OP.unreachable]);

function isTransfer(opcode: number): boolean {
  return TRANSFERS.has(opcode);
}

/** Place of a label's `end` → what is to be cleared behind it. Empty if control flow is not understood. */
function movesOf(code: readonly Instruction[], table: number, cleared: readonly Clearing[]): Map<number, Clearing[]> {
  const moves = new Map<number, Clearing[]>();
  const next = successorsOf(code);
  if (next === undefined) return moves;
  const entries = new Uint32Array(code.length + 1);
  for (const targets of next) for (const target of targets) entries[target]!++;
  const cases = next[table]!;
  for (let first = 0; first < cleared.length; first += 32) {
    const group = cleared.slice(first, first + 32);
    const live = livenessOf(
      code,
      next,
      group.map(({ variable }) => variable),
    );
    group.forEach((clearing, bit) => {
      const using = cases.filter((target) => (live[target]! >>> bit) & 1);
      const [only] = using;
      if (using.length !== 1 || code[only!]?.opcode !== OP.end || entries[only!] !== 1) return;
      moves.set(only!, [...(moves.get(only!) ?? []), clearing]);
    });
  }
  return moves;
}

/** Where control goes from each instruction; code.length is the function's end. Undefined for exceptions and tail calls. */
function successorsOf(code: readonly Instruction[]): number[][] | undefined {
  const known: ReadonlySet<number> = new Set([OP.block, OP.loop, OP.if]);
  const ends = new Map<number, number>();
  const elses = new Map<number, number>();
  const open: number[] = [];
  for (const [at, { opcode }] of code.entries()) {
    if (OPCODE_ROWS[opcode]!.immediate === "block") {
      if (!known.has(opcode)) return undefined;
      open.push(at);
    } else if (opcode === OP.else) elses.set(open.at(-1)!, at);
    else if (opcode === OP.end && open.length > 0) ends.set(open.pop()!, at);
    else if (OPCODE_ROWS[opcode]!.immediate === "label" && opcode !== OP.br && opcode !== OP.br_if) return undefined;
  }
  const targetOf = (depth: number): number => {
    const begin = open[open.length - 1 - depth];
    if (begin === undefined) return code.length;
    return code[begin]!.opcode === OP.loop ? begin : ends.get(begin)!;
  };
  return code.map(({ opcode, index, labels }, at) => {
    switch (opcode) {
      case OP.block:
      case OP.loop:
        open.push(at);
        return [at + 1];
      case OP.if: {
        open.push(at);
        const otherwise = elses.get(at);
        return [at + 1, otherwise === undefined ? ends.get(at)! : otherwise + 1];
      }
      case OP.else:
        return [ends.get(open.at(-1)!)!];
      case OP.end:
        open.pop();
        return [at + 1];
      case OP.br:
        return [targetOf(index)];
      case OP.br_if:
        return [at + 1, targetOf(index)];
      case OP.br_table:
        return [...new Set(labels.map(targetOf))];
      case OP.return:
        return [code.length];
      case OP.unreachable:
        return [];
      default:
        return [at + 1];
    }
  });
}

/** Which of up to 32 variables may be read at each instruction, or behind it, before they are written: a bit each. */
function livenessOf(
  code: readonly Instruction[],
  next: readonly (readonly number[])[],
  variables: readonly number[],
): Uint32Array {
  const bits = new Map(variables.map((variable, bit) => [variable, 1 << bit]));
  const live = new Uint32Array(code.length + 1);
  for (let changed = true; changed; ) {
    changed = false;
    for (let at = code.length - 1; at >= 0; at--) {
      const { opcode, index } = code[at]!;
      let word = 0;
      for (const target of next[at]!) word |= live[target]!;
      const bit = bits.get(index) ?? 0;
      if (opcode === OP["local.set"] || opcode === OP["local.tee"]) word &= ~bit;
      else if (opcode === OP["local.get"]) word |= bit;
      if (word >>> 0 === live[at]) continue;
      live[at] = word;
      changed = true;
    }
  }
  return live;
}

/** Writes a body anew, as long as it was. */
function rewrite(
  result: Uint8Array,
  bytes: Uint8Array,
  code: readonly Instruction[],
  moves: ReadonlyMap<number, readonly Clearing[]>,
): void {
  const gone = new Set([...moves.values()].flat().flatMap(({ at }) => [at - 1, at]));
  let to = code[0]!.start;
  const put = (at: number): void => {
    const { start, end } = code[at]!;
    result.set(bytes.subarray(start, end), to);
    to += end - start;
  };
  for (let at = 0; at < code.length; at++) {
    if (!gone.has(at)) put(at);
    for (const clearing of moves.get(at) ?? []) {
      put(clearing.at - 1);
      put(clearing.at);
    }
  }
}
