// The result of a run as an agent reads it: data, and text that says what to do next.

import type { SandboxResult } from "../session/sandbox-types.js";
import { type JsonValue, toJson } from "../values/python-json.js";

/** A result as JSON. */
export interface AgentReport {
  readonly status: SandboxResult["status"];
  readonly stdout: string;
  readonly stderr: string;
  readonly stdout_truncated: boolean;
  readonly stderr_truncated: boolean;
  /**
   * Value of the last expression (python-json.ts); null if there is none. One whose JSON is longer than
   * 50,000 characters is `{ $truncated }` with the beginning of that.
   */
  readonly value: JsonValue;
  readonly error: {
    readonly type: string | null;
    readonly message: string;
    readonly traceback: string;
    /** What MicroPython lacks that the program may have counted on. */
    readonly hint: string | null;
  } | null;
  readonly fuel: { readonly schedule: string; readonly used: number; readonly left: number; readonly limit: number };
  readonly memory: { readonly bytes: number; readonly limit_bytes: number };
  readonly host_calls: number;
  readonly elapsed_ms: number;
  /** What to do next, if the run did not end well. */
  readonly advice: string | null;
}

/** Limits for what goes to a model: characters of a value's JSON, and of an exception's message and traceback. */
const MAX_VALUE = 50_000;
const MAX_ERROR = 5_000;

export function agentReport(result: SandboxResult): AgentReport {
  const { fuel, memory, error } = result;
  return {
    status: result.status,
    stdout: result.stdout,
    stderr: result.stderr,
    stdout_truncated: result.stdoutTruncated,
    stderr_truncated: result.stderrTruncated,
    value: reportedValue(result),
    error:
      error === null
        ? null
        : {
            type: error.type,
            message: cut(error.message),
            traceback: cut(error.traceback),
            hint: error.hint ?? null,
          },
    fuel: { schedule: fuel.schedule, used: fuel.used, left: fuel.left, limit: fuel.limit },
    memory: { bytes: memory.bytes, limit_bytes: memory.limitBytes },
    host_calls: result.hostCalls,
    elapsed_ms: Math.round(result.elapsedMs * 1000) / 1000,
    advice: adviceOn(result),
  };
}

function reportedValue({ value }: SandboxResult): JsonValue {
  const json = toJson(value);
  const text = JSON.stringify(json);
  return text.length <= MAX_VALUE ? json : { $truncated: text.slice(0, MAX_VALUE) };
}

/** The head and the tail of a text that is too long: a traceback says most at its end. */
function cut(text: string): string {
  if (text.length <= MAX_ERROR) return text;
  const half = MAX_ERROR / 2;
  return `${text.slice(0, half)}… ${text.length - MAX_ERROR} characters …${text.slice(-half)}`;
}

/** What an agent can do about a run that did not end well; null if it did. */
export function adviceOn({ status, error, fuel, memory, stdoutTruncated, rewound }: SandboxResult): string | null {
  const kept = rewound ? "The sandbox is as it was before this run" : "The sandbox keeps its variables";
  switch (status) {
    case "ok":
      return stdoutTruncated ? "Output was cut in the middle: print less, or print slices of it." : null;
    case "error":
      if (error?.kind === "output-limit") return `The output limit stopped the run: print less. ${kept}.`;
      if (error?.type === "ImportError") {
        return (
          "This is MicroPython: only part of the standard library exists, and no packages. " +
          `${kept}: change the code and run again.`
        );
      }
      return `${kept}: correct the code and run again in the same sandbox.`;
    case "out-of-fuel":
      return (
        `The run used all of its ${fuel.limit} units of fuel; the limit is the operator's. Do less work in one call, in ` +
        "steps that store what they have found in variables, or check the code for an endless loop. " +
        `${kept}.`
      );
    case "out-of-memory":
      return (
        `The sandbox may use ${memory.limitBytes} bytes of memory; the limit is the operator's. Work on smaller ` +
        "pieces, or run again with reset: true to give memory back."
      );
    case "timeout":
      return `The run took longer than the operator allows. Do less in one call. ${kept}.`;
    case "aborted":
      return `The run was cancelled. ${kept}.`;
    case "paused":
      return `The run is paused. ${kept}.`;
  }
}

/** The same for people, and for models that are given text only. */
export function readableReport(result: SandboxResult, sandbox = "sandbox"): string {
  const { stdout, stderr, value, error, fuel } = result;
  const parts: string[] = [];
  if (stdout !== "") parts.push(stdout.trimEnd());
  if (value !== undefined && value !== null) parts.push(`=> ${JSON.stringify(reportedValue(result))}`);
  if (stderr !== "") parts.push(`stderr:\n${stderr.trimEnd()}`);
  if (error !== null)
    parts.push(cut(error.traceback === "" ? `${error.kind}: ${error.message}` : error.traceback.trimEnd()));
  if (error?.hint !== undefined) parts.push(`Hint: ${error.hint}`);
  if (parts.length === 0) parts.push("(no output)");
  const advice = adviceOn(result);
  if (advice !== null) parts.push(advice);
  parts.push(`[${sandbox}: ${result.status}, ${fuel.used} of ${fuel.limit} fuel used]`);
  return parts.join("\n");
}
