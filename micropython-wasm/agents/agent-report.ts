// The result of a run as an agent reads it: data, and text that says what to do next.

import type { ReprText } from "../host-calls/kept-value.js";
import { tracebackFrames } from "../interpreter/python-error.js";
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
  /** The value as Python prints it, cut; null if there is none. */
  readonly value_repr: string | null;
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
export const MAX_VALUE = 50_000;
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
    value_repr: shownValue(result, MAX_VALUE),
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

/**
 * The value as Python prints it, in at most `room` characters and a note of what is missing; null if there is none.
 * A run that was not asked for the repr has the value as JSON.
 */
function shownValue({ value, repr }: SandboxResult, room: number): string | null {
  if (value === undefined || value === null) return null;
  const { text, length } = repr ?? wholeText(JSON.stringify(toJson(value)));
  return cutText(text, room, length);
}

function wholeText(text: string): ReprText {
  return { text, length: [...text].length };
}

/** The beginning of a text, with a note of what is missing. @param length characters of the whole, where `text` is less */
export function cutText(text: string, room: number, length = [...text].length): string {
  const shown = [...text.slice(0, 2 * room)].slice(0, room);
  return shown.length === length
    ? shown.join("")
    : `${shown.join("")}… (the first ${shown.length} of ${length} characters)`;
}

/** The head and the tail of a text that is too long: a traceback says most at its end. */
function cut(text: string): string {
  if (text.length <= MAX_ERROR) return text;
  const half = MAX_ERROR / 2;
  return `${text.slice(0, half)}… ${text.length - MAX_ERROR} characters …${text.slice(-half)}`;
}

/** What an agent can do about a run that did not end well; null if it did. */
export function adviceOn(result: SandboxResult): string | null {
  const { status, error, memory, stdoutTruncated, rewound } = result;
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
      return `${fuelAdvice(result)} ${kept}.`;
    case "out-of-memory":
      return (
        `The sandbox may use ${memory.limitBytes} bytes of memory; the limit is the operator's. Work on smaller ` +
        "pieces, or run again with reset: true to give memory back."
      );
    case "timeout":
      return `The run took longer than the operator allows${placeIn(error)}. Do less in one call. ${kept}.`;
    case "aborted":
      return `The run was cancelled. ${kept}.`;
    case "paused":
      return `The run is paused. ${kept}.`;
  }
}

/** Units that compiling a byte of source costs, about. */
const COMPILING = 1000;

function fuelAdvice({ fuel, error }: SandboxResult): string {
  const all = `The run used all of its ${fuel.limit} units of fuel; the limit is the operator's.`;
  if (error?.begun === false) {
    return (
      `${all} The program had not begun: compiling it took them (source costs about ${COMPILING} units a byte). ` +
      "Run it in pieces: definitions first, then what uses them; pass data as a file or as JSON text, not as a literal."
    );
  }
  const place = placeIn(error);
  return (
    `${all}${place === "" ? "" : ` The program was running${place}.`} Do less work in one call, in steps that store ` +
    "what they have found in variables, or check the code for an endless loop."
  );
}

/** " (line 3, in f)": where a run was that was given up. */
function placeIn(error: SandboxResult["error"]): string {
  const last = error === null ? undefined : tracebackFrames(error).at(-1);
  if (last === undefined) return "";
  const { line, function: name } = last;
  return name === "<module>" ? ` (at line ${line})` : ` (at line ${line}, in ${name})`;
}

/**
 * The same for people, and for models that are given text only.
 * @param maxBytes of what the program printed and of its value together, about
 */
export function readableReport(result: SandboxResult, sandbox = "sandbox", maxBytes = MAX_VALUE): string {
  const { stdout, stderr, error, fuel } = result;
  const parts: string[] = [];
  if (stdout !== "") parts.push(stdout.trimEnd());
  const value = shownValue(result, Math.max(0, Math.min(maxBytes, MAX_VALUE) - stdout.length - stderr.length));
  if (value !== null) parts.push(`=> ${value}`);
  if (stderr !== "") parts.push(`stderr:\n${stderr.trimEnd()}`);
  // What a traceback without an exception says is in the advice.
  const isGivenUp = error?.kind === "fuel" || error?.kind === "stopped";
  if (error !== null)
    parts.push(
      cut(error.traceback === "" || isGivenUp ? `${error.kind}: ${error.message}` : error.traceback.trimEnd()),
    );
  if (error?.hint !== undefined) parts.push(`Hint: ${error.hint}`);
  if (parts.length === 0) parts.push("(no output)");
  const advice = adviceOn(result);
  if (advice !== null) parts.push(advice);
  parts.push(`[${sandbox}: ${result.status}, ${fuel.used} of ${fuel.limit} fuel used]`);
  return parts.join("\n");
}
