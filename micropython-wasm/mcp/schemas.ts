// What the tools take and answer. Zod, because the SDK checks arguments and results by it.
import { z } from "zod";

/** An object of these arguments alone: another one is refused by its name. */
function only<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape);
  const there = names.length === 0 ? "it takes none" : `there are: ${names.join(", ")}`;
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `there is no argument ${(issue as unknown as { keys: string[] }).keys.join(", ")} (${there})`
        : undefined,
  });
}

/** Longest program that is accepted, in UTF-16 units. */
const MAX_CODE = 1_000_000;

const sandboxId = z.string().min(1).max(64);
const snapshotId = z.string().min(1).max(64);
const count = z.number().int().min(0);

const path = z.string().min(1).max(4096);

const RUN_ARGUMENTS = {
  code: z
    .string()
    .max(MAX_CODE)
    .describe("Python source. The value of its last expression is returned, as in a notebook."),
  sandbox_id: sandboxId
    .optional()
    .describe("The sandbox to run in, from an earlier result. Left out: a new sandbox, whose id is in the result."),
  reset: z.boolean().optional().describe("Start the sandbox afresh before running: variables and files are lost."),
  files: z
    .array(path)
    .max(20)
    .optional()
    .describe("Files to hand out after the run, as in out.csv or /work/plot.png: text as text, images as images."),
};
export const RUN_INPUT = only(RUN_ARGUMENTS);
/** Where the sandboxes have functions. */
export const PAUSING_RUN_INPUT = only({
  ...RUN_ARGUMENTS,
  pause_at_calls: z
    .boolean()
    .optional()
    .describe(
      "Pause before each call of the operator's functions, in place of calling it: the result says which call waits, and resume answers it.",
    ),
});

export const RESUME_INPUT = only({
  sandbox_id: sandboxId,
  answers: z
    .array(
      z.strictObject({
        id: count.describe("The call's id, as the paused result has it"),
        value: z.unknown().optional().describe("What the call returns, as JSON; null is None"),
        error: z.string().optional().describe("In place of a value: the call raises RuntimeError with this message"),
      }),
    )
    .min(1)
    .max(100)
    .describe("One or several of the calls that wait"),
});

/** What the text of a result does not say, or does not say as data. */
export const RUN_OUTPUT = z.object({
  sandbox_id: sandboxId,
  new_sandbox: z.boolean(),
  status: z
    .enum(["ok", "error", "paused", "out-of-fuel", "out-of-memory", "aborted", "timeout"])
    .describe("ok, or why the run ended; the sandbox stays usable in every case"),
  stdout_truncated: z.boolean(),
  stderr_truncated: z.boolean(),
  value: z
    .unknown()
    .describe(
      "Value of the last expression; what JSON has no word for is an object such as {$int}, {$bytes}, {$set}, {$truncated}",
    ),
  error: z
    .object({
      type: z.string().nullable(),
      message: z.string(),
    })
    .nullable(),
  fuel: z.object({ schedule: z.string(), used: count, left: count, limit: count }),
  memory: z.object({ bytes: count, limit_bytes: count }),
  host_calls: count,
  calls: z
    .array(
      z.object({ id: count, name: z.string(), args: z.array(z.unknown()), kwargs: z.record(z.string(), z.unknown()) }),
    )
    .optional()
    .describe("Of a paused run: the calls of the operator's functions that wait for resume"),
  elapsed_ms: z.number().min(0),
});

export const FILES_INPUT = only({
  sandbox_id: sandboxId,
  path: path
    .optional()
    .describe("A directory to list or a file to read; relative paths are below /work. Default: /work."),
  text: z.string().max(MAX_CODE).optional().describe("Write this into the file at path, making or replacing it."),
  base64: z.string().max(MAX_CODE).optional().describe("The same with bytes, as base64."),
});
export const FILES_OUTPUT = z.object({
  sandbox_id: sandboxId,
  path: z.string(),
  kind: z.enum(["file", "directory", "link", "device"]),
  bytes: count,
  read_only: z.boolean(),
  entries: z
    .array(z.object({ name: z.string(), kind: z.enum(["file", "directory", "link", "device"]), bytes: count }))
    .nullable()
    .describe("Of a directory"),
});

export const SNAPSHOT_INPUT = only({ sandbox_id: sandboxId });
export const SNAPSHOT_OUTPUT = z.object({ snapshot_id: snapshotId, sandbox_id: sandboxId, bytes: count });

export const RESTORE_INPUT = only({ snapshot_id: snapshotId });
export const RESTORE_OUTPUT = z.object({ sandbox_id: sandboxId, snapshot_id: snapshotId });

export const LIST_INPUT = only({});
export const LIST_OUTPUT = z.object({
  sandboxes: z.array(
    z.object({
      sandbox_id: sandboxId,
      state: z.enum(["running", "idle", "asleep"]).describe("A sandbox that is asleep wakes when it is used"),
      runs: count,
      idle_seconds: count,
      memory_bytes: count,
    }),
  ),
  snapshots: z.array(z.object({ snapshot_id: snapshotId, sandbox_id: sandboxId, bytes: count })),
  limits: z.object({
    max_sandboxes: count.describe("Most sandboxes awake at a time"),
    max_asleep: count,
    max_snapshots: count,
    idle_seconds: count.describe("A sandbox is put to sleep after so long"),
    keep_seconds: count.describe("A sandbox is closed when it has not been used for so long"),
    timeout_seconds: z.number().describe("Longest run"),
  }),
});

export const CLOSE_INPUT = only({
  sandbox_id: sandboxId.optional().describe("The sandbox to close"),
  snapshot_id: snapshotId.optional().describe("The snapshot to drop"),
});
export const CLOSE_OUTPUT = z.object({ closed: z.array(z.string()) });
