// The tools of `escapement mcp`, over any transport of the Model Context Protocol.
import {
  type CallToolResult,
  type ContentBlock,
  McpServer,
  type ServerContext,
  type StandardSchemaWithJSON,
} from "@modelcontextprotocol/server";
import { agentReport, cutText, readableReport } from "../agents/agent-report.js";
import { FileSystemError } from "../guest/errno.js";
import { SandboxUsageError } from "../guest/errors.js";
import { BOOLEAN, type Checks, COUNT, oneOf, resolveOptions, TEXT } from "../session/checks.js";
import type { SandboxResult, SandboxSession } from "../session/sandbox-types.js";
import { toJson } from "../values/python-json.js";
import type { PythonValue } from "../values/python-value.js";
import { fileContent } from "./file-content.js";
import { type ServedPython, saidOf } from "./instructions.js";
import { takePictures } from "./pictures.js";
import { ProgressReporter } from "./progress.js";
import type { SandboxTable } from "./sandbox-table.js";
import {
  CLOSE_INPUT,
  CLOSE_OUTPUT,
  FILES_INPUT,
  FILES_OUTPUT,
  LIST_INPUT,
  LIST_OUTPUT,
  PAUSING_RUN_INPUT,
  RESTORE_INPUT,
  RESTORE_OUTPUT,
  RESUME_INPUT,
  RUN_INPUT,
  RUN_OUTPUT,
  SNAPSHOT_INPUT,
  SNAPSHOT_OUTPUT,
} from "./schemas.js";
import { SandboxRequestError, type TableRunOptions } from "./table-types.js";

/** What the other tools do not: reach anything outside the sandboxes. */
const CLOSED_WORLD = { openWorldHint: false } as const;

const DEFAULT_OUTPUT_BYTES = 50_000;
const DEFAULT_FILE_BYTES = 2 ** 20;

export interface McpServerOptions {
  /** Which Python the sandboxes have, as agents are told; default MicroPython. */
  readonly python?: ServedPython | undefined;
  /** What agents are told besides: which functions and files the sandboxes have. */
  readonly notes?: string | undefined;
  /** The sandboxes have functions that may reach anything. */
  readonly openWorld?: boolean | undefined;
  /** Whose sandboxes these tools see; default: those of a table with one client. */
  readonly owner?: string | undefined;
  /**
   * Whether results have structured content beside their text, and tools an output schema; default true. Some clients
   * show a model the structured content in its place: they are better off without.
   */
  readonly structured?: boolean | undefined;
  /** Most bytes of what a result shows of output, value and text files together, about; default 50,000. */
  readonly outputBytes?: number | undefined;
  /** Most bytes of a file that is handed out and is no text; default 1 MiB. */
  readonly maxFileBytes?: number | undefined;
}

const CHECKS: Checks<McpServerOptions> = {
  python: oneOf("micropython", "cpython"),
  notes: TEXT,
  openWorld: BOOLEAN,
  owner: TEXT,
  structured: BOOLEAN,
  outputBytes: COUNT,
  maxFileBytes: COUNT,
};

/**
 * A server with the six tools, and `resume` where the sandboxes have functions; each connection has its own, and all share the table.
 * @throws SandboxUsageError if an option is wrong
 */
