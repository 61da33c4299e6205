// What the result of a run says: how it ended, and what it took.
import type { HostCalls } from "../host-calls/host-calls.js";
import type { PythonError, PythonResult } from "../interpreter/interpreter.js";
import { type PythonException, placeOf } from "../interpreter/python-error.js";
import type { Stop } from "./run-watch.js";
import type { RunReport, RunStatus, SandboxStatus } from "./sandbox-types.js";

/** How the run ended, and why. */
export function runStatus(status: SandboxStatus, error: PythonError | null): RunStatus {
  if (error === null) return { status: "ok", error };
  return { status: status as Exclude<SandboxStatus, "ok">, error };
}

/** @param stopped by whom, of a run that did not end by itself */
export function statusOf(error: PythonError | null, stopped: Stop | undefined): SandboxStatus {
  if (stopped !== undefined) return stopped === "timeout" ? "timeout" : "aborted";
  if (error === null) return "ok";
  if (error.kind === "fuel") return "out-of-fuel";
  return error.kind === "memory-limit" || error.type === "MemoryError" ? "out-of-memory" : "error";
}

/**
 * The error of a run that was given up has the place where it was.
 * @param interrupt what interrupting it gave; null if the program caught that, or could not be interrupted
 */
export function placed(error: PythonError | null, interrupt: PythonException | null): PythonError | null {
  const given = error?.kind === "fuel" || error?.kind === "stopped";
  return given ? { ...error, traceback: interrupt === null ? "" : placeOf(interrupt) } : error;
}

/** @param callsBefore host calls of the session before this run */
export function runReport(
  result: PythonResult,
  hostCalls: HostCalls,
  callsBefore: number,
  elapsedMs: number,
): RunReport {
  const { stdout, stderr, stdoutTruncated, stderrTruncated, value, repr, memory, fuel } = result;
  const limit = fuel.limit!;
  const calls = hostCalls.openCalls;
  return {
    stdout,
    stderr,
    stdoutTruncated,
    stderrTruncated,
    value,
    ...(repr === undefined ? {} : { repr }),
    fuel: { schedule: fuel.schedule, limit, used: fuel.used, left: limit - fuel.used },
    memory,
    hostCalls: hostCalls.callCount - callsBefore,
    elapsedMs,
    rewound: false,
    ...(calls.length > 0 && { call: calls[0]!, calls }),
  };
}
