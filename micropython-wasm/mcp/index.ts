// The Model Context Protocol server; for Node, and not reachable from micropython-wasm/index.ts.
export { type HttpOptions, type HttpService, serveHttp } from "./http.js";
export {
  type SandboxFactory,
  type SandboxInfo,
  SandboxRequestError,
  SandboxTable,
  type SandboxTableOptions,
  type SnapshotInfo,
} from "./sandbox-table.js";
export { createMcpServer, type McpServerOptions } from "./server.js";
export { serveStdio } from "./stdio.js";
