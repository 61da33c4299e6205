// The server over standard input and output, for clients of either protocol.
import { PassThrough, type Readable, type Writable } from "node:stream";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio as serve } from "@modelcontextprotocol/server/stdio";
import { type Connect, clientName } from "./clients.js";

/** How long requests that are under way when the input ends may still take. */
const GRACE_MS = 2_000;
/** Longest message: the largest program, every character of it escaped, and what is around it. */
const MAX_MESSAGE_BYTES = 10 * 2 ** 20;

/** Serves until the input ends, and what was asked for by then is answered or has taken too long. */
export async function serveStdio(
  connect: Connect,
  input: Readable = process.stdin,
  output: Writable = process.stdout,
): Promise<void> {
  // The transport drops what is under way when its input ends: it gets one that ends later.
  const held = new PassThrough();
  input.pipe(held, { end: false });
  const transport = new WatchedTransport(held, output);
  const over = new Promise<void>((resolve) => {
    transport.onGone = resolve;
    input.once("end", resolve);
    input.once("close", resolve);
  });
  const service = serve(() => connect({ owner: "", name: transport.client }), {
    transport,
    onerror: (error) => void process.stderr.write(`escapement: not understood: ${error.message}\n`),
  });
  await over;
  await transport.answered(GRACE_MS);
  await service.close();
}

/** Knows which requests have no answer yet, and what the client calls itself. */
class WatchedTransport extends StdioServerTransport {
  client = "";
  onGone = () => {};
  private readonly open = new Set<unknown>();
  private onAnswered = () => {};

  constructor(input: Readable, output: Writable) {
    super(input, output, { maxBufferSize: MAX_MESSAGE_BYTES });
  }

  override async start(): Promise<void> {
    const { onmessage, onclose } = this;
    this.onmessage = (message) => {
      this.client = clientName(message) ?? this.client;
      if ("method" in message && "id" in message) this.open.add(message.id);
      // A request that was cancelled gets no answer.
      else if ("method" in message && message.method === "notifications/cancelled") {
        this.settle(message.params?.["requestId"]);
      }
      onmessage?.(message);
    };
    this.onclose = () => {
      onclose?.();
      this.onGone();
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
