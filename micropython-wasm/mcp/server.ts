// The tools of `escapement mcp`, over any transport of the Model Context Protocol.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { agentReport, readableReport } from "../agents/agent-report.js";
import { BOOLEAN, type Checks, resolveOptions, TEXT } from "../session/checks.js";
import { SandboxRequestError, type SandboxTable } from "./sandbox-table.js";
import {
  CLOSE_INPUT,
  CLOSE_OUTPUT,
  LIST_OUTPUT,
  RESTORE_INPUT,
  RESTORE_OUTPUT,
  RUN_INPUT,
  RUN_OUTPUT,
  SNAPSHOT_INPUT,
  SNAPSHOT_OUTPUT,
} from "./schemas.js";

const INSTRUCTIONS =
  "Python (MicroPython) in sandboxes without network or clock, which reach nothing of the host but what is named " +
  "here. run_python without sandbox_id starts a sandbox; pass the sandbox_id of its result to go on with its " +
  "variables. snapshot and restore let you branch and go back. Fuel, memory and time are limited by the operator; " +
  "every result says how much was used.";

/** What the other tools do not: reach anything outside the sandboxes. */
const CLOSED_WORLD = { openWorldHint: false } as const;

export interface McpServerOptions {
  /** What agents are told besides: which functions and files the sandboxes have. */
  readonly notes?: string | undefined;
  /** The sandboxes have functions that may reach anything. */
  readonly openWorld?: boolean | undefined;
}

const CHECKS: Checks<McpServerOptions> = { notes: TEXT, openWorld: BOOLEAN };

/**
 * A server with the five tools; each connection has its own, and all share the table.
 * @throws SandboxUsageError if an option is wrong
 */
export function createMcpServer(table: SandboxTable, version: string, options: McpServerOptions = {}): McpServer {
  const { notes = "", openWorld = false } = resolveOptions(options, CHECKS);
  const also = notes === "" ? "" : ` ${notes}`;
  const server = new McpServer({ name: "escapement", version }, { instructions: INSTRUCTIONS + also });

  server.registerTool(
    "run_python",
    {
      title: "Run Python",
      description:
        "Runs Python code in a sandbox (MicroPython) and returns its output and the value of its last expression. " +
        `Variables, functions, imports and files in /work stay for later calls with the same sandbox_id.${also}`,
      inputSchema: RUN_INPUT,
      outputSchema: RUN_OUTPUT,
      annotations: { openWorldHint: openWorld, readOnlyHint: false, destructiveHint: false, idempotentHint: false },
    },
    ({ code, sandbox_id, reset }, { signal }) =>
      answered(async () => {
        const { id, isNew, result } = await table.run(code, { id: sandbox_id, reset, signal });
        return {
          content: [{ type: "text", text: readableReport(result, isNew ? `new sandbox ${id}` : id) }],
          structuredContent: { sandbox_id: id, new_sandbox: isNew, ...agentReport(result) },
          isError: result.status !== "ok",
        };
      }),
  );

  server.registerTool(
    "snapshot",
    {
      title: "Take a snapshot",
      description: "Saves the whole state of an idle sandbox. restore makes new sandboxes of it, any number of times.",
      inputSchema: SNAPSHOT_INPUT,
      outputSchema: SNAPSHOT_OUTPUT,
      annotations: { ...CLOSED_WORLD, readOnlyHint: false, destructiveHint: false, idempotentHint: false },
    },
    ({ sandbox_id }) =>
      answered(async () => {
        const { id, bytes } = table.snapshot(sandbox_id);
        const text = `${id} holds the state of ${sandbox_id} (${bytes} bytes). Go back to it with restore.`;
        return { content: [{ type: "text", text }], structuredContent: { snapshot_id: id, sandbox_id, bytes } };
      }),
  );

  server.registerTool(
    "restore",
    {
      title: "Restore a snapshot",
      description: "Makes a new sandbox in the state of a snapshot. The snapshot and other sandboxes stay as they are.",
      inputSchema: RESTORE_INPUT,
      outputSchema: RESTORE_OUTPUT,
      annotations: { ...CLOSED_WORLD, readOnlyHint: false, destructiveHint: false, idempotentHint: false },
    },
    ({ snapshot_id }) =>
      answered(async () => {
        const { id } = await table.restore(snapshot_id);
        const text = `${id} is a new sandbox in the state of ${snapshot_id}.`;
        return { content: [{ type: "text", text }], structuredContent: { sandbox_id: id, snapshot_id } };
      }),
  );

  server.registerTool(
    "list_sandboxes",
    {
      title: "List sandboxes",
      description: "The open sandboxes, the snapshots, and the operator's limits on them.",
      outputSchema: LIST_OUTPUT,
      annotations: { ...CLOSED_WORLD, readOnlyHint: true, idempotentHint: true },
    },
    () =>
      answered(async () => {
        const structuredContent = listing(table);
        const { sandboxes, snapshots } = structuredContent;
        const lines = [
          ...sandboxes.map(
            (s) => `${s.sandbox_id}: ${s.state}${s.state === "running" ? "" : ` ${s.idle_seconds} s`}, ${s.runs} runs`,
          ),
          ...snapshots.map((s) => `${s.snapshot_id}: of ${s.sandbox_id}, ${s.bytes} bytes`),
        ];
        if (lines.length === 0) lines.push("No sandbox is open; run_python starts one.");
        return { content: [{ type: "text", text: lines.join("\n") }], structuredContent };
      }),
  );

  server.registerTool(
    "close",
    {
      title: "Close a sandbox",
      description: "Closes a sandbox, or drops a snapshot. What it held is lost.",
      inputSchema: CLOSE_INPUT,
      outputSchema: CLOSE_OUTPUT,
      annotations: { ...CLOSED_WORLD, readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    },
    ({ sandbox_id, snapshot_id }) =>
      answered(async () => {
        if (sandbox_id === undefined && snapshot_id === undefined) {
          throw new SandboxRequestError("Pass sandbox_id or snapshot_id; list_sandboxes shows them.");
        }
        const closed: string[] = [];
        if (sandbox_id !== undefined) {
          table.close(sandbox_id);
          closed.push(sandbox_id);
        }
        if (snapshot_id !== undefined) {
          table.forgetSnapshot(snapshot_id);
          closed.push(snapshot_id);
        }
        return { content: [{ type: "text", text: `Closed ${closed.join(" and ")}.` }], structuredContent: { closed } };
      }),
  );

  return server;
}

/** A request that the table refuses is a result that the agent reads, not a failure of the protocol. */
async function answered(body: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof SandboxRequestError)) throw error;
    return { content: [{ type: "text", text: error.message }], isError: true };
  }
}

function listing(table: SandboxTable) {
  const { sandboxes, snapshots } = table.list();
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
