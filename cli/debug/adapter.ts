// What debug adapters have in common: requests in order, moves that end in a stop, and nothing that pretends.
//
// The base class answers requests that nobody has implemented with success and nothing: here each request is among
// those that are, or refused.
import { DebugSession, OutputEvent, StoppedEvent, TerminatedEvent } from "@vscode/debugadapter";
import type { DebugProtocol as Dap } from "@vscode/debugprotocol";

/** What a launch request asks for, beside the program. */
export interface LaunchArguments extends Dap.LaunchRequestArguments {
  readonly program?: string;
  readonly invoke?: string;
  readonly args?: readonly string[];
  readonly fuel?: number;
  readonly stopOnEntry?: boolean;
}

/** The only one. */
export const THREAD = 1;

export abstract class Adapter extends DebugSession {
  private readonly requests: ReadonlySet<string>;
  /** Requests are answered one behind the other, but for a pause. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(requests: readonly string[]) {
    super();
    this.requests = new Set(["initialize", "disconnect", ...requests]);
    this.setDebuggerLinesStartAt1(true);
  }

  /** Where the run stands, in words: of stops. */
  protected abstract place(): string;

  protected override dispatchRequest(request: Dap.Request): void {
    if (!this.requests.has(request.command)) {
      const response = { request_seq: request.seq, command: request.command, success: true, seq: 0, type: "response" };
      this.sendErrorResponse(response, 1014, `${request.command} is not supported`);
      return;
    }
    super.dispatchRequest(request);
  }

  protected override terminateRequest(response: Dap.TerminateResponse): void {
    this.answer(response, () => undefined);
    this.sendEvent(new TerminatedEvent());
  }

  /** Answers with what `body` gives, or with its error. */
  protected answer<R extends Dap.Response>(response: R, body: () => Promise<R["body"]> | R["body"]): void {
    this.queue = this.queue.then(async () => {
      try {
        response.body = await body();
        this.sendResponse(response);
      } catch (error) {
        this.sendErrorResponse(response, 1, error instanceof Error ? error.message : String(error));
      }
    });
  }

  /** Answers at once, moves, and tells that it has stopped: for the reason that `body` gives, or else for `reason`. */
  protected move(response: Dap.Response, reason: string, body: () => Promise<string | undefined>): void {
    this.sendResponse(response);
    this.queue = this.queue.then(async () => {
      try {
        this.stopped((await body()) ?? reason);
      } catch (error) {
        this.sendEvent(new OutputEvent(`${error instanceof Error ? error.message : error}\n`, "stderr"));
        this.stopped("exception");
      }
    });
  }

  protected stopped(reason: string): void {
    const event = new StoppedEvent(reason, THREAD) as Dap.StoppedEvent;
    event.body.allThreadsStopped = true;
    event.body.text = this.place();
    this.sendEvent(event);
  }
}
