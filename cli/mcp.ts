// `escapement mcp`: sandboxes for agents, over the Model Context Protocol.
import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import {
  type ArtifactBuild,
  BootLimitError,
  CPYTHON_MEMORY_BYTES,
  DEFAULT_CPYTHON_RUN_FUEL,
  Sandbox,
  type SandboxOptions,
} from "../micropython-wasm/index.js";
import type { Connect, HttpService, SandboxFactory } from "../micropython-wasm/mcp/index.js";
import type { FuelScheduleName } from "../runtime/index.js";
import { formatSize, type MountFlag, mountsOf } from "./flags.js";
import { artifactOf } from "./guest.js";
import { describeProvided, type Functions, loadFunctions, readInputs } from "./operator.js";
import { complain } from "./output.js";
import { STATUS, UsageFailure } from "./report.js";

/** Flags as commander hands them over; cli/main.ts has their defaults. */
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
  readonly maxHostCalls: number;
  readonly maxSandboxes: number;
  readonly maxAsleep: number;
  readonly maxSnapshots: number;
  /** Seconds. */
  readonly idleTimeout: number;
  /** Seconds. */
  readonly keep: number;
  /** Files and directories for /input. */
  readonly input?: readonly string[];
  /** Folders that sandboxes find among their files. */
  readonly mount?: readonly MountFlag[];
  /** A file with a build of MicroPython. */
  readonly wasm?: string;
  readonly build?: ArtifactBuild;
  readonly python: "micropython" | "cpython";
  /** Modules that CPython has imported when a sandbox begins. */
  readonly preload?: readonly string[];
  /** A module whose exports the sandboxes get. */
  readonly functions?: string;
  /** Told to agents. */
  readonly notes?: string;
  /** Serve over HTTP, not over standard input and output. */
  readonly http?: true;
  readonly port: number;
  /** Address to listen at. */
  readonly host?: string;
  readonly allowOrigin?: readonly string[];
  readonly token?: readonly string[];
  /** Whether results have structured content: "auto" leaves it to what is known of the client. */
  readonly structured: "auto" | "always" | "never";
}

/** A token in the environment is not in the list of processes, which others on the machine can read. */
const TOKEN_VARIABLE = "ESCAPEMENT_MCP_TOKEN";
/** Longest run on CPython, where importing pandas takes seconds. */
const CPYTHON_TIMEOUT_S = 60;
/** How often sandboxes that have been idle for too long are looked for. */
const SWEEP_MS = 10_000;

/**
 * Serves until its input ends, or until it is interrupted. Returns the exit status.
 * @param isGiven whether a flag is on the command line, and not at its default
 */
export async function mcp(
  given: McpFlags,
  version: string,
  isGiven: (name: string) => boolean = () => true,
): Promise<number> {
  const flags = checkedFlags(given, isGiven);
  const { createMcpServer, SandboxTable, serveHttp, serveStdio, wantsStructured } = await load();
  const tokens = tokensOf(flags);
  const artifact = await artifactOf(flags);
  if (typeof artifact === "number") return artifact;
  // Before foreign code is loaded, which may print.
  const protocol = flags.http === true ? undefined : takeStandardOutput();
  const files = await readInputs(flags.input ?? []);
  const functions = flags.functions === undefined ? NO_FUNCTIONS : await loadFunctions(flags.functions);
  const mounts = mountsOf(flags.mount);
  const notes = describeProvided(functions, Object.keys(files), flags.mount, flags.notes);
  const factory = factoryOf(flags, { files, mounts, artifact: artifact?.module, build: flags.build, ...functions });
  const table = new SandboxTable(factory, {
    maxSandboxes: flags.maxSandboxes,
    maxAsleep: flags.maxAsleep,
    maxSnapshots: flags.maxSnapshots,
    idleMs: flags.idleTimeout * 1000,
    keepMs: flags.keep * 1000,
    timeoutMs: flags.timeout * 1000,
    secretIds: flags.http === true,
  });
  // A limit under which no sandbox starts is told now, not to the first agent.
  await start(factory, flags);
  const sweep = setInterval(() => table.sweep(), SWEEP_MS);
  sweep.unref();
  const connect: Connect = ({ owner, name }) =>
    createMcpServer(table, version, {
      python: flags.python,
      notes,
      owner,
      openWorld: flags.functions !== undefined,
      structured: flags.structured === "auto" ? wantsStructured(name) : flags.structured === "always",
      outputBytes: flags.output,
    });
  try {
    if (protocol !== undefined) {
      await serveStdio(connect, process.stdin, protocol);
    } else {
      const token = tokens ?? [randomBytes(24).toString("base64url")];
      const { port, host, allowOrigin: allowedOrigins } = flags;
      const onOwnerGone = (owner: string) => table.leave(owner);
      const service = await listen(() => serveHttp(connect, { port, token, host, allowedOrigins, onOwnerGone }));
      announce(service, tokens === undefined ? token[0] : undefined);
      if (host !== undefined && !/^(127\.|::1$|localhost$)/.test(host))
        complain("other machines reach it, and the token crosses the network as it is: put TLS in front of it");
      await new Promise<never>(() => {}); // Until a signal ends the process.
    }
  } finally {
    clearInterval(sweep);
    table.dispose();
  }
  return STATUS.done;
}

