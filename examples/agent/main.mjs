// An agent that computes: `node main.mjs` in a folder where `npm install escapement ai@6` was run.
import { generateText, jsonSchema, stepCountIs, tool } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { createPythonTool, Sandbox } from "escapement/python";

const python = createPythonTool(() => Sandbox.create({ fuel: 20_000_000, outputBytes: 50_000 }));

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};
const call = (id, code) => ({
  content: [{ type: "tool-call", toolCallId: id, toolName: "run_python", input: JSON.stringify({ code }) }],
  finishReason: { unified: "tool-calls", raw: undefined },
  usage,
  warnings: [],
});
/** What the last tool call gave, as the model sees it. */
const lastResult = (prompt) => JSON.stringify(prompt.at(-1).content);
const model = new MockLanguageModelV3({
  doGenerate: async ({ prompt }) => {
    const seen = lastResult(prompt);
    if (prompt.at(-1).role === "user") return call("1", "primes = [n for n in range(2, 100) if is_prime(n)]");
    if (seen.includes("NameError")) {
      const program = [
        "def is_prime(n): return all(n % d for d in range(2, n))",
        "primes = [n for n in range(2, 100) if is_prime(n)]",
        "print(len(primes), sum(primes))",
      ];
      return call("2", program.join("\n"));
    }
    const [, count, sum] = /(\d+) (\d+)/.exec(seen);
    return {
      content: [{ type: "text", text: `There are ${count} primes below 100; their sum is ${sum}.` }],
      finishReason: { unified: "stop", raw: undefined },
      usage,
      warnings: [],
    };
  },
});

const { text, steps } = await generateText({
  model,
  prompt: "How many primes are there below 100, and what is their sum?",
  stopWhen: stepCountIs(5),
  tools: {
    run_python: tool({
      description: python.description,
      inputSchema: jsonSchema(python.parameters),
      execute: python.execute,
    }),
  },
});
for (const { toolResults } of steps)
  for (const { output } of toolResults) console.log("tool:", output.status, output.error?.type ?? output.stdout.trim());
console.log("model:", text);
python.close();
