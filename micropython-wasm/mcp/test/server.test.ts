// The tools as the SDK's own client sees them.
import { type CallToolResult, Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sandbox } from "../../index.js";
import { wantsStructured } from "../clients.js";
import { SandboxTable } from "../sandbox-table.js";
import { createMcpServer, type McpServerOptions } from "../server.js";
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

async function call(name: string, args: Record<string, unknown> = {}, caller = client): Promise<Answer> {
  const result = (await caller.callTool({ name, arguments: args })) as CallToolResult;
  const [first] = result.content;
  return {
    text: first?.type === "text" ? first.text : "",
    content: result.structuredContent,
    isError: result.isError === true,
  };
}

/** A client of a server of its own. */
async function connected(other: SandboxTable, options: McpServerOptions = {}): Promise<Client> {
  const made = new Client({ name: "test", version: "1" });
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await createMcpServer(other, "1.0.0", options).connect(serverSide);
  await made.connect(clientSide);
  return made;
}

test("there are six tools, each with annotations and an output schema", async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    "run_python",
    "files",
    "snapshot",
    "restore",
    "list_sandboxes",
    "close",
  ]);
  for (const tool of tools) {
    expect(tool.outputSchema?.type, tool.name).toBe("object");
    expect(tool.annotations, tool.name).toMatchObject({ openWorldHint: false });
    expect(tool.description, tool.name).toBeTruthy();
  }
  const run = tools[0]!;
  expect(run.inputSchema.required).toEqual(["code"]);
  expect(Object.keys(run.inputSchema.properties!)).toEqual(["code", "sandbox_id", "reset", "files"]);
  expect(run.inputSchema["additionalProperties"]).toBe(false);
  // The five gaps that programs fall into most often.
  expect(run.description!.match(/\(\d\)/g)).toEqual(["(1)", "(2)", "(3)", "(4)", "(5)"]);
  expect(tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name)).toEqual([
    "list_sandboxes",
  ]);
});

describe("calls that wait", () => {
  const functions = { approve: (what: string) => `called for ${what}` };
  const options = { fuel: 5_000_000, memory: 20 * 2 ** 20, functions };
  const durable = new SandboxTable({
    create: () => Sandbox.create(options),
    restore: (snapshot) => Sandbox.restore(snapshot, options),
  });
  afterAll(() => durable.dispose());

  test("a tool resume is there where the sandboxes have functions", async () => {
    const agent = await connected(durable, { openWorld: true });
    const { tools } = await agent.listTools();
    expect(tools.map(({ name }) => name)).toContain("resume");
    expect(Object.keys(tools[0]!.inputSchema.properties!)).toContain("pause_at_calls");
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain("resume");
    await agent.close();
  });

  test("a run pauses at calls, is a snapshot meanwhile, and goes on in each copy with its own answer", async () => {
    const agent = await connected(durable, { openWorld: true });
    await agent.listTools();
    const code = "n = approve('trip', cost=3)\nprint('got', n)\nm = approve('hotel')\n[n, m]";
    const paused = await call("run_python", { code, pause_at_calls: true }, agent);
    expect(paused.isError).toBe(false);
    expect(paused.content).toMatchObject({
      status: "paused",
      host_calls: 0,
      calls: [{ id: 0, name: "approve", args: ["trip"], kwargs: { cost: 3 } }],
    });
    const { sandbox_id } = paused.content;
    const { content: saved } = await call("snapshot", { sandbox_id }, agent);
    const { content: copy } = await call("restore", { snapshot_id: saved.snapshot_id }, agent);
    const answer = (id: string, answers: object[]) => call("resume", { sandbox_id: id, answers }, agent);
    const next = await answer(sandbox_id, [{ id: 0, value: { yes: true } }]);
    expect(next.content).toMatchObject({ status: "paused", calls: [{ id: 1, name: "approve", args: ["hotel"] }] });
    const done = await answer(sandbox_id, [{ id: 1, value: [2] }]);
    expect(done.content).toMatchObject({ status: "ok", value: [{ yes: true }, [2]] });
    expect(done.text).toContain("got {'yes': True}");
    const refused = await answer(copy.sandbox_id, [{ id: 0, error: "not allowed" }]);
    expect(refused).toMatchObject({
      isError: true,
      content: { error: { type: "RuntimeError", message: "not allowed" } },
    });
    expect(await answer(copy.sandbox_id, [{ id: 0, value: 1 }])).toMatchObject({
      isError: true,
      text: expect.stringContaining(`No run of ${copy.sandbox_id} is paused.`),
    });
    // Without it the function is called.
    const called = await call("run_python", { code: "approve('x')" }, agent);
    expect(called.content).toMatchObject({ status: "ok", value: "called for x" });
    await agent.close();
  });

  test("what is answered wrongly still waits, and a new run says that one is paused", async () => {
    const agent = await connected(durable, { openWorld: true });
    await agent.listTools();
    const { content } = await call("run_python", { code: "approve('a')", pause_at_calls: true }, agent);
    const { sandbox_id } = content;
    const wrong = await call("resume", { sandbox_id, answers: [{ id: 7, value: 1 }] }, agent);
    expect(wrong.isError).toBe(true);
    const other = await call("run_python", { sandbox_id, code: "1" }, agent);
    expect(other).toMatchObject({ isError: true, text: expect.stringContaining("a run is paused") });
    const right = await call("resume", { sandbox_id, answers: [{ id: 0, value: 1 }] }, agent);
    expect(right.content).toMatchObject({ status: "ok", value: 1 });
    await agent.close();
  });
});

