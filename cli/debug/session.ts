// A module under the Debug Adapter Protocol: steps, breakpoints and searches, forwards and backwards.
import {
  Handles,
  InitializedEvent,
  OutputEvent,
  Scope,
  Source,
  StackFrame,
  Thread,
  Variable,
} from "@vscode/debugadapter";
import type { DebugProtocol as Dap } from "@vscode/debugprotocol";
import type { InspectedFrame, InspectedValue } from "../../runtime/index.js";
import { Adapter, type LaunchArguments, THREAD } from "./adapter.js";
import { ModuleText } from "./module-text.js";
import type { Timeline } from "./timeline.js";
import type { Breakpoints } from "./watch.js";

/** Makes the run that a launch request asks for. @throws an error whose message is told */
export type Launch = (
  given: LaunchArguments,
  output: (name: "stdout" | "stderr", text: string) => void,
) => Promise<Timeline>;

const REQUESTS = [
  ...["launch", "configurationDone", "terminate", "threads", "stackTrace", "scopes"],
  ...["variables", "continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue", "pause", "source"],
  ...["setBreakpoints", "setFunctionBreakpoints", "setInstructionBreakpoints", "setDataBreakpoints"],
  ...["setExceptionBreakpoints", "dataBreakpointInfo", "readMemory", "disassemble", "evaluate"],
];
/** Names of memory references, and of registers of what a data breakpoint watches. */
const MEMORY = /^memory:(\d+)$/;
const BYTES = /^(?:0x[\da-f]+|\d+)(?:,\s*\d+)?$/i;
const MAX_FRAMES = 200;

export class ModuleSession extends Adapter {
  private timeline!: Timeline;
  private text!: ModuleText;
  private readonly variables = new Handles<readonly (readonly [name: string, value: InspectedValue])[]>();
  private readonly lineBreakpoints = new Map<number, readonly number[]>();
  private functionBreakpoints: readonly number[] = [];
  private hostBreakpoints: readonly string[] = [];
  private instructionBreakpoints: readonly number[] = [];
  private fuelBreakpoints: readonly number[] = [];
  private watched: Breakpoints["bytes"] = [];
  private stopsAtHostCalls = false;
  private stopOnEntry = true;

  constructor(private readonly launch: Launch) {
    super(REQUESTS);
  }

  protected override stopped(reason: string): void {
    this.variables.reset();
    super.stopped(reason);
  }

  protected override place(): string {
    return this.ending() ?? `${this.timeline.fuel} fuel`;
  }

  /** How the run has ended, null if it has not. */
  private ending(): string | null {
    const { end } = this.timeline;
    const result = end?.result ?? null;
    if (end === null) return null;
    if (result === null) return "ended";
    if (result.status === "done") return `ended: ${result.results.map(String).join(", ") || "no results"}`;
    if (result.status === "trapped" || result.status === "failed") return `${result.status}: ${result.error.message}`;
    return result.status;
  }

  // ---- beginning and end ----

  protected override initializeRequest(response: Dap.InitializeResponse): void {
    response.body = {
      ...{ supportsConfigurationDoneRequest: true, supportsStepBack: true, supportsFunctionBreakpoints: true },
      ...{ supportsInstructionBreakpoints: true, supportsDataBreakpoints: true, supportsReadMemoryRequest: true },
      ...{ supportsDisassembleRequest: true, supportsTerminateRequest: true, supportsDataBreakpointBytes: true },
      exceptionBreakpointFilters: [{ filter: "host calls", label: "Calls of host functions" }],
    };
    this.sendResponse(response);
  }

  protected override launchRequest(response: Dap.LaunchResponse, given: LaunchArguments): void {
    this.stopOnEntry = given.stopOnEntry ?? true;
    this.answer(response, async () => {
      this.timeline = await this.launch(given, (name, text) => this.sendEvent(new OutputEvent(text, name)));
      this.text = new ModuleText(this.timeline.run.options.module.decoded);
      await this.timeline.goTo(this.timeline.fuel);
      this.sendEvent(new InitializedEvent());
    });
  }

  protected override configurationDoneRequest(response: Dap.ConfigurationDoneResponse): void {
    this.move(response, "entry", async () => (this.stopOnEntry ? undefined : ((await this.forward()) ?? "pause")));
  }

  // ---- breakpoints ----

