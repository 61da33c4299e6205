// What a WASI guest gets of this host, a Node process: `escapement/wasi/node`.
// It is here and not in runtime/wasi/, which touches nothing of its host.

export { NodeFiles } from "./node-files.js";
export { realClock, realRandom } from "./real-world.js";
export { NODE_TOOLS, nodeSha256 } from "./receipt-world.js";
export { type ModuleInputs, type RecordedRun, recordedRun, statusOf } from "./recorded-run.js";
export { InputStream, OutputStream } from "./streams.js";
export { ArgumentError, argumentsOf, formatValue, parseValue } from "./values.js";
