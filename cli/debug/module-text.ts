// A module's functions as text, by byte offsets: the sources of a debugger.
import { type DecodedModule, disassemble, readNames } from "../../decoder/index.js";

/** A line of a function's text. */
export interface TextLine {
  readonly text: string;
  /** Byte offset in the module; −1 of lines that are no instructions. */
  readonly offset: number;
}

const LINE = /^\s*\(;@([\da-f]+);\)\s?(.*)$/;

export class ModuleText {
  private readonly functions = new Map<number, readonly TextLine[]>();
  private readonly names: ReadonlyMap<number, string>;
  private readonly exported: ReadonlyMap<number, string>;

  constructor(readonly module: DecodedModule) {
    this.names = readNames(module).funcs;
    this.exported = new Map(
      module.exports.flatMap(({ kind, index, name }) => (kind === "func" ? [[index, name] as const] : [])),
    );
  }

  nameOf(funcidx: number): string {
    return this.names.get(funcidx) ?? this.exported.get(funcidx) ?? `function ${funcidx}`;
  }

  /** The defined function with a name, or with "function N"; undefined if there is none. */
  funcNamed(name: string): number | undefined {
    const { module } = this;
    for (let i = module.importedFuncCount; i < module.funcs.length; i++) {
      if (this.nameOf(i) === name || this.exported.get(i) === name || `function ${i}` === name) return i;
    }
    return undefined;
  }

  /** The host functions with a name, as "module.name": by that, by the second half, or by what the module calls them. */
  hostFuncsNamed(name: string): string[] {
    const imported = this.module.imports.filter(({ kind }) => kind === "func");
    return imported.flatMap((entry, funcidx) => {
      const whole = `${entry.module}.${entry.name}`;
      return [whole, entry.name, this.names.get(funcidx)].includes(name) ? [whole] : [];
    });
  }

  isDefined(funcidx: number): boolean {
    return funcidx >= this.module.importedFuncCount && funcidx < this.module.funcs.length;
  }

  /** The lines of a defined function. */
  lines(funcidx: number): readonly TextLine[] {
    let lines = this.functions.get(funcidx);
    if (lines === undefined) {
      lines = Array.from(disassemble(this.module, funcidx), (line) => {
        const match = LINE.exec(line);
        if (match === null) return { text: line, offset: -1 };
        return { text: match[2]!, offset: Number.parseInt(match[1]!, 16) };
      });
      this.functions.set(funcidx, lines);
    }
    return lines;
  }

  /** Line, from 1, of the instruction at an offset of a function; 1 if it is none's. */
  lineOf(funcidx: number, offset: number): number {
    return this.lines(funcidx).findIndex((line) => line.offset === offset) + 1 || 1;
  }

  /** Byte offset of a function's body: its entry. */
  entryOf(funcidx: number): number {
    return this.module.bodies.get(funcidx - this.module.importedFuncCount)!.start;
  }

  /** The function that has a byte; undefined if none has. */
  funcAt(offset: number): number | undefined {
    const { bodies, importedFuncCount } = this.module;
    for (let i = 0; i < bodies.length; i++) {
      const { start, end } = bodies.get(i)!;
      if (offset >= start && offset < end) return importedFuncCount + i;
    }
    return undefined;
  }

  /**
   * So many instructions, the first of them `skip` behind the one at `offset`; null where the module has none.
   */
  rows(offset: number, skip: number, count: number): (({ readonly funcidx: number } & TextLine) | null)[] {
    const funcidx = this.funcAt(offset);
    if (funcidx === undefined) return new Array<null>(count).fill(null);
    const rows: (({ readonly funcidx: number } & TextLine) | null)[] = this.instructions(funcidx);
    let at = rows.findIndex((row) => row!.offset >= offset) + skip;
    for (let before = funcidx - 1; at < 0 && this.isDefined(before); before--) {
      const more = this.instructions(before);
      rows.unshift(...more);
      at += more.length;
    }
    for (let behind = funcidx + 1; rows.length < at + count && this.isDefined(behind); behind++)
      rows.push(...this.instructions(behind));
    return Array.from({ length: count }, (_, i) => rows[at + i] ?? null);
  }

  private instructions(funcidx: number): ({ readonly funcidx: number } & TextLine)[] {
    return this.lines(funcidx).flatMap((line) => (line.offset < 0 ? [] : [{ funcidx, ...line }]));
  }
}
