// `escapement mcp` with the SDK's own client: over a real pipe, and over a real socket.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { CLI, escapement, Files } from "../../test/support/built-cli.js";
import { forms } from "../../test/support/form.js";
import { inProcess } from "../../test/support/in-process-cli.js";

const files = new Files();
afterAll(() => files.remove());

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

// biome-ignore lint/suspicious/noExplicitAny: what a client gets is JSON
type Content = any;

async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Content> {
  return (await client.callTool({ name, arguments: args })).structuredContent;
}

async function textOf(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  return ((await client.callTool({ name, arguments: args })) as { content: { text: string }[] }).content[0]!.text;
}

async function overPipe(...flags: string[]): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, "mcp", ...flags],
    stderr: "ignore",
  });
  await client.connect(transport);
  ends.push(() => client.close());
  await client.listTools();
  return client;
}

const MODES = [
  ["legacy", "2025-11-25"],
  ["auto", "2026-07-28"],
  [{ pin: "2026-07-28" }, "2026-07-28"],
] as const;

/** A client's name, the flag, and whether its results have structured content: the default first. */
const STRUCTURED = [
  ["claude-code", "auto", false],
  ["test", "auto", true],
  ["claude-code", "always", true],
  ["test", "never", false],
] as const;

describe("over a pipe", () => {
  test("an agent works: state, an error, a snapshot, a branch, closing", async () => {
    const client = await overPipe();
    expect(client.getServerVersion()).toMatchObject({ name: "escapement" });
    const { sandbox_id, ...first } = await call(client, "run_python", { code: "x = [1, 2]\nprint(sum(x))" });
    expect(first).toMatchObject({ status: "ok", error: null });
    const failed = await call(client, "run_python", { sandbox_id, code: "x.append(3)\nx[9]" });
    expect(failed).toMatchObject({ status: "error", error: { type: "IndexError" } });
    const { snapshot_id } = await call(client, "snapshot", { sandbox_id });
    await call(client, "run_python", { sandbox_id, code: "x.append(4)" });
    const branch = await call(client, "restore", { snapshot_id });
    expect((await call(client, "run_python", { ...branch, snapshot_id: undefined, code: "x" })).value).toEqual([
      1, 2, 3,
    ]);
    expect((await call(client, "run_python", { sandbox_id, code: "x" })).value).toEqual([1, 2, 3, 4]);
    expect((await call(client, "run_python", { sandbox_id, code: "'x' in dir()", reset: true })).value).toBe(false);
    expect((await call(client, "close", { sandbox_id })).closed).toEqual([sandbox_id]);
    expect((await call(client, "list_sandboxes")).sandboxes).toHaveLength(1);
  });

  test("--mount gives folders, of which agents are told", async () => {
    const folder = files.folder({ "a.txt": "alpha" });
    const client = await overPipe("--mount", `${folder}::/data:overlay`, "--mount", `${folder}::/input`);
    expect(client.getInstructions()).toContain("The folder /data is a copy of the operator's");
    const code = "open('/data/a.txt', 'w').write('mine')\n[open('/data/a.txt').read(), open('/input/a.txt').read()]";
    const { sandbox_id, value } = await call(client, "run_python", { code });
    expect(value).toEqual(["mine", "alpha"]);
    const { snapshot_id } = await call(client, "snapshot", { sandbox_id });
    const restored = await call(client, "restore", { snapshot_id });
    const again = { sandbox_id: restored.sandbox_id, code: "open('/data/a.txt').read()" };
    expect((await call(client, "run_python", again)).value).toBe("mine");
  });

  test("the operator's flags are the limits, and the sandbox outlives them", async () => {
    const client = await overPipe(
      "--fuel",
      "3_000_000",
      "--memory",
      "20MiB",
      "--output",
      "1000",
      "--max-sandboxes",
      "2",
    );
    const { sandbox_id, fuel, memory } = await call(client, "run_python", { code: "kept = 1" });
    expect([fuel.limit, memory.limit_bytes]).toEqual([3_000_000, 20 * 2 ** 20]);
    const run = (code: string) => call(client, "run_python", { sandbox_id, code });
    expect(await run("while True: pass")).toMatchObject({ status: "out-of-fuel", error: { type: null } });
    expect(await run("y = bytearray(30_000_000)")).toMatchObject({ status: "out-of-memory" });
    const flood = await textOf(client, "run_python", { sandbox_id, code: "print('z' * 5000)\n'y' * 500" });
    expect(flood).toMatch(/^z{500}\n\[4001 bytes of stdout omitted\]\nz+\n=> … \(the first 0 of 502 characters\)\n/);
    expect((await run("kept")).value).toBe(1);
    for (let i = 0; i < 3; i++) await call(client, "run_python", { code: "1" });
    const { sandboxes } = await call(client, "list_sandboxes");
    expect(sandboxes.map(({ state }: { state: string }) => state)).toEqual(["asleep", "asleep", "idle", "idle"]);
  });

  // Over HTTP there are all three in micropython-wasm/mcp/test/http.test.ts.
  test.each(MODES.slice(0, forms(2, 3)))(
    "a client of the second generation, in mode %j, has sandboxes of the connection",
    async (mode, version) => {
      const client = new ModernClient({ name: "test", version: "1" }, { versionNegotiation: { mode } });
      await client.connect(new ModernStdio({ command: process.execPath, args: [CLI, "mcp"], stderr: "ignore" }));
      ends.push(() => client.close());
      expect(client.getNegotiatedProtocolVersion()).toBe(version);
      const run = (args: Record<string, unknown>) =>
        client.callTool({ name: "run_python", arguments: args }) as Promise<Content>;
      const { sandbox_id } = (await run({ code: "x = (1, 2)" })).structuredContent;
      expect((await run({ sandbox_id, code: "x" })).content[0].text).toMatch(/^=> \(1, 2\)\n/);
    },
  );

  test.each(STRUCTURED.slice(0, forms(2, 4)))(
    "results for %s have structured content with --structured %s: %j",
    async (name, structured, has) => {
      const client = new Client({ name, version: "1" });
      const args = [CLI, "mcp", "--structured", structured];
      await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" }));
      ends.push(() => client.close());
      const [run] = (await client.listTools()).tools;
      expect(run!.outputSchema !== undefined).toBe(has);
      expect((await call(client, "run_python", { code: "1" })) !== undefined).toBe(has);
    },
  );

  test("a run over the time limit ends, and runs in other sandboxes go on meanwhile", async () => {
    const client = await overPipe("--fuel", "1_000_000_000_000", "--timeout", "1");
    // Whose code is not compiled yet might take a second on a slow machine.
    await call(client, "run_python", { code: "6 * 7" });
    const endless = call(client, "run_python", { code: "while True: pass" });
    expect((await call(client, "run_python", { code: "6 * 7" })).value).toBe(42);
    expect(await endless).toMatchObject({ status: "timeout" });
  });

  test("files and functions are those that the operator names, and agents are told of them", async () => {
    mkdirSync(files.path("data/sub"), { recursive: true });
    files.write("data/sub/b.txt", "b");
    const one = files.write("one.txt", "1");
    const functions = files.write(
      "functions.mjs",
      `console.log("printed when it is loaded, beside the protocol");
       export const add = (a, b) => { process.stdout.write("printed by a function"); return a + b; };
       export const db = { async query(sql) { return [{ sql }]; } };`,
    );
    const client = await overPipe(
      ...["--input", files.path("data"), "--input", `${one}=renamed/uno.txt`],
      ...["--functions", functions, "--notes", "db.query knows no tables.", "--max-host-calls", "2"],
    );
    const [run] = (await client.listTools()).tools;
    expect(run!.description).toContain(
      "Functions that can be called: add. import db gives db.query. " +
        "Files that can be read: /input/data/sub/b.txt, /input/renamed/uno.txt. db.query knows no tables.",
    );
    expect(run!.annotations).toMatchObject({ openWorldHint: true });
    const code =
      "import db\nopen('/input/data/sub/b.txt').read(), open('/input/renamed/uno.txt').read(), add(2, 3), db.query('q')";
    const { sandbox_id, value } = await call(client, "run_python", { code });
    expect(value).toEqual(["b", "1", 5, [{ sql: "q" }]]);
    // They are there after a snapshot, too.
    const { snapshot_id } = await call(client, "snapshot", { sandbox_id });
    const branch = await call(client, "restore", { snapshot_id });
    expect((await call(client, "run_python", { sandbox_id: branch.sandbox_id, code })).value).toEqual(value);
    const denied = await call(client, "run_python", { sandbox_id, code: "[add(1, 1) for _ in range(3)]" });
    expect(denied.error).toMatchObject({ type: "RuntimeError", message: "too many host calls" });
    expect(
      (await call(client, "run_python", { sandbox_id, code: "open('/input/renamed/uno.txt', 'w')" })).error.type,
    ).toBe("OSError");
  });

  test("what was asked for before the input ends is answered; what is no message is passed over", async () => {
    const message = (id: number, method: string, params: object) =>
      `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
    const input =
      message(1, "initialize", {
        protocolVersion: "2025-06-18",
        capabilities: {},
        clientInfo: { name: "test", version: "1" },
      }) +
      // Passed over: whoever writes more than messages there is still served.
      "{ no json\n" +
      message(2, "tools/call", { name: "run_python", arguments: { code: "6 * 7" } }) +
      message(3, "tools/call", { name: "run_python", arguments: { code: "while True: pass" } });
    const { status, stdout } = await escapement(["mcp", "--fuel", "1_000_000_000_000"], { input });
    expect(status).toBe(0);
    const answers = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers.find(({ id }) => id === 2).result.structuredContent.value).toBe(42);
  });

  test("the server ends when nobody reads its answers", async () => {
    const child = spawn(process.execPath, [CLI, "mcp"], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdout.destroy();
    child.stdin.on("error", () => {});
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" })}\n`);
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(141);
  });

  test("the server ends with its input", async () => {
    expect(await escapement(["mcp"], { input: "" })).toMatchObject({ status: 0, stdout: "" });
  });
});

