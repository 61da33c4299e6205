// A contestant of the sandbox sections in a fresh process:
// `node --expose-gc dist/bench/sandbox-child.js TASK ours|V8 ARGS...`. Prints one JSON value.
// Nothing is loaded before the tasks' clocks start but Node's own modules.
import { readFileSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Sandbox, SandboxOptions, SandboxResult } from "../micropython-wasm/index.js";
import { type Python, v8 } from "./engines.js";

/** Samples in milliseconds by operation, or other figures by name. */
export type Samples = Record<string, number[]>;

/** What a process holds, in MiB, after a collection. */
export interface Footprint {
  readonly sessions: number;
  readonly rss: number;
  readonly arrayBuffers: number;
  /** Off the heap as V8 counts it: buffers, and memories of WebAssembly. Much of it may never have been touched. */
  readonly external: number;
  readonly heap: number;
  /** Largest resident set so far. */
  readonly peak: number;
  /** Resident set after every session has run something once more, and is idle again. */
  readonly rssAgain: number;
  /** Milliseconds for a session and its program, since the count before. */
  readonly createAndRun: number;
  /** Milliseconds of that run, the median of all sessions. */
  readonly runAgain: number;
}

interface Session {
  /** What the program printed. */
  run(source: string): Promise<string>;
  close(): void;
}

const GLUE = "@micropython/micropython-webassembly-pyscript/micropython.mjs";
const BUNDLE = fileURLToPath(new URL("../bundle/micropython.js", import.meta.url));

let face: typeof import("../micropython-wasm/index.js");

interface Contestant {
  /** Sessions before the timed ones. V8's stay in its address space, which has room for about a hundred. */
  readonly warmUp: number;
  load(): Promise<void>;
  create(): Promise<Session>;
}

const CONTESTANTS: Record<string, Contestant> = {
  ours: {
    warmUp: 200,
    async load() {
      face = (await import(BUNDLE)) as typeof face;
    },
    async create() {
      const sandbox = await face.Sandbox.create();
      return { run: async (source) => stdout(await sandbox.run(source)), close: () => sandbox.close() };
    },
  },
  V8: {
    warmUp: 20,
    async load() {
      await import(GLUE);
    },
    async create() {
      const python: Python = await v8.bootPython();
      return { run: async (source) => python.run(source), close() {} };
    },
  },
};

function stdout(result: SandboxResult): string {
  if (result.status !== "ok") throw new Error(`${result.status}: ${result.error?.message}`);
  return result.stdout;
}

function expect(printed: string, expected: string): void {
  if (printed !== expected) throw new Error(`printed ${JSON.stringify(printed)}`);
}

/** Milliseconds that `run` takes. */
async function timed(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** From before the first import: load, create, first print, and a second session. */
async function first({ load, create }: Contestant): Promise<Samples> {
  const times = [performance.now()];
  const lap = (): void => void times.push(performance.now());
  await load();
  lap();
  const session = await create();
  lap();
  const text = await session.run("print(1)");
  lap();
  expect(text, "1\n");
  await create();
  lap();
  const [start, loaded, created, printed, second] = times as [number, number, number, number, number];
  return {
    first: [created - start],
    alone: [created - loaded],
    printed: [printed - start],
    second: [second - printed],
  };
}

async function later({ load, create, warmUp }: Contestant, rounds: number): Promise<Samples> {
  await load();
  const later: number[] = [];
  for (let i = 0; i < warmUp + rounds; i++) {
    const took = await timed(async () => (await create()).close());
    if (i >= warmUp) later.push(took);
  }
  const laterPrinted: number[] = [];
  for (let i = -WARM_RUNS; i < rounds; i++) {
    const took = await timed(async () => {
      const session = await create();
      expect(await session.run("print(1)"), "1\n");
      session.close();
    });
    if (i >= 0) laterPrinted.push(took);
  }
  return { later, laterPrinted };
}

/** Sessions with a program before the timed ones. */
const WARM_RUNS = 60;

/** Shorter than this, a round does an operation several times. */
const ROUND_MS = 2;

/** Times an operation when it is warm; `prepare` before each one is not timed. */
async function steady(rounds: number, run: () => unknown, prepare?: () => unknown): Promise<number[]> {
  // Until V8 has compiled what runs: it does that once, while the first operation is timed.
  const warmUp = Math.max(10 * rounds, 500);
  const start = performance.now();
  let took = 0;
  while (performance.now() - start < warmUp) {
    await prepare?.();
    took = await timed(run);
  }
  const times = prepare !== undefined ? 1 : Math.max(1, Math.ceil(ROUND_MS / took));
  const samples: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await prepare?.();
    const sample = await timed(async () => {
      for (let j = 0; j < times; j++) await run();
    });
    samples.push(sample / times);
  }
  return samples;
}

const ONE_LINER = "1 + 1";
const PROGRAM = `
words = "the quick brown fox jumps over the lazy dog".split()
lengths = {word: len(word) for word in words}
def total(): return sum(lengths.values())
class Point:
    def __init__(self, x, y): self.x, self.y = x, y
points = [Point(i, i * i) for i in range(20)]
print(total(), len(points))`;
const PRINTS = "32 20\n";

