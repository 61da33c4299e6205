// `escapement mcp`: sandboxes for agents, over the Model Context Protocol.
import { randomBytes } from "node:crypto";
import { formatSize } from "./cli-options.js";
import { complain } from "./cli-output.js";
import { STATUS, UsageFailure } from "./cli-report.js";
import { Sandbox } from "./micropython-wasm/index.js";
import type { HttpService, SandboxFactory } from "./micropython-wasm/mcp/index.js";
import type { FuelScheduleName } from "./runtime/index.js";

/** Flags as commander hands them over; cli.ts has their defaults. */
export interface McpFlags {
  readonly fuel: number;
  /** Bytes. */
  readonly memory: number;
  readonly seed: number;
  readonly schedule: FuelScheduleName;
  /** Bytes. */
  readonly output: number;
  /** Seconds. */
  readonly timeout: number;
  readonly maxSandboxes: number;
  readonly maxSnapshots: number;
  /** Seconds. */
  readonly idleTimeout: number;
  /** Serve over HTTP, not over standard input and output. */
  readonly http?: true;
  readonly port: number;
  readonly token?: string;
}

/** A token in the environment is not in the list of processes, which others on the machine can read. */
const TOKEN_VARIABLE = "ESCAPEMENT_MCP_TOKEN";
/** How often sandboxes that have been idle for too long are looked for. */
const SWEEP_MS = 10_000;

/** Serves until its input ends, or until it is interrupted. Returns the exit status. */
export async function mcp(flags: McpFlags, version: string): Promise<number> {
  const { createMcpServer, SandboxTable, serveHttp, serveStdio } = await load();
  const table = new SandboxTable(factoryOf(flags), {
    maxSandboxes: flags.maxSandboxes,
    maxSnapshots: flags.maxSnapshots,
    idleMs: flags.idleTimeout * 1000,
    timeoutMs: flags.timeout * 1000,
  });
  // A limit under which no sandbox starts is told now, not to the first agent.
  await start(flags);
  const sweep = setInterval(() => table.closeIdle(), SWEEP_MS);
  sweep.unref();
  try {
    if (flags.http !== true) {
      await serveStdio(createMcpServer(table, version));
    } else {
      const token = flags.token ?? process.env[TOKEN_VARIABLE] ?? randomBytes(24).toString("base64url");
      if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageFailure("a token is printable ASCII without spaces");
      const service = await listen(() => serveHttp(() => createMcpServer(table, version), { port: flags.port, token }));
      announce(service, flags.token === undefined && process.env[TOKEN_VARIABLE] === undefined ? token : undefined);
      await new Promise<never>(() => {}); // Until a signal ends the process.
    }
  } finally {
    clearInterval(sweep);
    table.dispose();
  }
  return STATUS.done;
}

async function load(): Promise<typeof import("./micropython-wasm/mcp/index.js")> {
  try {
    return await import("./micropython-wasm/mcp/index.js");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UsageFailure(
      "mcp needs the packages @modelcontextprotocol/sdk and zod, which are optional dependencies: " +
        "npm install @modelcontextprotocol/sdk zod",
    );
  }
}

function factoryOf(flags: McpFlags): SandboxFactory {
  const { fuel, memory, seed, schedule, output } = flags;
  const options = { fuel, memory, seed, schedule, outputBytes: output };
  return {
    create: () => Sandbox.create(options),
    restore: (snapshot) => Sandbox.restore(snapshot, options),
  };
}

/** @throws UsageFailure if the limits leave no room for a sandbox */
async function start(flags: McpFlags): Promise<void> {
  try {
    (await factoryOf(flags).create()).close();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageFailure(`no sandbox starts with --memory ${formatSize(flags.memory)}: ${message}`);
  }
}

/** @throws UsageFailure if the port is taken */
async function listen(serve: () => Promise<HttpService>): Promise<HttpService> {
  try {
    return await serve();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageFailure(`cannot listen: ${message}; --port 0 takes any free port`);
  }
}

/** One write: who reads the address finds the token behind it. */
function announce({ url }: HttpService, generated: string | undefined): void {
  const token = generated === undefined ? "" : `\nescapement: token: ${generated}`;
  complain(`serving the Model Context Protocol at ${url}${token}`);
}
