// The farm against the pool on one machine: runs a second of a one-liner, with as many worker processes as the pool has
// threads. What the farm does besides is the queue's: each run is written to Redis, taken, settled and paid.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Farm } from "../farm/index.js";
import { SandboxPool } from "../micropython-wasm/pool/index.js";
import { ROOT } from "./engines.js";
import { type Effort, median } from "./measure.js";
import type { Mark, Section } from "./report.js";

const CLI = `${ROOT}dist/bundle/cli.cjs`;
const CODE = "sum(range(10))";
const WORKERS = [1, 2, 4];
/** Percent that a run may take longer in a farm. */
const OVERHEAD = 25;
/** Runs that are asked for at a time, for each worker. */
const AHEAD = 8;

/** Runs `count` times, so many at a time, and gives runs a second. */
async function rate(count: number, atOnce: number, run: () => Promise<{ readonly value?: unknown }>): Promise<number> {
  const started = performance.now();
  let left = count;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const { value } = await run();
      if (value !== 45) throw new Error(`a run gave ${String(value)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return (1000 * count) / (performance.now() - started);
}

class FarmOnOneMachine {
  private readonly folder = mkdtempSync(join(tmpdir(), "escapement-bench-farm-"));
  private readonly url = join(this.folder, "redis.sock");
  private readonly processes: ChildProcess[] = [];
  farm!: Farm;

  async start(workers: number): Promise<void> {
    const flags = ["--port", "0", "--unixsocket", this.url, "--dir", this.folder, "--save", "", "--appendonly", "yes"];
    this.processes.push(spawn("redis-server", flags, { stdio: "ignore" }));
    await Promise.race([
      once(this.processes[0]!, "spawn"),
      once(this.processes[0]!, "error").then(([error]) => Promise.reject(error)),
    ]);
    for (let attempts = 0; this.farm === undefined; attempts++) {
      try {
        this.farm = await Farm.connect({ redis: this.url });
      } catch (error) {
        if (attempts === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    for (let i = 0; i < workers; i++) {
      const child = spawn(process.execPath, [CLI, "worker", "--redis", this.url], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      this.processes.push(child);
      await once(child.stderr!, "data");
    }
  }

  async stop(): Promise<void> {
    await this.farm?.close();
    for (const child of this.processes.reverse()) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function farmSection(effort: Effort): Promise<Section> {
  const rounds = Math.max(3, Math.ceil(effort.processes / 4));
  const rows: (string | number)[][] = [];
  const marks: Mark[] = [];
  for (const workers of WORKERS) {
    // As it is shipped, as the farm's threads are.
    const pool = new SandboxPool({ threads: workers, workerFile: `${ROOT}dist/bundle/pool-worker.js` });
    const farm = new FarmOnOneMachine();
    try {
      await farm.start(workers);
      const ways = {
        pool: () => pool.run(CODE),
        farm: () => farm.farm.run({ code: CODE, receipt: false }) as Promise<{ value?: unknown }>,
        receipts: () => farm.farm.run({ code: CODE }) as Promise<{ value?: unknown }>,
      };
      const rates = { pool: [] as number[], farm: [] as number[], receipts: [] as number[] };
      const ratios: number[] = [];
      for (let round = -1; round < rounds; round++) {
        for (const name of ["pool", "farm", "receipts"] as const) {
          // In the first round every thread boots, and its code is compiled.
          const measured = await rate(100 * workers, AHEAD * workers, ways[name]);
          if (round >= 0) rates[name].push(measured);
        }
        if (round >= 0) ratios.push(rates.pool.at(-1)! / rates.farm.at(-1)!);
      }
      const overhead = 100 * (median(ratios) - 1);
      rows.push([`${workers}`, median(rates.pool), median(rates.farm), overhead, median(rates.receipts)]);
      const what = `a run in a farm of ${workers}, longer than in the pool by at most`;
      marks.push({ what, limit: OVERHEAD, measured: overhead, unit: "%" });
    } finally {
      await Promise.all([pool.close(), farm.stop()]);
    }
  }
  return {
    name: "farm",
    title: "A farm on one machine: runs a second of a one-liner",
    columns: ["workers", "pool, runs/s", "farm, runs/s", "overhead, %", "with receipts, runs/s"],
    rows,
    marks,
    notes: [
      "Redis appends each change to its file, and syncs it each second. Redis and who asks share the cores, too.",
    ],
  };
}
