// The SDK's own clients of both generations over a real socket, and requests that are refused.
import { request } from "node:http";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connect } from "../clients.js";
import { type HttpService, serveHttp } from "../http.js";
import { SandboxTable } from "../sandbox-table.js";
import { createMcpServer } from "../server.js";
import { sandboxes } from "./support/sandboxes.js";

const TOKEN = "correct-horse";
const OTHER_TOKEN = "battery-staple";
/** Ends the calls of wait() that are under way. */
let goOn = () => {};
const wait = () => new Promise<void>((resolve) => (goOn = resolve));
const table = new SandboxTable(sandboxes({ functions: { wait } }));
let service: HttpService;
const connectServer: Connect = ({ owner }) => createMcpServer(table, "1.0.0", { owner });
/** What all owners have. */
const everything = () => owners.flatMap((owner) => table.list({ owner }).sandboxes);
const owners: string[] = [];

beforeAll(async () => {
  service = await serveHttp(
    (client) => {
      owners.push(client.owner);
      return connectServer(client);
    },
    {
      port: 0,
      token: [TOKEN, OTHER_TOKEN],
      maxConnections: 3,
      allowedOrigins: ["https://app.example"],
      onOwnerGone: (owner) => table.leave(owner),
    },
  );
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

type Mode = "legacy" | "auto" | { pin: string };

/** The client of the second generation, which speaks either protocol. */
async function connectModern(mode: Mode, name = "test", token = TOKEN): Promise<ModernClient> {
  const client = new ModernClient({ name, version: "1" }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new ModernTransport(new URL(service.url), { requestInit }));
  return client;
}

const python = (client: Client | ModernClient, args: Record<string, unknown>) =>
  client.callTool({ name: "run_python", arguments: args }) as Promise<{
    structuredContent: Record<string, unknown>;
    content: { text: string }[];
    isError?: boolean;
  }>;

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

test("a client with the token runs Python", async () => {
  const first = await connect();
  expect((await first.listTools()).tools).toHaveLength(6);
  const { structuredContent, content } = await python(first, { code: "x = 42\nprint(x)" });
  expect(structuredContent).toMatchObject({ status: "ok" });
  expect(content[0]!.text).toMatch(/^42\n/);
  const again = await python(first, { code: "x", sandbox_id: structuredContent.sandbox_id });
  expect(again.structuredContent.value).toBe(42);
  await first.close();
});

test.each<[string, Mode, string]>([
  ["of 2025", "legacy", "2025-11-25"],
  ["that negotiates", "auto", "2026-07-28"],
  ["pinned to 2026", { pin: "2026-07-28" }, "2026-07-28"],
])(
  "a client of the second generation %s works, with variables from request to request and progress",
  async (_name, mode, version) => {
    const client = await connectModern(mode);
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    const { structuredContent } = await python(client, { code: "x = [1]" });
    const { sandbox_id } = structuredContent;
    expect((await python(client, { code: "x + [2]", sandbox_id })).structuredContent.value).toEqual([1, 2]);
    const notes: string[] = [];
    // Waits until the first notification is there.
    await client.callTool(
      { name: "run_python", arguments: { code: "wait()" } },
      {
        onprogress: ({ message }) => {
          notes.push(message!);
          goOn();
        },
      },
    );
    expect(notes.length).toBeGreaterThan(0);
    for (const note of notes) expect(note).toMatch(/of 30 s$|^starting$/);
    const refused = await python(client, { code: "1", fuel: 1 });
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("no argument fuel") }] });
    await client.close();
  },
);

