// Regions: code of a function that seldom runs, from the beginning of a block to the end of the block around it, as a
// function of its own. So what often runs stays small enough for V8 to optimise, and nothing is left out.
//
//   in the function                                       apart
//   t = fib$1(l0, i2, z);                                 function fib$1(l0, i2, z) {
//   if (t === -1) { pc = XP; break leave; }                 var f = FU | 0, …;
//   l0 = X0; f = FU | 0;                                    leave: { out: { … { pc = 1; break out; } … pc = 0; }
//   if (t === 1) continue L2;                                 X0 = l0; FU = f; return pc; }
//                                                           XP = pc; XV = [l0]; FU = f; return -1;
//                                                         }
//
// What a region returns says where control goes on: 0 behind it, −1 nowhere, since it is left (LV adds what it has in
// XV to the function's own locals), −2 to the function's caller, otherwise one of its exits.
import { NamedVariables } from "./named-variables.js";
import type { SourceLine } from "./source-buffer.js";

/** What it returns. */
const FALLS = 0;
const LEAVES = -1;
export const RETURNS = -2;

/** Variables of the scope that values come back in. */
export const MOST_OUT = 64;

export class Region {
  /** Texts in the function, of exits 1, 2, … */
  private readonly exits: string[] = [];
  private returns = false;
  private falls = false;
  private lines: readonly SourceLine[] = [];
  /** What it names, which is noted while it is emitted. */
  readonly names = new NamedVariables();
  /** Variables of stack positions that what follows may read. */
  private readonly leftOnStack = new Set<string>();

  /**
   * @param name of the function that it becomes
   * @param depth how many control frames are open where it begins; the innermost is the one that it ends with
   * @param start lines of source before it
   * @param onStack variables that operands depend on where it begins
   */
  constructor(
    readonly name: string,
    readonly number: number,
    readonly depth: number,
    readonly start: number,
    private readonly onStack: ReadonlySet<string>,
  ) {
    for (const name of onStack) this.names.named.add(name);
  }

  /** Text in the region that goes to where `text` goes in the function; `values` are the variables that it takes along. */
  exit(text: string, values: readonly string[]): string {
    for (const name of values) this.leftOnStack.add(name);
    let number = this.exits.indexOf(text) + 1;
    if (number === 0) number = this.exits.push(text);
    return `{ pc = ${number}; break out; }`;
  }

  /** Text in the region that returns from the function, whose result is in XR and the variables of results. */
  return(): string {
    this.returns = true;
    return `{ pc = ${RETURNS}; break out; }`;
  }

  end(lines: readonly SourceLine[], falls: boolean, values: readonly string[]): void {
    this.lines = lines;
    this.falls = falls;
    for (const name of values) this.leftOnStack.add(name);
  }

  private text = "";
  /** Makes its text, once fuel is known. */
  resolve(render: (lines: readonly SourceLine[]) => string): void {
    this.text = render(this.lines);
  }

  /** Variables that the function around gives it or takes back. */
  passed(all: readonly RegionVariable[]): readonly string[] {
    const { given, back } = this.partition(all);
    return [...given, ...back].map(({ base }) => base);
  }

  private partition(variables: readonly RegionVariable[]) {
    const { named, assigned } = this.names;
    const own = variables.filter(({ base }) => named.has(base));
    const given = own.filter(({ isLocal, base }) => isLocal || this.onStack.has(base));
    const back = own.filter(({ isLocal, base }) => assigned.has(base) && (isLocal || this.leftOnStack.has(base)));
    return { own, given, back };
  }

  /** Locals that it names, in the order in which XV has them. */
  locals(all: readonly RegionVariable[]): readonly RegionVariable[] {
    return this.partition(all).own.filter(({ isLocal }) => isLocal);
  }

  /** The function that it becomes. */
  functionText(all: readonly RegionVariable[]): string {
    const { views, temporaries, leaves } = this.names;
    const { own, given, back } = this.partition(all);
    const declared = ["f = FU | 0", "t = 0", "u = 0", "pc = 0"];
    for (const view of views) declared.push(`${view.toLowerCase()} = ${view}`);
    for (const name of temporaries) declared.push(`${name} = 0`);
    for (const { name, zero } of own.filter((one) => !given.includes(one))) declared.push(`${name} = ${zero}`);
    const out = back.map(({ name }, i) => `X${i} = ${name};`);
    return [
      `function ${this.name}(${[...given.map(({ name }) => name), "z"].join(", ")}) {`,
      `  var ${declared.join(", ")};`,
      `  ${leaves ? "leave: " : ""}{`,
      "  out: {",
      this.text,
      ...(this.falls ? ["    pc = 0;"] : []),
      "  }",
      `  ${[...out, "FU = f;", "return pc;"].join(" ")}`,
      "  }",
      ...(leaves
        ? [
            `  XP = pc; XV = [${this.locals(all)
              .map(({ name }) => name)
              .join(", ")}]; FU = f; return ${LEAVES};`,
          ]
        : []),
      "}",
    ].join("\n");
  }

  /** What stands in the function. @param returnsValue whether that has results */
  callText(all: readonly RegionVariable[], returnsValue: boolean): string {
    const { given, back } = this.partition(all);
    const args = [...given.map(({ name }) => name), "z"];
    const parts = [`FU = f; t = ${this.name}(${args.join(", ")}) | 0; f = FU | 0;`];
    if (this.names.leaves) parts.push(`if (t === ${LEAVES}) { pc = XP; break leave; }`);
    parts.push(...back.map(({ name }, i) => `${name} = X${i};`));
    const ways: [number, string][] = this.exits.map((text, i) => [i + 1, text]);
    if (this.returns) ways.unshift([RETURNS, returnsValue ? "return XR;" : "return;"]);
    if (this.falls) ways.push([FALLS, ""]);
    const last = ways.pop();
    for (const [number, text] of ways) parts.push(`if (t === ${number}) ${text}`);
    if (last !== undefined) parts.push(last[1]);
    return parts.join(" ");
  }

  /** Variables of the scope that it needs to give values back. */
  backCount(all: readonly RegionVariable[]): number {
    return this.partition(all).back.length;
  }
}

/** A variable of the function around a region. */
export interface RegionVariable {
  /** Of a part of a value. */
  readonly name: string;
  /** Of the value. */
  readonly base: string;
  readonly isLocal: boolean;
  readonly zero: string;
}

/** How often blocks must have run to be part of the function itself. */
export interface Heat {
  /** By byte offset of the first instruction. */
  countOf(offset: number): number;
  /** Blocks that ran less often become regions; 0: none. */
  readonly inline: number;
  /** Whether blocks that never ran are left out: there compiled code is left. */
  readonly prune: boolean;
}
