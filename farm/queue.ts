// What farm and worker have in common: names in Redis, job ids.
import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { type BlobStore, RedisBlobs } from "./blobs.js";
import { Books } from "./books.js";
import { usage } from "./errors.js";
import { persistent } from "./redis.js";
import type { RunData } from "./run.js";
import type { Blobs } from "./tasks.js";

/** Of all keys. The braces make one hash slot of them. */
export const PREFIX = "{escapement}";
export const DEFAULT_QUEUE = "runs";

/** @throws FarmError, kind usage */
export function checkQueue(name: unknown): asserts name is string {
  if (typeof name !== "string" || !/^[\w.-]{1,100}$/.test(name))
    throw usage(`the name of a queue has letters, digits, - _ and ., at most 100: not ${JSON.stringify(name)}`);
}

export const booksOf = (redis: Redis, queue: string): Books => new Books(persistent(redis), `${PREFIX}:farm:${queue}:`);
export const blobsOf = (redis: Redis, queue: string): BlobStore =>
  new RedisBlobs(persistent(redis), `${PREFIX}:farm:${queue}:blob:`);

/** The job of a run that one worker runs, or of one of those that verify it. */
export const jobId = (run: string, part: number | undefined): string => (part === undefined ? run : `${run}~${part}`);

/** The run of a job, and its number among those that verify it. */
export function runOfJob(id: string): { readonly run: string; readonly part: number | undefined } {
  const [run = "", part] = id.split("~");
  return { run, part: part === undefined ? undefined : Number(part) };
}

/** Bytes are named by what they are: the same module is kept once. */
export const contentName = (bytes: Uint8Array): string => `sha256-${createHash("sha256").update(bytes).digest("hex")}`;

/** Names of the blobs that a run needs. */
function blobNames(run: RunData): string[] {
  const contents = run.kind === "python" ? [run.stdin, ...Object.values(run.files)] : [run.stdin, { blob: run.module }];
  return contents.flatMap((content) => ("blob" in content ? [content.blob] : []));
}

/** @throws Error if one is not there */
export async function fetchBlobs(run: RunData, store: BlobStore): Promise<Blobs> {
  const names = [...new Set(blobNames(run))];
  const found = await Promise.all(
    names.map(async (name) => {
      const bytes = await store.get(name);
      if (bytes === undefined) throw new Error(`the blob ${name} of the run is not there`);
      // It is named by its hash, and comes from anybody.
      if (contentName(bytes) !== name) throw new Error(`the blob ${name} is not what its name says`);
      return [name, bytes] as const;
    }),
  );
  return new Map(found);
}
