// Proofs in which something is not so: each is refused, or speaks of other states than the ones that were agreed on.
import { expect, test } from "vitest";
import { forms } from "../../test/support/form.js";
import { fromHex, toHex } from "../check-step/bytes.js";
import { checkStep, ProofError, type ShownPart, type StepProof } from "../check-step/index.js";
import { Part, rootOfParts } from "../check-step/part.js";
import { everyStep, STEP_PROGRAMS } from "./step-programs.js";

const TAMPERED = forms(250, 10_000);

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] extends object | null ? Mutable<T[Name]> : T[Name] };
type Proof = Mutable<StepProof>;
type Random = () => number;
const below = (next: Random, count: number) => Math.floor(next() * count);
const pick = <T>(next: Random, items: readonly T[]): T => items[below(next, items.length)]!;

/** Another hexadecimal digit somewhere. */
function flip(next: Random, text: string): string {
  const at = below(next, text.length);
  const digit = (Number.parseInt(text[at]!, 16) ^ (1 + below(next, 15))).toString(16);
  return text.slice(0, at) + digit + text.slice(at + 1);
}
/** Another bit in the bytes that a part has, not behind its end. */
function flipContent(next: Random, part: Mutable<ShownPart>): void {
  const number = pick(next, Object.keys(part.blocks));
  const length = Math.min(1024, part.byteLength - Number(number) * 1024);
  const at = 2 * below(next, length);
  part.blocks[number] =
    part.blocks[number]!.slice(0, at) +
    flip(next, part.blocks[number]!.slice(at, at + 2)) +
    part.blocks[number]!.slice(at + 2);
}

/** Makes a part's root true again, of the blocks that it shows. */
function reseal(part: Mutable<ShownPart>): void {
  const opened = new Part(part.name, part.byteLength, fromHex(part.root, "root"), {
    block: (number) => (part.blocks[number] === undefined ? undefined : fromHex(part.blocks[number], "block")),
    node: (level, index) => {
      const node = part.nodes[`${level}.${index}`];
      return node === undefined ? undefined : fromHex(node, "node");
    },
  });
  for (const number of Object.keys(part.blocks)) opened.touch(Number(number));
  part.root = toHex(opened.rootBefore());
}
const sealed = (parts: readonly ShownPart[]) =>
  toHex(rootOfParts(parts.map((part) => ({ ...part, root: fromHex(part.root, "root") }))));

const shownState = (proof: Proof, name: RegExp) =>
  proof.state.filter((part) => name.test(part.name) && Object.keys(part.blocks).length > 0);
const shownProgram = (proof: Proof) => proof.programs.flatMap((parts) => parts ?? []);

/** A lie about a part's content, with roots that fit it: another state before, which is led to the same one. */
function resealed(name: RegExp) {
  return (proof: Proof, next: Random): boolean => {
    const parts = shownState(proof, name);
    if (parts.length === 0) return false;
    const part = pick(next, parts);
    flipContent(next, part);
    reseal(part);
    proof.before = sealed(proof.state);
    return true;
  };
}
/** The same with roots as they were. */
function content(name: RegExp) {
  return (proof: Proof, next: Random): boolean => {
    const parts = shownState(proof, name);
    if (parts.length === 0) return false;
    flipContent(next, pick(next, parts));
    return true;
  };
}

