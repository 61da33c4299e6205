// The exports of an instance by name. Nothing is made for an export before it is asked for.
import type { DecodedModule } from "../../decoder/index.js";
import type { ExternInst, ModuleInstance } from "./module-instance.js";

/** Per module, name → which of its exports; made when first asked for, and shared by all instances. */
const INDICES = new WeakMap<DecodedModule, ReadonlyMap<string, number>>();

function indexOf(module: DecodedModule): ReadonlyMap<string, number> {
  let index = INDICES.get(module);
  if (index === undefined) {
    index = new Map(module.exports.map(({ name }, i) => [name, i]));
    INDICES.set(module, index);
  }
  return index;
}

/** In the order of the module's export section. */
export class ExportMap implements ReadonlyMap<string, ExternInst> {
  constructor(private readonly instance: ModuleInstance) {}

  get size(): number {
    return this.instance.module.exports.length;
  }

  has(name: string): boolean {
    return indexOf(this.instance.module).has(name);
  }

  get(name: string): ExternInst | undefined {
    const at = indexOf(this.instance.module).get(name);
    return at === undefined ? undefined : this.at(at);
  }

  *keys(): MapIterator<string> {
    for (const { name } of this.instance.module.exports) yield name;
  }

  *values(): MapIterator<ExternInst> {
    for (let i = 0; i < this.size; i++) yield this.at(i);
  }

  *entries(): MapIterator<[string, ExternInst]> {
    for (let i = 0; i < this.size; i++) yield [this.instance.module.exports[i]!.name, this.at(i)];
  }

  [Symbol.iterator](): MapIterator<[string, ExternInst]> {
    return this.entries();
  }

  forEach(
    visit: (extern: ExternInst, name: string, map: ReadonlyMap<string, ExternInst>) => void,
    that?: unknown,
  ): void {
    for (const [name, extern] of this) visit.call(that, extern, name, this);
  }

  private at(i: number): ExternInst {
    const { instance } = this;
    const { kind, index } = instance.module.exports[i]!;
    switch (kind) {
      case "func":
        return instance.func(index);
      case "table":
        return instance.tables[index]!;
      case "memory":
        return instance.memories[index]!;
      case "global":
        return instance.globals[index]!;
      case "tag":
        return instance.tags[index]!;
    }
  }
}
