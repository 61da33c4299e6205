// Profiles: how often the blocks of a module's functions ran, as text.
//
//   escapement profile 1
//   module 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08      SHA-256 of the module
//   func 3 fib                                                                    funcidx, and its name for readers
//   0:1973 12:987 20:986                                                          byte in the body: how often
//
// A block begins where control may come from elsewhere, and behind what may send it elsewhere; it is named by its
// first instruction, counted from the first one of the body. Blocks that never ran are left out.
import { type DecodedModule, readNames } from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import { hashOf } from "../module-hash.js";
import { hex } from "../sha256.js";

/** How often blocks ran, by the byte offsets of their first instructions in the module. */
export type BlockCounts = ReadonlyMap<number, number>;

const FIRST_LINE = "escapement profile 1";
const COUNTS_PER_LINE = 12;
const COUNT = /^(\d+):(\d+)$/;

export function writeProfile(module: DecodedModule, counts: BlockCounts): string {
  const names = readNames(module);
  const offsets = [...counts.keys()].sort((a, b) => a - b);
  const lines = [FIRST_LINE, `module ${hex(hashOf(module))}`];
  let next = 0;
  for (let i = 0; i < module.bodies.length && next < offsets.length; i++) {
    const { start, end } = module.bodies.get(i)!;
    const own: string[] = [];
    for (; next < offsets.length && offsets[next]! < end; next++) {
      const offset = offsets[next]!;
      own.push(`${offset - start}:${counts.get(offset)}`);
    }
    if (own.length === 0) continue;
    const funcidx = module.importedFuncCount + i;
    lines.push(`func ${funcidx} ${(names.funcs.get(funcidx) ?? "").replace(/\s/g, "_")}`.trimEnd());
    for (let k = 0; k < own.length; k += COUNTS_PER_LINE) lines.push(own.slice(k, k + COUNTS_PER_LINE).join(" "));
  }
  return `${lines.join("\n")}\n`;
}

/** @throws UsageError if it is no profile, or one of another module */
export function readProfile(module: DecodedModule, text: string): BlockCounts {
  const [first, second, ...lines] = text.split("\n");
  if (first !== FIRST_LINE) throw new UsageError(`a profile begins with the line "${FIRST_LINE}"`);
  const hash = hex(hashOf(module));
  if (second !== `module ${hash}`)
    throw new UsageError(`the profile is of another module: "${second}" where this one has SHA-256 ${hash}`);
  const counts = new Map<number, number>();
  let body = { start: 0, end: 0 };
  lines.forEach((line, i) => {
    const [word, number] = line.split(" ");
    if (line === "") return;
    if (word === "func") body = bodyOf(module, Number(number), i);
    else for (const item of line.split(" ")) readCount(item, body, counts, i);
  });
  return counts;
}

/** Lines in front of those that are counted from 0. */
const LINES_BEFORE = 3;

function bodyOf(module: DecodedModule, funcidx: number, line: number): { start: number; end: number } {
  const body = module.bodies.get(funcidx - module.importedFuncCount);
  if (!Number.isInteger(funcidx) || body === undefined)
    throw new UsageError(`line ${line + LINES_BEFORE} of the profile names no function that the module defines`);
  return body;
}

function readCount(
  item: string,
  { start, end }: { start: number; end: number },
  counts: Map<number, number>,
  line: number,
) {
  const [, offset, count] = COUNT.exec(item) ?? [];
  const at = start + Number(offset);
  if (!(at < end) || !Number.isSafeInteger(Number(count)))
    throw new UsageError(
      `line ${line + LINES_BEFORE} of the profile has "${item}", which is not OFFSET:COUNT with an offset in its function`,
    );
  counts.set(at, Number(count));
}