  protected override setBreakPointsRequest(
    response: Dap.SetBreakpointsResponse,
    args: Dap.SetBreakpointsArguments,
  ): void {
    this.answer(response, () => {
      const funcidx = args.source.sourceReference ?? 0;
      const lines = this.text.isDefined(funcidx) ? this.text.lines(funcidx) : [];
      const found = (args.breakpoints ?? []).map(({ line }) => {
        const at = lines.findIndex(({ offset }, i) => i >= line - 1 && offset >= 0);
        return at < 0 ? undefined : { line: at + 1, offset: lines[at]!.offset };
      });
      this.lineBreakpoints.set(
        funcidx,
        found.flatMap((each) => (each === undefined ? [] : [each.offset])),
      );
      return {
        breakpoints: found.map((each) =>
          each === undefined
            ? { verified: false, message: "no instruction there" }
            : { verified: true, line: each.line, instructionReference: hex(each.offset) },
        ),
      };
    });
  }

  protected override setFunctionBreakPointsRequest(
    response: Dap.SetFunctionBreakpointsResponse,
    { breakpoints }: Dap.SetFunctionBreakpointsArguments,
  ): void {
    this.answer(response, () => {
      const found = breakpoints.map(({ name }) => ({
        funcidx: this.text.funcNamed(name),
        host: this.text.hostFuncsNamed(name),
      }));
      this.functionBreakpoints = found.flatMap(({ funcidx }) =>
        funcidx === undefined ? [] : [this.text.entryOf(funcidx)],
      );
      this.hostBreakpoints = found.flatMap(({ host }) => host);
      return {
        breakpoints: found.map(({ funcidx, host }) =>
          funcidx !== undefined || host.length > 0
            ? { verified: true }
            : { verified: false, message: "the module neither defines nor imports such a function" },
        ),
      };
    });
  }

  protected override setInstructionBreakpointsRequest(
    response: Dap.SetInstructionBreakpointsResponse,
    { breakpoints }: Dap.SetInstructionBreakpointsArguments,
  ): void {
    this.answer(response, () => {
      const offsets = breakpoints.map(({ instructionReference, offset = 0 }) => Number(instructionReference) + offset);
      const isOne = (offset: number) => {
        const funcidx = this.text.funcAt(offset);
        return funcidx !== undefined && this.text.lines(funcidx).some((line) => line.offset === offset);
      };
      this.instructionBreakpoints = offsets.filter(isOne);
      return { breakpoints: offsets.map((offset) => ({ verified: isOne(offset), instructionReference: hex(offset) })) };
    });
  }

  protected override dataBreakpointInfoRequest(
    response: Dap.DataBreakpointInfoResponse,
    { name, bytes = 1 }: Dap.DataBreakpointInfoArguments,
  ): void {
    this.answer(response, () => {
      if (!BYTES.test(name)) return { dataId: null, description: `${name} is no address` };
      return {
        dataId: name.includes(",") ? name : `${name},${bytes}`,
        description: `bytes at ${name}`,
        accessTypes: ["write" as const],
      };
    });
  }

  protected override setDataBreakpointsRequest(
    response: Dap.SetDataBreakpointsResponse,
    { breakpoints }: Dap.SetDataBreakpointsArguments,
  ): void {
    this.answer(response, () => {
      this.watched = breakpoints.map(({ dataId }) => bytesOf(dataId));
      return { breakpoints: breakpoints.map(() => ({ verified: true })) };
    });
  }

  protected override setExceptionBreakPointsRequest(
    response: Dap.SetExceptionBreakpointsResponse,
    { filters }: Dap.SetExceptionBreakpointsArguments,
  ): void {
    this.answer(response, () => {
      this.stopsAtHostCalls = filters.includes("host calls");
      return { breakpoints: filters.map((filter) => ({ verified: filter === "host calls" })) };
    });
  }

  private get points(): Breakpoints {
    const { functionBreakpoints, instructionBreakpoints, lineBreakpoints, watched: bytes, stopsAtHostCalls } = this;
    const offsets = [...functionBreakpoints, ...instructionBreakpoints, ...[...lineBreakpoints.values()].flat()];
    const named = this.hostBreakpoints.length > 0 && new Set(this.hostBreakpoints);
    return { offsets: new Set(offsets), bytes, hostCalls: stopsAtHostCalls || named };
  }