/** Per class of field: changes a proof, or says that this one has no such field. */
const CLASSES: Readonly<Record<string, (proof: Proof, next: Random) => boolean>> = {
  "hash before": (proof, next) => {
    proof.before = flip(next, proof.before);
    return true;
  },
  "hash after": (proof, next) => {
    proof.after = flip(next, proof.after);
    return true;
  },
  fuel: (proof, next) => {
    proof.fuel[pick(next, ["before", "after"] as const)] += 1 + below(next, 9);
    return true;
  },
  "place and name of the instruction": (proof, next) => {
    const field = pick(next, ["instance", "funcidx", "offset", "instruction"] as const);
    if (field === "instruction") proof.step.instruction += "_u";
    else proof.step[field]++;
    return true;
  },
  outcome: (proof, next) => {
    const { kind } = proof.outcome;
    const other = (["running", "threw", "trapped", "failed"] as const).filter((candidate) => candidate !== kind);
    const chosen = pick(next, other);
    proof.outcome =
      chosen === "trapped" || chosen === "failed" ? { kind: chosen, message: "unreachable" } : { kind: chosen };
    return true;
  },
  results: (proof, next) => {
    if (proof.outcome.kind !== "done") return false;
    proof.outcome.results[0] = flip(next, proof.outcome.results[0]!);
    return true;
  },
  "witness hashes": (proof, next) => {
    const parts = [...proof.state, ...shownProgram(proof)].filter((part) => Object.keys(part.nodes).length > 0);
    if (parts.length === 0) return false;
    const part = pick(next, parts);
    const key = pick(next, Object.keys(part.nodes));
    part.nodes[key] = flip(next, part.nodes[key]!);
    return true;
  },
  "witness hashes left out": (proof, next) => {
    const parts = [...proof.state, ...shownProgram(proof)].filter((part) => Object.keys(part.nodes).length > 0);
    if (parts.length === 0) return false;
    const part = pick(next, parts);
    delete part.nodes[pick(next, Object.keys(part.nodes))];
    return true;
  },
  "roots of parts": (proof, next) => {
    const part = pick(next, proof.state);
    part.root = flip(next, part.root);
    return true;
  },
  "lengths of parts": (proof, next) => {
    pick(next, proof.state).byteLength += 1 + below(next, 4096);
    return true;
  },
  "names of parts": (proof, next) => {
    pick(next, proof.state).name += "0";
    return true;
  },
  "parts left out": (proof, next) => {
    proof.state.splice(below(next, proof.state.length), 1);
    return true;
  },
  "blocks left out": (proof, next) => {
    const part = pick(next, shownState(proof, /./));
    delete part.blocks[pick(next, Object.keys(part.blocks))];
    return true;
  },
  "stack slots": content(/^stack$/),
  "stack slots, resealed": resealed(/^stack$/),
  "pc, fuel and frames": content(/^execution$/),
  "pc, fuel and frames, resealed": resealed(/^execution$/),
  "memory pages": content(/^memory /),
  "memory pages, resealed": resealed(/^memory /),
  tables: content(/^table /),
  "tables, resealed": resealed(/^table /),
  globals: content(/^globals$/),
  "globals, resealed": resealed(/^globals$/),
  "heap objects": content(/^heap$/),
  "heap objects, resealed": resealed(/^heap$/),
  segments: content(/^(?:segments|elements)$/),
  "segments, resealed": resealed(/^(?:segments|elements)$/),
  accounts: content(/^accounts$/),
  "accounts, resealed": resealed(/^accounts$/),
  "limits and schedule": content(/^context$/),
  "limits and schedule, resealed": resealed(/^context$/),
  "code, functions and outline": (proof, next) => {
    const parts = shownProgram(proof).filter((part) => Object.keys(part.blocks).length > 0);
    flipContent(next, pick(next, parts));
    return true;
  },
  "code of a program with another root": (proof, next) => {
    const index = proof.programs.findIndex((parts) => parts !== null);
    const parts = proof.programs[index]!;
    const part = pick(
      next,
      parts.filter(({ blocks }) => Object.keys(blocks).length > 0),
    );
    flipContent(next, part);
    reseal(part);
    const named = proof.state.find(({ name }) => name === `program ${index}`)!;
    named.root = sealed(parts);
    proof.before = sealed(proof.state);
    return true;
  },
  "the host's result": (proof) => {
    if (proof.host === null) return false;
    (proof.host.call as { result: unknown }).result = 3;
    return true;
  },
  "the host's call": (proof, next) => {
    if (proof.host === null) return false;
    const { call } = proof.host;
    const field = pick(next, ["fuel", "name", "args"] as const);
    if (field === "fuel") call.fuel++;
    else if (field === "name") call.name += "x";
    else call.args = flip(next, call.args);
    return true;
  },
  "the log of calls": (proof, next) => {
    if (proof.host === null) return false;
    const { host } = proof;
    const field = pick(next, ["index", "count", "root", "path", "earlier"] as const);
    if (field === "root") host.root = flip(next, host.root);
    else if (field === "path") host.path.push(host.root);
    else host[field]++;
    return true;
  },
  "what the host holds": (proof, next) => {
    if (proof.host === null) return false;
    const part = pick(next, proof.state);
    proof.host.effects.push({ name: part.name, byteLength: part.byteLength, root: flip(next, part.root) });
    return true;
  },
  "a call of the host's that is none": (proof) => {
    if (proof.host !== null) return false;
    const hash = "0".repeat(64);
    const call = { fuel: 1, name: "host.ask", args: hash, result: 1 };
    proof.host = { call, index: 0, count: 1, root: hash, path: [], earlier: 0, effects: [] };
    return true;
  },
};

test(`${TAMPERED} tampered proofs are refused, of every class`, async () => {
  const proofs = (await Promise.all(Object.values(STEP_PROGRAMS).map(everyStep)))
    .flat()
    .map((proof) => JSON.stringify(proof));
  const next = random(13);
  const names = Object.keys(CLASSES);
  const refused = new Map(names.map((name) => [name, 0]));
  let others = 0;
  for (let i = 0; i < TAMPERED; ) {
    const name = names[i % names.length]!;
    const text = pick(next, proofs);
    const proof = JSON.parse(text) as Proof;
    if (!CLASSES[name]!(proof, next) || JSON.stringify(proof) === text) continue;
    let error: unknown;
    try {
      const { before } = checkStep(proof);
      // True of another state: what was changed is written over by the step. It is not the state that was agreed on.
      expect(name, `${i}: ${proof.step.instruction}`).toMatch(/resealed$/);
      expect(before).not.toBe((JSON.parse(text) as Proof).before);
      others++;
      continue;
    } catch (thrown) {
      error = thrown;
    }
    expect(error, `${i}: ${name}, ${proof.step.instruction}`).toBeInstanceOf(ProofError);
    refused.set(name, refused.get(name)! + 1);
    i++;
    if (i % 1000 === 0) console.log(`${i} refused`);
  }
  expect(others).toBeLessThan(TAMPERED / 20);
  expect(Math.min(...refused.values())).toBeGreaterThanOrEqual(Math.floor(TAMPERED / names.length));
});
