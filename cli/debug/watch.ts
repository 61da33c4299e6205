// What a debugger looks for while a module runs on an engine that tells of each charge: where a run is to stop.
import type { DecodedModule } from "../../decoder/index.js";
import type { ChargeListener } from "../../runtime/index.js";

/** Where runs stop. */
export interface Breakpoints {
  /** Byte offsets in the module: of instructions, or of functions' bodies, which are their entries. */
  readonly offsets: ReadonlySet<number>;
  /** Bytes of memory 0 whose change stops. */
  readonly bytes: readonly { readonly address: number; readonly length: number }[];
  /** Calls of these of the host's functions do, as "module.name"; all of them if true. */
  readonly hostCalls: boolean | ReadonlySet<string>;
}

export type StopReason = "instruction breakpoint" | "data breakpoint" | "function breakpoint" | "step";

/** A place in a run: by the fuel that it had used, with what comes next not charged. */
export interface Hit {
  readonly fuel: number;
  readonly reason: StopReason;
}

/** What a watched run is asked. */
export interface Watched {
  /** Memory 0 as it is; null if there is none. */
  memory(): Uint8Array | null;
  /** Calls of the host's functions so far. */
  calls(): readonly { readonly name: string }[];
}

/** Finds hits between two places. Steps look for a frame no deeper than `depth`. */
export class Watch implements ChargeListener {
  /** First and last hit behind {@link from} and before {@link to}. */
  first: Hit | null = null;
  last: Hit | null = null;
  /** Fuel of the run before the execution that is told of. */
  fuelBefore = 0;
  subject: Watched | null = null;
  private from = 0;
  private to = 0;
  private depth = -1;
  private points: Breakpoints = NONE;
  /** Used before the last instruction was charged, and before the one before it. */
  private used = 0;
  private earlier = 0;
  /** What was charged last, and where its frame is. */
  private offset = -1;
  private sp = -1;
  private seen: Uint8Array[] = [];
  private calls = 0;

  /**
   * Looks for hits from now on.
   * @param depth frames at or below which a step ends; −1 for none
   */
  arm(points: Breakpoints, from: number, to: number, depth = -1): void {
    this.first = this.last = null;
    this.points = points;
    this.from = from;
    this.to = to;
    this.depth = depth;
    this.seen = points.bytes.map(({ address, length }) => this.bytesAt(address, length));
    this.calls = this.subject!.calls().length;
  }

  private bytesAt(address: number, length: number): Uint8Array {
    return this.subject!.memory()?.slice(address, address + length) ?? new Uint8Array(0);
  }

  begin(_thread: object, used: number): void {
    this.used = this.earlier = used;
  }

  end(used: number): void {
    this.look(used);
  }

  charged(_module: DecodedModule, offset: number, sp: number, used: number): void {
    this.look(this.used);
    const { points } = this;
    // It stands before this instruction where what was used before is all that is used.
    // At its entry a function is charged for that, and then for its first instruction: one place.
    const again = offset === this.offset && sp === this.sp;
    this.offset = offset;
    this.sp = sp;
    if (!again && points.offsets.has(offset)) this.hit(this.used, "instruction breakpoint");
    if (sp <= this.depth) this.hit(this.used, "step");
    if (used === this.used) return;
    this.earlier = this.used;
    this.used = used;
  }

  /** What the instruction before has done: it stands before that where `earlier` is used. */
  private look(_now: number): void {
    const { points, subject } = this;
    if (subject === null) return;
    for (let i = 0; i < points.bytes.length; i++) {
      const { address, length } = points.bytes[i]!;
      const memory = subject.memory();
      const seen = this.seen[i]!;
      let differs = false;
      for (let k = 0; k < length && memory !== null; k++) differs ||= memory[address + k] !== seen[k];
      if (!differs) continue;
      this.seen[i] = this.bytesAt(address, length);
      this.hit(this.earlier, "data breakpoint");
    }
    const calls = subject.calls();
    const { hostCalls } = points;
    for (let i = this.calls; i < calls.length; i++)
      if (hostCalls === true || (hostCalls !== false && hostCalls.has(calls[i]!.name)))
        this.hit(this.earlier, "function breakpoint");
    this.calls = calls.length;
  }

  private hit(used: number, reason: StopReason): void {
    const fuel = this.fuelBefore + used;
    if (fuel <= this.from || fuel >= this.to) return;
    const hit = { fuel, reason };
    this.first ??= hit;
    this.last = hit;
  }
}

const NONE: Breakpoints = { offsets: new Set(), bytes: [], hostCalls: false };
