// What is known of functions that were compiled ahead of time, as text: it is read when one is first left.
//
// Numbers in base 36 with spaces between: how each local is held; its first variable; per region how many locals lie
// elsewhere there, and which, and where; then sites until the end. A site is its kind, its offset behind the one before,
// what is charged, its region; of calls the call's offset before it and the base; operands, and of calls results: how
// many, and each one's slot, how it is held, its variable, or −1 and its parts.
import type { Ref } from "../store/refs.js";
import { type Held, partCount, REF, slotsOfHeld } from "./held.js";
import { type CompiledFunction, LEAVE_KINDS, type LeaveSite, type LiveOperand } from "./leave-site.js";

const FIRST_CALL = LEAVE_KINDS.indexOf("call");

class NumberWriter {
  private readonly texts: string[] = [];
  put(...values: number[]): void {
    for (const value of values)
      this.texts.push(
        Object.is(value, -0) ? NEGATIVE_ZERO : Number.isSafeInteger(value) ? value.toString(36) : `=${value}`,
      );
  }
  toString(): string {
    return this.texts.join(" ");
  }
}
/** Other numbers than whole ones to 2^53 are written as JavaScript writes them, behind a sign: parseInt() rounds. */
const NEGATIVE_ZERO = "=-0";

class NumberReader {
  private readonly texts: readonly string[];
  private at = 0;
  constructor(text: string) {
    this.texts = text === "" ? [] : text.split(" ");
  }
  get isAtEnd(): boolean {
    return this.at === this.texts.length;
  }
  next(): number {
    const text = this.texts[this.at++]!;
    return text[0] === "=" ? Number(text.slice(1)) : Number.parseInt(text, 36);
  }
  list(count = this.next()): number[] {
    return Array.from({ length: count }, () => this.next());
  }
}

export function writeSites({ held, localVariables, sites }: CompiledFunction): string {
  const out = new NumberWriter();
  const [own, ...regions] = localVariables;
  out.put(held.length, ...held, ...own!, regions.length);
  for (const region of regions) {
    const moved = region.flatMap((at, i) => (at === own![i] ? [] : [i, at]));
    out.put(moved.length, ...moved);
  }
  let last = 0;
  for (const { kind, offset, charged, region, callOffset, base, operands, results } of sites) {
    out.put(LEAVE_KINDS.indexOf(kind), offset - last, charged, region);
    last = offset;
    if (LEAVE_KINDS.indexOf(kind) >= FIRST_CALL) out.put(offset - callOffset, base);
    writeOperands(out, operands);
    if (LEAVE_KINDS.indexOf(kind) >= FIRST_CALL) writeOperands(out, results);
  }
  return out.toString();
}

function writeOperands(out: NumberWriter, operands: readonly LiveOperand[]): void {
  out.put(operands.length);
  for (const { slot, held, variable, parts } of operands) {
    out.put(slot, held, variable);
    // The only constant among references is null.
    if (variable < 0 && held !== REF) out.put(...(parts as number[]));
  }
}

type Layout = Pick<CompiledFunction, "held" | "localSlots" | "localVariables" | "sites">;

function readSites(text: string): Layout {
  const from = new NumberReader(text);
  const count = from.next();
  const held = from.list(count);
  const own = from.list(count);
  const localVariables = [own];
  for (let n = from.next(); n > 0; n--) {
    const moved = from.list();
    const variables = [...own];
    for (let i = 0; i < moved.length; i += 2) variables[moved[i]!] = moved[i + 1]!;
    localVariables.push(variables);
  }
  const sites: LeaveSite[] = [];
  let last = 0;
  while (!from.isAtEnd) {
    const kind = from.next();
    const offset = last + from.next();
    last = offset;
    const charged = from.next();
    const region = from.next();
    const isCall = kind >= FIRST_CALL;
    const callOffset = isCall ? offset - from.next() : 0;
    const base = isCall ? from.next() : 0;
    const operands = readOperands(from);
    const results = isCall ? readOperands(from) : [];
    sites.push({ kind: LEAVE_KINDS[kind]!, offset, charged, region, callOffset, base, operands, results });
  }
  let slot = 0;
  const localSlots = held.map((one) => {
    const at = slot;
    slot += slotsOfHeld(one);
    return at;
  });
  return { held, localSlots, localVariables, sites };
}

function readOperands(from: NumberReader): readonly LiveOperand[] {
  return Array.from({ length: from.next() }, () => {
    const slot = from.next();
    const held: Held = from.next();
    const variable = from.next();
    const parts: readonly Ref[] = variable >= 0 ? [] : held === REF ? [null] : from.list(partCount(held));
    return { slot, held, variable, parts };
  });
}

/** A function that was compiled ahead of time; where it can be left is read when it is. */
export class AheadFunction implements CompiledFunction {
  positions: Int32Array | null = null;
  returnsTo: Int32Array | null = null;
  private layout: Layout | null = null;

  constructor(
    readonly index: number,
    /** Words of its frame. */
    readonly words: number,
    readonly most: number,
    private readonly text: string,
  ) {}

  private get read(): Layout {
    this.layout ??= readSites(this.text);
    return this.layout;
  }
  get held(): readonly Held[] {
    return this.read.held;
  }
  get localSlots(): readonly number[] {
    return this.read.localSlots;
  }
  get localVariables(): readonly (readonly number[])[] {
    return this.read.localVariables;
  }
  get sites(): readonly LeaveSite[] {
    return this.read.sites;
  }
}
