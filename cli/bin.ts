#!/usr/bin/env node
// The process of the command `escapement`: what becomes dist/bundle/cli.js. Node's cache of compiled code, which 22.1 and
// later have, is for what is loaded behind this: so the command is. Where it lies, and whether there is any, is Node's
// to say: NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE.
import nodeModule from "node:module";

(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
const { start } = await import("./start.js");
await start();
