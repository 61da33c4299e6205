// The Python side of the page: the program, its run, and where that stands.
import bits from "virtual:same-bits";
import type { Client } from "../client.js";
import { EXAMPLE_FUEL, EXAMPLE_SEED, EXAMPLES } from "../examples.js";
import type { RequestName, Requests, RunView } from "../protocol.js";
import { fragmentOf, programOf } from "../share.js";
import { byId, element, fill, option } from "./dom.js";
import { Editor } from "./editor.js";
import { flameGraph } from "./flame.js";
import { describeMemory, drawMemory } from "./memory-map.js";
import { StatesPanel } from "./states-panel.js";

/** Buttons that need a run that is paused. */
const NEED_PAUSE = ["go-on", "instruction-on", "line-on"];
const KEYS: Readonly<Record<string, string>> = {
  "Ctrl+Enter": "run",
  F10: "line-on",
  "Shift+F10": "line-back",
  F11: "instruction-on",
  "Shift+F11": "instruction-back",
};

export class PythonPanel {
  private readonly editor = new Editor(byId("editor"));
  private readonly states: StatesPanel;
  private view: RunView | undefined;
  /** The program that is under way, or whose end is shown. */
  private program: string | undefined;

  constructor(private readonly client: Client) {
    this.states = new StatesPanel(
      (name, params, transfer) => this.ask(name, params, transfer),
      (view) => this.show(view),
    );
    const examples = byId<HTMLSelectElement>("examples");
    fill(
      examples,
      Object.keys(EXAMPLES).map((name) => option(name, name)),
    );
    examples.addEventListener("change", () => this.choose(examples.value));
    this.onClick("share", () => this.share());
    this.onClick("run", () => this.run());
    byId("stop").addEventListener("click", () => void client.ask("stop", null));
    this.onClick("go-on", async () => this.show(await this.ask("goOn", { limit: this.limit })));
    for (const by of ["line", "instruction"] as const) {
      this.onClick(`${by}-on`, () => this.step(by, false));
      this.onClick(`${by}-back`, () => this.step(by, true));
    }
    this.onClick("profile", async () => {
      const flame = await this.ask("profile", { code: this.editor.code, limit: this.limit });
      fill(byId("flame"), [flameGraph(flame)]);
      if (this.view !== undefined) this.show(this.view);
    });
    byId("seed").addEventListener("change", () => void this.boot());
    document.addEventListener("keydown", (event) => {
      const id = KEYS[`${event.ctrlKey ? "Ctrl+" : ""}${event.shiftKey ? "Shift+" : ""}${event.key}`];
      if (id === undefined || byId("python").hidden) return;
      event.preventDefault();
      byId<HTMLButtonElement>(id).click();
    });
  }

  async start(): Promise<void> {
    const shared = await programOf(location.hash);
    if (shared === undefined) this.choose(Object.keys(EXAMPLES)[0]!);
    else this.editor.code = shared;
    await this.boot();
  }

  progress(fuel: number, limit: number, stdout: string): void {
    this.gauge(fuel, limit);
    byId("output").textContent = stdout;
  }

  private get limit(): number {
    return Math.max(0, Math.floor(Number(byId<HTMLInputElement>("limit").value) || 0));
  }

  private choose(name: string): void {
    const { code, fuel = EXAMPLE_FUEL } = EXAMPLES[name]!;
    this.editor.code = code;
    byId<HTMLInputElement>("limit").value = String(fuel);
    byId<HTMLInputElement>("seed").value = String(EXAMPLE_SEED);
    if (this.view !== undefined) void this.boot();
  }

  private async boot(): Promise<void> {
    const seed = Math.max(0, Math.floor(Number(byId<HTMLInputElement>("seed").value) || 0));
    this.program = undefined;
    this.show(await this.ask("boot", { seed }));
    this.states.clear();
  }

  /** A program of its own begins in a fresh interpreter, so that its bits depend on nothing before. */
  private async run(): Promise<void> {
    if (this.states.isEmpty) await this.boot();
    this.program = this.editor.code;
    this.show(await this.ask("run", { code: this.program, limit: this.limit }));
  }