  // ---- moving ----

  /** To the next breakpoint, or to where a step of this depth ends. @returns why it has stopped there */
  private async forward(depth = -1): Promise<string | undefined> {
    const { timeline, points } = this;
    const limit = timeline.run.options.fuel;
    const byFuel = Math.min(limit, ...this.fuelBreakpoints.filter((fuel) => fuel > timeline.fuel));
    const hit = needsWatch(points, depth) ? await timeline.searchForward(points, depth, byFuel) : null;
    await timeline.goTo(hit?.fuel ?? byFuel);
    if (hit !== null) return hit.reason;
    if (timeline.end !== null) return "exception";
    return byFuel === limit ? "pause" : "breakpoint";
  }

  private async backward(depth = -1): Promise<string | undefined> {
    const { timeline, points } = this;
    const byFuel = Math.max(0, ...this.fuelBreakpoints.filter((fuel) => fuel < timeline.fuel));
    const hit = needsWatch(points, depth) ? await timeline.searchBackward(points, depth) : null;
    const to = Math.max(byFuel, hit?.fuel ?? 0);
    await timeline.goTo(to);
    return hit !== null && hit.fuel === to ? hit.reason : to > 0 ? "breakpoint" : "entry";
  }

  protected override continueRequest(response: Dap.ContinueResponse): void {
    response.body = { allThreadsContinued: true };
    this.move(response, "breakpoint", () => this.forward());
  }

  protected override reverseContinueRequest(response: Dap.ReverseContinueResponse): void {
    this.move(response, "breakpoint", () => this.backward());
  }

  protected override stepInRequest(response: Dap.StepInResponse): void {
    this.move(response, "step", async () => {
      await this.timeline.stepForward();
      return this.timeline.end === null ? undefined : "exception";
    });
  }

  protected override nextRequest(response: Dap.NextResponse): void {
    this.move(response, "step", async () => {
      const { timeline } = this;
      const { depth } = timeline;
      await timeline.stepForward();
      if (timeline.depth > depth && timeline.end === null) return this.forward(depth);
      return timeline.end === null ? undefined : "exception";
    });
  }

  protected override stepOutRequest(response: Dap.StepOutResponse): void {
    // A frame has two words.
    this.move(response, "step", () => this.forward(this.timeline.depth - 2));
  }

  protected override stepBackRequest(response: Dap.StepBackResponse): void {
    this.move(response, "step", async () => {
      await this.timeline.stepBack();
      return undefined;
    });
  }

  protected override pauseRequest(response: Dap.PauseResponse): void {
    this.timeline.isInterrupted = true;
    this.sendResponse(response);
  }

  // ---- looking ----

  protected override threadsRequest(response: Dap.ThreadsResponse): void {
    this.answer(response, () => ({ threads: [new Thread(THREAD, "execution")] }));
  }

  private frames(): readonly InspectedFrame[] {
    return this.timeline.run.underWay?.inspect(MAX_FRAMES) ?? [];
  }

  protected override stackTraceRequest(response: Dap.StackTraceResponse, args: Dap.StackTraceArguments): void {
    this.answer(response, () => {
      const frames = this.frames();
      const from = args.startFrame ?? 0;
      const shown = frames.slice(from, args.levels ? from + args.levels : undefined);
      return {
        totalFrames: frames.length,
        stackFrames: shown.map(({ funcidx, offset }, i) => {
          const name = this.text.nameOf(funcidx);
          const at = offset ?? this.text.entryOf(funcidx);
          const source = new Source(`${name}.wat`, undefined, funcidx);
          const frame = new StackFrame(from + i, name, source, this.text.lineOf(funcidx, at), 1);
          frame.instructionPointerReference = hex(at);
          return frame;
        }),
      };
    });
  }

  protected override scopesRequest(response: Dap.ScopesResponse, { frameId }: Dap.ScopesArguments): void {
    this.answer(response, () => {
      const frame = this.frames()[frameId];
      if (frame === undefined) throw new Error("there is no such frame");
      const named = (values: readonly InspectedValue[]) => values.map((value, i) => [String(i), value] as const);
      return {
        scopes: [
          new Scope("Locals", this.variables.create(named(frame.locals))),
          new Scope("Operands", this.variables.create(named(frame.operands))),
        ],
      };
    });
  }

