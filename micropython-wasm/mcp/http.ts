// The server over streamable HTTP on this machine's own address, for whoever has the token.
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { SandboxUsageError } from "../guest/errors.js";
import { type Checks, check, NUMBER, resolveOptions, TEXT } from "../session/checks.js";

export interface HttpOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** What clients send as `Authorization: Bearer …`. */
  readonly token: string;
  /** Most connections of the protocol at a time; the one used longest ago makes room. Default 64. */
  readonly maxConnections?: number | undefined;
}

const CHECKS: Checks<HttpOptions> = {
  port: check(
    "a number from 0 to 65535",
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  ),
  token: TEXT,
  maxConnections: NUMBER,
};

export interface HttpService {
  /** `http://127.0.0.1:PORT/mcp` */
  readonly url: string;
  close(): Promise<void>;
}

const ADDRESS = "127.0.0.1";
const PATH = "/mcp";
const HOSTS = [ADDRESS, "localhost"];

/**
 * Starts to listen. `connect` makes the server of one connection.
 * @throws SandboxUsageError if an option is wrong; what the system says if it cannot listen
 */
export async function serveHttp(connect: () => McpServer, options: HttpOptions): Promise<HttpService> {
  const { port: wanted, token, maxConnections = 64 } = resolveOptions(options, CHECKS);
  if (wanted === undefined || token === undefined || token === "")
    throw new SandboxUsageError("port and token are needed: a number, and the text that clients send");
  /** By session id; the order is that of their last use. */
  const connections = new Map<string, { transport: StreamableHTTPServerTransport; server: McpServer }>();
  let port = 0;

  const http = createServer((request, response) => {
    const refusal = refusalOf(request, port, token);
    if (refusal !== undefined) return refuse(response, ...refusal);
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(`escapement: ${String(error)}\n`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "The request failed.");
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers["mcp-session-id"];
    const known = typeof id === "string" ? connections.get(id) : undefined;
    if (id !== undefined && known === undefined) {
      return refuse(response, 404, "This session is over. Initialize a new one; sandboxes are still there.");
    }
    if (known !== undefined) {
      connections.delete(id as string);
      connections.set(id as string, known);
      return known.transport.handleRequest(request, response);
    }
    const server = connect();
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => {
        connections.set(session, { transport, server });
        for (const [oldest, { server: idle }] of connections) {
          if (connections.size <= maxConnections) break;
          connections.delete(oldest);
          void idle.close();
        }
      },
      onsessionclosed: (session) => void connections.delete(session),
    });
    await server.connect(transport as unknown as Parameters<McpServer["connect"]>[0]);
    await transport.handleRequest(request, response);
    // What did not initialize a session is not kept.
    if (transport.sessionId === undefined) await server.close();
  }

  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(wanted, ADDRESS, resolve);
  });
  port = (http.address() as AddressInfo).port;
  return {
    url: `http://${ADDRESS}:${port}${PATH}`,
    async close() {
      for (const { server } of connections.values()) await server.close();
      connections.clear();
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await closed;
    },
  };
}

/** Status and message, if the request is not for us or not from someone with the token. */
function refusalOf({ headers, url }: IncomingMessage, port: number, token: string): [number, string] | undefined {
  // A page on the web can send requests here (DNS rebinding), but not with these headers.
  const { host, origin, authorization } = headers;
  if (!HOSTS.some((name) => host === `${name}:${port}`)) return [403, "This server answers to 127.0.0.1 only."];
  if (origin !== undefined && !HOSTS.some((name) => origin === `http://${name}:${port}`)) {
    return [403, "Requests of web pages are not answered."];
  }
  if (!isToken(authorization, token)) {
    return [
      401,
      "Send the server's token as Authorization: Bearer TOKEN: the one that its operator chose, or that it printed when it started.",
    ];
  }
  if (url?.split("?")[0] !== PATH) return [404, `The server is at ${PATH}.`];
  return undefined;
}

/** Compares digests, so that the time tells nothing about the token. */
function isToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (given === undefined) return false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="escapement"';
  response.writeHead(status, headers);
  response.end(JSON.stringify({ jsonrpc: "2.0", error: { code: -32000, message }, id: null }));
}