/** The flags as CPython takes them: with its own defaults. @throws UsageFailure for flags of MicroPython's */
function checkedFlags(flags: McpFlags, isGiven: (name: string) => boolean): McpFlags {
  if (flags.python !== "cpython") {
    if (flags.preload !== undefined) throw new UsageFailure("--preload is for --python cpython");
    return flags;
  }
  const wrong = (["wasm", "build"] as const).find(isGiven);
  if (wrong !== undefined) throw new UsageFailure(`--${wrong} is for MicroPython: leave it out with --python cpython`);
  return {
    ...flags,
    fuel: isGiven("fuel") ? flags.fuel : DEFAULT_CPYTHON_RUN_FUEL,
    memory: isGiven("memory") ? flags.memory : CPYTHON_MEMORY_BYTES,
    timeout: isGiven("timeout") ? flags.timeout : CPYTHON_TIMEOUT_S,
  };
}

/** @returns undefined if none are given: then one is made. @throws UsageFailure */
function tokensOf(flags: McpFlags): readonly string[] | undefined {
  const ofHttp = Object.entries({ host: flags.host, "allow-origin": flags.allowOrigin, token: flags.token });
  const given = [...ofHttp, ["port", flags.port === 0 ? undefined : flags.port] as const];
  const stray = given.filter(([, value]) => value !== undefined).map(([name]) => `--${name}`);
  if (flags.http !== true && stray.length > 0) throw new UsageFailure(`${stray.join(", ")}: only with --http`);
  const variable = process.env[TOKEN_VARIABLE];
  const tokens = flags.token ?? (variable === undefined ? undefined : [variable]);
  if (tokens?.some((token) => !/^[\x21-\x7e]+$/.test(token)))
    throw new UsageFailure("a token is printable ASCII without spaces");
  return tokens;
}

const NO_FUNCTIONS: Functions = { functions: {}, modules: {} };

/** Standard output for the protocol alone: what else is printed, by functions of the operator's, goes to standard error. */
function takeStandardOutput(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  // Of an error the stream itself tells: when nobody reads any more, that ends the process.
  return new Writable({ write: (chunk: Buffer, _encoding, done) => void write(chunk, () => done()) });
}

async function load(): Promise<typeof import("../micropython-wasm/mcp/index.js")> {
  try {
    return await import("../micropython-wasm/mcp/index.js");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UsageFailure(
      "mcp needs the packages @modelcontextprotocol/server, @modelcontextprotocol/node and zod, which are optional " +
        "dependencies: npm install @modelcontextprotocol/server @modelcontextprotocol/node zod",
    );
  }
}

function factoryOf(flags: McpFlags, provided: Partial<SandboxOptions>): SandboxFactory {
  const { fuel, memory, seed, schedule, output, maxHostCalls, python, preload } = flags;
  const limits = { fuel, memory, seed, schedule, outputBytes: output, maxHostCalls };
  const options: SandboxOptions = { ...limits, ...provided, ...(python === "cpython" ? { python, preload } : {}) };
  return {
    create: () => Sandbox.create(options),
    restore: (snapshot) => Sandbox.restore(snapshot, options),
  };
}

/** @throws UsageFailure if the limits leave no room for a sandbox */
async function start(factory: SandboxFactory, flags: McpFlags): Promise<void> {
  try {
    (await factory.create()).close();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const flag = error instanceof BootLimitError ? ` with --memory ${formatSize(flags.memory)}` : "";
    throw new UsageFailure(`no sandbox starts${flag}: ${message}`);
  }
}

/** @throws UsageFailure if the port is taken */
async function listen(serve: () => Promise<HttpService>): Promise<HttpService> {
  try {
    return await serve();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageFailure(`cannot listen: ${message}; without --port the system chooses a free one`);
  }
}

/** One write: who reads the address finds the token behind it. */
function announce({ url }: HttpService, generated: string | undefined): void {
  const token = generated === undefined ? "" : `\nescapement: token: ${generated}`;
  complain(`serving the Model Context Protocol at ${url}${token}`);
}