  private async step(by: "line" | "instruction", back: boolean): Promise<void> {
    if (this.program !== this.editor.code) {
      this.program = this.editor.code;
      this.show(await this.ask("begin", { code: this.program, limit: this.limit }));
      if (back) return;
    }
    this.show(await this.ask("step", { by, back, limit: this.limit }));
  }

  private async share(): Promise<void> {
    history.replaceState(null, "", await fragmentOf(this.editor.code));
    await navigator.clipboard?.writeText(location.href).catch(() => {});
    byId("status").textContent = "The address of this page has the program now.";
  }

  /** Asks the worker; buttons wait meanwhile, but for Stop. */
  private async ask<Name extends RequestName>(
    name: Name,
    params: Requests[Name][0],
    transfer?: Transferable[],
  ): Promise<Requests[Name][1]> {
    const buttons = [...byId("python").querySelectorAll<HTMLButtonElement>("button:not(#stop)")];
    const focused = document.activeElement;
    for (const each of buttons) each.disabled = true;
    byId("python").setAttribute("aria-busy", "true");
    try {
      return await this.client.ask(name, params, transfer);
    } finally {
      for (const each of buttons) each.disabled = false;
      byId("python").setAttribute("aria-busy", "false");
      this.enable();
      if (focused instanceof HTMLElement) focused.focus();
    }
  }

  private onClick(id: string, body: () => Promise<void>): void {
    byId(id).addEventListener("click", () => {
      body().catch((error: Error) => this.fail(error.message));
    });
  }

  private fail(message: string): void {
    const status = byId("status");
    status.className = "error";
    status.textContent = message;
  }

  private enable(): void {
    const goes = this.program === undefined || this.view?.status === "paused" || this.program !== this.editor.code;
    for (const id of NEED_PAUSE) byId<HTMLButtonElement>(id).disabled = !goes;
    byId<HTMLButtonElement>("go-on").disabled ||= this.view?.status !== "paused";
  }

  private gauge(fuel: number, limit: number): void {
    byId<HTMLMeterElement>("gauge").value = limit === 0 ? 0 : fuel / limit;
    byId("fuel").textContent = `${fuel.toLocaleString("en")} of ${limit.toLocaleString("en")}`;
  }

  private show(view: RunView): void {
    this.view = view;
    this.gauge(view.fuel, view.limit || this.limit);
    byId("output").textContent = view.stdout;
    const status = byId("status");
    status.className = view.error === null ? "" : "error";
    status.textContent = view.error ?? (view.value === null ? view.status : `${view.status}: ${view.value}`);
    const places = view.where ?? [];
    fill(
      byId("where"),
      places.map((place) => element("li", `${place.function}, ${place.file} line ${place.line}`)),
    );
    fill(
      byId("calls"),
      view.calls.map(({ name, text }) => element("li", `${name} ${text}`)),
    );
    this.editor.mark(places.filter(({ file }) => file === "<stdin>").at(-1)?.line ?? null);
    drawMemory(byId<HTMLCanvasElement>("memory"), view.pages);
    byId("pages").textContent = describeMemory(view.pages);
    this.compareBits(view);
    this.enable();
  }

  private compareBits({ status, fuel, memoryHash, limit }: RunView): void {
    const name = Object.keys(EXAMPLES).find((each) => EXAMPLES[each]!.code === this.program);
    const node = name === undefined ? undefined : bits[name];
    const isWhole = status !== "idle" && (status !== "paused" || fuel === limit);
    const hash = `SHA-256 of memory: ${memoryHash}`;
    if (node === undefined || !isWhole) byId("bits").textContent = hash;
    else if (node.memoryHash === memoryHash && node.fuel === fuel)
      byId("bits").textContent = `Same bits: Node found the same fuel and the same memory. ${hash}`;
    else byId("bits").textContent = `Other bits than Node's (${node.fuel} fuel, ${node.memoryHash}). ${hash}`;
  }
}
