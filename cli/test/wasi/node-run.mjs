// `node node-run.mjs FILE PREOPENS ENV ARGS…`: runs a WASI command on V8 with Node's own WASI.
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const [file, preopens, env, ...args] = process.argv.slice(2);
const wasi = new WASI({
  version: "preview1",
  args,
  env: JSON.parse(env),
  preopens: JSON.parse(preopens),
  returnOnExit: true,
});
const { instance } = await WebAssembly.instantiate(readFileSync(file), wasi.getImportObject());
process.exitCode = wasi.start(instance);
