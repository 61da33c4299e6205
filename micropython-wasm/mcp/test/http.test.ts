// The SDK's own client over a real socket, and requests that are refused.
import { request } from "node:http";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HttpService, serveHttp } from "../http.js";
import { SandboxTable } from "../sandbox-table.js";
import { createMcpServer } from "../server.js";
import { sandboxes } from "./support/sandboxes.js";

const TOKEN = "correct-horse";
const table = new SandboxTable(sandboxes());
let service: HttpService;

beforeAll(async () => {
  service = await serveHttp(() => createMcpServer(table, "1.0.0"), { port: 0, token: TOKEN, maxConnections: 3 });
});
afterAll(() => service.close());

async function connect(token = TOKEN): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const transport = new StreamableHTTPClientTransport(new URL(service.url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport as Transport);
  return client;
}

const python = (client: Client, args: Record<string, unknown>) =>
  client.callTool({ name: "run_python", arguments: args }) as Promise<{ structuredContent: Record<string, unknown> }>;

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

/** One request with any headers, which fetch would not let through. */
function post(headers: Record<string, string>, path = "/mcp", body = JSON.stringify(INITIALIZE), method = "POST") {
  const { port } = new URL(service.url);
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...headers,
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

test("a client with the token runs Python, and its sandboxes outlive its connection", async () => {
  const first = await connect();
  expect((await first.listTools()).tools).toHaveLength(5);
  const { structuredContent } = await python(first, { code: "x = 42\nprint(x)" });
  expect(structuredContent).toMatchObject({ status: "ok", stdout: "42\n" });
  await first.close();
  const second = await connect();
  const again = await python(second, { code: "x", sandbox_id: structuredContent.sandbox_id });
  expect(again.structuredContent.value).toBe(42);
  await second.close();
});

test("clients run at the same time", async () => {
  const clients = await Promise.all([connect(), connect()]);
  const runs = await Promise.all(clients.map((client, i) => python(client, { code: `sum(range(10000)) + ${i}` })));
  expect(runs.map((run) => run.structuredContent.value)).toEqual([49995000, 49995001]);
  await Promise.all(clients.map((client) => client.close()));
});

describe("refuses", () => {
  test("a wrong token and none, and says where the right one is", async () => {
    await expect(connect("wrong")).rejects.toThrow();
    for (const authorization of ["", "Bearer", "Bearer wrong", `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, TOKEN]) {
      const { status, headers, body } = await post({ authorization });
      expect(status, authorization).toBe(401);
      expect(headers["www-authenticate"]).toContain("Bearer");
      expect(body).toContain("the server's token as Authorization: Bearer TOKEN");
      expect(body).not.toContain(TOKEN);
    }
  });

  test("other hosts, so that a name that resolves to this machine is of no use", async () => {
    const { port } = new URL(service.url);
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      "127.0.0.1:1",
      `127.0.0.1.nip.io:${port}`,
    ]) {
      expect((await post({ host })).status, host).toBe(403);
    }
    expect((await post({ host: `localhost:${port}` })).status).toBe(200);
  });

  test("web pages", async () => {
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1", "http://localhost:1"]) {
      expect((await post({ origin })).status, origin).toBe(403);
    }
  });

  test("other paths, unknown sessions, bodies that are no JSON or too large", async () => {
    expect((await post({}, "/")).status).toBe(404);
    expect((await post({ "mcp-session-id": "unknown" })).status).toBe(404);
    expect((await post({}, "/mcp", "{")).status).toBe(400);
    expect((await post({}, "/mcp", `"${"x".repeat(5 * 2 ** 20)}"`)).status).toBe(413);
  });
});

test("refuses other methods and types, several messages at once, and versions nobody knows", async () => {
  const { headers } = await post({});
  const session = { "mcp-session-id": headers["mcp-session-id"] as string };
  const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });
  expect((await post({ "content-type": "text/plain" })).status).toBe(415);
  expect((await post({ accept: "text/html" })).status).toBe(406);
  expect((await post({}, "/mcp", list)).status).toBe(400);
  expect((await post({}, "/mcp", "")).status).toBe(400);
  expect((await post({}, "/mcp", `[${JSON.stringify(INITIALIZE)},${JSON.stringify(INITIALIZE)}]`)).status).toBe(400);
  expect((await post({}, "/mcp", "[".repeat(100_000))).status).toBe(400);
  expect((await post({ ...session, "mcp-protocol-version": "1999-01-01" }, "/mcp", list)).status).toBe(400);
  for (const method of ["GET", "DELETE", "PUT"])
    expect((await post({}, "/mcp", "", method)).status).toBeGreaterThan(399);
  expect((await post(session, "/mcp", list)).status).toBe(200);
});

test("a client that goes away in the middle of a run harms nobody, and its sandbox goes on", async () => {
  const { headers } = await post({});
  const run = { name: "run_python", arguments: { code: "kept = 1\nwhile True: pass" } };
  const before = table.list().sandboxes.length;
  const message = { jsonrpc: "2.0", id: 3, method: "tools/call", params: run };
  const sent = new AbortController();
  const gone = fetch(service.url, {
    method: "POST",
    signal: sent.signal,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-session-id": headers["mcp-session-id"] as string,
    },
    body: JSON.stringify(message),
  });
  while (table.list().sandboxes.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
  sent.abort();
  await gone.then((response) => response.text()).catch(() => {});
  const { id } = table.list().sandboxes.at(-1)!;
  const client = await connect();
  expect((await python(client, { code: "6 * 7" })).structuredContent.value).toBe(42);
  expect((await python(client, { code: "kept", sandbox_id: id })).structuredContent.value).toBe(1);
  await client.close();
});

test("beyond the cap on connections, the one used longest ago is closed", async () => {
  const session = async () => (await post({})).headers["mcp-session-id"] as string;
  const ids = [await session(), await session(), await session(), await session()];
  const list = (id: string) =>
    post({ "mcp-session-id": id }, "/mcp", JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" }));
  expect((await list(ids[0]!)).status).toBe(404);
  expect((await list(ids[3]!)).status).toBe(200);
});

test.each([
  [{ port: 0, tokn: TOKEN }, /^there is no option tokn: did you mean token\?/],
  [{ port: 70_000, token: TOKEN }, /^port is a number from 0 to 65535, not 70000$/],
  [{ port: 0, token: "" }, /^port and token are needed/],
  [{ token: TOKEN }, /^port and token are needed/],
  [{ port: 0, token: TOKEN, maxConnections: "3" }, /^maxConnections is a number from 0, not "3"$/],
])("refuses the options %j", async (options, message) => {
  await expect(serveHttp(() => createMcpServer(table, "1.0.0"), options as never)).rejects.toThrow(message);
});

test("a server refuses options that it does not have", () => {
  expect(() => createMcpServer(table, "1.0.0", { note: "x" } as never)).toThrow(
    /^there is no option note: did you mean notes\?/,
  );
  expect(() => createMcpServer(table, "1.0.0", { openWorld: 1 } as never)).toThrow(/^openWorld is a boolean, not 1$/);
});