describe("run_python", () => {
  test("answers with output and the value's repr as text, and with the value and figures as data", async () => {
    const { text, content, isError } = await call("run_python", {
      code: "print('hi')\n[2**70, b'a', (1, 'é'), {'k': None}]",
    });
    expect(isError).toBe(false);
    expect(content).toMatchObject({
      status: "ok",
      new_sandbox: true,
      value: [{ $int: "1180591620717411303424" }, { $bytes: "61" }, [1, "é"], { k: null }],
      error: null,
    });
    expect(content.fuel.used + content.fuel.left).toBe(content.fuel.limit);
    expect(text).toMatch(
      /^hi\n=> \[1180591620717411303424, b'a', \(1, 'é'\), \{'k': None\}\]\n\[new sandbox sandbox-\d+: ok, \d+ of 5000000 fuel used\]$/,
    );
  });

  test("says nothing twice", async () => {
    const { text, content } = await call("run_python", { code: "print('printed')\nraise ValueError('reason')" });
    expect(text.match(/printed/g)).toHaveLength(1);
    expect(JSON.stringify(content)).not.toContain("printed");
    expect(Object.keys(content)).not.toContain("stdout");
    expect(content.error).toEqual({ type: "ValueError", message: "reason" });
  });

  test("an exception comes with traceback, output so far, and what to do", async () => {
    const { text, content, isError } = await call("run_python", { code: "print(1)\n1/0" });
    expect(isError).toBe(true);
    expect(content).toMatchObject({ status: "error", error: { type: "ZeroDivisionError" } });
    expect(text).toContain("1\nTraceback (most recent call last):");
    expect(text).toContain("correct the code and run again in the same sandbox");
    const missing = await call("run_python", { code: "import numpy" });
    expect(missing.text).toContain("This is MicroPython");
  });

  test("a value takes what the output has left, and says how long it is", async () => {
    const small = await connected(table, { outputBytes: 100 });
    const { text } = await call("run_python", { code: "print('a' * 79)\n'b' * 500" }, small);
    expect(text).toContain(`${"a".repeat(79)}\n=> '${"b".repeat(19)}… (the first 20 of 502 characters)\n`);
    await small.close();
  });

  test("hands out files: text, images, anything else, and those that are not there", async () => {
    const png = "\\x89PNG\\r\\n\\x1a\\n123";
    const code = `open('a.txt', 'w').write('é' * 200)\nopen('plot', 'wb').write(b'${png}')\nopen('b.bin', 'wb').write(b'\\0\\xff')\nopen('large.bin', 'wb').write(bytes(5000))`;
    const small = await connected(table, { outputBytes: 200, maxFileBytes: 4096 });
    const files = ["a.txt", "/work/plot", "b.bin", "large.bin", "none", "/work"];
    const { content } = await small.callTool({ name: "run_python", arguments: { code, files } });
    expect(content).toEqual([
      { type: "text", text: expect.stringMatching(/^=> 5000\n\[new sandbox/) },
      { type: "text", text: expect.stringMatching(/^\/work\/a\.txt:\né+… \(the first \d+ of 200 characters\)$/) },
      { type: "image", mimeType: "image/png", data: Buffer.from("89504e470d0a1a0a313233", "hex").toString("base64") },
      {
        type: "resource",
        resource: { uri: "file:///work/b.bin", mimeType: "application/octet-stream", blob: "AP8=" },
      },
      { type: "text", text: "/work/large.bin: binary, 5000 bytes, more than the 4096 that are handed out." },
      { type: "text", text: expect.stringMatching(/^\/work\/none cannot be read: no such file or directory/) },
      { type: "text", text: expect.stringMatching(/^\/work cannot be read: not a file/) },
    ]);
    await small.close();
  });

  test("tells how it goes to a client that asks for that", async () => {
    const slow = new SandboxTable(sandboxes({ fuel: 2 ** 50 }), { timeoutMs: 1_300 });
    const other = await connected(slow);
    const notes: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
    await other.callTool(
      { name: "run_python", arguments: { code: "while True: pass" } },
      { onprogress: (note) => void notes.push(note) },
    );
    expect(notes.length).toBeGreaterThan(0);
    expect(notes.at(-1)!.message).toMatch(/^[1-9]\d* fuel used, \d\.?\d? of 1\.3 s$/);
    expect(notes.at(-1)!.total).toBeGreaterThanOrEqual(1.3);
    expect(notes.map(({ progress }) => progress)).toEqual([...new Set(notes.map(({ progress }) => progress))].sort());
    await other.close();
  });

  test("running out of fuel and memory is told, and the sandbox goes on", async () => {
    const { content } = await call("run_python", { code: "x = 5" });
    const { sandbox_id } = content;
    const endless = await call("run_python", { sandbox_id, code: "while True: pass" });
    expect(endless).toMatchObject({ isError: true, content: { status: "out-of-fuel", sandbox_id } });
    expect(endless.text).toContain(
      "5000000 units of fuel; the limit is the operator's. The program was running (at line 1)",
    );
    const literal = await call("run_python", { sandbox_id, code: `y = [${"1,".repeat(3000)}]` });
    expect(literal).toMatchObject({ isError: true, content: { status: "out-of-fuel" } });
    expect(literal.text).toContain("The program had not begun: compiling it took them");
    const big = await call("run_python", { sandbox_id, code: "y = bytearray(30_000_000)" });
    expect(big).toMatchObject({ isError: true, content: { status: "out-of-memory" } });
    expect((await call("run_python", { sandbox_id, code: "x" })).content.value).toBe(5);
  });

  test("an agent cannot raise the limits: arguments that there are not are refused by name", async () => {
    const { isError, text } = await call("run_python", { code: "1", fuel: 10 ** 12, memory: 2 ** 40 });
    expect(isError).toBe(true);
    expect(text).toContain("there is no argument fuel, memory (there are: code, sandbox_id, reset, files)");
    expect((await call("list_sandboxes", { all: true })).text).toContain("there is no argument all (it takes none)");
  });

  test("arguments of the wrong type are a result that names them", async () => {
    const { isError, text } = await call("run_python", { code: 1 });
    expect(isError).toBe(true);
    expect(text).toContain("code");
  });

  test("a cancelled request stops the run", async () => {
    const slow = new SandboxTable(sandboxes({ fuel: 2 ** 50 }));
    const other = await connected(slow);
    const controller = new AbortController();
    const run = other.callTool(
      { name: "run_python", arguments: { code: "while True: pass" } },
      {
        signal: controller.signal,
      },
    );
    while (!slow.list().sandboxes[0]?.busy) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    await expect(run).rejects.toThrow();
    while (slow.list().sandboxes[0]?.busy) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(slow.list().sandboxes[0]).toMatchObject({ busy: false, runs: 1 });
    await other.close();
  });
});

test("agents are told what the operator says, and that functions may reach the world", async () => {
  const other = await connected(table, { notes: "query(sql) asks.", openWorld: true });
  expect(other.getInstructions()).toMatch(/ query\(sql\) asks\.$/);
  const { tools } = await other.listTools();
  expect(tools.filter(({ description }) => description!.endsWith("query(sql) asks."))).toHaveLength(1);
  expect(tools.filter(({ annotations }) => annotations!.openWorldHint).map(({ name }) => name)).toEqual([
    "run_python",
    "resume",
  ]);
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
  ] as const) {
    expect(await call(name, args), name).toMatchObject({ isError: true, text: expect.stringContaining(advice) });
  }
  await expect(call("no_such_tool")).rejects.toThrow("no_such_tool");
  const nul = await call("run_python", { code: "a\0b", sandbox_id: run.content.sandbox_id });
  expect(nul.isError).toBe(true);
});

