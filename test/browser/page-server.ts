// A server of files and of tasks for pages, which may do nothing but run its scripts and ask it for more.
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname } from "node:path";
import { text } from "node:stream/consumers";

/** Neither eval nor WebAssembly: there is no 'unsafe-eval' and no 'wasm-unsafe-eval' among the sources. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";
const PAGE =
  '<!doctype html><meta charset="utf-8"><title>A task</title><script type="module" src="/page.mjs"></script>';
const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** What a page has sent. */
export interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

interface Exchange {
  readonly request: unknown;
  answer(answer: Answer): void;
}

export class PageServer {
  private readonly exchanges: Exchange[] = [];
  private readonly files = new Map<string, Uint8Array>();
  private readonly server: Server;

  private constructor(private readonly folders: Readonly<Record<string, string>>) {
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  /** @param folders where the files directly below an address are */
  static async start(folders: Readonly<Record<string, string>>): Promise<PageServer> {
    const server = new PageServer(folders);
    await new Promise<void>((resolve) => server.server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** Has a single file at an address. */
  serve(address: string, content: Uint8Array): void {
    this.files.set(address, content);
  }

  /** The address of a page that gets `request` and answers. */
  expect(request: unknown): { address: string; answered: Promise<Answer> } {
    let answer!: (answer: Answer) => void;
    const answered = new Promise<Answer>((resolve) => {
      answer = resolve;
    });
    const { port } = this.server.address() as AddressInfo;
    return { address: `http://127.0.0.1:${port}/?${this.exchanges.push({ request, answer }) - 1}`, answered };
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Of workers, what counts is the policy that their script came with.
    response.setHeader("content-security-policy", POLICY);
    const { pathname, search } = new URL(request.url!, "http://localhost");
    const exchange = this.exchanges[Number(search.slice(1))];
    if (pathname === "/") {
      response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    } else if (pathname === "/request") response.end(JSON.stringify(exchange!.request));
    else if (pathname === "/reply") {
      exchange!.answer(JSON.parse(await text(request)) as Answer);
      response.end();
    } else if (pathname === "/ping") response.end("pong");
    else this.sendFile(pathname, response);
  }

  private sendFile(path: string, response: ServerResponse): void {
    const name = basename(path);
    try {
      const content = this.files.get(path) ?? readFileSync(this.folders[path.slice(0, -name.length)]! + name);
      response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
