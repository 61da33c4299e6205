// Pictures to bytes and back: the container of a snapshot.
//
// Layout
//   magic          8 bytes
//   version        u32, little-endian: FORMAT_VERSION
//   length         u32: of everything, the checksum included
//   sections       header, structure, memories, execution, attachments; each
//                    method (0 stored, 1 compressed), length, length as stored (counts), bytes
//   checksum       SHA-256 of everything before it
//
// A checksum is no signature: anybody can make one. So every field is checked where it is read, and
// what the fields refer to where the picture is restored.
import { FUEL_SCHEDULES } from "../fuel-schedule.js";
import { normalizeLimits, type StoreLimits } from "../limits.js";
import { hashOf } from "../module-hash.js";
import { hex, type Sha256, sha256 } from "../sha256.js";
import type { SnapshotBase } from "./base.js";
import { ByteSource } from "./byte-source.js";
import { ByteWriter } from "./byte-writer.js";
import { compress, decompress, isPlausible } from "./compress.js";
import type { HostRefCodec } from "./graph.js";
import { requirePicture, type StorePicture } from "./picture.js";
import {
  readExecution,
  readMemories,
  readStructure,
  writeExecution,
  writeMemories,
  writeStructure,
} from "./picture-codec.js";
import { damaged, SnapshotError } from "./snapshot-error.js";

/** Of the layout. A version reads the snapshots of its own format version only. */
export const FORMAT_VERSION = 1;
/** The version of this package, for whoever reads a snapshot's header. */
export const ENGINE_VERSION = "0.1.0";

const MAGIC = Uint8Array.from("\x89escsnap", (letter) => letter.charCodeAt(0));
const PREFIX_BYTES = MAGIC.length + 8;
const CHECKSUM_BYTES = 32;
/** What a snapshot may unpack to, if the reader does not say otherwise. */
export const DEFAULT_MAX_UNPACKED_BYTES = 2 ** 29;
/** Lists of small numbers take more room in memory than in a snapshot. */
const STRUCTURE_SHARE = 8;

/** What a snapshot says about itself. */
export interface SnapshotInfo {
  readonly engineVersion: string;
  /** Name of the fuel schedule. */
  readonly schedule: string;
  /** Of the store that the snapshot was taken of. */
  readonly limits: StoreLimits;
  /** SHA-256 of the module of each instance, in hexadecimal digits. */
  readonly modules: readonly string[];
  /** Id of the base that it needs; null if it stands alone. */
  readonly base: string | null;
  /** Fuel that the paused execution has used and has left; null if there is none. */
  readonly execution: { readonly fuelUsed: number; readonly fuelLeft: number } | null;
  /** Names of the embedder's own data. */
  readonly attachments: readonly string[];
}

export interface EncodeOptions {
  /** The base that the picture was captured with, to leave out what is in it. Restoring needs it, too. */
  readonly base?: SnapshotBase | null;
  /** How values of the host's (externrefs) become bytes. */
  readonly hostRefs?: HostRefCodec | null;
  /** Data of the embedder's that belongs to the snapshot, by name. */
  readonly attachments?: Readonly<Record<string, Uint8Array>>;
  /** Whether sections are compressed; true by default. */
  readonly compress?: boolean;
  /** The host's SHA-256, for the checksum; by default our own. */
  readonly sha256?: Sha256;
}

/**
 * The bytes of a snapshot.
 * @throws SnapshotError if the picture holds values of the host's and `hostRefs` is not given
 */
