// States that were kept: a tree of branches, to go back to and to compare.
import type { RequestName, Requests, RunView, StateView } from "../protocol.js";
import { button, byId, element, fill, option } from "./dom.js";

type Ask = <Name extends RequestName>(
  name: Name,
  params: Requests[Name][0],
  transfer?: Transferable[],
) => Promise<Requests[Name][1]>;

export class StatesPanel {
  private states: readonly StateView[] = [];

  constructor(
    private readonly ask: Ask,
    private readonly show: (view: RunView) => void,
  ) {
    this.onClick("keep", async () => {
      this.draw(await ask("fork", { label: `state ${this.states.length + 1}` }));
    });
    this.onClick("download", async () => save(await ask("download", null)));
    this.onClick("compare", () => this.compare());
    byId<HTMLInputElement>("upload").addEventListener("change", ({ target }) => {
      const [file] = (target as HTMLInputElement).files ?? [];
      if (file !== undefined) this.report(this.upload(file));
    });
    this.clear();
  }

  get isEmpty(): boolean {
    return this.states.length === 0;
  }

  clear(): void {
    this.draw([]);
  }

  private onClick(id: string, body: () => Promise<void>): void {
    byId(id).addEventListener("click", () => this.report(body()));
  }

  private report(done: Promise<void>): void {
    done.catch((error: Error) => {
      byId("comparison").textContent = error.message;
    });
  }

  private async upload(file: File): Promise<void> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.show(await this.ask("upload", { bytes }, [bytes.buffer]));
    byId("comparison").textContent = `${file.name} goes on here.`;
  }

  private async compare(): Promise<void> {
    const [a, b] = ["compare-a", "compare-b"].map((id) => Number(byId<HTMLSelectElement>(id).value));
    const { fuel, output, pages } = await this.ask("compare", { a: a!, b: b! });
    const difference = fuel[1] - fuel[0];
    byId("comparison").textContent = [
      `fuel ${difference >= 0 ? "+" : ""}${difference.toLocaleString("en")}`,
      output[0] === output[1] ? "same output" : `output ${JSON.stringify(output[0])} and ${JSON.stringify(output[1])}`,
      `${pages[0]} of ${pages[1]} pages differ`,
    ].join(" · ");
  }

  private draw(states: readonly StateView[]): void {
    this.states = states;
    fill(
      byId("states"),
      branches(states, null).map((state) => this.row(state)),
    );
    for (const id of ["compare-a", "compare-b"]) {
      fill(
        byId(id),
        states.map(({ id: number, label }) => option(String(number), label)),
      );
    }
    byId<HTMLSelectElement>("compare-b").selectedIndex = states.length - 1;
    byId<HTMLButtonElement>("compare").disabled = states.length < 2;
  }

  private row({ id, label, fuel, memoryHash, depth }: StateView & { depth: number }): HTMLElement {
    const text = `${"│ ".repeat(depth)}${label}, ${fuel.toLocaleString("en")} fuel, ${memoryHash.slice(0, 12)} `;
    const item = element("li", text);
    const take = async (): Promise<void> => this.show(await this.ask("rewind", { id }));
    item.append(button("Go there", `Go there: ${label}`, () => this.report(take())));
    return item;
  }
}

/** In the order of a tree: each with how deep it lies. */
function branches(states: readonly StateView[], parent: number | null, depth = 0): (StateView & { depth: number })[] {
  return states
    .filter((state) => state.parent === parent)
    .flatMap((state) => [{ ...state, depth }, ...branches(states, state.id, depth + 1)]);
}

function save(bytes: Uint8Array): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  link.download = "session.snapshot";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
