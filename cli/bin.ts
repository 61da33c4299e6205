#!/usr/bin/env node
// The process of the command `escapement`: what becomes dist/bundle/cli.cjs, which is no ES module, since Node loads the
// loader of those first. Most lines that begin with `python` need no more than a script has (plain-python.ts), which V8's
// compiled code is kept of (code-cache.ts); all else is loaded as modules. Node's own cache, from 22.1 on, is for those.
import { CodeCache } from "./code-cache.js";
import { runPythonScript, scriptFor } from "./plain-python.js";
import { isNode } from "./young-process.js";

const line = process.argv.slice(2);
const cache = isNode() ? CodeCache.ofUser() : null;

/** The whole command. */
async function whole(): Promise<void> {
  const { enableCompileCache } = (await import("node:module")) as { enableCompileCache?: (folder?: string) => unknown };
  // Where Node's own goes by default, others can write to.
  if (cache !== null) enableCompileCache?.(process.env["NODE_COMPILE_CACHE"] ?? cache.folder);
  const { start } = await import("./start.js");
  await start();
}

async function command(): Promise<void> {
  const python = isNode() ? scriptFor(line) : null;
  if (python === null || !(await runPythonScript(python, line, cache, whole))) return whole();
  // Node would take its heap apart before the process takes all of it along, and wait for code that is still read.
  const isWritten = [process.stdout, process.stderr].every(({ writableLength }) => writableLength === 0);
  if (isWritten) process.exit();
}

void command();
