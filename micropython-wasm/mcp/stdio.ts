// The server over standard input and output.
import type { Readable, Writable } from "node:stream";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

/** How long requests that are under way when the input ends may still take. */
const GRACE_MS = 2_000;

/** Serves until the input ends, and what was asked for by then is answered or has taken too long. */
export async function serveStdio(
  server: McpServer,
  input: Readable = process.stdin,
  output: Writable = process.stdout,
): Promise<void> {
  const transport = new CountingTransport(input, output);
  const over = new Promise<void>((resolve) => {
    server.server.onclose = resolve;
    input.once("end", resolve);
    input.once("close", resolve);
  });
  server.server.onerror = (error) => void process.stderr.write(`escapement: not understood: ${error.message}\n`);
  await server.connect(transport);
  await over;
  await transport.answered(GRACE_MS);
  await server.close();
}

/** Knows which requests have no answer yet. */
class CountingTransport extends StdioServerTransport {
  private readonly open = new Set<unknown>();
  private onAnswered = () => {};

  override async start(): Promise<void> {
    const { onmessage } = this;
    this.onmessage = (message) => {
      if ("method" in message && "id" in message) this.open.add(message.id);
      // A request that was cancelled gets no answer.
      else if ("method" in message && message.method === "notifications/cancelled") {
        this.settle(message.params?.["requestId"]);
      }
      onmessage?.(message);
    };
    await super.start();
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(message);
    if (!("method" in message)) this.settle(message.id);
  }

  private settle(id: unknown): void {
    this.open.delete(id);
    if (this.open.size === 0) this.onAnswered();
  }

  /** Resolves when everything is answered, or after `ms`. */
  async answered(ms: number): Promise<void> {
    // Requests that came in the same piece as the end are seen first.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.open.size === 0) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, ms);
      this.onAnswered = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }
}
