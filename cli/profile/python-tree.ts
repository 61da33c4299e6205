// Where in a Python program fuel went: its calls and lines at every so many units.
//
// At such a unit a copy of the interpreter is interrupted, and its traceback read: the run does not notice. The stack
// that is found stands for the units since the one before, the rest behind the last for nobody. The units are the same
// on every machine, and so are the stacks.
import type { PythonFrame, PythonInterpreter, PythonState, RunObserver } from "../../micropython-wasm/index.js";
import { tracebackFrames } from "../../micropython-wasm/receipts.js";
import { childOf, type FuelTree, newNode } from "./fuel-tree.js";

const FIRST_INTERVAL = 2 ** 14;
/** Then every other one goes, and their distance doubles. */
const MAX_SAMPLES = 256;

export class PythonSamples implements RunObserver {
  private interval = FIRST_INTERVAL;
  private stacks: (readonly PythonFrame[] | null)[] = [];
  nextFuel = FIRST_INTERVAL;

  /** @param probe another interpreter of the same artifact, with the same options */
  constructor(private readonly probe: PythonInterpreter) {}

  begins(): void {}
  ended(): void {}

  async reached(state: PythonState): Promise<void> {
    const { probe } = this;
    probe.rewind(state);
    await probe.abandon();
    const { interrupt } = probe;
    this.stacks.push(interrupt === null ? null : tracebackFrames(interrupt));
    if (this.stacks.length === MAX_SAMPLES) {
      this.stacks = this.stacks.filter((_, i) => i % 2 === 1);
      this.interval *= 2;
    }
    this.nextFuel = (this.stacks.length + 1) * this.interval;
  }

  /** @param bill what the run was charged */
  tree(bill: number, file: string): FuelTree {
    const root = newNode("all");
    for (const stack of this.stacks) {
      let at = root;
      for (const frame of stack ?? [])
        at = childOf(at, frame.function, frame.file === "<stdin>" ? file : frame.file, frame.line);
      if (at === root) at = childOf(root, "(no line: compiling, or not interrupted)");
      at.fuel += this.interval;
    }
    const rest = bill - this.stacks.length * this.interval;
    if (rest > 0) root.children.push({ ...newNode("(behind the last sample)"), fuel: rest });
    return { name: `Python, at every ${this.interval} units`, root };
  }
}
