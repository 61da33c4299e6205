// The form of a proof of one step, as JSON, and its parts as the checker works with them.
import { fromHex, fromUtf8, toHex } from "./bytes.js";
import { refuse } from "./errors.js";
import { Part, rootOfParts } from "./part.js";

export const STEP_PROOF_FORMAT = "escapement-step-proof-2";
/** The format before has no `emscripten`, and of hosts the calls of the log alone. */
const EARLIER_FORMAT = "escapement-step-proof-1";

/** A part of a state or a program, and what is shown of it. Hashes and blocks are hexadecimal digits. */
export interface ShownPart {
  readonly name: string;
  readonly byteLength: number;
  readonly root: string;
  /** Block number → its 1,024 bytes. */
  readonly blocks: Readonly<Record<string, string>>;
  /** `LEVEL.INDEX` → the hash of a node beside those blocks. */
  readonly nodes: Readonly<Record<string, string>>;
}

/** A call of a receipt's log, and that it is there. */
export interface ShownLogEntry<Call> {
  readonly call: Call;
  /** Its number in the log, how many calls that has, its root, and the hashes beside the way there, the lowest first. */
  readonly index: number;
  readonly count: number;
  readonly root: string;
  readonly path: readonly string[];
  /** Fuel of the run's executions before this one: the log's fuel is the run's. */
  readonly earlier: number;
}

/** Parts of the state that the host changed: memories, and what it holds itself. */
type Effects = readonly { readonly name: string; readonly byteLength: number; readonly root: string }[];

/** A call of a host function, as the receipt's log has it, and what it did that nobody can work out. */
export interface ShownHostCall
  extends ShownLogEntry<{
    readonly fuel: number;
    readonly name: string;
    readonly args: string;
    readonly result: unknown;
  }> {
  readonly effects: Effects;
}

/** A call of a host function whose log is not of the module's calls but of a program's in it: Python's. */
export interface ShownAnswer {
  /** The import; its results, as hexadecimal digits of their bits; and the fuel that the execution had used behind it. */
  readonly answer: { readonly name: string; readonly results: readonly string[]; readonly fuel: number };
  /** The program's call that the host has answered so, if there was one. */
  readonly logged: ShownLogEntry<{ readonly fuel: number; readonly name: unknown }> | null;
  /** What the host wrote into memories: numbers of memories in the state, addresses, bytes. */
  readonly writes: readonly { readonly memory: number; readonly at: number; readonly bytes: string }[];
  readonly effects: Effects;
}

/** What of a module's own its imports from Emscripten work with: a global and a function, by index. */
export interface Emscripten {
  readonly stackPointer: number;
  readonly setThrew: number;
}

export function openEmscripten(value: unknown): Emscripten | null {
  if (value === null) return null;
  requireFields(value, ["stackPointer", "setThrew"], "emscripten");
  const { stackPointer, setThrew } = value as Emscripten;
  requireCount(stackPointer, "the stack pointer's global");
  requireCount(setThrew, "setThrew");
  return { stackPointer, setThrew };
}

/** How the step ended. */
export type StepOutcome =
  /** The execution goes on. */
  | { readonly kind: "running" }
  /** Its outermost function has returned: the results, each in its slots as hexadecimal digits of a 16-byte number. */
  | { readonly kind: "done"; readonly results: readonly string[] }
  | { readonly kind: "trapped"; readonly message: string }
  /** No handler for an exception was found. */
  | { readonly kind: "threw" }
  /** The host function threw. */
  | { readonly kind: "failed"; readonly message: string };

export interface StepProof {
  readonly format: typeof STEP_PROOF_FORMAT | typeof EARLIER_FORMAT;
  /** State hashes. */
  readonly before: string;
  readonly after: string;
  /** Fuel that the execution has used in each; a run may be several executions. */
  readonly fuel: { readonly before: number; readonly after: number };
  /** The instruction that was paid for, and where: for readers. `offset` counts from the module's first byte. */
  readonly step: {
    readonly instance: number;
    readonly funcidx: number;
    readonly offset: number;
    readonly instruction: string;
  };
  readonly outcome: StepOutcome;
  /** All parts of the state, in order. */
  readonly state: readonly ShownPart[];
  /** Per instance, the parts of its program; null where nothing of it is read. */
  readonly programs: readonly (readonly ShownPart[] | null)[];
  readonly host: ShownHostCall | ShownAnswer | null;
  /** Null where no function of Emscripten's is called or waits. */
  readonly emscripten: Emscripten | null;
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  proof: ["format", "before", "after", "fuel", "step", "outcome", "state", "programs", "host", "emscripten"],
  part: ["name", "byteLength", "root", "blocks", "nodes"],
};

