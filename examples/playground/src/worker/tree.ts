// States that were kept, as a tree of branches: each knows which one it came from.
import type { Comparison, StateView } from "../protocol.js";
import { differingPages, pageSums } from "./pages.js";
import type { Session } from "./session.js";

interface State extends StateView {
  readonly session: Session;
}

export class Tree {
  private readonly states: State[] = [];
  /** Where the session in use came from. */
  private current: number | null = null;

  async keep(session: Session, label: string): Promise<void> {
    const id = this.states.length;
    const { fuel } = session;
    const memoryHash = session.sandbox.memoryHash();
    this.states.push({ id, parent: this.current, label, fuel, memoryHash, session: await session.copy() });
    this.current = id;
  }

  /** A copy of a state, which is the one in use from now on. */
  async take(id: number): Promise<Session> {
    this.current = id;
    return this.states[id]!.session.copy();
  }

  views(): StateView[] {
    return this.states.map(({ session: _session, ...view }) => view);
  }

  compare(a: number, b: number): Comparison {
    const [first, second] = [this.states[a]!.session, this.states[b]!.session];
    return {
      fuel: [first.fuel, second.fuel],
      output: [first.result?.stdout ?? "", second.result?.stdout ?? ""],
      pages: differingPages(pageSums(first.sandbox.readMemory()), pageSums(second.sandbox.readMemory())),
    };
  }
}
