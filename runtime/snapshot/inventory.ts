// What belongs to a snapshot, in an order that is the same for the store that it is taken of and
// for the one that it is restored to.
import type { Instance } from "../embedding/instance.js";
import { Store } from "../embedding/store.js";
import { UsageError } from "../errors.js";
import { externKind } from "../store/exports.js";
import { FuncInst } from "../store/func.js";
import { GlobalInst } from "../store/global.js";
import { MemoryInst } from "../store/memory.js";
import type { ExternInst, ModuleInstance } from "../store/module-instance.js";
import { TableInst } from "../store/table.js";
import { TagInst } from "../store/tag.js";
import { SnapshotError } from "./snapshot-error.js";

/** A store with everything in it that a snapshot has to know. */
export interface SnapshotSubject {
  readonly store: Store;
  /** All instances of the store, in an order of the embedder's that is always the same. */
  readonly instances: readonly Instance[];
  /**
   * Objects of the host's that no instance imports, under names that are always the same: host
   * functions that are put into tables later, memories that nobody imports yet.
   */
  readonly externs?: Readonly<Record<string, ExternInst>>;
}

/** @throws UsageError if it is not a store with a list of instances */
export function requireSubject(subject: SnapshotSubject): void {
  if (!(subject?.store instanceof Store) || !Array.isArray(subject.instances)) {
    throw new UsageError(
      "the subject of a snapshot is { store, instances }: a Store, and all of its instances in order",
    );
  }
}

/** A function by the instance that has it, and its index there; imports as the importer has them. */
export interface FuncPlace {
  readonly instance: number;
  readonly funcidx: number;
}

export class Inventory {
  readonly instances: readonly ModuleInstance[];
  readonly memories: readonly MemoryInst[];
  readonly tables: readonly TableInst[];
  readonly globals: readonly GlobalInst[];
  readonly tags: readonly TagInst[];
  /** Names of the subject's externs, ascending. */
  readonly names: readonly string[];
  /**
   * Which objects the instances share: per instance the numbers of its memories, tables, globals
   * and tags, and of each imported function the instance it comes from (or −1) and its index there.
   */
  readonly shape: readonly number[];
  private readonly instanceNumbers = new Map<ModuleInstance, number>();
  private hostFuncs: Map<FuncInst, FuncPlace | string> | null = null;

  constructor(readonly subject: SnapshotSubject) {
    requireSubject(subject);
    const { store, instances, externs = {} } = subject;
    this.instances = instances;
    instances.forEach((instance, i) => {
      if (instance.store !== store) throw new SnapshotError("mismatch", "an instance belongs to another store");
      if (this.instanceNumbers.has(instance)) throw new SnapshotError("mismatch", "an instance is given twice");
      this.instanceNumbers.set(instance, i);
    });
    this.names = Object.keys(externs).sort();
    const memories = new Numbered<MemoryInst>();
    const tables = new Numbered<TableInst>();
    const globals = new Numbered<GlobalInst>();
    const tags = new Numbered<TagInst>();
    const shape: number[] = [];
    for (const instance of instances) {
      for (const memory of instance.memories) shape.push(memories.numberOf(memory));
      for (const table of instance.tables) shape.push(tables.numberOf(table));
      for (const global of instance.globals) shape.push(globals.numberOf(global));
      for (const tag of instance.tags) shape.push(tags.numberOf(tag));
      for (let i = 0; i < instance.module.importedFuncCount; i++) {
        const { instance: from, index } = instance.importedFuncs[i]!;
        shape.push(from === null ? -1 : (this.instanceNumbers.get(from) ?? -2), index);
      }
    }
    for (const name of this.names) {
      const extern = externs[name]!;
      const kind = externKind(extern);
      if (kind === undefined) throw new SnapshotError("mismatch", `extern ${JSON.stringify(name)} is no extern`);
      if (extern instanceof MemoryInst) shape.push(memories.numberOf(extern));
      else if (extern instanceof TableInst) shape.push(tables.numberOf(extern));
      else if (extern instanceof GlobalInst) shape.push(globals.numberOf(extern));
      else if (extern instanceof TagInst) shape.push(tags.numberOf(extern));
    }
    this.memories = memories.list;
    this.tables = tables.list;
    this.globals = globals.list;
    this.tags = tags.list;
    this.shape = shape;
    this.requireComplete();
  }

  get store(): Store {
    return this.subject.store;
  }

  /** What the store is accounted with must be what is here, or restoring would lose the rest. */
  private requireComplete(): void {
    const { store } = this.subject;
    const counts = [
      ["instances", store.instanceCount, this.instances.length],
      ["memories", store.memoryCount, this.memories.length],
      ["tables", store.tableCount, this.tables.length],
    ] as const;
    for (const [what, has, given] of counts) {
      if (has === given) continue;
      throw new SnapshotError("mismatch", `the store has ${has} ${what}, of which ${given} are part of the snapshot`);
    }
  }

  /** @throws SnapshotError if the instance is not among those given */
  instanceNumber(instance: ModuleInstance): number {
    const number = this.instanceNumbers.get(instance);
    if (number !== undefined) return number;
    throw new SnapshotError("mismatch", "the state refers to an instance that was not given");
  }

  /** Where a function is found: a place, or the name of an extern. @throws SnapshotError if nowhere */
  placeOf(func: FuncInst): FuncPlace | string {
    if (func.instance !== null) {
      const instance = this.instanceNumber(func.instance);
      return { instance, funcidx: func.instance.module.importedFuncCount + func.index };
    }
    this.hostFuncs ??= this.findHostFuncs();
    const place = this.hostFuncs.get(func);
    if (place !== undefined) return place;
    const name = func.host?.name ?? "?";
    throw new SnapshotError(
      "unsupported",
      `the state refers to host function ${name}, which has no name in \`externs\``,
    );
  }

  private findHostFuncs(): Map<FuncInst, FuncPlace | string> {
    const found = new Map<FuncInst, FuncPlace | string>();
    this.instances.forEach(({ importedFuncs }, instance) => {
      importedFuncs.forEach((func, funcidx) => {
        if (!found.has(func)) found.set(func, { instance, funcidx });
      });
    });
    for (const name of this.names) {
      const extern = this.subject.externs![name]!;
      if (extern instanceof FuncInst && !found.has(extern)) found.set(extern, name);
    }
    return found;
  }

  /** Whether {@link funcAt} finds a function. */
  hasFunc(place: FuncPlace | string): boolean {
    if (typeof place === "string") return this.funcAt(place) !== undefined;
    const instance = this.instances[place.instance];
    return instance !== undefined && place.funcidx in instance.module.funcs;
  }

  /** The function at a place; undefined if there is none. */
  funcAt(place: FuncPlace | string): FuncInst | undefined {
    if (typeof place !== "string") {
      return this.hasFunc(place) ? this.instances[place.instance]!.func(place.funcidx) : undefined;
    }
    const { externs = {} } = this.subject;
    const extern = Object.hasOwn(externs, place) ? externs[place] : undefined;
    return extern instanceof FuncInst ? extern : undefined;
  }
}

/** Numbers objects in the order in which they come. */
class Numbered<T> {
  readonly list: T[] = [];
  private readonly numbers = new Map<T, number>();
  numberOf(object: T): number {
    let number = this.numbers.get(object);
    if (number === undefined) {
      number = this.list.push(object) - 1;
      this.numbers.set(object, number);
    }
    return number;
  }
}
