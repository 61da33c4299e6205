// The PyPI package's WASI build under the schedules named after versions of Wasmtime, beside those versions.
import { beforeAll, describe, expect, test } from "vitest";
import {
  missingWheels,
  type WasmtimeMajor,
  type WasmtimeReport,
  WHEELS,
  wasmtimeFuel,
} from "../../runtime/test/support/wasmtime-wheels.js";
import { WasiGuest } from "../wasi/guest.js";
import { unavailable, wasiBytes, wasiModule } from "./wasi-artifact.js";

const missing = unavailable ?? missingWheels();
if (missing !== undefined) console.warn(`MicroPython's fuel is not compared with Wasmtime's: ${missing}`);

/** Programs without exceptions: 45 to 49 lose fuel where one is caught. */
const PROGRAMS = [
  "pass",
  "print(sum(range(100)))",
  "x = [str(i) * 50 for i in range(200)]\nx.sort()\nprint(len(''.join(x)))",
];

describe.skipIf(missing !== undefined)("MicroPython's fuel beside Wasmtime", () => {
  const reports = new Map<WasmtimeMajor, readonly WasmtimeReport[]>();
  const argsOf = (code: string) => ["micropython", "-c", code];

  beforeAll(async () => {
    const jobs = PROGRAMS.map((code) => ({ wasm: wasiBytes(), calls: [["_start", []]] as const, args: argsOf(code) }));
    for (const major of Object.keys(WHEELS) as WasmtimeMajor[]) reports.set(major, await wasmtimeFuel(major, jobs));
  }, 120_000);

  describe.each(Object.keys(WHEELS) as WasmtimeMajor[])("%s", (major) => {
    test.each(PROGRAMS.map((code, i) => [code, i] as const))("%j", async (code, i) => {
      const guest = new WasiGuest(wasiModule(`wasmtime-${major}`), { args: argsOf(code) });
      expect(await guest.run(1e9)).toEqual({ status: "exited", code: 0 });
      const there = reports.get(major)![i]!.calls[0]!;
      // proc_exit ends it by an error of the host's.
      expect(guest.fuelUsed).toBe(typeof there === "number" ? there : there.fuel);
    });
  });
});
