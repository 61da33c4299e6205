// A Redis of the tests' own, and workers as processes that can be killed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { CLI, ROOT } from "../../test/support/built-cli.js";
import { Farm, type FarmOptions, FarmWorker, type FarmWorkerOptions } from "../index.js";

export const THREAD = `${ROOT}dist/bundle/farm-thread.js`;

/** Debian's redis-server on a socket in a folder of its own, which writes each change to its file before it answers. */
export class RedisServer {
  readonly folder = mkdtempSync(join(tmpdir(), "escapement-farm-"));
  readonly url = join(this.folder, "redis.sock");
  private process: ChildProcess | undefined;

  async start(): Promise<this> {
    const flags = [
      "--port",
      "0",
      "--unixsocket",
      this.url,
      "--dir",
      this.folder,
      "--save",
      "",
      "--logfile",
      "redis.log",
    ];
    const durable = ["--appendonly", "yes", "--appendfsync", "always"];
    this.process = spawn("redis-server", [...flags, ...durable], { stdio: ["ignore", "pipe", "pipe"] });
    const failed = once(this.process, "error").then(([error]) => {
      throw new Error(`tests of the farm need redis-server (apt-get install redis-server): ${String(error)}`);
    });
    await Promise.race([this.answers(), failed]);
    return this;
  }

  private async answers(): Promise<void> {
    const { Redis } = await import("ioredis");
    const probe = new Redis(this.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    probe.on("error", () => {});
    // While it reads its file it answers LOADING.
    while (!(await probe.ping().catch(() => undefined))) await sleep(20);
    probe.disconnect();
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const { process: child } = this;
    this.process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  farm(options: Partial<FarmOptions> = {}): Promise<Farm> {
    return Farm.connect({ redis: this.url, ...options });
  }

  worker(options: Partial<FarmWorkerOptions> = {}): Promise<FarmWorker> {
    return FarmWorker.start({ redis: this.url, threadFile: THREAD, ...options });
  }
}

/**
 * A Redis, and a farm on it: one for all tests of a file, or one for each of them.
 * @param take is given them when they are there
 */
export function useFarm(
  take: (given: { readonly redis: RedisServer; readonly farm: Farm }) => void,
  [before, after] = [beforeAll, afterAll],
): void {
  let redis: RedisServer | undefined;
  let farm: Farm | undefined;
  before(async () => {
    redis = await new RedisServer().start();
    farm = await redis.farm();
    take({ redis, farm });
  });
  after(async () => {
    await farm?.close();
    await redis?.[Symbol.asyncDispose]();
  });
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `escapement worker` as a process. */
export class WorkerProcess {
  private readonly child: ChildProcess;
  stderr = "";
  readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;

  constructor(url: string, flags: readonly string[] = []) {
    this.child = spawn(process.execPath, [CLI, "worker", "--redis", url, ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = once(this.child, "close").then(([status, signal]) => ({ status, signal }));
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves when standard error has shown the text. */
  async shows(text: string | RegExp): Promise<void> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    while (!(typeof text === "string" ? this.stderr.includes(text) : text.test(this.stderr))) {
      if (over) throw new Error(`the worker ended without showing ${String(text)}: ${this.stderr}`);
      await sleep(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.ended;
  }
}