export function createMcpServer(table: SandboxTable, version: string, options: McpServerOptions = {}): McpServer {
  const {
    python = "micropython",
    notes = "",
    openWorld = false,
    owner = "",
    structured = true,
    outputBytes = DEFAULT_OUTPUT_BYTES,
    maxFileBytes = DEFAULT_FILE_BYTES,
  } = resolveOptions(options, CHECKS);
  const also = notes === "" ? "" : ` ${notes}`;
  const asking = { owner };
  const { instructions, name, gaps } = saidOf(python);
  const server = new McpServer({ name: "escapement", version }, { instructions: instructions + also });
  const output = <Schema extends StandardSchemaWithJSON>(schema: Schema) =>
    structured ? { outputSchema: schema } : {};
  /** A request that the table refuses is a result that the agent reads, not a failure of the protocol. */
  const answered = async (body: () => CallToolResult | Promise<CallToolResult>): Promise<CallToolResult> => {
    try {
      const { structuredContent, ...result } = await body();
      return structured && structuredContent !== undefined ? { ...result, structuredContent } : result;
    } catch (error) {
      const isAnswer = [SandboxRequestError, SandboxUsageError, FileSystemError].some((type) => error instanceof type);
      if (!isAnswer) throw error;
      return { content: [text((error as Error).message)], isError: true };
    }
  };

  server.registerTool(
    "run_python",
    {
      title: "Run Python",
      description:
        `Runs Python code in a sandbox (${name}) and returns its output and the value of its last expression. ` +
        `Variables, functions, imports and files in /work stay for later calls with the same sandbox_id. ${gaps}${also}`,
      inputSchema: openWorld ? PAUSING_RUN_INPUT : RUN_INPUT,
      ...output(RUN_OUTPUT),
      annotations: { openWorldHint: openWorld, readOnlyHint: false, destructiveHint: false, idempotentHint: false },
    },
    ({ code, sandbox_id, reset, files = [], ...pausing }: RunArguments, context) =>
      answered(async () => {
        const run = (reporting: TableRunOptions) =>
          table.run(code, {
            ...asking,
            ...reporting,
            id: sandbox_id,
            reset,
            onHostCall: pausing.pause_at_calls ? "pause" : "call",
            signal: context.mcpReq.signal,
            repr: outputBytes,
          });
        const { id, isNew, result } = await reported(context, table.timeoutMs, run);
        const shown = readableReport(result, isNew ? `new sandbox ${id}` : id, outputBytes);
        const content = [text(shown), ...waitingCalls(result)];
        const room = { text: Math.max(0, outputBytes - shown.length), bytes: maxFileBytes };
        // A picture that is asked for is there anyway.
        const pictures = python === "cpython" ? await table.visit(id, takePictures, asking) : [];
        for (const path of new Set([...pictures, ...files.map(absolutePath)])) {
          content.push(await table.visit(id, (session) => handOut(session, path, room), asking));
        }
        const structuredContent = { sandbox_id: id, new_sandbox: isNew, ...figuresOf(result) };
        return { content, structuredContent, isError: isFailure(result) };
      }),
  );

  if (openWorld)
    server.registerTool(
      "resume",
      {
        title: "Answer calls that wait",
        description:
          "Goes on with a run that has paused at calls of the operator's functions (run_python with pause_at_calls): " +
          "each call gets a value or an error. The sandbox may have slept, or been restored from a snapshot, meanwhile.",
        inputSchema: RESUME_INPUT,
        ...output(RUN_OUTPUT),
        annotations: { openWorldHint: openWorld, readOnlyHint: false, destructiveHint: false, idempotentHint: false },
      },
      ({ sandbox_id: id, answers }, context) =>
        answered(async () => {
          const given = answers.map(({ id, value = null, error }) =>
            error === undefined ? { id, value } : { id, error },
          );
          const result = await reported(context, table.timeoutMs, (reporting) =>
            table.resume(id, given, { ...asking, ...reporting, signal: context.mcpReq.signal, repr: outputBytes }),
          );
          const content = [text(readableReport(result, id, outputBytes)), ...waitingCalls(result)];
          const structuredContent = { sandbox_id: id, new_sandbox: false, ...figuresOf(result) };
          return { content, structuredContent, isError: isFailure(result) };
        }),
    );

  server.registerTool(
    "files",
    {
      title: "Files of a sandbox",
      description:
        "Lists a directory of a sandbox, reads a file (text as text, images as images), or writes one with text or " +
        "base64. Python finds it under the same path; its own files are in /work.",
      inputSchema: FILES_INPUT,
      ...output(FILES_OUTPUT),
      annotations: { ...CLOSED_WORLD, readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    },
    ({ sandbox_id, path = "/work", text: written, base64 }) =>
      answered(() =>
        table.visit(
          sandbox_id,
          (session) => {
            const given = writtenBytes(written, base64);
            if (given !== undefined) session.writeFile(path, given);
            const status = session.fileStatus(path);
            const about = { sandbox_id, path, kind: status.kind, bytes: status.size, read_only: status.readOnly };
            if (status.kind === "directory") {
              const entries = entriesOf(session, path);
              return { content: [text(describeEntries(path, entries))], structuredContent: { ...about, entries } };
            }
            const room = { text: outputBytes, bytes: maxFileBytes };
            const content =
              given === undefined ? handOut(session, path, room) : text(`${path} has ${status.size} bytes now.`);
            return { content: [content], structuredContent: { ...about, entries: null } };
          },
          asking,
        ),
      ),
  );

  server.registerTool(
    "snapshot",
    {
      title: "Take a snapshot",
      description: "Saves the whole state of an idle sandbox. restore makes new sandboxes of it, any number of times.",
      inputSchema: SNAPSHOT_INPUT,
      ...output(SNAPSHOT_OUTPUT),
      annotations: { ...CLOSED_WORLD, readOnlyHint: false, destructiveHint: false, idempotentHint: false },
    },
    ({ sandbox_id }) =>
      answered(() => {
        const { id, bytes } = table.snapshot(sandbox_id, asking);
        const said = `${id} holds the state of ${sandbox_id} (${bytes} bytes). Go back to it with restore.`;
        return { content: [text(said)], structuredContent: { snapshot_id: id, sandbox_id, bytes } };
      }),
  );

  server.registerTool(
    "restore",
    {
      title: "Restore a snapshot",
      description: "Makes a new sandbox in the state of a snapshot. The snapshot and other sandboxes stay as they are.",
      inputSchema: RESTORE_INPUT,
      ...output(RESTORE_OUTPUT),
      annotations: { ...CLOSED_WORLD, readOnlyHint: false, destructiveHint: false, idempotentHint: false },
    },
    ({ snapshot_id }, context) =>
      answered(async () => {
        const { id } = await table.restore(snapshot_id, { ...asking, signal: context.mcpReq.signal });
        const said = `${id} is a new sandbox in the state of ${snapshot_id}.`;
        return { content: [text(said)], structuredContent: { sandbox_id: id, snapshot_id } };
      }),
  );

  server.registerTool(
    "list_sandboxes",
    {
      title: "List sandboxes",
      description: "The open sandboxes, the snapshots, and the operator's limits on them.",
      inputSchema: LIST_INPUT,
      ...output(LIST_OUTPUT),
      annotations: { ...CLOSED_WORLD, readOnlyHint: true, idempotentHint: true },
    },
    () =>
      answered(() => {
        const structuredContent = listing(table, owner);
        const { sandboxes, snapshots } = structuredContent;
        const lines = [
          ...sandboxes.map(
            (s) => `${s.sandbox_id}: ${s.state}${s.state === "running" ? "" : ` ${s.idle_seconds} s`}, ${s.runs} runs`,
          ),
          ...snapshots.map((s) => `${s.snapshot_id}: of ${s.sandbox_id}, ${s.bytes} bytes`),
        ];
        if (lines.length === 0) lines.push("No sandbox is open; run_python starts one.");
        return { content: [text(lines.join("\n"))], structuredContent };
      }),
  );

  server.registerTool(
    "close",
    {
      title: "Close a sandbox",
      description: "Closes a sandbox, or drops a snapshot. What it held is lost.",
      inputSchema: CLOSE_INPUT,
      ...output(CLOSE_OUTPUT),
      annotations: { ...CLOSED_WORLD, readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    },
    ({ sandbox_id, snapshot_id }) =>
      answered(() => {
        if (sandbox_id === undefined && snapshot_id === undefined) {
          throw new SandboxRequestError("Pass sandbox_id or snapshot_id; list_sandboxes shows them.");
        }
        const closed: string[] = [];
        if (sandbox_id !== undefined) {
          table.close(sandbox_id, asking);
          closed.push(sandbox_id);
        }
        if (snapshot_id !== undefined) {
          table.forgetSnapshot(snapshot_id, asking);
          closed.push(snapshot_id);
        }
        return { content: [text(`Closed ${closed.join(" and ")}.`)], structuredContent: { closed } };
      }),
  );

  return server;
}

function text(said: string): ContentBlock {
  return { type: "text", text: said };
}

/** Runs, and tells a client that asks for it how it goes. */
async function reported<T>(
  { mcpReq }: ServerContext,
  timeoutMs: number,
  run: (reporting: TableRunOptions) => Promise<T>,
): Promise<T> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return run({});
  const progress = new ProgressReporter(timeoutMs, (note) => {
    const params = { progressToken, ...note };
    // The client may be gone: then nobody waits for the result either.
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  });
  try {
    return await run({ onWaiting: progress.onWaiting, onProgress: progress.onProgress });
  } finally {
    progress.stop();
  }
}

interface RunArguments {
  readonly code: string;
  readonly sandbox_id?: string | undefined;
  readonly reset?: boolean | undefined;
  readonly files?: readonly string[] | undefined;
  readonly pause_at_calls?: boolean | undefined;
}

/** A run that waits for calls has not failed. */
function isFailure({ status, calls }: SandboxResult): boolean {
  return status !== "ok" && calls === undefined;
}

/** What a paused run waits for, for agents to read. */
function waitingCalls({ calls = [] }: SandboxResult): ContentBlock[] {
  if (calls.length === 0) return [];
  const lines = calls.map(({ id, name, args, kwargs }) => {
    const given = [...args.map(shown), ...Object.entries(kwargs).map(([key, value]) => `${key}=${shown(value)}`)];
    return `call ${id}: ${name}(${given.join(", ")})`;
  });
  return [text([...lines, "Answer with resume."].join("\n"))];
}

const shown = (value: PythonValue): string => cutText(JSON.stringify(toJson(value)), 1000);

function callsOf({ calls }: SandboxResult) {
  if (calls === undefined) return {};
  const given = calls.map(({ id, name, args, kwargs }) => ({
    ...{ id, name, args: args.map(toJson) },
    kwargs: Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, toJson(value)])),
  }));
  return { calls: given };
}

