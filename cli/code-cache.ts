// What V8 has compiled of this package's scripts, kept in the user's cache from one process to the next: parsing and
// compiling them is more than half of what a one-liner takes. Always optional: whatever is wrong, scripts are compiled.
//
// V8 believes the bytes that it is given but for their head, so they are ours alone: a folder and files that belong to this
// user, and that nobody else can write to, by a checksum against damage. A file's name has the script's hash (in the
// script's own name), Node's version, and V8's tag of its version, flags and processor.
//
//   python-1a2b3c4d5e6f7081.cjs-v20.20.2-x64-195566099.code = CRC-32 or SHA-256 of the rest | what V8 gave
import nodeModule from "node:module";

// Not by import declarations: node:fs as an ES module loads all of Node's streams.
const require = nodeModule.createRequire(import.meta.url);

/** Others are removed when one is written. */
const MAX_FILES = 16;
/** Bits of a mode that let others write. */
const OTHERS_WRITE = 0o022;

export class CodeCache {
  /** @param folder absolute; it need not be there */
  constructor(
    readonly folder: string,
    private readonly user: number,
  ) {}

  /**
   * The cache of the user whose process this is; null where there is none: by the variables that Node's own cache has,
   * under systems whose files have no owner to ask for, and where coverage is taken, which needs code as it is in sources.
   */
  static ofUser(): CodeCache | null {
    const { env, getuid } = process;
    if (env["NODE_DISABLE_COMPILE_CACHE"] || env["NODE_V8_COVERAGE"] || getuid === undefined) return null;
    const { homedir } = require("node:os") as typeof import("node:os");
    const { isAbsolute, join } = require("node:path") as typeof import("node:path");
    const base = env["XDG_CACHE_HOME"];
    // As micropython-wasm/cpython/cache-node.ts, which brings CPython with it.
    const folder = join(
      base !== undefined && isAbsolute(base) ? base : join(homedir(), ".cache"),
      "escapement",
      "code",
    );
    return new CodeCache(folder, getuid());
  }

  /** What was kept of a script; undefined if that is nothing, damaged, or could be another's. */
  read(script: string): Buffer | undefined {
    const fs = require("node:fs") as typeof import("node:fs");
    try {
      if (!this.isOwn(fs.lstatSync(this.folder), "isDirectory")) return undefined;
      const file = fs.openSync(this.path(script), fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
      try {
        if (!this.isOwn(fs.fstatSync(file), "isFile")) return undefined;
        return unsealed(fs.readFileSync(file));
      } finally {
        fs.closeSync(file);
      }
    } catch {
      return undefined;
    }
  }

  /** Keeps what V8 has compiled of a script; quietly not, where that cannot be. */
  write(script: string, code: Buffer): void {
    const fs = require("node:fs") as typeof import("node:fs");
    try {
      fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      if (!this.isOwn(fs.lstatSync(this.folder), "isDirectory")) return;
      const path = this.path(script);
      // Under another name first, so that nobody finds half of one.
      const draft = `${path}.${process.pid}`;
      const sum = checksum(code);
      fs.writeFileSync(draft, Buffer.concat([sum, code]), { flag: "wx", mode: 0o600 });
      fs.renameSync(draft, path);
      this.prune(fs);
    } catch {
      // A disk that is full, a folder that is another's.
    }
  }

  private prune(fs: typeof import("node:fs")): void {
    const { join } = require("node:path") as typeof import("node:path");
    const files = fs
      .readdirSync(this.folder)
      .filter((name) => /\.code(\.\d+)?$/.test(name))
      .map((name) => join(this.folder, name));
    if (files.length <= MAX_FILES) return;
    const byAge = files.map((path) => ({ path, at: fs.statSync(path).mtimeMs })).sort((a, b) => b.at - a.at);
    for (const { path } of byAge.slice(MAX_FILES)) fs.rmSync(path, { force: true });
  }

  private path(script: string): string {
    const { cachedDataVersionTag } = require("node:v8") as typeof import("node:v8");
    return `${this.folder}/${script}-${process.version}-${process.arch}-${cachedDataVersionTag()}.code`;
  }

  private isOwn(stats: import("node:fs").Stats, kind: "isDirectory" | "isFile"): boolean {
    return stats[kind]() && stats.uid === this.user && (stats.mode & OTHERS_WRITE) === 0;
  }
}

/** What is behind a checksum that fits. */
function unsealed(file: Buffer): Buffer | undefined {
  const length = checksum(Buffer.alloc(0)).length;
  const code = file.subarray(length);
  return checksum(code).equals(file.subarray(0, length)) ? code : undefined;
}

/** Of bytes: CRC-32, which is the quickest to have, and SHA-256 where Node has no CRC-32 yet (20.15). */
export function checksum(bytes: Uint8Array): Buffer {
  const { crc32 } = require("node:zlib") as { crc32?: (bytes: Uint8Array) => number };
  if (crc32 === undefined)
    return (require("node:crypto") as typeof import("node:crypto")).createHash("sha256").update(bytes).digest();
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(bytes));
  return sum;
}
