// Programs for the tests of snapshots: each with its modules, linked in a fresh engine on demand.
import { createHash } from "node:crypto";
import {
  Engine,
  Execution,
  type FuelScheduleName,
  type Instance,
  Linker,
  Store,
  type StoreLimits,
} from "../../index.js";
import type { SnapshotSubject } from "../../snapshot/inventory.js";
import { wat } from "./wat.js";

export interface ProgramText {
  /** Text of the modules by name; the last one exports `main`, and may import from those before. */
  readonly modules: Readonly<Record<string, string>>;
  readonly args?: readonly unknown[];
  readonly limits?: Partial<StoreLimits>;
  readonly schedule?: FuelScheduleName;
  /** Imports `env.invoke_*` are Emscripten's. */
  readonly invokes?: readonly string[];
}

export interface Program extends Omit<ProgramText, "modules"> {
  readonly modules: readonly (readonly [name: string, bytes: Uint8Array])[];
}

export async function assemble(text: ProgramText): Promise<Program> {
  const modules: [string, Uint8Array][] = [];
  for (const [name, source] of Object.entries(text.modules)) modules.push([name, await wat(source)]);
  return { ...text, modules };
}

/** A program linked in an engine of its own. */
export class Linked {
  readonly engine: Engine;
  readonly store: Store;
  readonly instances: Instance[] = [];
  /** Lines that host functions write. */
  readonly log: string[] = [];

  constructor(readonly program: Program) {
    this.engine = new Engine(program.schedule === undefined ? {} : { schedule: program.schedule });
    this.store = new Store(this.engine, { limits: program.limits ?? {} });
    const linker = new Linker(this.engine);
    const logger = (name: string, type: string) => {
      linker.defineFunc("env", name, { params: [type as "i32"], results: [type as "i32"] }, (caller, value) => {
        // Half of the calls cost something, which may make them wait.
        caller.chargeFuel(3);
        this.log.push(`${name}(${value}) with ${caller.fuelUsed} used`);
        return value;
      });
    };
    logger("log", "i32");
    logger("log64", "i64");
    linker.defineLongjmp("env", "longjmp");
    for (const name of program.invokes ?? []) linker.defineInvoke("env", name);
    for (const [name, bytes] of program.modules) {
      const instance = linker.instantiate(this.store, this.engine.compile(bytes));
      this.instances.push(instance);
      linker.defineInstance(name, instance);
    }
  }

  get subject(): SnapshotSubject {
    return { store: this.store, instances: this.instances };
  }

  start(): Execution {
    return new Execution(this.store).start(this.instances.at(-1)!.getFunc("main"), this.program.args ?? []);
  }

  /** How an execution that is over ended. */
  static outcome({ outcome, fuelUsed }: Execution): string {
    switch (outcome?.status) {
      case "done":
        return `done ${outcome.results.map(String)} with ${fuelUsed}`;
      case "trapped": {
        const places = outcome.error.backtrace.map(({ funcidx, offset }) => `${funcidx}@${offset}`);
        return `trapped ${outcome.error.message} ${places} with ${fuelUsed}`;
      }
      case "failed":
        throw outcome.error;
      default:
        return `${outcome?.status} with ${fuelUsed}`;
    }
  }

  /** Everything that can be seen of the store. */
  describe(): string[] {
    const lines = [`memory ${this.store.memoryBytes} ${this.store.peakMemoryBytes}`];
    this.instances.forEach((instance, i) => {
      for (const memory of instance.memories) {
        lines.push(`${i} memory ${memory.byteLength} ${createHash("md5").update(memory.bytes()).digest("hex")}`);
      }
      instance.tables.forEach((table, j) => {
        lines.push(`${i} table ${j}: ${table.elements.map((ref) => (ref === null ? "-" : "x")).join("")}`);
      });
      instance.globals.forEach((global, j) => {
        if (!global.isReference) lines.push(`${i} global ${j}: ${String(global.raw)}`);
      });
    });
    return lines;
  }
}