/** What of a result is data: its texts are in the content, once. */
function figuresOf(result: SandboxResult) {
  const report = agentReport(result);
  const { status, value, error, stdout_truncated, stderr_truncated, fuel, memory, host_calls, elapsed_ms } = report;
  const why = error && { type: error.type, message: error.message };
  return {
    ...callsOf(result),
    ...{ status, value, error: why, stdout_truncated, stderr_truncated, fuel, memory, host_calls, elapsed_ms },
  };
}

// ---- files ----

function absolutePath(path: string): string {
  return path.startsWith("/") ? path : `/work/${path}`;
}

function handOut(session: SandboxSession, path: string, room: { text: number; bytes: number }): ContentBlock {
  const absolute = absolutePath(path);
  try {
    return fileContent(absolute, session.readFile(path), room);
  } catch (error) {
    // The run has been: that one of its files is missing is told beside what it gave.
    if (!(error instanceof FileSystemError)) throw error;
    return text(`${absolute} cannot be read: ${error.message}`);
  }
}

/** @throws SandboxRequestError */
function writtenBytes(written: string | undefined, base64: string | undefined): string | Uint8Array | undefined {
  if (written !== undefined && base64 !== undefined)
    throw new SandboxRequestError("Pass text or base64, not both: each is the whole file.");
  if (base64 === undefined) return written;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0)
    throw new SandboxRequestError(
      "base64 is not base64: letters, digits, + and /, filled up with = to groups of four.",
    );
  return new Uint8Array(Buffer.from(base64, "base64"));
}

