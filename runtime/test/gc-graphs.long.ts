// Random programs on structs and arrays against a model of theirs: results, traps, exact fuel,
// and what the heap limit counts, run whole and in pieces.
import { expect, test } from "vitest";
import { Engine, Execution, Linker, MemoryLimitExceeded, type Module, Store } from "../index.js";
import { GcProgram, type Outcome } from "./support/gc-program.js";
import { Random } from "./support/random.js";
import { wat } from "./support/wat.js";

const FUEL = 10_000_000;

function run(engine: Engine, module: Module, heapBytes: number, slice: () => number): Outcome {
  const log: string[] = [];
  const store = new Store(engine, { limits: { gcHeapBytes: heapBytes } });
  const linker = new Linker(engine);
  linker.defineFunc("h", "log", { params: ["i64"], results: [] }, (_, value: bigint) => {
    log.push(String(value));
  });
  const execution = new Execution(store).start(linker.instantiate(store, module).getFunc("main"));
  for (;;) {
    const result = execution.run(slice());
    if (result.status === "paused" && execution.fuelUsed < FUEL) continue;
    let end: string = result.status;
    if (result.status === "trapped") {
      end = result.error instanceof MemoryLimitExceeded ? "GC heap limit" : result.error.reason;
    } else if (result.status === "failed") throw result.error;
    return { end, fuel: execution.fuelUsed, heapBytes: store.gcHeapBytes, log };
  }
}

/** Limits at which something happens: between the most that is live and all that is ever made. */
function limitsFor(all: number, random: Random): number[] {
  const limits = [2 ** 30, all, Math.max(all - 1, 0)];
  for (let i = 0; i < 6; i++) limits.push(Math.floor((all * (1 + random.below(1000))) / 1000));
  return limits;
}

test.each(Array.from({ length: 40 }, (_, i) => i))("random program %i does as its model", async (seed) => {
  const random = new Random(seed * 7919 + 1);
  let program = new GcProgram(random);
  let whole = program.run(2 ** 30);
  while (whole === undefined) {
    program = new GcProgram(random);
    whole = program.run(2 ** 30);
  }
  const bytes = await wat(program.wat);
  // The model prices what escapement-1 does. The default also prices traces: the same to the unit however it is driven.
  const engine = new Engine({ schedule: "escapement-1" });
  const module = engine.compile(bytes);
  const priced = new Engine();
  const pricedModule = priced.compile(bytes);
  for (const limit of limitsFor(whole.heapBytes, random)) {
    const expected = program.run(limit);
    const slices: Record<string, () => number> = {
      whole: () => FUEL,
      "one at a time": () => 1,
      random: () => 1 + random.below(random.below(4) === 0 ? 1000 : 20),
    };
    const { fuel } = run(priced, pricedModule, limit, slices["whole"]!);
    expect(fuel).toBeGreaterThanOrEqual(expected?.fuel ?? 0);
    for (const [name, slice] of Object.entries(slices)) {
      expect({ name, limit, ...run(engine, module, limit, slice) }).toEqual({ name, limit, ...expected });
      expect({ name, limit, ...run(priced, pricedModule, limit, slice) }).toEqual({ name, limit, ...expected, fuel });
    }
  }
});
