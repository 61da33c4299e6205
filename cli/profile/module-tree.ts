// What a meter has counted, by the names that the module gives its functions.
import { type DecodedModule, readNames } from "../../decoder/index.js";
import type { FuelMeter, MeterNode } from "../../runtime/index.js";
import { type FuelNode, type FuelTree, newNode, totalOf } from "./fuel-tree.js";

/**
 * @param bill what the run was charged
 * @param beside what of that no function has used: linking a module, rewriting a program
 */
export function moduleTree(meter: FuelMeter, bill: number, beside: string): FuelTree {
  const names = new Map<DecodedModule, (func: number) => string>();
  const nameOf = ({ module, func }: MeterNode): string => {
    const named = names.get(module!) ?? namesOf(module!);
    names.set(module!, named);
    return named(func);
  };
  const root = newNode("all");
  root.fuel = meter.root.fuel;
  const copy = ({ children }: MeterNode, to: FuelNode): void => {
    for (const child of children) {
      const made = newNode(nameOf(child));
      made.fuel = child.fuel;
      copy(child, made);
      if (totalOf(made) > 0) to.children.push(made);
    }
  };
  copy(meter.root, root);
  const rest = bill - totalOf(root);
  if (rest > 0) root.children.push({ ...newNode(beside), fuel: rest });
  return { name: "WebAssembly", root };
}

function namesOf(module: DecodedModule): (func: number) => string {
  const { funcs } = readNames(module);
  const exported = new Map(module.exports.flatMap(({ kind, index, name }) => (kind === "func" ? [[index, name]] : [])));
  return (func) => {
    const funcidx = module.importedFuncCount + func;
    return funcs.get(funcidx) ?? exported.get(funcidx) ?? `function ${funcidx}`;
  };
}
