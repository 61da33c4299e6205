// Register code as data: what one process has lowered, another one need not. It is not checked when it is read: it
// must come from this very version of the engine, and be as trusted as the engine's own code.
import type { DecodedModule } from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import type { FuelSchedule } from "../fuel-schedule.js";
import { type CodeRegion, type Handler, PC_LAZY, type RegisterCode } from "../register-code/register-code.js";
import { LAYOUTS } from "../register-code/register-op-table.generated.js";
import type { ModuleContext } from "./module-context.js";

// Layout, in 32-bit words: MAGIC; number of words; what the code depends on; length of the code, number of regions; entries;
// per region start, end, index, number of handlers, and each handler's HANDLER_WORDS words; code.
const MAGIC = 0x65736331;
const HANDLER_WORDS = 7;

/** Numbers that are equal where the same module lowers to the same code. */
function signatureOf({ bodies, bytes, types }: DecodedModule, schedule: FuelSchedule): number[] {
  const name = [...schedule.name].map((letter) => letter.charCodeAt(0));
  return [LAYOUTS.length, bytes.length, bodies.length, types.length, name.length, ...types, ...name];
}

/**
 * The functions that have been lowered.
 * @throws UsageError if some have been lowered for single steps, which a run with enough fuel does not need
 */
export function encodeCode({ code, module, schedule, blockCounts }: ModuleContext): Uint8Array {
  if (blockCounts !== null) throw new UsageError("code that takes a profile is not saved");
  if (code.tier !== null) throw new UsageError('code is saved by engines of the tier "interpreter"');
  if (code.stepping.size > 0) throw new UsageError("code with single steps is not saved");
  const words = [MAGIC, 0, ...signatureOf(module, schedule), code.length, code.regions.length, ...code.entries];
  for (const { start, end, index, handlers } of code.regions) {
    words.push(start, end, index, handlers.length);
    for (const { from, to, kind, tagidx, target, fuel, slot } of handlers)
      words.push(from, to, kind, tagidx, target, fuel, slot);
  }
  const archive = new Int32Array(words.length + code.length);
  words[1] = archive.length;
  archive.set(words);
  archive.set(code.code.subarray(0, code.length), words.length);
  return new Uint8Array(archive.buffer);
}

/**
 * Gives freshly prepared code what `archive` has.
 * @param isWanted functions that are not are lowered when they are called, as if the archive had none of them
 * @returns false, and nothing has changed, if the archive is of another version, module or schedule
 */
export function restoreCode(
  { code, module, schedule }: ModuleContext,
  archive: Uint8Array,
  isWanted: (index: number) => boolean = () => true,
): boolean {
  if (archive.length % 4 !== 0) return false;
  // A copy: aligned, and nobody else's.
  const words = new Int32Array(archive.slice().buffer);
  let at = 0;
  for (const expected of [MAGIC, words.length, ...signatureOf(module, schedule)])
    if (words[at++] !== expected) return false;
  const length = words[at++]!;
  const regionCount = words[at++]!;
  code.entries.set(words.subarray(at, at + code.entries.length));
  at += code.entries.length;
  for (let i = 0; i < regionCount; i++) {
    const handlerCount = words[at + 3]!;
    const region: CodeRegion = {
      start: words[at]!,
      end: words[at + 1]!,
      index: words[at + 2]!,
      stepping: false,
      handlers: handlersOf(words, at + 4, handlerCount),
    };
    at += 4 + handlerCount * HANDLER_WORDS;
    if (!isWanted(region.index)) {
      code.entries[2 * region.index] = PC_LAZY;
      code.entries[2 * region.index + 1] = 0;
      continue;
    }
    code.regions.push(region);
    code.fast.set(region.index, region);
  }
  setCode(code, words.subarray(at, at + length));
  if (code.tier !== null) for (const index of code.fast.keys()) code.tier.lowered(index);
  return true;
}

function handlersOf(words: Int32Array, start: number, count: number): readonly Handler[] {
  return Array.from({ length: count }, (_, i) => {
    const [from, to, kind, tagidx, target, fuel, slot] = words.subarray(start + i * HANDLER_WORDS);
    return { from: from!, to: to!, kind: kind!, tagidx: tagidx!, target: target!, fuel: fuel!, slot: slot! };
  });
}

function setCode(code: RegisterCode, words: Int32Array): void {
  code.reserve(words.length - code.length);
  code.code.set(words);
  code.length = words.length;
}
