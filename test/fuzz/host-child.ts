// Runs in a Node whose V8 has what modules of the corpus need: a line of JSON for each module, with its bytes and calls,
// and one back with the trace, or with why V8 cannot run it.

import { createInterface } from "node:readline";
import { parseModule } from "../../decoder/index.js";
import type { Call } from "../../runtime/test/support/differential.js";
import { hostTrace } from "../../runtime/test/support/host-runner.js";

export interface HostRequest {
  /** In base64. */
  readonly module: string;
  /** Arguments as decimal strings. */
  readonly calls: readonly (Omit<Call, "args"> & { readonly args: readonly (string | null)[] })[];
}
export type HostAnswer = { readonly lines: readonly string[] } | { readonly refused: string };

function answer(line: string): HostAnswer {
  const request = JSON.parse(line) as HostRequest;
  const module = parseModule(new Uint8Array(Buffer.from(request.module, "base64")));
  // Types of a module are numbers of its registry, and the same in every process that reads just this module.
  const calls = request.calls.map((call) => ({
    ...call,
    args: call.args.map((bits) => (bits === null ? null : BigInt(bits))),
  }));
  try {
    return { lines: hostTrace(module, calls) };
  } catch (error) {
    return { refused: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
