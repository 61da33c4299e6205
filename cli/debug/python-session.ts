// A Python program under the Debug Adapter Protocol: by lines, forwards and backwards.
import { InitializedEvent, OutputEvent, Scope, Source, StackFrame, Thread, Variable } from "@vscode/debugadapter";
import type { DebugProtocol as Dap } from "@vscode/debugprotocol";
import type { PythonFrame } from "../../micropython-wasm/index.js";
import { Adapter, type LaunchArguments, THREAD } from "./adapter.js";
import type { PythonTimeline } from "./python-timeline.js";

/** Makes the run that a launch request asks for; also the program's path. @throws an error whose message is told */
export type PythonLaunch = (
  given: LaunchArguments,
  output: (text: string) => void,
) => Promise<{ timeline: PythonTimeline; path: string }>;

const REQUESTS = [
  ...["launch", "configurationDone", "terminate", "threads", "stackTrace", "scopes", "variables", "continue", "next"],
  ...["stepIn", "stepOut", "stepBack", "reverseContinue", "pause", "setBreakpoints", "setExceptionBreakpoints"],
  "evaluate",
] as const;
/** How a traceback names the program. */
const PROGRAM = "<stdin>";
const GLOBALS = 1;
const GLOBALS_SOURCE = "[(k, repr(v)) for k, v in globals().items() if not k.startswith('_')]";

const top = ([frame]: readonly PythonFrame[]): string => (frame === undefined ? "" : `${frame.function}:${frame.line}`);

export class PythonSession extends Adapter {
  private timeline!: PythonTimeline;
  private path = "";
  private lines: ReadonlySet<number> = new Set();
  private stopOnEntry = true;

  constructor(private readonly launch: PythonLaunch) {
    super(REQUESTS);
  }

  protected override place(): string {
    const { end, fuel } = this.timeline;
    if (end === null) return `${fuel} fuel`;
    return end.error === null ? "ended" : `ended: ${end.error.type ?? end.error.kind}: ${end.error.message}`;
  }

  protected override initializeRequest(response: Dap.InitializeResponse): void {
    response.body = { supportsConfigurationDoneRequest: true, supportsStepBack: true, supportsTerminateRequest: true };
    this.sendResponse(response);
  }

  protected override launchRequest(response: Dap.LaunchResponse, given: LaunchArguments): void {
    this.stopOnEntry = given.stopOnEntry ?? true;
    this.answer(response, async () => {
      const { timeline, path } = await this.launch(given, (text) => this.sendEvent(new OutputEvent(text, "stdout")));
      this.timeline = timeline;
      this.path = path;
      this.sendEvent(new InitializedEvent());
    });
  }

  protected override configurationDoneRequest(response: Dap.ConfigurationDoneResponse): void {
    this.move(response, "entry", async () => {
      await this.timeline.seek(1, () => true);
      return this.stopOnEntry ? undefined : this.forward();
    });
  }

  protected override setBreakPointsRequest(
    response: Dap.SetBreakpointsResponse,
    args: Dap.SetBreakpointsArguments,
  ): void {
    this.answer(response, () => {
      const breakpoints = args.breakpoints ?? [];
      this.lines = new Set(breakpoints.map(({ line }) => line));
      return { breakpoints: breakpoints.map(({ line }) => ({ verified: true, line })) };
    });
  }

  protected override setExceptionBreakPointsRequest(response: Dap.SetExceptionBreakpointsResponse): void {
    this.answer(response, () => ({ breakpoints: [] }));
  }

  // ---- moving ----

  private isAtBreakpoint([frame]: readonly PythonFrame[]): boolean {
    return frame?.file === PROGRAM && this.lines.has(frame.line);
  }

  /** Goes to the next breakpoint of that direction, when the line that the run is at has been left. */
  private async seekBreakpoint(direction: 1 | -1): Promise<boolean> {
    const { timeline } = this;
    const before = top(await timeline.where());
    let left = false;
    return timeline.seek(direction, (frames) => {
      left ||= top(frames) !== before;
      return left && this.isAtBreakpoint(frames);
    });
  }

  private async forward(): Promise<string> {
    const { timeline } = this;
    if (this.lines.size === 0) await timeline.goTo(timeline.limit);
    else if (await this.seekBreakpoint(1)) return timeline.isInterrupted ? "pause" : "breakpoint";
    return timeline.end === null ? "pause" : "exception";
  }

  protected override continueRequest(response: Dap.ContinueResponse): void {
    response.body = { allThreadsContinued: true };
    this.move(response, "breakpoint", () => this.forward());
  }

  protected override reverseContinueRequest(response: Dap.ReverseContinueResponse): void {
    this.move(response, "breakpoint", async () => {
      const found = await this.seekBreakpoint(-1);
      if (!found) await this.timeline.seek(1, () => true);
      return found ? "breakpoint" : "entry";
    });
  }

  /** By lines, until `arrives` says so of how many calls are under way more than before. */
  private line(
    response: Dap.Response,
    direction: 1 | -1,
    arrives: (deeper: number, isOther: boolean) => boolean,
  ): void {
    this.move(response, "step", async () => {
      const { timeline } = this;
      const before = await timeline.where();
      const found = await timeline.seek(direction, (frames) =>
        arrives(frames.length - before.length, top(frames) !== top(before)),
      );
      if (found) return undefined;
      if (direction < 0) await timeline.seek(1, () => true);
      return direction < 0 ? "entry" : "exception";
    });
  }

  protected override stepInRequest(response: Dap.StepInResponse): void {
    this.line(response, 1, (deeper, isOther) => isOther || deeper !== 0);
  }
  protected override nextRequest(response: Dap.NextResponse): void {
    this.line(response, 1, (deeper, isOther) => deeper < 0 || (deeper === 0 && isOther));
  }
  protected override stepOutRequest(response: Dap.StepOutResponse): void {
    this.line(response, 1, (deeper) => deeper < 0);
  }
  protected override stepBackRequest(response: Dap.StepBackResponse): void {
    this.line(response, -1, (deeper, isOther) => isOther || deeper !== 0);
  }

  protected override pauseRequest(response: Dap.PauseResponse): void {
    this.timeline.isInterrupted = true;
    this.sendResponse(response);
  }

  // ---- looking ----

  protected override threadsRequest(response: Dap.ThreadsResponse): void {
    this.answer(response, () => ({ threads: [new Thread(THREAD, "program")] }));
  }

  protected override stackTraceRequest(response: Dap.StackTraceResponse): void {
    this.answer(response, async () => {
      const frames = await this.timeline.where();
      const sourceOf = (file: string) => (file === PROGRAM ? new Source(this.path, this.path) : new Source(file));
      return {
        totalFrames: frames.length,
        stackFrames: frames.map((frame, i) => new StackFrame(i, frame.function, sourceOf(frame.file), frame.line, 1)),
      };
    });
  }

  protected override scopesRequest(response: Dap.ScopesResponse): void {
    this.answer(response, () => ({ scopes: [new Scope("Globals", GLOBALS, true)] }));
  }

  protected override variablesRequest(response: Dap.VariablesResponse): void {
    this.answer(response, async () => {
      const pairs = (await this.timeline.value(GLOBALS_SOURCE)) as [string, string][];
      return { variables: pairs.map(([name, text]) => new Variable(name, text)) };
    });
  }

  protected override evaluateRequest(response: Dap.EvaluateResponse, { expression }: Dap.EvaluateArguments): void {
    this.answer(response, async () => ({
      result: expression === "fuel" ? String(this.timeline.fuel) : await this.timeline.evaluate(expression),
      variablesReference: 0,
    }));
  }
}