test("files lists, reads and writes", async () => {
  const { content: run } = await call("run_python", {
    code: "import os\nos.mkdir('d')\nopen('d/a.txt', 'w').write('text')",
  });
  const { sandbox_id } = run;
  const files = (args: object) => call("files", { sandbox_id, ...args });
  expect(await files({})).toMatchObject({
    text: "/work:\nd/",
    content: { path: "/work", kind: "directory", entries: [{ name: "d", kind: "directory", bytes: 0 }] },
  });
  expect((await files({ path: "d" })).text).toBe("d:\na.txt  4 bytes");
  expect(await files({ path: "d/a.txt" })).toMatchObject({
    text: "/work/d/a.txt:\ntext",
    content: { kind: "file", bytes: 4, read_only: false, entries: null },
  });
  expect((await files({ path: "new/b.txt", text: "é" })).text).toBe("new/b.txt has 2 bytes now.");
  await files({ path: "/work/c.bin", base64: "AAE=" });
  const read = await call("run_python", { sandbox_id, code: "open('new/b.txt').read(), open('c.bin', 'rb').read()" });
  expect(read.text).toContain("=> ('é', b'\\x00\\x01')");
  for (const [args, message] of [
    [{ path: "none" }, "no such file or directory: /work/none"],
    [{ path: "/dev/x", text: "" }, "/dev/x"],
    [{ path: "x", text: "a", base64: "AA==" }, "Pass text or base64, not both"],
    [{ path: "x", base64: "A" }, "base64 is not base64"],
    [{ sandbox_id: "sandbox-99" }, 'There is no sandbox "sandbox-99"'],
  ] as const) {
    expect(await files(args), message).toMatchObject({ isError: true, text: expect.stringContaining(message) });
  }
});

