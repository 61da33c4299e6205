// Puts engine.mjs under the harness: `node main.mjs [SCRIPT OF THE SUITE]` in a folder where
// `npm install escapement @bytecodealliance/jco-transpile` was run.
import { fileURLToPath } from "node:url";
import { humanReport, runSuite, summarize } from "escapement/spec-tests";
import { call, compile, instantiate, Trap } from "./engine.mjs";

const adapter = {
  name: "small",
  specMessages: ["malformed", "invalid", "trap"],
  compile,
  instantiate,
  getExport: (instance, name) => instance.exports.get(name),
  // Values are bits: an i32 is a bigint below 2^32.
  invoke: (func, args) =>
    call(
      func,
      args.map(({ bits }) => Number(BigInt.asIntN(32, bits))),
    ).map((value) => ({ type: "i32", bits: BigInt.asUintN(32, BigInt(value)) })),
  readGlobal: () => {
    throw new Error("there are no globals");
  },
  classify: (error) => ({
    kind: error instanceof Trap ? "trap" : (error.kind ?? "other"),
    message: error.reason ?? error.message,
  }),
};

/** What the engine is known to fail, and why. */
const KNOWN = [{ engine: "small", file: "arithmetic.wast", line: 23, reason: "the engine has no blocks" }];

const own = { file: "arithmetic.wast", path: fileURLToPath(new URL("arithmetic.wast", import.meta.url)) };
const paths = process.argv.slice(2);
const result = await runSuite(adapter, paths.length > 0 ? { paths } : { files: [own], expectedFailures: KNOWN });
const { ok, total } = summarize(result);
if (!ok) console.log(humanReport(result));
console.log(JSON.stringify({ ok, ...total }));
process.exitCode = ok ? 0 : 1;
