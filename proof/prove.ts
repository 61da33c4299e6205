// Makes proofs of single steps: the checker's own stepper goes over the whole state, and what it touches is the witness.
import { Crash } from "../runtime/errors.js";
import { hex, sha256 as portable } from "../runtime/sha256.js";
import type { StorePicture } from "../runtime/snapshot/picture.js";
import { type CallsOfRun, shownCall } from "./call-log.js";
import { ProofError } from "./check-step/errors.js";
import { Part } from "./check-step/part.js";
import { Program } from "./check-step/program.js";
import { type Emscripten, type ShownPart, STEP_PROOF_FORMAT, type StepProof } from "./check-step/proof.js";
import { State } from "./check-step/state.js";
import { type HostGiven, type Stepped, step } from "./check-step/step.js";
import type { MerkleTree } from "./merkle.js";
import { type PartCommitment, rootOfParts } from "./parts.js";
import { programOf } from "./program.js";
import { type HostState, StateHasher, type StateHashOptions } from "./state-hash.js";

/** A state, and what the host holds in it. */
export interface WholeState {
  readonly picture: StorePicture;
  readonly host?: HostState;
}

/** Parts that hosts may change. */
const HOSTS = /^(?:memory \d+|host .*|accounts)$/s;

/** A part whose whole content is there. */
function wholePart({ name, byteLength, root }: PartCommitment, tree: MerkleTree): Part {
  return new Part(name, byteLength, root, {
    block: (number) => tree.block(number),
    node: (level, index) => tree.node(level, index),
  });
}

/** A map that knows what it was asked for. */
class AskedPrograms extends Map<number, Program> {
  readonly asked = new Set<number>();
  override get(instance: number): Program | undefined {
    this.asked.add(instance);
    return super.get(instance);
  }
}

/** The step of one state: what it does, and what of the state shows it. */
export class Prover {
  private readonly hasher: StateHasher;
  private readonly programs = new AskedPrograms();
  private readonly programParts: Part[][] = [];
  private readonly parts: Part[];
  private readonly state: State;
  private readonly host: StepProof["host"];
  private readonly before: string;
  private readonly emscripten: Emscripten | null;
  readonly stepped: Stepped;

  /**
   * Makes the step on a copy of the state.
   * @throws ProofError if it has no proof, with the reason
   */
  constructor(
    { picture, host = {} }: WholeState,
    private readonly options: StateHashOptions & {
      readonly hasher?: StateHasher | undefined;
      /** What imports from Emscripten work with, if the host's are. */
      readonly emscripten?: Emscripten | null | undefined;
    } = {},
    given: CallsOfRun | HostGiven = null,
  ) {
    this.hasher = options.hasher ?? new StateHasher(options);
    const sha256 = options.sha256 ?? portable;
    const commitments = this.hasher.parts(picture, host);
    this.before = hex(rootOfParts(commitments, sha256));
    this.parts = commitments.map((part) => wholePart(part, this.hasher.tree(part.name)));
    picture.instances.forEach(({ module }, i) => {
      if (module instanceof Uint8Array) throw new Crash("a picture without its modules");
      const parts = programOf(module, sha256).parts.map((part) => wholePart(part, part.tree));
      this.programParts.push(parts);
      this.programs.set(i, new Program(new Map(parts.map((part) => [part.name, part]))));
    });
    this.emscripten = options.emscripten ?? null;
    this.state = new State(new Map(this.parts.map((part) => [part.name, part])), this.programs, this.emscripten);
    const shown = given !== null && "calls" in given ? shownCall(this.state, given, sha256) : given;
    this.host = typeof shown === "function" ? null : shown;
    this.stepped = step(this.state, shown);
  }

  /** The slots of the stack behind the step, the number of each. */
  get stackNumbers(): readonly bigint[] {
    return Array.from({ length: this.state.stackSlots }, (_, slot) => this.state.slot(slot).bits);
  }

  /** Fuel that the step costs. */
  get price(): number {
    return this.stepped.fuelAfter - this.stepped.fuelBefore;
  }

  /**
   * The proof.
   * @param after the state that the engine gets to; without execution if that has ended
   * @throws Crash if it is another one than the step leads to: one of the two is wrong
   */
  prove(after: WholeState): StepProof {
    const { stepped, programs, programParts } = this;
    const sha256 = this.options.sha256 ?? portable;
    const state = this.parts.map(shownPart);
    const expected = this.parts.map((part) => ({ name: part.name, byteLength: part.byteLength, root: part.rootNow() }));
    const found = this.hasher.parts(after.picture, after.host ?? {});
    const differing = found.filter(
      ({ name, byteLength, root }, i) =>
        expected[i]?.name !== name || expected[i].byteLength !== byteLength || hex(expected[i].root) !== hex(root),
    );
    const effects = differing.map(({ name, byteLength, root }) => ({ name, byteLength, root: hex(root) }));
    if (effects.length > 0 && !stepped.hostCalled) {
      const where = `${stepped.step.instruction} at byte ${stepped.step.offset} of function ${stepped.step.funcidx}`;
      throw new Crash(`the step of ${where} leads to another state: ${effects.map(({ name }) => name).join(", ")}`);
    }
    const stray = effects.find(({ name }) => !HOSTS.test(name));
    if (stray !== undefined) throw new ProofError(`the host has changed ${stray.name}, which has no proof`);
    return {
      format: STEP_PROOF_FORMAT,
      before: this.before,
      after: hex(rootOfParts(found, sha256)),
      fuel: { before: stepped.fuelBefore, after: stepped.fuelAfter },
      step: stepped.step,
      outcome: stepped.outcome,
      state,
      programs: programParts.map((parts, i) => (programs.asked.has(i) ? parts.map(shownPart) : null)),
      host: this.host === null || !stepped.hostCalled ? null : { ...this.host, effects },
      emscripten: stepped.usesEmscripten ? this.emscripten : null,
    };
  }
}

function shownPart(part: Part): ShownPart {
  part.rootBefore();
  const { blocks, nodes } = part.used;
  return {
    name: part.name,
    byteLength: part.lengthBefore,
    root: hex(part.root),
    blocks: Object.fromEntries([...blocks].sort(([a], [b]) => a - b).map(([number, block]) => [number, hex(block)])),
    nodes: Object.fromEntries([...nodes].map(([key, hash]) => [key, hex(hash)])),
  };
}
