// A Python program's run that can be moved to any fuel, forwards and backwards, and its lines there.
//
// Where the program stands, a copy of the interpreter tells that is interrupted (Sandbox.where): the run does not notice.
// Lines are those at which MicroPython looks for interrupts.
import {
  createPython,
  type PythonFrame,
  type PythonInterpreter,
  type PythonResult,
  type PythonState,
} from "../../micropython-wasm/index.js";
import { tracebackFrames } from "../../micropython-wasm/receipts.js";

/** Fuel between two places that are looked at. */
export const QUANTUM = 512;
/** States that are kept to go back to. */
const FIRST_SPACING = 2 ** 18;
const MAX_KEPT = 64;
const EVALUATION_FUEL = 20_000_000;

interface Kept {
  readonly fuel: number;
  readonly state: PythonState;
  readonly result: PythonResult | null;
}

export class PythonTimeline {
  /** Fuel that was granted: where it stands. */
  fuel = 0;
  /** How the program has ended; null where it has not. */
  end: PythonResult | null = null;
  isInterrupted = false;
  private result: PythonResult | null = null;
  private readonly kept: Kept[];
  private spacing = FIRST_SPACING;
  private shown = 0;
  private readonly places = new Map<number, readonly PythonFrame[]>();

  private constructor(
    private readonly python: PythonInterpreter,
    private readonly probe: PythonInterpreter,
    private readonly code: string,
    readonly limit: number,
    private readonly onOutput: (text: string) => void,
  ) {
    this.kept = [{ fuel: 0, state: python.checkpoint(), result: null }];
  }

  static async of(code: string, limit: number, onOutput: (text: string) => void): Promise<PythonTimeline> {
    return new PythonTimeline(await createPython(), await createPython(), code, limit, onOutput);
  }

  async goTo(fuel: number): Promise<void> {
    const to = Math.max(0, Math.min(fuel, this.limit));
    if (to < this.fuel || this.end !== null) this.goBack(to);
    while (this.end === null && this.fuel < to) await this.advance(Math.min(to, this.kept.at(-1)!.fuel + this.spacing));
  }

  private goBack(fuel: number): void {
    let best = this.kept[0]!;
    for (const each of this.kept) if (each.fuel <= fuel) best = each;
    this.python.rewind(best.state);
    this.fuel = best.fuel;
    this.result = best.result;
    this.end = null;
  }

  private async advance(fuel: number): Promise<void> {
    const { python, code } = this;
    this.result = this.result === null ? await python.run(code, { fuel }) : await python.resume(fuel - this.fuel);
    this.fuel = fuel;
    const { stdout } = this.result;
    if (stdout.length > this.shown) {
      this.onOutput(stdout.slice(this.shown));
      this.shown = stdout.length;
    }
    if (!python.isPaused) {
      this.end = this.result;
      this.fuel = this.result.fuel.used;
    } else if (fuel === this.kept.at(-1)!.fuel + this.spacing) this.keep();
  }

  private keep(): void {
    this.kept.push({ fuel: this.fuel, state: this.python.checkpoint(), result: this.result });
    if (this.kept.length < MAX_KEPT) return;
    for (let i = this.kept.length - 2; i > 0; i -= 2) this.kept.splice(i, 1);
    this.spacing *= 2;
  }

  /** The calls that are under way, innermost first; empty before the program has begun, and at its end. */
  async where(): Promise<readonly PythonFrame[]> {
    if (this.end !== null || this.result === null) return [];
    const known = this.places.get(this.fuel);
    if (known !== undefined) return known;
    const { probe } = this;
    probe.rewind(this.python.checkpoint());
    await probe.abandon();
    const frames = probe.interrupt === null ? [] : tracebackFrames(probe.interrupt).reverse();
    this.places.set(this.fuel, frames);
    return frames;
  }

  /**
   * Moves by quanta until `arrives` says so of the calls under way.
   * @param direction 1 or −1
   * @returns false if it has come to an end of the run
   */
  async seek(direction: 1 | -1, arrives: (frames: readonly PythonFrame[]) => boolean): Promise<boolean> {
    this.isInterrupted = false;
    while (!this.isInterrupted) {
      await this.goTo(this.fuel + direction * QUANTUM);
      if (this.end !== null || this.fuel === 0 || this.fuel >= this.limit) return false;
      const frames = await this.where();
      if (frames.length > 0 && arrives(frames)) return true;
    }
    return true;
  }

  /** What an expression is in the program's globals, as Python prints it: in a copy, the run does not notice. */
  async evaluate(expression: string): Promise<string> {
    const { repr, stdout } = await this.ask(expression);
    return repr?.text ?? (stdout === "" ? "None" : stdout);
  }

  /** The same as data. */
  async value(expression: string): Promise<unknown> {
    return (await this.ask(expression)).value;
  }

  private async ask(expression: string): Promise<PythonResult> {
    const { probe } = this;
    probe.rewind(this.python.checkpoint());
    if (!(await probe.abandon())) throw new Error("the program cannot be interrupted here");
    const result = await probe.run(expression, { fuel: EVALUATION_FUEL, repr: 1000 });
    if (result.error !== null) throw new Error(`${result.error.type ?? result.error.kind}: ${result.error.message}`);
    return result;
  }
}
