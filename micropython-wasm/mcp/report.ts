// The result of a run as an agent reads it: structured content, and text that says what to do next.
import { toJson } from "../python-json.js";
import type { SandboxResult } from "../sandbox-types.js";

/** What `run_python` answers, as JSON; schemas.ts describes it. */
export function structuredResult(sandboxId: string, isNew: boolean, result: SandboxResult) {
  const { fuel, memory, error } = result;
  return {
    sandbox_id: sandboxId,
    new_sandbox: isNew,
    status: result.status,
    stdout: result.stdout,
    stderr: result.stderr,
    stdout_truncated: result.stdoutTruncated,
    stderr_truncated: result.stderrTruncated,
    value: toJson(result.value),
    error: error === null ? null : { type: error.type, message: error.message, traceback: error.traceback },
    fuel: { schedule: fuel.schedule, used: fuel.used, left: fuel.left, limit: fuel.limit },
    memory: { bytes: memory.bytes, limit_bytes: memory.limitBytes },
    host_calls: result.hostCalls,
    elapsed_ms: Math.round(result.elapsedMs * 1000) / 1000,
    advice: adviceOn(result),
  };
}

/** What an agent can do about a run that did not end well; null if it did. */
export function adviceOn({ status, error, fuel, memory, stdoutTruncated }: SandboxResult): string | null {
  const kept = "The sandbox keeps its variables";
  switch (status) {
    case "ok":
      return stdoutTruncated ? "Output was cut in the middle: print less, or print slices of it." : null;
    case "error":
      if (error?.kind === "output-limit") return `The output limit stopped the run: print less. ${kept}.`;
      if (error?.type === "ImportError") {
        return `This is MicroPython: only part of the standard library exists, and no packages. ${kept}: change the code and run again.`;
      }
      return `${kept}: correct the code and run again with the same sandbox_id.`;
    case "out-of-fuel":
      return `The run used all of its ${fuel.limit} units of fuel; the limit is the operator's. Do less work in one call, in steps that store what they have found in variables, or check the code for an endless loop. ${kept}.`;
    case "out-of-memory":
      return `The sandbox may use ${memory.limitBytes} bytes of memory; the limit is the operator's. Work on smaller pieces, or run again with reset: true to give memory back.`;
    case "timeout":
      return `The run took longer than the operator allows. Do less in one call. ${kept}.`;
    case "aborted":
      return `The run was cancelled. ${kept}.`;
    case "paused":
      return `The run is paused. ${kept}.`;
  }
}

/** The same for people, and for models that are given text only. */
export function readableResult(sandboxId: string, isNew: boolean, result: SandboxResult): string {
  const { stdout, stderr, value, error, fuel } = result;
  const parts: string[] = [];
  if (stdout !== "") parts.push(stdout.trimEnd());
  if (value !== undefined && value !== null) parts.push(`=> ${JSON.stringify(toJson(value))}`);
  if (stderr !== "") parts.push(`stderr:\n${stderr.trimEnd()}`);
  if (error !== null)
    parts.push(error.traceback === "" ? `${error.kind}: ${error.message}` : error.traceback.trimEnd());
  if (parts.length === 0) parts.push("(no output)");
  const advice = adviceOn(result);
  if (advice !== null) parts.push(advice);
  const which = isNew ? `new sandbox ${sandboxId}` : sandboxId;
  parts.push(`[${which}: ${result.status}, ${fuel.used} of ${fuel.limit} fuel used]`);
  return parts.join("\n");
}
