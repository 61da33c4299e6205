// Python as a tool in the AI SDK.
import { generateText, jsonSchema, type LanguageModel, stepCountIs, tool } from "ai";
import { createPythonTool, type PythonToolInput, Sandbox } from "../../index.js";

/** Answers a prompt with a model that may run Python, whose variables stay from call to call. */
export async function ask(model: LanguageModel, prompt: string): Promise<string> {
  using python = createPythonTool(() => Sandbox.create({ fuel: 20_000_000, outputBytes: 50_000 }));
  const { description, parameters, execute } = python;
  const { text } = await generateText({
    model,
    prompt,
    stopWhen: stepCountIs(5),
    tools: { run_python: tool({ description, inputSchema: jsonSchema<PythonToolInput>(parameters), execute }) },
  });
  return text;
}