test("servers of two owners share a table, and neither sees what the other has", async () => {
  const [a, b] = [await connected(table, { owner: "a" }), await connected(table, { owner: "b" })];
  const { content } = await call("run_python", { code: "x = 1" }, a);
  const { sandbox_id } = content;
  for (const [name, args] of [
    ["run_python", { sandbox_id, code: "x" }],
    ["files", { sandbox_id }],
    ["snapshot", { sandbox_id }],
    ["close", { sandbox_id }],
  ] as const) {
    expect(await call(name, args, b), name).toMatchObject({
      isError: true,
      text: expect.stringContaining("There is no sandbox"),
    });
  }
  expect((await call("list_sandboxes", {}, b)).content.sandboxes).toEqual([]);
  expect((await call("list_sandboxes", {}, a)).content.sandboxes).toHaveLength(1);
  await Promise.all([a.close(), b.close()]);
});

test("without structured content, tools have no output schema and the text says all", async () => {
  const plain = await connected(table, { structured: false });
  const { tools } = await plain.listTools();
  expect(tools.filter(({ outputSchema }) => outputSchema !== undefined)).toEqual([]);
  const answer = await call("run_python", { code: "print('a')\n1/0" }, plain);
  expect(answer).toMatchObject({ content: undefined, isError: true });
  expect(answer.text).toContain("ZeroDivisionError");
  await plain.close();
});

test.each([
  ["claude-code", false],
  ["Cursor-vscode", false],
  ["test", true],
  ["", true],
])("a client that calls itself %j gets structured content: %j", (name, wanted) => {
  expect(wantsStructured(name)).toBe(wanted);
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
