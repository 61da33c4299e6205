#!/usr/bin/env node
// The process of the command `escapement`: what becomes dist/bundle/cli.js.
import { readFileSync } from "node:fs";
import { main } from "./main.js";
import { installProcessHandlers } from "./output.js";

// From dist/bundle/, or from dist/cli/ where the modules run unbundled.
const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
installProcessHandlers();
await main(process.argv.slice(2), (JSON.parse(manifest) as { version: string }).version);