describe("a sandbox belongs to the client that made it", () => {
  const none = (id: unknown) => expect.stringContaining(`There is no sandbox ${JSON.stringify(id)}. None is open`);

  test("to the session, in the protocol of 2025; with the session it ends", async () => {
    const [first, second] = [await connect(), await connectModern("legacy")];
    const { structuredContent } = await python(first, { code: "x = 1" });
    const { sandbox_id } = structuredContent;
    const seen = await python(second, { code: "x", sandbox_id });
    expect(seen).toMatchObject({ isError: true, content: [{ text: none(sandbox_id) }] });
    const { structuredContent: listing } = await second.callTool({ name: "list_sandboxes" });
    expect(listing).toMatchObject({ sandboxes: [] });
    expect(everything().map(({ id }) => id)).toContain(sandbox_id);
    await (first.transport as StreamableHTTPClientTransport).terminateSession();
    expect(everything().map(({ id }) => id)).not.toContain(sandbox_id);
    await Promise.all([first.close(), second.close()]);
  });

  test("to the token and the client's name, in that of 2026", async () => {
    const pin = { pin: "2026-07-28" };
    const first = await connectModern(pin, "one");
    const { sandbox_id } = (await python(first, { code: "x = 1" })).structuredContent;
    for (const other of [await connectModern(pin, "two"), await connectModern(pin, "one", OTHER_TOKEN)]) {
      expect(await python(other, { code: "x", sandbox_id })).toMatchObject({
        isError: true,
        content: [{ text: none(sandbox_id) }],
      });
      await other.close();
    }
    const again = await connectModern(pin, "one");
    expect((await python(again, { code: "x", sandbox_id })).structuredContent.value).toBe(1);
    await Promise.all([first.close(), again.close()]);
  });

  test("and a session to the token that opened it", async () => {
    const { headers } = await post({});
    const session = { "mcp-session-id": headers["mcp-session-id"] as string };
    const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });
    expect((await post({ ...session, authorization: `Bearer ${OTHER_TOKEN}` }, "/mcp", list)).status).toBe(404);
    expect((await post(session, "/mcp", list)).status).toBe(200);
  });
});

test("a page of an allowed origin gets what browsers ask for, and no other does", async () => {
  const origin = "https://app.example";
  const asked = { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
  const preflight = await post({ ...asked, authorization: "" }, "/mcp", "", "OPTIONS");
  expect(preflight.status).toBe(204);
  expect(preflight.headers).toMatchObject({
    "access-control-allow-origin": origin,
    "access-control-allow-headers": "authorization",
    "access-control-allow-methods": "GET, POST, DELETE",
  });
  const answer = await post({ origin });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    "access-control-allow-origin": origin,
    vary: expect.stringMatching(/origin/i),
  });
  expect((await post({ origin, authorization: "Bearer wrong" })).status).toBe(401);
  const stranger = await post(
    { ...asked, origin: "https://app.example.evil", authorization: "" },
    "/mcp",
    "",
    "OPTIONS",
  );
  expect([stranger.status, stranger.headers["access-control-allow-origin"]]).toEqual([403, undefined]);
});

test("under another address than this machine's own, any name of it is answered", async () => {
  const wide = await serveHttp(connectServer, { port: 0, token: TOKEN, host: "0.0.0.0" });
  const { port } = new URL(wide.url);
  expect(wide.url).toBe(`http://0.0.0.0:${port}/mcp`);
  const before = service;
  service = wide;
  expect((await post({ host: "python.internal" })).status).toBe(200);
  expect((await post({ host: "python.internal", authorization: "" })).status).toBe(401);
  expect((await post({ host: "python.internal", origin: "http://python.internal" })).status).toBe(403);
  service = before;
  await wide.close();
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
  const before = everything().length;
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
  while (everything().length === before) await new Promise((resolve) => setTimeout(resolve, 5));
  sent.abort();
  await gone.then((response) => response.text()).catch(() => {});
  const { id } = everything().at(-1)!;
  const client = await connect();
  expect((await python(client, { code: "6 * 7" })).structuredContent.value).toBe(42);
  await client.close();
  const code = JSON.stringify({
    jsonrpc: "2.0",
    id: 4,
    method: "tools/call",
    params: { name: "run_python", arguments: { code: "kept", sandbox_id: id } },
  });
  const again = await post({ "mcp-session-id": headers["mcp-session-id"] as string }, "/mcp", code);
  expect(again.body).toContain('"value":1');
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
  [{ port: 0, token: [TOKEN, ""] }, /^port and token are needed/],
  [{ port: 0, token: TOKEN, allowedOrigins: ["app.example"] }, /^allowedOrigins is an array of origins such as https/],
  [{ port: 0, token: TOKEN, maxConnections: "3" }, /^maxConnections is a number from 0, not "3"$/],
])("refuses the options %j", async (options, message) => {
  await expect(serveHttp(connectServer, options as never)).rejects.toThrow(message);
});

test("a server refuses options that it does not have", () => {
  expect(() => createMcpServer(table, "1.0.0", { note: "x" } as never)).toThrow(
    /^there is no option note: did you mean notes\?/,
  );
  expect(() => createMcpServer(table, "1.0.0", { openWorld: 1 } as never)).toThrow(/^openWorld is a boolean, not 1$/);
});
