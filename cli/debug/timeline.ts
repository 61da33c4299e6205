// A module's run that can be moved to any fuel, forwards and backwards: from states that were kept on the way, and by
// running again. And the search for places in it, on an engine that tells of each charge.
import type { KeptRun, ModuleRun, RunEnd } from "../../proof/index.js";
import type { Breakpoints, Hit, Watch } from "./watch.js";

/** Fuel between states that are kept; it doubles when there are too many. */
const FIRST_SPACING = 2 ** 21;
const MAX_KEPT = 128;
/** Fuel that is searched at once, between turns of the event loop. */
const CHUNK = 2 ** 20;

export class Timeline {
  /** How the run has ended; null where it has not. */
  end: RunEnd | null = null;
  /** Fuel of the whole run, once it has been to its end. */
  length = Number.POSITIVE_INFINITY;
  /** Whether what runs now has run before: what it puts out has been seen. */
  isReplaying = false;
  /** Set to stop a search. */
  isInterrupted = false;
  private furthest: number;
  private spacing = FIRST_SPACING;
  private readonly kept: { readonly fuel: number; readonly state: KeptRun }[];

  /**
   * @param run at its beginning
   * @param watched the same, on the engine that tells `watch`
   */
  constructor(
    readonly run: ModuleRun,
    private readonly watched: ModuleRun,
    private readonly watch: Watch,
  ) {
    this.furthest = run.fuelUsed;
    this.kept = [{ fuel: run.fuelUsed, state: run.keep() }];
    watch.subject = {
      memory: () => (watched.memories[0] === undefined ? null : watched.memories[0].touched()),
      calls: () => watched.linker.calls,
    };
  }

  /** Fuel used: where it stands. */
  get fuel(): number {
    return this.run.fuelUsed;
  }

  /** Moves to the last place at which no more than `fuel` is used. */
  async goTo(fuel: number): Promise<void> {
    const { run } = this;
    if (fuel < this.fuel || this.end !== null) {
      const from = this.keptBefore(fuel);
      run.takeUp(from.state);
      this.end = null;
    }
    const to = Math.max(fuel, this.kept[0]!.fuel);
    while (this.end === null) {
      const next = Math.min(to, this.nextKept());
      this.isReplaying = this.fuel < this.furthest;
      const target = this.isReplaying ? Math.min(next, this.furthest) : next;
      const end = await run.runTo(target);
      if (end.result?.status !== "paused") {
        this.end = end;
        this.length = this.fuel;
      }
      this.furthest = Math.max(this.furthest, this.end === null ? target : this.fuel);
      if (this.end === null && target === this.nextKept()) this.keep(target);
      if (target === to) break;
    }
    this.isReplaying = false;
  }

  private keptBefore(fuel: number) {
    let best = this.kept[0]!;
    for (const each of this.kept) if (each.fuel <= fuel) best = each;
    return best;
  }

  private nextKept(): number {
    return this.kept.at(-1)!.fuel + this.spacing;
  }

  private keep(fuel: number): void {
    this.kept.push({ fuel, state: this.run.keep() });
    if (this.kept.length < MAX_KEPT) return;
    for (let i = this.kept.length - 1; i > 0; i -= 2) this.kept.splice(i - 1, i > 1 ? 1 : 0);
    this.spacing *= 2;
  }

  /** One instruction that costs something; at the end nothing. */
  async stepForward(): Promise<void> {
    const before = this.fuel;
    for (let more = 1; this.end === null && this.fuel === before; more++) await this.goTo(before + more);
  }

  /** Back before the instruction that was executed last; at the beginning nothing. */
  async stepBack(): Promise<void> {
    await this.goTo(Math.max(this.kept[0]!.fuel, this.fuel - 1));
  }

  /** The first hit behind where it stands and before `limit`; null if there is none. */
  async searchForward(points: Breakpoints, depth: number, limit: number): Promise<Hit | null> {
    const from = this.fuel;
    await this.watchFrom(from);
    this.isInterrupted = false;
    this.watch.arm(points, from, Number.POSITIVE_INFINITY, depth);
    for (let to = Math.min(from + CHUNK, limit); !this.isInterrupted; to = Math.min(to + CHUNK, limit)) {
      const end = await this.watchTo(to);
      if (this.watch.first !== null) return this.watch.first.fuel < limit ? this.watch.first : null;
      if (end || to === limit) return null;
      await turn();
    }
    return { fuel: this.watched.fuelUsed, reason: "step" };
  }

  /** The last hit before where it stands; null if there is none down to the beginning. */
  async searchBackward(points: Breakpoints, depth = -1): Promise<Hit | null> {
    let to = this.fuel;
    this.isInterrupted = false;
    while (to > this.kept[0]!.fuel && !this.isInterrupted) {
      const { fuel: from } = this.keptBefore(to - 1);
      await this.watchFrom(from);
      this.watch.arm(points, from - 1, to, depth);
      await this.watchTo(to);
      if (this.watch.last !== null) return this.watch.last;
      to = from;
      await turn();
    }
    return null;
  }

  private async watchFrom(fuel: number): Promise<void> {
    const from = this.keptBefore(fuel);
    this.watch.arm(NOTHING, 0, 0);
    this.watched.takeUp(from.state);
    await this.watchTo(fuel);
  }

  private async watchTo(fuel: number): Promise<boolean> {
    this.watch.fuelBefore = this.watched.fuelUsed - (this.watched.underWay?.fuelUsed ?? 0);
    const { result } = await this.watched.runTo(fuel);
    return result?.status !== "paused";
  }

  /** Where the innermost frame is, in the terms of {@link Breakpoints}' depth; 0 if nothing is under way. */
  get depth(): number {
    return this.run.underWay?.thread.machine.sp ?? 0;
  }
}

const NOTHING: Breakpoints = { offsets: new Set(), bytes: [], hostCalls: false };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
