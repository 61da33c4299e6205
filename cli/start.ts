// The command `escapement` in a process of its own.
import { readFileSync } from "node:fs";
import { main } from "./main.js";
import { installProcessHandlers } from "./output.js";

/** Does what the process's arguments say; its exit status is set. */
export async function start(): Promise<void> {
  // From dist/bundle/, or from dist/cli/ where the modules run unbundled.
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  installProcessHandlers();
  await main(process.argv.slice(2), (JSON.parse(manifest) as { version: string }).version);
}
