// The types of a module's exported functions, read from its bytes: the WebAssembly JavaScript API
// does not tell them. The module has been validated by the host, so nothing is checked here.

import type { NumericType } from "../values.js";

/** A parameter or result; references only by the hierarchy that the harness must tell apart. */
export type HostType = NumericType | "externref" | "ref";

export interface FunctionType {
  readonly params: readonly HostType[];
  readonly results: readonly HostType[];
  /** The same, as bytes of the binary format. */
  readonly paramBytes: readonly Uint8Array[];
  readonly resultBytes: readonly Uint8Array[];
}

/** What a caller of a module's functions needs of its types. */
export interface ModuleTypes {
  /** Entries of the type section, without their count. */
  readonly section: Uint8Array;
  /** Number of those entries: a recursive group is one. */
  readonly entries: number;
  /** Per typeidx; undefined for structs and arrays. */
  readonly types: readonly (FunctionType | undefined)[];
  /** Export name to typeidx. */
  readonly functions: ReadonlyMap<string, number>;
}

const NUMERIC: Readonly<Record<number, NumericType>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
};
const EXTERN = 0x6f;
const NO_EXTERN = 0x72;
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads the type, import, function and export sections. */
export function readModuleTypes(bytes: Uint8Array): ModuleTypes {
  const reader = new Reader(bytes);
  const types: (FunctionType | undefined)[] = [];
  const functions = new Map<string, number>();
  const functionTypes: number[] = [];
  let section = new Uint8Array();
  let entries = 0;
  reader.at = 8;
  while (reader.at < bytes.length) {
    const id = bytes[reader.at++]!;
    const size = reader.u32();
    const end = reader.at + size;
    if (id === 1) {
      entries = reader.u32();
      section = bytes.slice(reader.at, end);
      for (let i = 0; i < entries; i++) readRecursiveType(reader, types);
    } else if (id === 2) readImports(reader, functionTypes);
    else if (id === 3) for (let n = reader.u32(); n > 0; n--) functionTypes.push(reader.u32());
    else if (id === 7) {
      for (let n = reader.u32(); n > 0; n--) {
        const name = reader.name();
        const kind = bytes[reader.at++]!;
        const index = reader.u32();
        if (kind === 0) functions.set(name, functionTypes[index]!);
      }
    }
    reader.at = end;
  }
  return { section, entries, types, functions };
}

class Reader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}

  u32(): number {
    return Number(BigInt.asUintN(32, this.leb()));
  }
  /** A LEB128 number of any width and sign, its sign bit not extended. */
  leb(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  name(): string {
    const length = this.u32();
    this.at += length;
    return UTF8.decode(this.bytes.subarray(this.at - length, this.at));
  }
  valueType(): { type: HostType; bytes: Uint8Array } {
    const start = this.at;
    const code = this.bytes[this.at++]!;
    let heap = code;
    if (code === 0x63 || code === 0x64) {
      heap = this.bytes[this.at]!;
      this.leb();
    }
    const type = NUMERIC[code] ?? (heap === EXTERN || heap === NO_EXTERN ? "externref" : "ref");
    return { type, bytes: this.bytes.slice(start, this.at) };
  }
}

function readRecursiveType(reader: Reader, types: (FunctionType | undefined)[]): void {
  let count = 1;
  if (reader.bytes[reader.at] === 0x4e) {
    reader.at++;
    count = reader.u32();
  }
  for (; count > 0; count--) readSubType(reader, types);
}

function readSubType(reader: Reader, types: (FunctionType | undefined)[]): void {
  let code = reader.bytes[reader.at++]!;
  if (code === 0x50 || code === 0x4f) {
    for (let n = reader.u32(); n > 0; n--) reader.u32();
    code = reader.bytes[reader.at++]!;
  }
  if (code === 0x60) {
    const params = readValueTypes(reader);
    const results = readValueTypes(reader);
    types.push({
      params: params.map(({ type }) => type),
      results: results.map(({ type }) => type),
      paramBytes: params.map(({ bytes }) => bytes),
      resultBytes: results.map(({ bytes }) => bytes),
    });
    return;
  }
  for (let n = code === 0x5f ? reader.u32() : 1; n > 0; n--) {
    reader.valueType();
    reader.at++;
  }
  types.push(undefined);
}

function readValueTypes(reader: Reader): { type: HostType; bytes: Uint8Array }[] {
  return Array.from({ length: reader.u32() }, () => reader.valueType());
}

function readImports(reader: Reader, functionTypes: number[]): void {
  for (let n = reader.u32(); n > 0; n--) {
    reader.name();
    reader.name();
    const kind = reader.bytes[reader.at++]!;
    if (kind === 0) functionTypes.push(reader.u32());
    if (kind === 1 || kind === 3) reader.valueType();
    if (kind === 1 || kind === 2) {
      const flags = reader.bytes[reader.at++]!;
      reader.leb();
      if ((flags & 1) !== 0) reader.leb();
      if ((flags & 8) !== 0) reader.leb();
    }
    if (kind === 3) reader.at++;
    if (kind === 4) {
      reader.at++;
      reader.u32();
    }
  }
}
