// The tools over sandboxes with CPython: what they are said to have, pictures of matplotlib, values as Python prints them.
import { type CallToolResult, Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CPYTHON_MEMORY_BYTES, DEFAULT_CPYTHON_RUN_FUEL, Sandbox, type SandboxOptions } from "../../index.js";
import { SandboxTable } from "../sandbox-table.js";
import { createMcpServer } from "../server.js";

const options: SandboxOptions = { python: "cpython", memory: CPYTHON_MEMORY_BYTES, fuel: DEFAULT_CPYTHON_RUN_FUEL };
const table = new SandboxTable(
  { create: () => Sandbox.create(options), restore: (snapshot) => Sandbox.restore(snapshot, options) },
  { timeoutMs: 600_000 },
);
const client = new Client({ name: "test", version: "1" });

beforeAll(async () => {
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await createMcpServer(table, "1.0.0", { python: "cpython" }).connect(serverSide);
  await client.connect(clientSide);
  await client.listTools();
});
afterAll(async () => {
  await client.close();
  table.dispose();
});

async function run(code: string, more: Record<string, unknown> = {}) {
  const given = { name: "run_python", arguments: { code, ...more } };
  const result = (await client.callTool(given, { timeout: 600_000 })) as CallToolResult;
  const [first] = result.content;
  // biome-ignore lint/suspicious/noExplicitAny: what a client gets is JSON
  return { ...result, text: (first as { text: string }).text, data: result.structuredContent as any };
}

test("agents are told which Python it is, and which packages there are", async () => {
  const { tools } = await client.listTools();
  const { description } = tools.find(({ name }) => name === "run_python")!;
  expect(client.getInstructions()).toContain("CPython 3.15");
  for (const name of ["CPython 3.15", "numpy", "pandas", "scikit-learn", "matplotlib", "openpyxl", "sqlite3"])
    expect(description).toContain(name);
  expect(description).not.toContain("MicroPython");
});

test("every package that is named is there", async () => {
  const { tools } = await client.listTools();
  const { description } = tools.find(({ name }) => name === "run_python")!;
  const named = /installed: (.*?); sqlite3/s
    .exec(description!)![1]!
    .split(", ")
    .map((name) => name.toLowerCase());
  const code = "import importlib.metadata as m\nsorted(d.name.lower().replace('_', '-') for d in m.distributions())";
  const { data } = await run(code);
  const there = new Set<string>(data.value);
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !there.has(name.replaceAll("_", "-")))).toEqual([]);
});

describe("a value", () => {
  test("is shown as Python prints it, and comes as data", async () => {
    const { text, data } = await run("[2**70, b'a', (1, 'é'), {'k': None}, {1.5}]");
    expect(text).toContain("=> [1180591620717411303424, b'a', (1, 'é'), {'k': None}, {1.5}]\n");
    expect(data.value).toEqual([
      { $int: "1180591620717411303424" },
      { $bytes: "61" },
      [1, "é"],
      { k: null },
      { $set: [1.5] },
    ]);
    expect((await run("'b' * 100_000")).text).toContain("characters)");
    expect((await run("class A:\n  def __repr__(self): return 1 / 0\nA()")).text).toContain("=> <A object>");
    expect((await run("'\\ud800'")).text).toContain("=> '\\ud800'");
    expect((await run("class B:\n  def __repr__(self): return '\\ud800'\nB()")).text).toContain("=> \\ud800");
    expect((await run("None")).text).toContain("(no output)");
  });
});

test("pictures of matplotlib come as images: those shown, and those saved as PNG; other files when they are asked for", async () => {
  const code = [
    "import matplotlib.pyplot as plt",
    "plt.plot([1, 2, 3])",
    "plt.show()",
    "plt.bar([1, 2], [3, 4])",
    "plt.savefig('bar.png')",
    "with open('raw.bin', 'wb') as f: _ = f.write(bytes(range(256)))",
    "len(plt.get_fignums())",
  ].join("\n");
  const { content, data } = await run(code, { files: ["raw.bin"] });
  expect(data).toMatchObject({ error: null, status: "ok", value: 1 });
  expect(content.map(({ type }) => type)).toEqual(["text", "image", "image", "resource"]);
  for (const { data: base64, mimeType } of content.slice(1, 3) as { data: string; mimeType: string }[]) {
    expect(mimeType).toBe("image/png");
    const bytes = Buffer.from(base64, "base64");
    // Width and height in the header, as matplotlib has them by default: 6.4 by 4.8 inches at 100 dots.
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([640, 480]);
  }
  expect(content[3]).toMatchObject({ resource: { uri: "file:///work/raw.bin" } });
  const again = await run("import os\nsorted(os.listdir('/work'))", { sandbox_id: data.sandbox_id });
  expect(again.data.value).toEqual(["bar.png", "figure-1.png", "raw.bin"]);
  expect(again.content.length).toBe(1);
  // Importing matplotlib and drawing takes 8 G of fuel: half a minute where nothing else runs.
}, 600_000);
