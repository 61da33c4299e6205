// The server over streamable HTTP, for whoever has a token. Two protocols come in at one address:
//   2025-11-25 and before   a client opens a session; it has one server, and its sandboxes are the session's
//   2026-07-28              every request stands alone, with a server of its own; sandboxes are those of the token and of
//                           the name that the client gives itself
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type FetchLikeMcpHandler, type NodeIncomingMessageLike, toNodeHandler } from "@modelcontextprotocol/node";
import {
  type AuthInfo,
  createMcpHandler,
  isLegacyRequest,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { SandboxUsageError } from "../guest/errors.js";
import { type Checks, check, FUNCTION, NUMBER, resolveOptions, TEXT } from "../session/checks.js";
import { type Connect, clientName, type McpClient } from "./clients.js";

export interface HttpOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** What clients send as `Authorization: Bearer …`; of several, each has sandboxes of its own. */
  readonly token: string | readonly string[];
  /** Address or name to listen at; default 127.0.0.1, which this machine alone reaches. */
  readonly host?: string | undefined;
  /** Origins of web pages whose requests are answered, as in `https://app.example`; default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Most sessions of the protocol at a time; the one used longest ago makes room. Default 64. */
  readonly maxConnections?: number | undefined;
  /** Is told that a session is over, whose sandboxes nobody can reach any more. */
  readonly onOwnerGone?: ((owner: string) => void) | undefined;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

const CHECKS: Checks<HttpOptions> = {
  port: check(
    "a number from 0 to 65535",
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  ),
  token: check("text, or an array of texts", (value) => typeof value === "string" || isTexts(value)),
  host: TEXT,
  allowedOrigins: check(
    "an array of origins such as https://app.example",
    (value) => isTexts(value) && value.every(isOrigin),
  ),
  maxConnections: NUMBER,
  onOwnerGone: FUNCTION,
};

/** Whether it is scheme, host and perhaps port, as browsers send it. */
export function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

export interface HttpService {
  /** `http://127.0.0.1:PORT/mcp` */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const PATH = "/mcp";
/** Names of this machine's own address. */
const OWN_NAMES = [LOOPBACK, "localhost", "[::1]"];
/** A program of a million characters, escaped, and what is around it. */
const MAX_REQUEST_BYTES = 4 * 2 ** 20;

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: McpServer;
  readonly owner: string;
  /** Number of the token that opened it. */
  readonly holder: string;
}

/** Who sends a request, as the handlers of both protocols get it. */
type Authenticated = AuthInfo & { extra: { client: McpClient } };

/**
 * Starts to listen. `connect` makes the server of one session, or of one request.
 * @throws SandboxUsageError if an option is wrong; what the system says if it cannot listen
 */
export async function serveHttp(connect: Connect, options: HttpOptions): Promise<HttpService> {
  const {
    port,
    token,
    host = LOOPBACK,
    allowedOrigins = [],
    maxConnections = 64,
    onOwnerGone,
  } = resolveOptions(options, CHECKS);
  const tokens = typeof token === "string" ? [token] : (token ?? []);
  if (port === undefined || tokens.length === 0 || tokens.includes(""))
    throw new SandboxUsageError("port and token are needed: a number, and the text that clients send");
  const sessions = new Sessions(connect, maxConnections, onOwnerGone ?? (() => {}));
  const report = (error: Error): void => void process.stderr.write(`escapement: ${error.message}\n`);
  const modern = createMcpHandler(({ authInfo }) => connect((authInfo as Authenticated).extra.client), {
    legacy: "reject",
    maxRequestBodySize: MAX_REQUEST_BYTES,
    onerror: report,
  });

  const handler: FetchLikeMcpHandler = {
    async fetch(request, { authInfo } = {}) {
      const holder = authInfo!.clientId;
      const body = request.method === "POST" ? await parsed(request) : undefined;
      if (await isLegacyRequest(request, body)) return sessions.handle(request, body, holder);
      const name = clientName(body) ?? "";
      // A name may hold anything: what parts it from the token is in none.
      const client: McpClient = { owner: `token ${holder}\0${name}`, name };
      return modern.fetch(request, { authInfo: { ...authInfo!, extra: { client } }, parsedBody: body });
    },
  };
  const handle = toNodeHandler(handler, { maxRequestBodySize: MAX_REQUEST_BYTES, onerror: report });

  const guard = new Guard(tokens, host, allowedOrigins);
  const http = createServer((request, response) => {
    if (guard.answersPreflight(request, response)) return;
    const admitted = guard.admit(request);
    if (Array.isArray(admitted)) return refuse(response, ...(admitted as [number, string]));
    guard.allowPage(request, response);
    const auth: AuthInfo = { token: "", clientId: String(admitted), scopes: [] };
    handle(Object.assign(request, { auth }) as NodeIncomingMessageLike, response).catch((error: unknown) => {
      report(error as Error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "The request failed.");
    });
  });

  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, resolve);
  });
  guard.port = (http.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${guard.port}${PATH}`,
    async close() {
      await Promise.all([sessions.close(), modern.close()]);
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await closed;
    },
  };
}

/** Undefined if it is no JSON: then the protocol's own answer is that it is none. */
async function parsed(request: Request): Promise<unknown> {
  try {
    return JSON.parse(await request.clone().text());
  } catch {
    return undefined;
  }
}

/** The sessions of the protocol up to 2025-11-25. */
class Sessions {
  /** By id; the order is that of their last use. */
  private readonly open = new Map<string, Session>();

  constructor(
    private readonly connect: Connect,
    private readonly most: number,
    private readonly onOwnerGone: (owner: string) => void,
  ) {}

  async handle(request: Request, parsedBody: unknown, holder: string): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id === null) return this.begin(request, parsedBody, holder);
    const known = this.open.get(id);
    if (known?.holder !== holder)
      return refusal(404, "This session is over, and its sandboxes with it. Initialize a new one.");
    this.open.delete(id);
    this.open.set(id, known);
    return known.transport.handleRequest(request, { parsedBody });
  }

  private async begin(request: Request, parsedBody: unknown, holder: string): Promise<Response> {
    const owner = `session ${randomUUID()}`;
    const server = this.connect({ owner, name: clientName(parsedBody) ?? "" });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: MAX_REQUEST_BYTES,
      onsessioninitialized: (session) => {
        this.open.set(session, { transport, server, owner, holder });
        for (const oldest of this.open.keys()) {
          if (this.open.size <= this.most) break;
          void this.end(oldest);
        }
      },
      onsessionclosed: (session) => this.end(session),
    });
    await server.connect(transport);
    const response = await transport.handleRequest(request, parsedBody === undefined ? {} : { parsedBody });
    // What did not initialize a session is not kept.
    if (transport.sessionId === undefined) await server.close();
    return response;
  }

  private async end(id: string): Promise<void> {
    const session = this.open.get(id);
    if (session === undefined) return;
    this.open.delete(id);
    this.onOwnerGone(session.owner);
    await session.server.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.keys()].map((id) => this.end(id)));
  }
}

/** Who is let in: by token, name of the host, and origin. */
class Guard {
  port = 0;
  private readonly digests: readonly Buffer[];
  private readonly isLoopback: boolean;

  constructor(
    tokens: readonly string[],
    host: string,
    private readonly allowedOrigins: readonly string[],
  ) {
    this.digests = tokens.map(digest);
    this.isLoopback = host === "::1" || host === "localhost" || /^127\./.test(host);
  }

  /** The number of the token; or status and message, if the request is not for us or not from someone with a token. */
  admit({ headers, url }: IncomingMessage): number | [status: number, message: string] {
    const { host, origin, authorization } = headers;
    // A page on the web can send requests here (DNS rebinding), but not with these headers. Under other addresses this
    // machine may have any name: there the origin and the token alone decide.
    if (this.isLoopback && !OWN_NAMES.some((name) => host === `${name}:${this.port}`))
      return [403, "This server answers to 127.0.0.1 only; --host lets it listen elsewhere."];
    if (origin !== undefined && !this.isAllowed(origin))
      return [403, "Requests of this web page are not answered; --allow-origin names those that are."];
    const holder = this.holderOf(authorization);
    if (holder < 0) {
      return [
        401,
        "Send the server's token as Authorization: Bearer TOKEN: the one that its operator chose, or that it printed when it started.",
      ];
    }
    return url?.split("?")[0] === PATH ? holder : [404, `The server is at ${PATH}.`];
  }

  private isAllowed(origin: string): boolean {
    const isOwn = this.isLoopback && OWN_NAMES.some((name) => origin === `http://${name}:${this.port}`);
    return isOwn || this.allowedOrigins.includes(origin);
  }

  /** Compares digests, and all of them, so that the time tells nothing about a token. */
  private holderOf(authorization = ""): number {
    const given = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (given === undefined) return -1;
    const wanted = digest(given);
    return this.digests.map((one) => timingSafeEqual(one, wanted)).indexOf(true);
  }

  /** A browser asks first, without the token, whether a page of another origin may send what it wants to. */
  answersPreflight(request: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = request.headers;
    if (request.method !== "OPTIONS" || origin === undefined || !this.isAllowed(origin)) return false;
    this.allowPage(request, response);
    response.setHeader("access-control-allow-methods", "GET, POST, DELETE");
    const wanted = request.headers["access-control-request-headers"];
    if (wanted !== undefined) response.setHeader("access-control-allow-headers", wanted);
    response.writeHead(204);
    response.end();
    return true;
  }

  allowPage({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
    if (origin === undefined) return;
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("access-control-expose-headers", "mcp-session-id, mcp-protocol-version, www-authenticate");
    response.setHeader("vary", "origin");
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refusalText(message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", error: { code: -32000, message }, id: null });
}

function refusal(status: number, message: string): Response {
  return new Response(refusalText(message), { status, headers: { "content-type": "application/json" } });
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="escapement"';
  response.writeHead(status, headers);
  response.end(refusalText(message));
}