type FileEntry = { name: string; kind: "file" | "directory" | "link" | "device"; bytes: number };

function entriesOf(session: SandboxSession, path: string): FileEntry[] {
  const prefix = path.endsWith("/") ? path : `${path}/`;
  return session.listFiles(path).map((name) => {
    const { kind, size } = session.fileStatus(prefix + name);
    return { name, kind, bytes: size };
  });
}

function describeEntries(path: string, entries: readonly FileEntry[]): string {
  if (entries.length === 0) return `${path} is empty.`;
  const lines = entries.map(({ name, kind, bytes }) =>
    kind === "file" ? `${name}  ${bytes} bytes` : kind === "directory" ? `${name}/` : `${name}  ${kind}`,
  );
  return [`${path}:`, ...lines].join("\n");
}

function listing(table: SandboxTable, owner: string) {
  const { sandboxes, snapshots } = table.list({ owner });
  return {
    sandboxes: sandboxes.map(({ id, busy, asleep, runs, idleMs, memoryBytes }) => ({
      sandbox_id: id,
      state: busy ? ("running" as const) : asleep ? ("asleep" as const) : ("idle" as const),
      runs,
      idle_seconds: Math.floor(idleMs / 1000),
      memory_bytes: memoryBytes,
    })),
    snapshots: snapshots.map(({ id, of, bytes }) => ({ snapshot_id: id, sandbox_id: of, bytes })),
    limits: {
      max_sandboxes: table.maxSandboxes,
      max_asleep: table.maxAsleep,
      max_snapshots: table.maxSnapshots,
      idle_seconds: Math.floor(table.idleMs / 1000),
      keep_seconds: Math.floor(table.keepMs / 1000),
      timeout_seconds: table.timeoutMs / 1000,
    },
  };
}
