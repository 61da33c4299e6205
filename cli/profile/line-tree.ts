// What a meter of a Python program has counted, as trees: fuel, bytes asked for, and how often each line was come to.
import type { PythonMeterNode } from "../../micropython-wasm/profile.js";
import { type FuelNode, type FuelTree, newNode, totalOf } from "./fuel-tree.js";

/**
 * @param bill what the run was charged
 * @param file name of the program
 * @param beside what of the bill no opcode and no compiler has used: rewriting a program
 */
export function lineTrees(root: PythonMeterNode, bill: number, file: string, beside: string): FuelTree[] {
  const fuel = copied(root, file);
  const rest = bill - totalOf(fuel);
  if (rest > 0) fuel.children.push({ ...newNode(beside), fuel: rest });
  const counted = (counts: "bytes" | "visits", of: (node: FuelNode) => number): FuelTree => ({
    ...{ name: "Python", counts, root: recounted(fuel, of) },
  });
  return [
    { name: "Python", root: fuel },
    counted("bytes", ({ allocated = 0 }) => allocated),
    counted("visits", ({ visits = 0 }) => visits),
  ];
}

/** What is used outside of opcodes gets a node of its own. */
function copied(root: PythonMeterNode, program: string): FuelNode {
  const copy = ({ place: { name, file }, line, fuel, visits, allocated, children }: PythonMeterNode): FuelNode => ({
    ...{ name, file: file === "<stdin>" ? program : file, line, fuel, visits, allocated },
    children: children.map(copy),
  });
  const { children, ...outside } = copy(root);
  const used = outside.fuel > 0 || outside.allocated! > 0;
  return { ...newNode("all"), children: [...(used ? [{ ...outside, children: [] }] : []), ...children] };
}

function recounted(node: FuelNode, of: (node: FuelNode) => number): FuelNode {
  const { name, file, line } = node;
  return { name, file, line, fuel: of(node), children: node.children.map((child) => recounted(child, of)) };
}
