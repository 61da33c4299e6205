// `escapement inspect`: what is in a module; runs nothing.

import { ByteReader, disassemble, featuresOf } from "../decoder/index.js";
import { Engine, type Module } from "../runtime/index.js";
import { drained } from "./output.js";
import { printable, STATUS } from "./report.js";
import { loadModule } from "./validate.js";

/** Lines written before the next look at whether the reader keeps up. */
const LINES_PER_WRITE = 1000;

export async function inspect(file: string, asText: boolean): Promise<number> {
  const engine = new Engine();
  const module = loadModule(file, (bytes) => engine.compile(bytes));
  if (module === undefined) return STATUS.guestFailed;
  let pending: string[] = [];
  for (const line of asText ? disassemble(module.decoded) : summary(module)) {
    if (pending.push(`${line}\n`) < LINES_PER_WRITE) continue;
    process.stdout.write(pending.join(""));
    pending = [];
    await drained();
  }
  process.stdout.write(pending.join(""));
  return STATUS.done;
}

/** What `inspect` prints, line by line. */
export function* summary(module: Module): Generator<string> {
  const { decoded } = module;
  yield* list("sections", sections(decoded.bytes));
  yield* list("features", [...featuresOf(decoded).keys()]);
  yield* list(
    "imports",
    module.imports().map((entry) => `${quote(entry.module)} ${quote(entry.name)}: ${entry.description}`),
  );
  yield* list(
    "exports",
    module.exports().map(({ name, description }) => `${quote(name)}: ${description}`),
  );
  if (decoded.start >= 0) yield `start: func ${decoded.start}`;
}

function* list(title: string, lines: readonly string[]): Generator<string> {
  yield `${title}: ${lines.length}`;
  for (const line of lines) yield `  ${line}`;
}

const quote = (name: string): string => printable(JSON.stringify(name));

/** By section id. */
const SECTION_NAMES =
  "custom type import function table memory global export start element code data data-count tag".split(" ");
const CUSTOM = 0;
const START = 8;

/** Sections in their order: name, place, size, and for vectors the number of entries. The bytes are valid. */
function sections(bytes: Uint8Array): string[] {
  const reader = new ByteReader(bytes, []);
  reader.offset = 8; // behind the magic number and the version
  const lines: string[] = [];
  while (reader.offset < bytes.length) {
    const start = reader.offset;
    const id = reader.u8();
    const size = reader.u32();
    const end = reader.offset + size;
    const first =
      id === CUSTOM ? quote(reader.name()) : id === START ? `func ${reader.u32()}` : `${reader.u32()} entries`;
    lines.push(`${SECTION_NAMES[id]!.padEnd(10)} offset 0x${start.toString(16)}, ${size} bytes, ${first}`);
    reader.offset = end;
  }
  return lines;
}