/** What V8 with the package's glue can do, too. */
async function runs(run: (source: string) => unknown, rounds: number, calls: number): Promise<Samples> {
  expect(String(await run("print(add(1, 2))")), "3\n");
  return {
    oneLiner: await steady(rounds, () => run(ONE_LINER)),
    print: await steady(rounds, () => run("print(1)")),
    calls: await steady(rounds, () => run(`for i in range(${calls}): add(i, 2)`)),
  };
}

async function v8Session(rounds: number, calls: number): Promise<Samples> {
  (globalThis as unknown as Record<string, unknown>)["add"] = (a: number, b: number) => a + b;
  const python = await v8.bootPython();
  await python.run(PROGRAM);
  await python.run("from js import add");
  return runs(python.run, rounds, calls);
}

async function ourSession(rounds: number, calls: number): Promise<Samples> {
  await CONTESTANTS["ours"]!.load();
  const { Sandbox } = face;
  const options: SandboxOptions = {
    functions: { add: (a, b) => (a as number) + (b as number), later: async (a) => a },
    maxHostCalls: 1_000_000_000,
    fuel: 1_000_000_000,
  };
  const ok = async (sandbox: Sandbox, source: string) => stdout(await sandbox.run(source));
  const sandbox = await Sandbox.create(options);
  await ok(sandbox, PROGRAM);
  const samples = await runs((source) => ok(sandbox, source), rounds, calls);
  samples["asyncCalls"] = await steady(rounds, () => ok(sandbox, `for i in range(${calls}): later(i)`));

  const used: Sandbox[] = [];
  const closeUsed = (): void => {
    for (const session of used.splice(0)) session.close();
  };
  const made = async (make: Promise<Sandbox>): Promise<Sandbox> => {
    used.push(await make);
    return used.at(-1)!;
  };
  const both = async (name: string, make: () => Promise<Sandbox>): Promise<void> => {
    samples[name] = await steady(rounds, () => made(make()), closeUsed);
    samples[`${name}Run`] = await steady(rounds, async () => ok(await made(make()), ONE_LINER), closeUsed);
    closeUsed();
  };
  await both("createWithFunctions", () => Sandbox.create(options));

  // Another one, without the garbage of a million calls.
  const young = await Sandbox.create(options);
  const runProgram = async () => expect(await ok(young, PROGRAM), PRINTS);
  await runProgram();
  const saved = young.snapshot();
  samples["snapshotKiB"] = [saved.length / 1024];
  samples["snapshot"] = await steady(rounds, () => young.snapshot(), runProgram);
  await both("restore", () => Sandbox.restore(saved, options));
  await both("fork", () => young.fork());
  samples["rewind"] = await steady(rounds, () => young.rewind(), runProgram);
  const rewindAndRun = async () => {
    await young.rewind();
    await ok(young, ONE_LINER);
  };
  samples["rewindRun"] = await steady(rounds, rewindAndRun, runProgram);

  const endless = await Sandbox.create({ onFuelExhausted: "pause" });
  await endless.run("i = 0\nwhile True: i += 1", { fuel: 1000 });
  samples["pausedSnapshotKiB"] = [endless.snapshot().length / 1024];
  samples["resume"] = await steady(rounds, () => endless.resume(endless.paused!, 1000));
  return samples;
}

const MEBIBYTE = 2 ** 20;

async function collect(): Promise<NodeJS.MemoryUsage> {
  // The buffers of what one collection finds are given back by a task that it posts.
  for (let i = 0; i < 4; i++) {
    globalThis.gc!();
    await setTimeout(50);
  }
  return process.memoryUsage();
}

/** The largest resident set so far. */
function peakMebibytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS / 1024;
  // Linux's maxRSS counts the parent's, whose memory this process shared before it was another program.
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;
}

/** Idle sessions in one process: its footprint whenever their number reaches one of `counts`. */
async function idle({ load, create }: Contestant, counts: readonly number[]): Promise<Footprint[]> {
  await load();
  const sessions: Session[] = [];
  const footprints: Footprint[] = [];
  for (const count of counts) {
    const before = sessions.length;
    const start = performance.now();
    while (sessions.length < count) {
      const session = await create();
      expect(await session.run(PROGRAM), PRINTS);
      sessions.push(session);
    }
    const createAndRun = (performance.now() - start) / (count - before);
    const { rss, arrayBuffers, external, heapUsed } = await collect();
    const peak = peakMebibytes();
    const again: number[] = [];
    for (const session of sessions) {
      again.push(await timed(() => session.run(ONE_LINER)));
      await setImmediate();
    }
    footprints.push({
      sessions: count,
      rss: rss / MEBIBYTE,
      arrayBuffers: arrayBuffers / MEBIBYTE,
      external: external / MEBIBYTE,
      heap: heapUsed / MEBIBYTE,
      peak,
      rssAgain: (await collect()).rss / MEBIBYTE,
      createAndRun,
      runAgain: again.sort((a, b) => a - b)[again.length >> 1]!,
    });
  }
  return footprints;
}

const [task, name, ...args] = process.argv.slice(2);
const contestant = CONTESTANTS[name!]!;
const numbers = args.map(Number);
const TASKS: Record<string, () => Promise<unknown>> = {
  first: () => first(contestant),
  later: () => later(contestant, numbers[0]!),
  session: () => (name === "V8" ? v8Session : ourSession)(numbers[0]!, numbers[1]!),
  idle: () => idle(contestant, numbers),
};
console.log(JSON.stringify(await TASKS[task!]!()));
// Some hosts keep a timer or a port open.
process.exit();