export function encodeSnapshot(picture: StorePicture, options: EncodeOptions = {}): Uint8Array {
  const {
    base = null,
    hostRefs = null,
    attachments = {},
    compress: compressing = true,
    sha256: digest = sha256,
  } = options;
  requirePicture(picture);
  const memories = writeMemories(picture.memories, base);
  const header: SnapshotInfo = {
    engineVersion: ENGINE_VERSION,
    schedule: picture.schedule,
    limits: picture.limits,
    modules: picture.instances.map(({ module }) => hex(hashOf(module))),
    base: memories.needsBase ? base!.id : null,
    execution:
      picture.execution === null
        ? null
        : {
            fuelUsed: picture.execution.fuelGranted - picture.execution.fuelLeft,
            fuelLeft: picture.execution.fuelLeft,
          },
    attachments: Object.keys(attachments).sort(),
  };
  const out = new ByteWriter();
  out.bytes(MAGIC);
  out.int32(FORMAT_VERSION);
  out.int32(0);
  writeSection(out, writeHeader(header), false);
  writeSection(out, writeStructure(picture, hostRefs), compressing);
  writeSection(out, memories.bytes, compressing);
  if (picture.execution !== null) writeSection(out, writeExecution(picture.execution), compressing);
  for (const name of header.attachments) writeSection(out, attachments[name]!, compressing);
  out.bytes(new Uint8Array(CHECKSUM_BYTES));
  const bytes = out.finish();
  new DataView(bytes.buffer).setUint32(MAGIC.length + 4, bytes.length, true);
  const end = bytes.length - CHECKSUM_BYTES;
  bytes.set(digest(bytes.subarray(0, end)), end);
  return bytes;
}

export interface DecodeOptions {
  /** The base that the snapshot was made with, if it was; others may be given, too. */
  readonly bases?: readonly SnapshotBase[];
  /** Most bytes that the snapshot may unpack to; 512 MiB by default. */
  readonly maxUnpackedBytes?: number;
  /**
   * Whether the checksum is looked at; true by default. Bytes that cannot have been altered, such as
   * a file of the embedder's own package, are read faster without. Every field is checked all the same.
   */
  readonly checksum?: boolean;
  /** The host's SHA-256, for the checksum; by default our own. */
  readonly sha256?: Sha256;
}

export interface DecodedSnapshot {
  readonly info: SnapshotInfo;
  readonly picture: StorePicture;
  readonly attachments: Readonly<Record<string, Uint8Array>>;
  /** @deprecated The picture by the name that it had once, for programs written then. */
  readonly image: StorePicture;
}

/**
 * Reads a snapshot. Whether it fits a store turns out when the picture is restored.
 * @throws SnapshotError if the bytes are not a whole, unaltered snapshot of this format version, or
 *   need a base that is not given
 */
export function decodeSnapshot(bytes: Uint8Array, options: DecodeOptions = {}): DecodedSnapshot {
  const { bases = [], maxUnpackedBytes = DEFAULT_MAX_UNPACKED_BYTES, checksum = true } = options;
  const digest = checksum ? (options.sha256 ?? sha256) : null;
  const sections = new SectionReader(openSnapshot(bytes, digest), maxUnpackedBytes);
  const info = readHeader(sections.next(STRUCTURE_SHARE));
  const base = info.base === null ? null : bases.find(({ id }) => id === info.base);
  if (base === undefined) {
    throw new SnapshotError("mismatch", `the snapshot needs the base ${info.base}, which is not given`);
  }
  const structure = readStructure(sections.next(STRUCTURE_SHARE), info.modules.length);
  const memories = readMemories(sections.next(1), base);
  const execution = info.execution === null ? null : readExecution(sections.next(STRUCTURE_SHARE));
  const attachments: Record<string, Uint8Array> = Object.create(null);
  for (const name of info.attachments) {
    const section = sections.next(1);
    attachments[name] = section.bytes(section.left).slice();
  }
  sections.end();
  const { fuelUsed, fuelLeft } = info.execution ?? { fuelUsed: 0, fuelLeft: 0 };
  if (execution !== null && (execution.fuelLeft !== fuelLeft || execution.fuelGranted - fuelLeft !== fuelUsed)) {
    damaged("a header that says otherwise");
  }
  const instances = structure.instances.map((instance, i) => ({ ...instance, module: fromHex(info.modules[i]!) }));
  const { schedule, limits } = info;
  const picture = { ...structure, instances, schedule, limits, memories, execution };
  return { info, picture, attachments, image: picture };
}

/**
 * What a snapshot says about itself: enough to make a store for it.
 * @throws SnapshotError as {@link decodeSnapshot}
 */
export function readSnapshotInfo(bytes: Uint8Array): SnapshotInfo {
  const sections = new SectionReader(openSnapshot(bytes, sha256), DEFAULT_MAX_UNPACKED_BYTES);
  return readHeader(sections.next(STRUCTURE_SHARE));
}

// ---- The container ----