  protected override variablesRequest(response: Dap.VariablesResponse, args: Dap.VariablesArguments): void {
    this.answer(response, () => ({
      variables: (this.variables.get(args.variablesReference) ?? []).map(([name, { type, value }]) => {
        const variable: Dap.Variable = new Variable(name, String(value));
        variable.type = type;
        return variable;
      }),
    }));
  }

  protected override sourceRequest(
    response: Dap.SourceResponse,
    { sourceReference, source }: Dap.SourceArguments,
  ): void {
    this.answer(response, () => {
      const funcidx = source?.sourceReference ?? sourceReference;
      if (!this.text.isDefined(funcidx)) throw new Error("there is no such function");
      return {
        content: this.text
          .lines(funcidx)
          .map(({ text }) => text)
          .join("\n"),
        mimeType: "text/x-wat",
      };
    });
  }

  protected override readMemoryRequest(
    response: Dap.ReadMemoryResponse,
    { memoryReference, offset = 0, count }: Dap.ReadMemoryArguments,
  ): void {
    this.answer(response, () => {
      const memory = this.timeline.run.memories[Number(MEMORY.exec(memoryReference)?.[1] ?? Number.NaN)];
      if (memory === undefined)
        throw new Error(`${memoryReference} is none of the module's memories: memory:0 and so on`);
      if (offset < 0) throw new Error("an address is a number from 0");
      const length = Math.max(0, Math.min(count, memory.byteLength - offset));
      return {
        address: hex(offset),
        data: Buffer.from(length === 0 ? new Uint8Array(0) : memory.range(offset, length).slice()).toString("base64"),
        unreadableBytes: count - length,
      };
    });
  }

  protected override disassembleRequest(response: Dap.DisassembleResponse, args: Dap.DisassembleArguments): void {
    this.answer(response, () => {
      const at = Number(args.memoryReference) + (args.offset ?? 0);
      const rows = this.text.rows(at, args.instructionOffset ?? 0, args.instructionCount);
      return {
        instructions: rows.map((row) =>
          row === null
            ? { address: "0x0", instruction: "", presentationHint: "invalid" as const }
            : { address: hex(row.offset), instruction: row.text.trim(), symbol: this.text.nameOf(row.funcidx) },
        ),
      };
    });
  }

  protected override evaluateRequest(response: Dap.EvaluateResponse, { expression }: Dap.EvaluateArguments): void {
    const [command = "", ...args] = expression.trim().split(/\s+/);
    if (command === "goto") {
      response.body = { result: `to ${args[0]}`, variablesReference: 0 };
      this.move(response, "goto", async () => {
        await this.timeline.goTo(amountOf(args[0]));
        return undefined;
      });
      return;
    }
    this.answer(response, async () => ({ result: await this.command(command, args), variablesReference: 0 }));
  }

  private async command(command: string, args: readonly string[]): Promise<string> {
    const { timeline } = this;
    switch (command) {
      case "fuel":
        return String(timeline.fuel);
      case "break":
        this.fuelBreakpoints = args.map(amountOf);
        return `stops at ${args.join(", ") || "no"} fuel`;
      case "lastwrite": {
        const bytes = [bytesOf(args.join(","))];
        const hit = await timeline.searchBackward({ offsets: new Set(), bytes, hostCalls: false });
        return hit === null ? "never" : `at ${hit.fuel} fuel`;
      }
      default:
        throw new Error("there are: fuel, goto FUEL, break FUEL…, lastwrite ADDRESS [LENGTH]");
    }
  }
}

const needsWatch = ({ offsets, bytes, hostCalls }: Breakpoints, depth: number): boolean =>
  offsets.size > 0 || bytes.length > 0 || hostCalls !== false || depth >= 0;

const hex = (offset: number): string => `0x${offset.toString(16)}`;

function amountOf(text: string | undefined): number {
  const amount = Number(text);
  if (!Number.isSafeInteger(amount) || amount < 0) throw new Error(`${text ?? "nothing"} is no amount of fuel`);
  return amount;
}

function bytesOf(text: string): { address: number; length: number } {
  const [address, length = "1"] = text.split(",");
  const found = { address: Number(address), length: Number(length) };
  if (!Number.isSafeInteger(found.address) || !(found.length >= 1 && found.length <= 4096))
    throw new Error(`${text} is no address and length`);
  return found;
}
