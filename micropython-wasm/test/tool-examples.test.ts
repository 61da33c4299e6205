// The examples for agent libraries, with stand-ins for what they use of these.
import { expect, test, vi } from "vitest";
import { ask } from "./examples/ai-sdk.js";
import { langchainTool } from "./examples/langchain.js";

vi.mock("ai", () => ({
  tool: <T>(definition: T) => definition,
  jsonSchema: (schema: object) => ({ jsonSchema: schema }),
  stepCountIs: (count: number) => count,
  /** A model that calls its tool with each line of the prompt, and answers with what it got. */
  async generateText({ prompt, tools: { run_python } }: GenerateText) {
    expect(run_python.inputSchema.jsonSchema).toMatchObject({ type: "object", required: ["code"] });
    expect(run_python.description).toContain("Runs Python code");
    const values: unknown[] = [];
    for (const code of prompt.split("\n")) {
      const options = { toolCallId: "1", messages: [], abortSignal: new AbortController().signal };
      values.push((await run_python.execute({ code }, options)).value);
    }
    return { text: JSON.stringify(values) };
  },
}));
interface GenerateText {
  readonly prompt: string;
  readonly tools: {
    readonly run_python: {
      readonly description: string;
      readonly inputSchema: { readonly jsonSchema: object };
      execute(input: { readonly code: string }, options: object): Promise<{ readonly value: unknown }>;
    };
  };
}

vi.mock("@langchain/core/tools", () => ({
  tool: (func: (input: unknown, config: object) => Promise<string>, fields: object) => ({
    ...fields,
    invoke: (input: unknown, config: object = {}) => func(input, { configurable: {}, ...config }),
  }),
}));

test("the AI SDK's tool runs Python, call after call in one sandbox", async () => {
  expect(await ask({}, "x = 6\nx * 7")).toBe("[null,42]");
});

test("LangChain's tool answers with text, and ends with its signal", async () => {
  const { python, runPython } = langchainTool();
  expect(runPython).toMatchObject({ name: "run_python", schema: { type: "object" } });
  expect(await runPython.invoke({ code: "print('a')\n6 * 7" })).toMatch(/^a\n=> 42\n\[sandbox: ok, /);
  // At the first turn of the event loop: a warm loop is through with the example's fuel in less than 50 ms.
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  const { signal } = controller;
  expect(await runPython.invoke({ code: "while True: pass" }, { signal })).toContain("The run was cancelled");
  await expect(runPython.invoke("text")).rejects.toThrow("the tool's input is { code: string, reset?: boolean }");
  python.close();
});