/** The sections of a snapshot that is whole and, as far as `digest` tells, unaltered; null does not look. */
function openSnapshot(bytes: Uint8Array, digest: Sha256 | null): ByteSource {
  if (!(bytes instanceof Uint8Array) || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new SnapshotError("damaged", "the bytes are not a snapshot");
  }
  if (bytes.length < PREFIX_BYTES + CHECKSUM_BYTES) damaged("it ends early");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const version = view.getUint32(MAGIC.length, true);
  if (version !== FORMAT_VERSION) {
    throw new SnapshotError(
      "version",
      `the snapshot's format version is ${version}, this version reads ${FORMAT_VERSION}`,
    );
  }
  const length = view.getUint32(MAGIC.length + 4, true);
  if (length !== bytes.length) damaged(`it has ${bytes.length} bytes and should have ${length}`);
  const end = bytes.length - CHECKSUM_BYTES;
  if (digest?.(bytes.subarray(0, end)).some((byte, i) => byte !== bytes[end + i])) {
    damaged("the checksum is not right");
  }
  return new ByteSource(bytes.subarray(PREFIX_BYTES, end));
}

function writeSection(out: ByteWriter, content: Uint8Array, compressing: boolean): void {
  const packed = compressing ? compress(content) : content;
  const stored = packed.length < content.length ? packed : content;
  out.byte(stored === content ? 0 : 1);
  out.count(content.length);
  out.count(stored.length);
  out.bytes(stored);
}

class SectionReader {
  private left: number;
  constructor(
    private readonly source: ByteSource,
    private readonly maxBytes: number,
  ) {
    this.left = maxBytes;
  }

  /** The next section, which may take one `share`th of what the whole snapshot may. */
  next(share: number): ByteSource {
    const { source } = this;
    const method = source.byte();
    const length = source.count();
    const stored = source.bytes(source.count());
    if (method > 1 || (method === 0 && length !== stored.length)) damaged("a section of an unknown kind");
    if (method === 1 && !isPlausible(stored.length, length)) damaged("more data than can be in it");
    if (length > Math.min(this.left, this.maxBytes / share)) {
      throw new SnapshotError("limit", `the snapshot unpacks to more than ${this.maxBytes} bytes`);
    }
    this.left -= length;
    return new ByteSource(method === 0 ? stored : decompress(stored, length));
  }

  end(): void {
    this.source.end();
  }
}

// ---- The header ----

function writeHeader(info: SnapshotInfo): Uint8Array {
  const out = new ByteWriter();
  out.text(info.engineVersion);
  out.text(info.schedule);
  const limits = Object.entries(info.limits);
  out.count(limits.length);
  for (const [name, value] of limits) {
    out.text(name);
    out.text(String(value));
  }
  out.count(info.modules.length);
  for (const hash of info.modules) out.bytes(fromHex(hash));
  out.text(info.base ?? "");
  out.byte(info.execution === null ? 0 : 1);
  if (info.execution !== null) {
    out.count(info.execution.fuelUsed);
    out.count(info.execution.fuelLeft);
  }
  out.count(info.attachments.length);
  for (const name of info.attachments) out.text(name);
  return out.finish();
}

function readHeader(source: ByteSource): SnapshotInfo {
  const engineVersion = source.text();
  const schedule = source.text();
  if (!Object.hasOwn(FUEL_SCHEDULES, schedule)) damaged("an unknown fuel schedule");
  const limits = readLimits(source);
  const modules = source.list(() => hex(source.bytes(32)), 32);
  const base = source.text();
  const execution = source.flag() ? { fuelUsed: source.count(), fuelLeft: source.count() } : null;
  const attachments = source.list(() => source.text());
  if (new Set(attachments).size !== attachments.length) damaged("an attachment that is there twice");
  source.end();
  return { engineVersion, schedule, limits, modules, base: base === "" ? null : base, execution, attachments };
}

function readLimits(source: ByteSource): StoreLimits {
  const entries = source.list(() => [source.text(), source.text()] as const);
  const limits = Object.fromEntries(
    entries.map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value]),
  );
  try {
    return normalizeLimits(limits);
  } catch {
    // UsageError: a name or a value that this version does not know.
    return damaged("limits that cannot be");
  }
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
