// Where bytes lie that are too long for the queue: modules, files, states of runs that are under way.
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { FarmError } from "./errors.js";

/** What any store of bytes can do. Names have letters, digits, `-`, `_` and `.`. */
export interface BlobStore {
  /** Keeps bytes under a name, in place of what it had; done when they are as safe as the store makes them. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined if there are none. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** There need not be any. */
  delete(name: string): Promise<void>;
}

/** How long Redis keeps what nobody has deleted, in seconds: a week. */
export const KEEP_SECONDS = 7 * 86_400;

/** Blobs in the farm's own Redis. */
export class RedisBlobs implements BlobStore {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly keepSeconds = KEEP_SECONDS,
  ) {}

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.redis.set(this.prefix + name, Buffer.from(bytes), "EX", this.keepSeconds);
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return (await this.redis.getBuffer(this.prefix + name)) ?? undefined;
  }

  async delete(name: string): Promise<void> {
    await this.redis.del(this.prefix + name);
  }
}

/** Blobs in a folder that all hosts share. What is not deleted stays. */
export class FolderBlobs implements BlobStore {
  private made: Promise<unknown> | undefined;

  constructor(private readonly folder: string) {}

  async put(name: string, bytes: Uint8Array): Promise<void> {
    this.made ??= mkdir(this.folder, { recursive: true }).catch((error) => {
      this.made = undefined;
      throw error;
    });
    await this.made;
    const path = this.path(name);
    // Whole or not at all: its writer may be killed.
    const draft = `${path}.${randomUUID()}.part`;
    await writeFile(draft, bytes, { flush: true });
    await rename(draft, path);
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    try {
      const path = this.path(name);
      const bytes = await readFile(path);
      const now = new Date();
      await utimes(path, now, now).catch(() => {});
      return bytes;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async delete(name: string): Promise<void> {
    await rm(this.path(name), { force: true });
  }

  private path(name: string): string {
    if (!/^[\w.-]+$/.test(name) || name.startsWith(".")) throw new FarmError("usage", `${name} is no name of a blob`);
    return join(this.folder, name);
  }
}
