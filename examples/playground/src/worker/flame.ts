// Fuel by Python function: the run is stopped at regular places, and each stretch is counted for where it stopped. The
// same program gives the same picture on every machine.
import type { Flame, Place } from "../protocol.js";
import type { Session } from "./session.js";

const SAMPLES = 120;

interface Node {
  name: string;
  fuel: number;
  children: Map<string, Node>;
}

/** @param session at the beginning of the run */
export async function profile(session: Session, used: number): Promise<Flame> {
  const root: Node = { name: "program", fuel: 0, children: new Map() };
  let before = 0;
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const fuel = Math.round((used * sample) / SAMPLES);
    if (fuel === before) continue;
    await session.goTo(fuel);
    const places = (await session.where()) ?? [];
    count(root, places, fuel - before);
    before = fuel;
  }
  return flameOf(root);
}

function count(root: Node, places: readonly Place[], fuel: number): void {
  root.fuel += fuel;
  let node = root;
  for (const { file, function: name } of places) {
    const key = name === "<module>" ? file : name;
    let child = node.children.get(key);
    if (child === undefined) {
      child = { name: key, fuel: 0, children: new Map() };
      node.children.set(key, child);
    }
    child.fuel += fuel;
    node = child;
  }
}

function flameOf({ name, fuel, children }: Node): Flame {
  return { name, fuel, children: [...children.values()].map(flameOf) };
}
