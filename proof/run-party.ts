// A party to a dispute that answers by running: from the nearest of its own states before the fuel that is asked for.
import type { StorePicture } from "../runtime/snapshot/picture.js";
import type { Party } from "./dispute.js";
import type { ModuleRun } from "./module-run.js";
import type { Hash } from "./receipt.js";

/** States kept to go on from; they halve the distance to the one that is looked for. */
const MAX_KEPT = 64;
/** No checkpoints on the way. */
const NO_CHECKPOINTS = { interval: 2 ** 52, doubles: false };

export class RunParty implements Party {
  private readonly kept = new Map<number, Uint8Array>();

  /**
   * @param make the run at its beginning, anew each time
   * @param interfere something that happens to a run when it stands at a fuel and is to go on: for tests of disputes
   */
  constructor(
    private readonly make: () => ModuleRun,
    private readonly interfere: { readonly fuel: number; readonly apply: (run: ModuleRun) => void } | null = null,
  ) {}

  async stateAt(fuel: number): Promise<Hash> {
    return (await this.runTo(fuel)).stateHash();
  }

  async pictureAt(fuel: number): Promise<StorePicture> {
    return (await this.runTo(fuel)).picture();
  }

  private async runTo(fuel: number): Promise<ModuleRun> {
    const run = this.make();
    const from = [...this.kept.keys()].reduce((best, at) => (at <= fuel && at > best ? at : best), 0);
    const known = this.kept.get(from);
    if (known !== undefined) run.restore(known);
    const { interfere } = this;
    if (interfere !== null && from <= interfere.fuel && interfere.fuel < fuel) {
      await run.run(NO_CHECKPOINTS, interfere.fuel);
      interfere.apply(run);
    }
    await run.run(NO_CHECKPOINTS, fuel);
    if (this.kept.size < MAX_KEPT) this.kept.set(fuel, run.snapshot());
    return run;
  }
}
