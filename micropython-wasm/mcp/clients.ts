// What is known of a client: whose sandboxes it has, and how it shows results.
import type { McpServer } from "@modelcontextprotocol/server";

export interface McpClient {
  /** Whose sandboxes it sees. */
  readonly owner: string;
  /** As it calls itself; empty if it does not. */
  readonly name: string;
}

/** Makes the server of a connection, or of a request where there are no connections. */
export type Connect = (client: McpClient) => McpServer;

/** Key of the client's name in each request of protocol 2026-07-28. */
const CLIENT_INFO = "io.modelcontextprotocol/clientInfo";

/** The name that a message of either protocol gives: `initialize` of 2025, or any request of 2026; undefined if it has none. */
export function clientName(message: unknown): string | undefined {
  const params = field(message, "params");
  const info = field(params, "clientInfo") ?? field(field(params, "_meta"), CLIENT_INFO);
  const name = field(info, "name");
  return typeof name === "string" ? name : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/**
 * Clients that hand a model the structured content in place of the text, so that output and images would be lost:
 * by the beginning of their names.
 */
const SHOW_STRUCTURED_ONLY = ["claude-code", "cursor"];

export function wantsStructured(name: string): boolean {
  return !SHOW_STRUCTURED_ONLY.some((beginning) => name.toLowerCase().startsWith(beginning));
}
