// A party to a dispute that answers by running: from the nearest of its own states before the fuel that is asked for.
import type { StorePicture } from "../runtime/snapshot/picture.js";
import type { Party } from "./dispute.js";
import type { Hash } from "./receipt.js";

/** A run that can be stopped at any fuel and taken up there: of a module (ModuleRun), or of a Python program. */
export interface ReplayableRun<Kept = unknown> {
  /** Runs on until it has been granted so much fuel in all, or is over. */
  runTo(fuel: number): Promise<unknown>;
  stateHash(): Hash;
  picture(): StorePicture;
  /** The run as something that {@link restore} takes, of another run of the same, too; undefined where it cannot be kept. */
  snapshot(): Kept | undefined;
  /** Takes up a run from a snapshot of it. */
  restore(kept: Kept): void;
}

/** States kept to go on from; they halve the distance to the one that is looked for. */
const MAX_KEPT = 64;

export class RunParty<Run extends ReplayableRun = ReplayableRun> implements Party {
  private readonly kept = new Map<number, unknown>();

  /**
   * @param make the run at its beginning, anew each time
   * @param interfere something that happens to a run when it stands at a fuel and is to go on: for tests of disputes
   */
  constructor(
    private readonly make: () => Run | Promise<Run>,
    private readonly interfere: { readonly fuel: number; readonly apply: (run: Run) => void } | null = null,
  ) {}

  async stateAt(fuel: number): Promise<Hash> {
    return (await this.runTo(fuel)).stateHash();
  }

  async pictureAt(fuel: number): Promise<StorePicture> {
    return (await this.runTo(fuel)).picture();
  }

  /** The run at a fuel; it is the caller's. */
  async runTo(fuel: number): Promise<Run> {
    const run = await this.make();
    const from = [...this.kept.keys()].reduce((best, at) => (at <= fuel && at > best ? at : best), 0);
    const known = this.kept.get(from);
    if (known !== undefined) run.restore(known);
    const { interfere } = this;
    if (interfere !== null && from <= interfere.fuel && interfere.fuel < fuel) {
      await run.runTo(interfere.fuel);
      interfere.apply(run);
    }
    await run.runTo(fuel);
    const snapshot = this.kept.size < MAX_KEPT ? run.snapshot() : undefined;
    if (snapshot !== undefined) this.kept.set(fuel, snapshot);
    return run;
  }
}
