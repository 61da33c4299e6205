// What a proof shows of an instance's code: its outline, its functions' places, and of the module's bytes the bodies.
import { type Code, decodeCode } from "./code.js";
import { refuse } from "./errors.js";
import type { Part } from "./part.js";
import { committedJson } from "./proof.js";

/** As proof/program.ts writes it: types by keys that are equal for equal types, all else by the module's own indices. */
export interface Outline {
  readonly types: readonly {
    readonly key: string;
    readonly kind: "func" | "struct" | "array";
    readonly supers: readonly string[];
    readonly values: readonly string[];
    readonly results: readonly string[];
  }[];
  readonly imports: readonly string[];
  readonly globals: readonly string[];
  readonly tags: readonly number[];
  readonly memories: number;
  readonly tables: number;
  readonly datas: readonly (readonly [number, number])[];
  /** Functions, or how many expressions. */
  readonly elems: readonly (readonly number[] | number)[];
}

const FUNCTION_BYTES = 16;
const widthOf = (value: string) => (value === "v128" ? 2 : 1);

/** Bytes of a field or element of this type; 8 for references. */
export function storageBytes(value: string): number {
  return { i8: 1, i16: 2, i32: 4, f32: 4, i64: 8, f64: 8, ref: 8, v128: 16 }[value]!;
}

export class Program {
  readonly outline: Outline;
  private readonly codes = new Map<number, Code>();

  constructor(private readonly parts: ReadonlyMap<string, Part>) {
    if ([...parts.keys()].join() !== "module,functions,outline")
      refuse("a program has a module, functions, an outline");
    this.outline = committedJson(parts.get("outline")!) as Outline;
  }

  get importedFuncs(): number {
    return this.outline.imports.length;
  }

  private record(funcidx: number, word: number): number {
    return this.parts.get("functions")!.u32(funcidx * FUNCTION_BYTES + 4 * word);
  }

  /** The typeidx of a function. */
  typeOf(funcidx: number): number {
    return this.record(funcidx, 0);
  }

  /** The code of a defined function. */
  code(func: number): Code {
    let code = this.codes.get(func);
    if (code === undefined) {
      const funcidx = this.importedFuncs + func;
      const [start, end] = [this.record(funcidx, 1), this.record(funcidx, 2)];
      if (end <= start) refuse(`function ${funcidx} has no body`);
      const body = this.parts.get("module")!.bytes(start, end - start);
      code = decodeCode(this, this.typeOf(funcidx), body, start);
      this.codes.set(func, code);
    }
    return code;
  }

  /** Bytes of a data segment. */
  data(dataidx: number, from: number, count: number): Uint8Array {
    const [start, end] = this.outline.datas[dataidx]!;
    if (start + from + count > end) refuse("bytes behind the end of a data segment");
    return this.parts.get("module")!.bytes(start + from, count);
  }
  dataLength(dataidx: number): number {
    const [start, end] = this.outline.datas[dataidx]!;
    return end - start;
  }

  paramWidths(typeidx: number): readonly number[] {
    return this.outline.types[typeidx]!.values.map(widthOf);
  }
  resultWidths(typeidx: number): readonly number[] {
    return this.outline.types[typeidx]!.results.map(widthOf);
  }
  globalWidth(globalidx: number): number {
    return widthOf(this.outline.globals[globalidx]!);
  }
  fieldWidth(typeidx: number, fieldidx: number): number {
    return widthOf(this.outline.types[typeidx]!.values[fieldidx]!);
  }

  /** Whether a type is another one, or declared below it. */
  static isSubtype(a: Outline["types"][number], key: string): boolean {
    return a.key === key || a.supers.includes(key);
  }
}
