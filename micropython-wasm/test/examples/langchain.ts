// Python as a tool in LangChain.
import { tool } from "@langchain/core/tools";
import { createPythonTool, type PythonTool, Sandbox } from "../../index.js";

/** What `createAgent({ tools })` takes, or a model's `bindTools`. Close `python` when the agent is done. */
export function langchainTool() {
  const python: PythonTool = createPythonTool(() => Sandbox.create({ fuel: 20_000_000, outputBytes: 50_000 }));
  const { name, description, parameters: schema, executeText } = python;
  return { python, runPython: tool(executeText, { name, description, schema }) };
}