describe("over a socket", () => {
  /** Starts the server; resolves with its address and what else it has printed. */
  async function serve(...flags: string[]): Promise<{ url: string; printed: string }> {
    const child = spawn(process.execPath, [CLI, "mcp", "--http", ...flags], { stdio: ["ignore", "inherit", "pipe"] });
    ends.push(() => child.kill());
    let printed = "";
    // Open afterwards, too: a server whose readers are gone ends.
    for await (const chunk of child.stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
      printed += chunk;
      const url = /http:\S+/.exec(printed)?.[0];
      if (url !== undefined && printed.endsWith("\n")) return { url, printed };
    }
    throw new Error(printed);
  }

  async function connect(url: string, token: string): Promise<Client> {
    const client = new Client({ name: "test", version: "1" });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }) as Transport);
    ends.push(() => client.close());
    return client;
  }

  test("a client with the token that was printed runs Python, one with another does not", async () => {
    const { url, printed } = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    const token = /token: (\S{32,})/.exec(printed)![1]!;
    const client = await connect(url, token);
    expect((await call(client, "run_python", { code: "2 ** 10" })).value).toBe(1024);
    await expect(connect(url, `${token}x`)).rejects.toThrow();
  });

  test("a port that is taken is told", async () => {
    const { port } = new URL((await serve()).url);
    const { status, stderr } = await escapement(["mcp", "--http", "--port", port]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("without --port the system chooses a free one")]);
  });

  test("other addresses are listened at with --host, and what that means is told; tokens that were given are not printed", async () => {
    const { url, printed } = await serve("--host", "0.0.0.0", "--token", "one", "--token", "two");
    expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+\/mcp$/);
    expect(printed).not.toContain("one");
    const reachable = url.replace("0.0.0.0", "127.0.0.1");
    const [first, second] = [await connect(reachable, "one"), await connect(reachable, "two")];
    expect((await first.listTools()).tools).toHaveLength(6);
    const { sandbox_id } = await call(first, "run_python", { code: "x = 1" });
    expect(sandbox_id).toMatch(/^sandbox-1-\S{12}$/);
    const theirs = await textOf(second, "run_python", { code: "x", sandbox_id });
    expect(theirs).toContain(`There is no sandbox "${sandbox_id}". None is open`);
  });
});

test("limits under which nothing starts, and wrong flags, are told at once", async () => {
  expect(await inProcess(["mcp", "--memory", "1MiB"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("no sandbox starts with --memory 1MiB"),
  });
  expect((await inProcess(["mcp", "--timeout", "0"])).status).toBe(2);
  expect((await inProcess(["mcp", "--http", "--port", "70000"])).status).toBe(2);
  expect((await inProcess(["mcp", "--token", "secret"])).stderr).toContain("--token: only with --http");
  expect((await inProcess(["mcp", "--host", "0.0.0.0", "--allow-origin", "https://a.example"])).stderr).toContain(
    "--host, --allow-origin: only with --http",
  );
  expect((await inProcess(["mcp", "--http", "--allow-origin", "a.example"])).stderr).toContain("An origin is scheme");
  expect((await inProcess(["mcp", "--http", "--token", ""])).stderr).toContain("a token is printable ASCII");
  const input = await inProcess(["mcp", "--input", "/dev/zero"]);
  expect([input.status, input.stderr]).toEqual([2, expect.stringContaining("neither a file nor a directory")]);
});
