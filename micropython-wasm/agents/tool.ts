/// <reference lib="esnext.disposable" preserve="true" />
// Python as a tool for a language model: a plain definition that fits the tool shapes of agent libraries.

import type { Amount } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import { sourceText } from "../interpreter/python-source.js";
import { type Checks, MILLISECONDS, resolveOptions, TEXT } from "../session/checks.js";
import { Sandbox } from "../session/sandbox.js";
import type { Abort, SandboxSession } from "../session/sandbox-types.js";
import { type AgentReport, agentReport, MAX_VALUE, readableReport } from "./agent-report.js";

export interface PythonToolInput {
  readonly code: string;
  /** Start afresh before running. */
  readonly reset?: boolean | undefined;
}

/** What libraries hand to `execute` beside the input: the AI SDK an `abortSignal`, LangChain a `signal`. */
export interface PythonToolContext {
  readonly abortSignal?: Abort | undefined;
  readonly signal?: Abort | undefined;
}

export interface PythonToolOptions {
  /** Wall-clock limit of each run in milliseconds: a number, a bigint or text. Default 30,000. */
  readonly timeout?: Amount | undefined;
  /** Other than `run_python`. */
  readonly name?: string | undefined;
  /** Put after the description: what the functions and files are that the sandbox has. */
  readonly notes?: string | undefined;
}

const CHECKS: Checks<PythonToolOptions> = { timeout: MILLISECONDS, name: TEXT, notes: TEXT };

/** JSON Schema of the input; mutable, as the libraries' types of it are. */
export interface PythonToolSchema {
  type: "object";
  properties: { code: { type: "string"; description: string }; reset: { type: "boolean"; description: string } };
  required: string[];
  additionalProperties: boolean;
}

/** What a sandbox has that the tool makes itself, and what `escapement mcp` gives. */
export const AGENT_LIMITS = { fuel: 1_000_000_000, memory: "128MiB", outputBytes: 50_000 } as const;
/** Milliseconds of a run, unless the options say otherwise. */
const DEFAULT_TIMEOUT = 30_000;

/** A tool over one sandbox, whose variables stay between calls. */
export interface PythonTool extends Disposable {
  readonly name: string;
  readonly description: string;
  readonly parameters: PythonToolSchema;
  /**
   * Runs code; never rejects because of what the code does. Calls at the same time queue up.
   * @throws SandboxUsageError if the input is not of the schema, or the tool is closed; what `create` throws
   */
  execute(input: PythonToolInput, context?: PythonToolContext): Promise<AgentReport>;
  /** The same with text, for libraries whose tools answer with text and leave their input's type open. */
  executeText(input: unknown, context?: PythonToolContext): Promise<string>;
  /** Closes the sandbox. */
  close(): void;
}

const parameters = (): PythonToolSchema => ({
  type: "object",
  properties: {
    code: {
      type: "string",
      description: "Python source. The value of its last expression is returned, as in a notebook.",
    },
    reset: {
      type: "boolean",
      description: "Start afresh before running: variables and files are lost.",
    },
  },
  required: ["code"],
  additionalProperties: false,
});

const DESCRIPTION =
  "Runs Python code (MicroPython) in a sandbox without network, clock or host files, and returns its output and the " +
  "value of its last expression. Variables, functions, imports and files in /work stay for later calls.";

/**
 * A tool that runs Python in a sandbox which `create` makes at the first call, and again at a reset. The limits are
 * those that `create` chooses (default: {@link AGENT_LIMITS}); the model cannot change them.
 * @throws SandboxUsageError if an option is wrong
 *
 * With the AI SDK:
 * ```ts
 * import { generateText, jsonSchema, stepCountIs, tool } from "ai";
 * using python = createPythonTool(() => Sandbox.create({ fuel: 20_000_000, outputBytes: 50_000 }));
 * const { description, parameters, execute } = python;
 * const { text } = await generateText({
 *   model,
 *   prompt: "What is the 200th prime number?",
 *   stopWhen: stepCountIs(5),
 *   tools: { run_python: tool({ description, inputSchema: jsonSchema<PythonToolInput>(parameters), execute }) },
 * });
 * ```
 * With LangChain:
 * ```ts
 * import { tool } from "@langchain/core/tools";
 * const { name, description, parameters: schema, executeText } = python;
 * const agent = createAgent({ model, tools: [tool(executeText, { name, description, schema })] });
 * ```
 */
export function createPythonTool(
  create: () => Promise<SandboxSession> = () => Sandbox.create(AGENT_LIMITS),
  given: PythonToolOptions = {},
): PythonTool {
  const options = resolveOptions(given, CHECKS);
  let sandbox: SandboxSession | undefined;
  let closed = false;
  /** When the call before is over: so that a reset does not take the sandbox from under a run. */
  let turn: Promise<unknown> = Promise.resolve();

  const close = (): void => {
    closed = true;
    sandbox?.close();
    sandbox = undefined;
  };

  const runNow = async (input: unknown, { abortSignal, signal = abortSignal }: PythonToolContext) => {
    if (closed) throw new SandboxUsageError("the tool is closed");
    const { code, reset } = (input ?? {}) as Partial<PythonToolInput>;
    if (typeof code !== "string") throw new SandboxUsageError("the tool's input is { code: string, reset?: boolean }");
    if (reset === true) {
      sandbox?.close();
      sandbox = undefined;
    }
    if (sandbox === undefined) {
      const created = await create();
      // close() may have been called meanwhile.
      if (closed) {
        created.close();
        throw new SandboxUsageError("the tool is closed");
      }
      sandbox = created;
    }
    return sandbox.run(runnable(code), {
      signal,
      timeout: options.timeout ?? DEFAULT_TIMEOUT,
      repr: MAX_VALUE,
    });
  };
  const run = (input: unknown, context: PythonToolContext = {}) => {
    const result = turn.then(() => runNow(input, context));
    turn = result.catch(() => {});
    return result;
  };

  return {
    name: options.name ?? "run_python",
    description: options.notes === undefined ? DESCRIPTION : `${DESCRIPTION} ${options.notes}`,
    parameters: parameters(),
    execute: async (input, context) => agentReport(await run(input, context)),
    executeText: async (input, context) => readableReport(await run(input, context)),
    close,
    [Symbol.dispose]: close,
  };
}

/** Text that is no source at all fails as Python would: models read results, not rejected promises. */
function runnable(code: string): string {
  try {
    sourceText(code);
    return code;
  } catch (error) {
    if (!(error instanceof SandboxUsageError)) throw error;
    return `raise SyntaxError(${JSON.stringify(error.message)})`;
  }
}
