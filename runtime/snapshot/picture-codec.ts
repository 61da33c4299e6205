// The sections of a snapshot that hold a picture. Reading checks that each field can be what it is;
// what it refers to is checked where the picture is restored.
import { BLOCK_BYTES, MemoryPicture } from "../store/memory-picture.js";
import type { HostRef } from "../store/refs.js";
import type { SnapshotBase } from "./base.js";
import type { ByteSource } from "./byte-source.js";
import { ByteWriter } from "./byte-writer.js";
import type { HostRefCodec } from "./graph.js";
import type {
  CodePlace,
  ExecutionPicture,
  FramePicture,
  GlobalPicture,
  InstancePicture,
  RefCode,
  RefEntry,
  StorePicture,
  TopPicture,
  TypePlace,
} from "./picture.js";
import { damaged, SnapshotError } from "./snapshot-error.js";

// ---- Structure: everything but memories and the execution ----

type Structure = Omit<StorePicture, "schedule" | "limits" | "bounds" | "memories" | "execution" | "instances"> & {
  readonly instances: readonly Omit<InstancePicture, "module">[];
};

const SEGMENT_DROPPED = 0;
const SEGMENT_MODULE = 1;
const SEGMENT_REFS = 2;

export function writeStructure(picture: StorePicture, codec: HostRefCodec | null): Uint8Array {
  const out = new ByteWriter();
  const list = <T>(items: readonly T[], write: (item: T) => void) => {
    out.count(items.length);
    items.forEach(write);
  };
  const codes = (items: readonly RefCode[]) => list(items, (code) => out.count(code));
  list(picture.names, (name) => out.text(name));
  list(picture.shape, (number) => out.signed(number));
  const { memoryBytes, peakMemoryBytes, tableElements, gcHeapBytes, gcLiveBytes } = picture.accounts;
  for (const number of [memoryBytes, peakMemoryBytes, tableElements, gcHeapBytes, gcLiveBytes]) out.count(number);
  for (const { elems, datas } of picture.instances) {
    list(elems, (elements) => {
      out.byte(elements === null ? SEGMENT_DROPPED : elements === "module" ? SEGMENT_MODULE : SEGMENT_REFS);
      if (elements !== null && elements !== "module") codes(elements);
    });
    list(datas, (kept) => out.byte(kept ? 1 : 0));
  }
  list(picture.tables, codes);
  list(picture.globals, ({ words, ref }) => {
    out.count(words.length);
    out.int32s(words);
    out.count(ref);
  });
  list(picture.refs, (entry) => writeEntry(out, entry, codec));
  return out.finish();
}

/** @param instanceCount as the header has it */
export function readStructure(source: ByteSource, instanceCount: number): Structure {
  const codes = () => source.list(() => source.count());
  const names = source.list(() => source.text());
  const shape = source.list(() => source.signed());
  const accounts = {
    memoryBytes: source.count(),
    peakMemoryBytes: source.count(),
    tableElements: source.count(),
    gcHeapBytes: source.count(),
    gcLiveBytes: source.count(),
  };
  const instances = Array.from({ length: instanceCount }, () => ({
    elems: source.list(() => {
      const kind = source.count(SEGMENT_REFS);
      return kind === SEGMENT_DROPPED ? null : kind === SEGMENT_MODULE ? ("module" as const) : codes();
    }),
    datas: source.list(() => source.flag()),
  }));
  const tables = source.list(codes);
  const globals: GlobalPicture[] = source.list(() => ({ words: source.int32s(source.count(4)), ref: source.count() }));
  const refs = source.list(() => readEntry(source));
  source.end();
  return { names, shape, accounts, instances, tables, globals, refs };
}

const ENTRY = { func: 0, extern: 1, host: 2, exception: 3, struct: 4, bytes: 5, halves: 6, words: 7, refs: 8 } as const;

function writeEntry(out: ByteWriter, entry: RefEntry, codec: HostRefCodec | null): void {
  switch (entry.kind) {
    case "func":
      if (typeof entry.place === "string") {
        out.byte(ENTRY.extern);
        out.text(entry.place);
      } else {
        out.byte(ENTRY.func);
        out.count(entry.place.instance);
        out.count(entry.place.funcidx);
      }
      return;
    case "host": {
      const bytes = hostBytes(entry.value, codec);
      out.byte(ENTRY.host);
      out.count(bytes.length);
      out.bytes(bytes);
      return;
    }
    case "exception":
      out.byte(ENTRY.exception);
      out.count(entry.tag);
      out.count(entry.refs.length);
      out.int32s(entry.words);
      for (const code of entry.refs) out.count(code);
      return;
    case "struct":
      out.byte(ENTRY.struct);
      writeType(out, entry.type);
      out.count(entry.cells.length);
      for (const cell of entry.cells) out.signed(cell);
      return;
    case "array":
      writeArray(out, entry);
  }
}

