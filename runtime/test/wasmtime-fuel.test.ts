// The schedules named after versions of Wasmtime beside those versions: many small modules, to the unit.
//
// The wheels are installed by support/wasmtime-wheels.ts, as .ci/run does; without them nothing can be compared.
import { beforeAll, describe, expect, test } from "vitest";
import { Engine, Execution, type FuelScheduleName, type Func, Global, Linker, Memory, Store, Table } from "../index.js";
import { PARTINGS, type Parting, WASMTIME_CASES } from "./support/wasmtime-cases.js";
import {
  missingWheels,
  type WasmtimeMajor,
  type WasmtimeReport,
  WHEELS,
  wasmtimeFuel,
} from "./support/wasmtime-wheels.js";
import { wat } from "./support/wat.js";

const missing = missingWheels();
if (missing !== undefined) console.warn(`Wasmtime's fuel is not compared: ${missing}`);

/** What calls count otherwise in each version; the guide has the same table in words. */
const PARTS: Readonly<Record<WasmtimeMajor, readonly Parting[]>> = {
  "45": ["caught exceptions", "call_ref", "GC arrays"],
  "48": ["caught exceptions", "call_ref", "failed growth"],
  "49": ["caught exceptions", "call_ref", "constants by detours"],
  "50": ["constants by detours"],
};

interface Fuel {
  readonly instantiate: number;
  readonly calls: readonly number[];
}

/** What a case costs here. */
function fuelHere(schedule: FuelScheduleName, bytes: Uint8Array, { calls }: (typeof WASMTIME_CASES)[number]): Fuel {
  const engine = new Engine({ schedule });
  const store = new Store(engine);
  const linker = new Linker(engine)
    .defineFunc("env", "next", { params: ["i32"], results: ["i32"] }, (_caller, value) => (value as number) + 1)
    .define("env", "memory", Memory.create(store, { min: 1, max: 3 }))
    .define("env", "table", Table.create(store, { element: "funcref", min: 10, max: 20 }))
    .define("env", "global", Global.create(store, { type: "i32", mutable: false }, 8));
  const { instance, start, fuel } = linker.prepare(store, engine.compile(bytes));
  const cost = (func: Func, args: readonly number[]) => {
    const execution = new Execution(store).start(func, args);
    expect(execution.run(1e9).status).toBe("done");
    return execution.fuelUsed;
  };
  return {
    instantiate: fuel + (start === undefined ? 0 : cost(start, [])),
    calls: calls.map(([name, args]) => cost(instance.getFunc(name), args)),
  };
}

describe.skipIf(missing !== undefined)("fuel beside Wasmtime", () => {
  const modules: Uint8Array[] = [];
  const reports = new Map<WasmtimeMajor, readonly WasmtimeReport[]>();

  beforeAll(async () => {
    for (const { wat: text } of WASMTIME_CASES) modules.push(await wat(text));
    const jobs = WASMTIME_CASES.map(({ calls }, i) => ({ wasm: modules[i]!, calls }));
    for (const major of Object.keys(WHEELS) as WasmtimeMajor[]) reports.set(major, await wasmtimeFuel(major, jobs));
  }, 120_000);

  test("every case is known by its name", () => {
    const names = new Set(WASMTIME_CASES.map(({ name }) => name));
    expect(names.size).toBe(WASMTIME_CASES.length);
    for (const name of Object.values(PARTINGS).flat()) expect(names).toContain(name);
  });

  describe.each(Object.keys(WHEELS) as WasmtimeMajor[])("%s", (major) => {
    test.each(WASMTIME_CASES.map((each, i) => [each.name, i] as const))("%s", (name, i) => {
      const { version, instantiate, calls } = reports.get(major)![i]!;
      expect(version).toBe(WHEELS[major]);
      const here = fuelHere(`wasmtime-${major}`, modules[i]!, WASMTIME_CASES[i]!);
      const parting = PARTS[major].find((each) => PARTINGS[each].includes(name));
      if (parting === undefined) expect(here.calls).toEqual(calls);
      else expect(here.calls, `${name} no longer parts by ${parting}`).not.toEqual(calls);
      // wasmtime-48 charges for nothing but the body of the start function; Wasmtime 48 as 49 does.
      if (major === "48") expect(instantiate).toEqual(reports.get("49")![i]!.instantiate);
      else expect(here.instantiate).toBe(instantiate);
    });
  });
});