/** That an object has just these fields. @throws ProofError */
export function requireFields(value: unknown, kind: keyof typeof KEYS | readonly string[], what: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(`${what} is no object`);
  const wanted = typeof kind === "string" ? KEYS[kind]! : kind;
  const found = Object.keys(value);
  if (found.length !== wanted.length || !wanted.every((name) => found.includes(name)))
    refuse(`${what} has the fields ${found.join(", ")}, not ${wanted.join(", ")}`);
}

export function requireCount(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) refuse(`${what} is no count`);
  return value;
}

/** @throws ProofError if it is not of this form; what it shows is checked by roots */
export function openProof(value: unknown): StepProof {
  const isEarlier = (value as Partial<StepProof> | null)?.format === EARLIER_FORMAT;
  const whole = isEarlier ? { ...(value as StepProof), emscripten: null } : value;
  requireFields(whole, "proof", "the proof");
  const proof = whole as StepProof;
  if (proof.format !== STEP_PROOF_FORMAT && !isEarlier)
    refuse(`the proof's format is ${JSON.stringify(proof.format)}, not "${STEP_PROOF_FORMAT}"`);
  if (!Array.isArray(proof.state) || !Array.isArray(proof.programs)) refuse("state and programs are lists");
  requireFields(proof.fuel, ["before", "after"], "fuel");
  requireFields(proof.step, ["instance", "funcidx", "offset", "instruction"], "step");
  return proof;
}

/** Parts that a proof shows. What is read of them counts for nothing until {@link rootBefore} has been asked. */
export class ShownParts {
  readonly parts: ReadonlyMap<string, Part>;

  constructor(private readonly shown: readonly ShownPart[]) {
    const parts = new Map<string, Part>();
    for (const part of shown) {
      requireFields(part, "part", "a part");
      if (typeof part.name !== "string" || parts.has(part.name)) refuse(`the part ${part.name} is there twice`);
      parts.set(part.name, openPart(part));
    }
    this.parts = parts;
  }

  /**
   * The root of all parts before the step, each of which is checked: ask when all is read, since new blocks of a part that
   * has grown take nodes of the one before.
   */
  rootBefore(): string {
    const parts = [...this.parts.values()];
    for (const [i, part] of parts.entries()) {
      if (toHex(part.rootBefore()) !== toHex(part.root)) refuse(`${part.name}: what is shown has another root`);
      for (const key of Object.keys(this.shown[i]!.nodes))
        if (!part.used.nodes.has(key)) refuse(`${part.name}: nothing needs node ${key}`);
    }
    return toHex(rootOfParts(parts.map(({ name, lengthBefore, root }) => ({ name, byteLength: lengthBefore, root }))));
  }
}

function openPart({ name, byteLength, root, blocks, nodes }: ShownPart): Part {
  requireCount(byteLength, `${name}: its length`);
  const opened = new Map<number, Uint8Array>();
  for (const [number, block] of Object.entries(blocks)) {
    if (!/^(?:0|[1-9]\d{0,15})$/.test(number)) refuse(`${name}: block ${number} has no such number`);
    opened.set(Number(number), fromHex(block, `${name}: block ${number}`));
  }
  const hash = fromHex(root, `${name}: its root`);
  if (hash.length !== 32) refuse(`${name}: its root is no hash`);
  const part = new Part(name, byteLength, hash, {
    block: (number) => opened.get(number),
    node: (level, index) => {
      const key = `${level}.${index}`;
      return Object.hasOwn(nodes, key) ? fromHex(nodes[key], `${name}: node ${key}`) : undefined;
    },
  });
  for (const number of opened.keys()) part.touch(number);
  return part;
}

/** JSON that is committed to. @throws ProofError */
export function committedJson(part: Part): unknown {
  try {
    return JSON.parse(fromUtf8(part.bytes(0, part.byteLength)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) refuse(`${part.name} is no JSON`);
    throw error;
  }
}
