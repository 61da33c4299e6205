// All contestants, V8 first: it is what the others are compared with.
import { type Engine, polywasm, v8 } from "./engines.js";
import { interpreter } from "./escapement.js";

export const ENGINES: readonly Engine[] = [v8, polywasm, interpreter];

export function engineNamed(name: string): Engine {
  const engine = ENGINES.find((candidate) => candidate.name === name);
  if (engine === undefined) throw new Error(`no engine ${name}; there are ${ENGINES.map((e) => e.name).join(", ")}`);
  return engine;
}