function hostBytes(value: HostRef | Uint8Array, codec: HostRefCodec | null): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (codec !== null) return codec.encode(value.value);
  throw new SnapshotError("unsupported", "the state holds a value of the host's (an externref): give hostRefs");
}

function writeType(out: ByteWriter, { instance, typeidx }: TypePlace): void {
  out.count(instance);
  out.count(typeidx);
}

function writeArray(out: ByteWriter, { type, elements }: RefEntry & { kind: "array" }): void {
  const kind =
    elements instanceof Uint8Array
      ? ENTRY.bytes
      : elements instanceof Uint16Array
        ? ENTRY.halves
        : elements instanceof Int32Array
          ? ENTRY.words
          : ENTRY.refs;
  out.byte(kind);
  writeType(out, type);
  out.count(elements.length);
  if (elements instanceof Uint8Array) out.bytes(elements);
  else if (elements instanceof Int32Array) out.int32s(elements);
  else for (const element of elements) out.count(element);
}

function readEntry(source: ByteSource): RefEntry {
  const kind = source.byte();
  switch (kind) {
    case ENTRY.func:
      return { kind: "func", place: { instance: source.count(), funcidx: source.count() } };
    case ENTRY.extern:
      return { kind: "func", place: source.text() };
    case ENTRY.host:
      return { kind: "host", value: source.bytes(source.count()).slice() };
    case ENTRY.exception: {
      const tag = source.count();
      const slots = source.length(9);
      const words = source.int32s(slots * 2);
      return { kind: "exception", tag, words, refs: Array.from({ length: slots }, () => source.count()) };
    }
    case ENTRY.struct:
      return { kind: "struct", type: readType(source), cells: source.list(() => source.signed()) };
    case ENTRY.bytes:
      return { kind: "array", type: readType(source), elements: source.bytes(source.count()).slice() };
    case ENTRY.halves: {
      const type = readType(source);
      return { kind: "array", type, elements: Uint16Array.from(source.list(() => source.count(0xffff))) };
    }
    case ENTRY.words:
      return { kind: "array", type: readType(source), elements: source.int32s(source.length(4)) };
    case ENTRY.refs:
      return { kind: "array", type: readType(source), elements: source.list(() => source.count()) };
    default:
      return damaged("a reference of an unknown kind");
  }
}

function readType(source: ByteSource): TypePlace {
  return { instance: source.count(), typeidx: source.count() };
}

// ---- Memories ----

/** Blocks that the base has at the same place are left out, if the pictures were taken with it. */
export function writeMemories(
  memories: readonly MemoryPicture[],
  base: SnapshotBase | null,
): { readonly bytes: Uint8Array; readonly needsBase: boolean } {
  const out = new ByteWriter();
  let needsBase = false;
  out.count(memories.length);
  memories.forEach((memory, i) => {
    const based = memory.base !== null && memory.base === base?.memories[i];
    needsBase ||= based;
    const { byteLength, numbers, data } = based ? memory : memory.flat();
    out.count(byteLength);
    out.byte(based ? 1 : 0);
    out.count(numbers.length);
    let next = 0;
    for (const number of numbers) {
      out.count(number - next);
      next = number + 1;
    }
    out.bytes(data);
  });
  return { bytes: out.finish(), needsBase };
}

export function readMemories(source: ByteSource, base: SnapshotBase | null): MemoryPicture[] {
  let number = 0;
  const memories = source.list(() => readMemory(source, base?.memories[number++] ?? null));
  source.end();
  return memories;
}

function readMemory(source: ByteSource, base: MemoryPicture | null): MemoryPicture {
  const byteLength = source.count();
  const based = source.flag();
  if (based && base === null) damaged("a memory without its base");
  const numbers = new Uint32Array(source.length(BLOCK_BYTES));
  let next = 0;
  for (let i = 0; i < numbers.length; i++) {
    const number = next + source.count(2 ** 32);
    if (number * BLOCK_BYTES >= byteLength || number >= 2 ** 32) damaged("a block outside of its memory");
    numbers[i] = number;
    next = number + 1;
  }
  const data = source.bytes(numbers.length * BLOCK_BYTES).slice();
  // Behind the memory's end there are zeros, which show when it grows.
  if (numbers.length > 0) {
    const last = numbers[numbers.length - 1]! * BLOCK_BYTES;
    const end = data.length - BLOCK_BYTES + (byteLength - last);
    for (let i = end; i < data.length; i++) if (data[i] !== 0) damaged("bytes behind the end of a memory");
  }
  return new MemoryPicture(byteLength, based ? base : null, numbers, data);
}

