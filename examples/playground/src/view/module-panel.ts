// The WebAssembly side of the page: a module's text, with the instruction that comes next.
import type { Client } from "../client.js";
import type { ModuleFrame, ModuleStep, ModuleView } from "../protocol.js";
import { byId, element, fill, option } from "./dom.js";

/** The comment of the text with the byte offset that the line is at: `(;@1110;) i32.add`. */
const OFFSET = /^\s*\(;@([0-9a-f]+);\)/;

export class ModulePanel {
  /** Rows of the text by the byte offset that they are at. */
  private readonly lineAt = new Map<number, HTMLElement>();

  constructor(private readonly client: Client) {
    const input = byId<HTMLInputElement>("wasm");
    input.addEventListener("change", () => this.open(input.files?.[0]));
    const drop = byId("drop");
    drop.addEventListener("dragover", (event) => event.preventDefault());
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.open(event.dataTransfer?.files[0]);
    });
    this.onClick("call", async () => {
      const args = byId<HTMLInputElement>("arguments")
        .value.split(",")
        .map((arg) => arg.trim());
      const name = byId<HTMLSelectElement>("exports").value;
      this.show(await client.ask("callExport", { name, args: args.filter((arg) => arg !== "") }));
    });
    this.onClick("module-on", () => this.step(1, false));
    this.onClick("module-back", () => this.step(1, true));
    this.onClick("module-run", () => this.step(1_000_000, false));
  }

  private onClick(id: string, body: () => Promise<void>): void {
    byId(id).addEventListener("click", () => this.report(body()));
  }

  private report(done: Promise<void>): void {
    done.catch((error: Error) => {
      byId("module-status").textContent = error.message;
    });
  }

  private open(file: File | undefined): void {
    if (file !== undefined) this.report(this.load(file));
  }

  private async load(file: File): Promise<void> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.draw(await this.client.ask("openModule", { bytes }, [bytes.buffer]));
    byId("module-status").textContent = `${file.name}: choose an export and call it`;
  }

  private draw({ exports, imports, text }: ModuleView): void {
    fill(
      byId("exports"),
      exports.map(({ name, type }) => option(name, `${name} ${type}`)),
    );
    this.lineAt.clear();
    const rows = text.map((line) => {
      const row = element("div", line);
      const [, offset] = OFFSET.exec(line) ?? [];
      if (offset !== undefined) this.lineAt.set(Number.parseInt(offset, 16), row);
      return row;
    });
    fill(byId("text"), rows);
    const answered = imports.map((each) => element("li", `${each}: answered with zeros`));
    fill(byId("frames"), answered);
  }

  private async step(fuel: number, back: boolean): Promise<void> {
    this.show(await this.client.ask("stepModule", { fuel, back }));
  }

  private show({ status, fuel, frames }: ModuleStep): void {
    byId("module-status").textContent = `${status}, ${fuel.toLocaleString("en")} fuel`;
    fill(
      byId("frames"),
      frames.map((frame) => element("li", describe(frame))),
    );
    byId("text").querySelector(".current")?.classList.remove("current");
    const row = frames[0] === undefined ? undefined : this.lineAt.get(frames[0].offset);
    row?.classList.add("current");
    row?.scrollIntoView({ block: "nearest" });
  }
}

function describe({ name, offset, locals, operands }: ModuleFrame): string {
  return `${name} at 0x${offset.toString(16)} · locals ${locals.join(", ") || "none"} · operands ${operands.join(", ") || "none"}`;
}
