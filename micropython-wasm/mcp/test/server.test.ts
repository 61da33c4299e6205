// The tools as the SDK's own client sees them.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SandboxTable } from "../sandbox-table.js";
import { createMcpServer } from "../server.js";
import { sandboxes } from "./support/sandboxes.js";

const table = new SandboxTable(sandboxes({ fuel: 5_000_000, memory: 20 * 2 ** 20 }), {
  timeoutMs: 20_000,
});
const client = new Client({ name: "test", version: "1" });

beforeAll(async () => {
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await createMcpServer(table, "1.0.0").connect(serverSide);
  await client.connect(clientSide);
  await client.listTools(); // From now on the client checks results by the schemas.
});
afterAll(() => client.close());

// biome-ignore lint/suspicious/noExplicitAny: what a client gets is JSON
type Answer = { text: string; content: any; isError: boolean };

async function call(name: string, args: Record<string, unknown> = {}): Promise<Answer> {
  const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
  const [first] = result.content;
  return {
    text: first?.type === "text" ? first.text : "",
    content: result.structuredContent,
    isError: result.isError === true,
  };
}

test("there are five tools, each with annotations and an output schema", async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["run_python", "snapshot", "restore", "list_sandboxes", "close"]);
  for (const tool of tools) {
    expect(tool.outputSchema?.type, tool.name).toBe("object");
    expect(tool.annotations, tool.name).toMatchObject({ openWorldHint: false });
    expect(tool.description, tool.name).toBeTruthy();
  }
  const run = tools[0]!;
  expect(run.inputSchema.required).toEqual(["code"]);
  expect(Object.keys(run.inputSchema.properties!)).toEqual(["code", "sandbox_id", "reset"]);
  expect(tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name)).toEqual([
    "list_sandboxes",
  ]);
});

