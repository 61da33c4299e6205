// The Model Context Protocol server; for Node, and not reachable from micropython-wasm/index.ts.
export { type Connect, type McpClient, wantsStructured } from "./clients.js";
export { type HttpOptions, type HttpService, serveHttp } from "./http.js";
export { SandboxTable } from "./sandbox-table.js";
export { createMcpServer, type McpServerOptions } from "./server.js";
export { serveStdio } from "./stdio.js";
export {
  type Asking,
  type SandboxFactory,
  type SandboxInfo,
  SandboxRequestError,
  type SandboxTableOptions,
  type SnapshotInfo,
  type TableRunOptions,
} from "./table-types.js";