// ---- The execution ----

const FRAME = { exit: 0, leave: 1, invoke: 2, setThrew: 3, call: 4 } as const;
const TOP = { start: 0, entry: 1, instruction: 2, host: 3 } as const;
const CALLERS = ["embedder", "tail", "invoke", "call"] as const;

export function writeExecution(execution: ExecutionPicture): Uint8Array {
  const out = new ByteWriter();
  out.count(execution.func);
  out.count(execution.fuelGranted);
  out.count(execution.fuelLeft);
  out.count(execution.words.length);
  out.int32s(execution.words);
  out.count(execution.refs.length);
  for (const number of execution.refs) out.count(number);
  out.count(execution.frames.length);
  for (const frame of execution.frames) writeFrame(out, frame);
  writeTop(out, execution.top);
  return out.finish();
}

function writePlace(out: ByteWriter, { instance, func, offset }: CodePlace): void {
  out.count(instance);
  out.count(func);
  out.count(offset);
}
function readPlace(source: ByteSource): CodePlace {
  return { instance: source.count(), func: source.count(), offset: source.count() };
}

function writeFrame(out: ByteWriter, frame: FramePicture): void {
  out.byte(FRAME[frame.kind]);
  if (frame.kind === "exit") return;
  out.count(frame.fp);
  if (frame.kind === "leave") out.count(frame.instance);
  else if (frame.kind === "call") writePlace(out, frame.at);
}

function readFrame(source: ByteSource): FramePicture {
  const kind = source.byte();
  if (kind === FRAME.exit) return { kind: "exit" };
  const fp = source.count();
  switch (kind) {
    case FRAME.leave:
      return { kind: "leave", fp, instance: source.count() };
    case FRAME.invoke:
      return { kind: "invoke", fp };
    case FRAME.setThrew:
      return { kind: "setThrew", fp };
    case FRAME.call:
      return { kind: "call", fp, at: readPlace(source) };
    default:
      return damaged("a frame of an unknown kind");
  }
}

function writeTop(out: ByteWriter, top: TopPicture): void {
  out.byte(TOP[top.kind]);
  switch (top.kind) {
    case "start":
      return;
    case "entry":
      out.count(top.fp);
      out.count(top.instance);
      out.count(top.func);
      return;
    case "instruction":
      out.count(top.fp);
      writePlace(out, top.at);
      return;
    case "host":
      out.count(top.fp);
      out.count(top.func);
      out.count(top.base);
      out.byte(CALLERS.indexOf(top.caller.kind));
      if (top.caller.kind === "call") writePlace(out, top.caller.at);
      else if (top.caller.kind !== "embedder") out.count(top.caller.instance);
  }
}

function readTop(source: ByteSource): TopPicture {
  const kind = source.byte();
  if (kind === TOP.start) return { kind: "start" };
  const fp = source.count();
  switch (kind) {
    case TOP.entry:
      return { kind: "entry", fp, instance: source.count(), func: source.count() };
    case TOP.instruction:
      return { kind: "instruction", fp, at: readPlace(source) };
    case TOP.host: {
      const func = source.count();
      const base = source.count();
      const caller = CALLERS[source.count(CALLERS.length - 1)]!;
      if (caller === "embedder") return { kind: "host", func, base, fp, caller: { kind: caller } };
      if (caller === "call") return { kind: "host", func, base, fp, caller: { kind: caller, at: readPlace(source) } };
      return { kind: "host", func, base, fp, caller: { kind: caller, instance: source.count() } };
    }
    default:
      return damaged("an execution that goes on nowhere");
  }
}

export function readExecution(source: ByteSource): ExecutionPicture {
  const func = source.count();
  const fuelGranted = source.count();
  const fuelLeft = source.count();
  const words = source.int32s(source.length(4));
  const refs = source.list(() => source.count());
  if (refs.length % 2 !== 0) damaged("a register without a reference");
  const frames = source.list(() => readFrame(source));
  const top = readTop(source);
  source.end();
  return { func, fuelGranted, fuelLeft, words, refs, frames, top };
}