describe("run_python", () => {
  test("answers with output and value, as text and as data", async () => {
    const { text, content, isError } = await call("run_python", { code: "print('hi')\n[2**70, b'a', {'k': None}]" });
    expect(isError).toBe(false);
    expect(content).toMatchObject({
      status: "ok",
      new_sandbox: true,
      stdout: "hi\n",
      value: [{ $int: "1180591620717411303424" }, { $bytes: "61" }, { k: null }],
      error: null,
      advice: null,
    });
    expect(content.fuel.used + content.fuel.left).toBe(content.fuel.limit);
    expect(text).toMatch(/^hi\n=> \[\{"\$int".*\n\[new sandbox sandbox-\d+: ok, \d+ of 5000000 fuel used\]$/);
  });

  test("an exception comes with traceback, output so far, and what to do", async () => {
    const { text, content, isError } = await call("run_python", { code: "print(1)\n1/0" });
    expect(isError).toBe(true);
    expect(content).toMatchObject({ status: "error", stdout: "1\n", error: { type: "ZeroDivisionError" } });
    expect(text).toContain("1\nTraceback (most recent call last):");
    expect(content.advice).toContain("correct the code and run again in the same sandbox");
    const missing = await call("run_python", { code: "import numpy" });
    expect(missing.content.advice).toContain("This is MicroPython");
  });

  test("running out of fuel and memory is told, and the sandbox goes on", async () => {
    const { content } = await call("run_python", { code: "x = 5" });
    const { sandbox_id } = content;
    const endless = await call("run_python", { sandbox_id, code: "while True: pass" });
    expect(endless).toMatchObject({ isError: true, content: { status: "out-of-fuel", sandbox_id } });
    expect(endless.content.advice).toContain("5000000 units of fuel; the limit is the operator's");
    const big = await call("run_python", { sandbox_id, code: "y = bytearray(30_000_000)" });
    expect(big).toMatchObject({ isError: true, content: { status: "out-of-memory" } });
    expect((await call("run_python", { sandbox_id, code: "x" })).content.value).toBe(5);
  });

  test("an agent cannot raise the limits", async () => {
    const { content } = await call("run_python", { code: "1", fuel: 10 ** 12, memory: 2 ** 40, timeout: 10 ** 6 });
    expect(content.fuel.limit).toBe(5_000_000);
  });

  test("arguments of the wrong type are a result that names them", async () => {
    const { isError, text } = await call("run_python", { code: 1 });
    expect(isError).toBe(true);
    expect(text).toContain("code");
  });

  test("a cancelled request stops the run", async () => {
    const slow = new SandboxTable(sandboxes({ fuel: 2 ** 50 }));
    const other = new Client({ name: "test", version: "1" });
    const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
    await createMcpServer(slow, "1.0.0").connect(serverSide);
    await other.connect(clientSide);
    const controller = new AbortController();
    const run = other.callTool({ name: "run_python", arguments: { code: "while True: pass" } }, undefined, {
      signal: controller.signal,
    });
    while (!slow.list().sandboxes[0]?.busy) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    await expect(run).rejects.toThrow();
    while (slow.list().sandboxes[0]?.busy) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(slow.list().sandboxes[0]).toMatchObject({ busy: false, runs: 1 });
    await other.close();
  });
});

test("agents are told what the operator says, and that functions may reach the world", async () => {
  const other = new Client({ name: "test", version: "1" });
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await createMcpServer(table, "1.0.0", { notes: "query(sql) asks.", openWorld: true }).connect(serverSide);
  await other.connect(clientSide);
  expect(other.getInstructions()).toMatch(/ query\(sql\) asks\.$/);
  const { tools } = await other.listTools();
  expect(tools.filter(({ description }) => description!.endsWith("query(sql) asks."))).toHaveLength(1);
  expect(tools.filter(({ annotations }) => annotations!.openWorldHint).map(({ name }) => name)).toEqual(["run_python"]);
  await other.close();
});

test("requests that cannot be served say what to do", async () => {
  const run = await call("run_python", { code: "1" });
  for (const [name, args, advice] of [
    ["run_python", { code: "1", sandbox_id: "sandbox-99" }, "Leave sandbox_id out to get a new one"],
    ["run_python", { code: "1", sandbox_id: "sandbox-99", reset: true }, "Leave sandbox_id out to get a new one"],
    ["snapshot", { sandbox_id: "sandbox-99" }, "Leave sandbox_id out to get a new one"],
    ["restore", { snapshot_id: "snapshot-99" }, "None has been taken: use snapshot first."],
    ["close", { sandbox_id: run.content.sandbox_id, snapshot_id: "snapshot-99" }, "use snapshot first"],
    ["close", {}, "list_sandboxes shows them"],
    ["run_python", { code: "x".repeat(1_000_001) }, "code"],
    ["run_python", {}, "code"],
    ["no_such_tool", {}, "no_such_tool"],
  ] as const) {
    expect(await call(name, args), name).toMatchObject({ isError: true, text: expect.stringContaining(advice) });
  }
  const nul = await call("run_python", { code: "a\0b", sandbox_id: run.content.sandbox_id });
  expect(nul.isError).toBe(true);
});

test("snapshot, restore, list_sandboxes and close", async () => {
  const { content: run } = await call("run_python", { code: "seen = ['a']" });
  const { content: snapshot } = await call("snapshot", { sandbox_id: run.sandbox_id });
  const { content: restored, text } = await call("restore", { snapshot_id: snapshot.snapshot_id });
  expect(text).toContain(restored.sandbox_id);
  expect(restored.sandbox_id).not.toBe(run.sandbox_id);
  const branch = await call("run_python", { sandbox_id: restored.sandbox_id, code: "seen + ['b']" });
  expect(branch.content.value).toEqual(["a", "b"]);

  const { content: listing } = await call("list_sandboxes");
  expect(listing.sandboxes).toContainEqual(expect.objectContaining({ sandbox_id: run.sandbox_id, state: "idle" }));
  expect(listing.snapshots).toEqual([snapshot]);
  expect(listing.limits).toMatchObject({ max_sandboxes: 8, timeout_seconds: 20 });

  const closing = { sandbox_id: run.sandbox_id, snapshot_id: snapshot.snapshot_id };
  expect((await call("close", closing)).content.closed).toHaveLength(2);
  const gone = await call("run_python", { sandbox_id: run.sandbox_id, code: "seen" });
  expect(gone).toMatchObject({ isError: true, text: expect.stringContaining("Run again without sandbox_id") });
  expect((await call("close")).text).toContain("list_sandboxes shows them");
});
