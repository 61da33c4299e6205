// Host work per unit of fuel: every instruction and every kind of boundary at its worst.
import { Engine, Execution, type FuelScheduleName, Linker, Store } from "../runtime/index.js";
import { type AmplificationCase, BOUNDARIES, plainCases } from "./amplification-cases.js";
import { type Effort, median } from "./measure.js";
import type { Section } from "./report.js";
import { unpricedRows } from "./unpriced.js";

/** Nanoseconds per unit that no operation may pass, warm, but for those with a reason. */
const MARK = 100;
/** Milliseconds that a measured run takes at the least, and that looking for its length takes at the most. */
const RUN_MS = 5;
const SEARCH_MS = 200;
/** Milliseconds that each case runs before any is measured. */
const WARM_MS = 5;
const SHOWN = 40;

interface Assembled extends AmplificationCase {
  readonly bytes: Uint8Array;
}

async function assembler(): Promise<(text: string) => Promise<Uint8Array>> {
  const { parse } = await import("@bytecodealliance/jco-transpile/wasm-tools");
  return parse;
}

async function instantiate(schedule: FuelScheduleName, bytes: Uint8Array, gcHeapBytes: number) {
  const engine = new Engine({ schedule });
  const store = new Store(engine, { limits: { gcHeapBytes, memoryBytes: 2 ** 32 } });
  const linker = new Linker(engine);
  const many = new Array<"i32">(1000).fill("i32");
  linker.defineFunc("env", "none", { params: [], results: [] }, () => undefined);
  linker.defineFunc("env", "some", { params: many.slice(0, 16), results: [] }, () => undefined);
  linker.defineFunc("env", "many", { params: many, results: [] }, () => undefined);
  linker.defineInstance("other", linker.instantiate(store, engine.compile(OTHER)));
  return { store, instance: linker.instantiate(store, engine.compile(bytes)) };
}
/** `(module (func (export "g")))` */
const OTHER = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 103, 0, 0, 10, 4, 1, 2, 0, 11,
]);

/** Milliseconds of this process, not of the clock: a machine may have other work. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A case in its endless loop. */
class Loop {
  private constructor(private readonly execution: Execution) {}

  static async start(schedule: FuelScheduleName, { bytes, gcHeapBytes = 2 ** 26 }: Assembled): Promise<Loop> {
    const { store, instance } = await instantiate(schedule, bytes, gcHeapBytes);
    return new Loop(new Execution(store).start(instance.getFunc("f")));
  }

  private timed(fuel: number): number {
    const start = cpuMs();
    const { status } = this.execution.run(fuel);
    if (status !== "paused") throw new Error(`the loop ended: ${status}`);
    return cpuMs() - start;
  }

  /** Runs for so many milliseconds, about. */
  warm(ms: number): void {
    const began = cpuMs();
    for (let fuel = 1000; cpuMs() - began < ms; fuel *= 2) this.timed(fuel);
  }

  /** Nanoseconds per unit. */
  measure(rounds: number): number {
    const began = cpuMs();
    let fuel = 1000;
    // Long enough for the pause at its end, and the map that it needs, not to be seen.
    while ((this.timed(fuel) < RUN_MS || fuel < 2 ** 17) && cpuMs() - began < SEARCH_MS) fuel *= 2;
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < rounds; i++) best = Math.min(best, this.timed(fuel) / fuel);
    this.execution.abandon();
    return best * 1e6;
  }
}

function textOf({ fields, locals = "", before = "", turn }: AmplificationCase): string {
  return `(module ${fields} (func (export "f") ${locals} ${before} loop ${turn} br 0 end))`;
}

export async function amplificationSection(
  effort: Effort,
  schedule: FuelScheduleName,
  only?: string,
): Promise<Section> {
  const parse = await assembler();
  const rounds = Math.min(effort.rounds, 5);
  const cases: Assembled[] = [];
  for (const each of [...plainCases(), ...BOUNDARIES]) {
    if (only === undefined || each.name.includes(only)) cases.push({ ...each, bytes: await parse(textOf(each)) });
  }
  // Each first use of an operation throws the loop's machine code away: all of them, before one is measured.
  for (const each of cases) (await Loop.start(schedule, each)).warm(WARM_MS);
  const measured: { readonly name: string; readonly reason: string | undefined; readonly ns: number }[] = [];
  for (const each of cases) {
    let ns = (await Loop.start(schedule, each)).measure(rounds);
    // What V8 has not optimised yet is not warm.
    for (let again = 0; ns > MARK / 2 && again < 3; again++) {
      const loop = await Loop.start(schedule, each);
      loop.warm(SEARCH_MS);
      ns = Math.min(ns, loop.measure(rounds));
    }
    measured.push({ name: each.name, reason: each.reason, ns });
  }
  measured.sort((a, b) => b.ns - a.ns);
  const unexplained = measured.filter(({ reason }) => reason === undefined);
  return {
    name: "amplification",
    title: `Host work per unit of fuel, ${schedule}`,
    columns: ["the dearest", "ns per unit", "reason"],
    rows: [
      ...measured.slice(0, SHOWN).map(({ name, ns, reason }) => [name, ns, reason ?? null]),
      [`median of ${measured.length}`, median(measured.map(({ ns }) => ns)), null],
      ...(await unpricedRows(parse)).map(([name, ns]) => [name, ns, "ns per byte of the module, paid by nobody"]),
    ],
    marks: [{ what: "an operation without a reason, ns", limit: MARK, measured: unexplained[0]!.ns, unit: "" }],
    detail: measured,
  };
}
