// Bundles the page and serves it: `node main.mjs [PORT]` in a folder where `npm install escapement esbuild` was run.
import { copyFileSync, createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { prebootedImage } from "escapement/python";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
mkdirSync(here("site"), { recursive: true });
await build({
  entryPoints: [here("page.js"), here("worker.js")],
  outdir: here("site"),
  bundle: true,
  format: "esm",
  minify: true,
});
copyFileSync(here("index.html"), here("site/index.html"));
// The interpreter, and its booted state, which saves the page its start.
const require = createRequire(createRequire(import.meta.url).resolve("escapement/package.json"));
copyFileSync(
  require.resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm"),
  here("site/python.wasm"),
);
writeFileSync(here("site/python.image"), await prebootedImage());

const TYPES = { html: "text/html", js: "text/javascript", wasm: "application/wasm", image: "application/octet-stream" };
const server = createServer((request, response) => {
  const name = request.url === "/" ? "index.html" : request.url.slice(1);
  const type = /^[\w.]+$/.test(name) ? TYPES[name.split(".").at(-1)] : undefined;
  if (type === undefined) return response.writeHead(404).end();
  const file = createReadStream(here(`site/${name}`));
  file.on("error", () => response.writeHead(404).end());
  file.on("open", () => {
    // A worker follows its own response's policy: it gets the header, too.
    response.writeHead(200, { "content-type": type, "content-security-policy": "default-src 'self'" });
    file.pipe(response);
  });
});
server.listen(Number(process.argv[2] ?? 8080), () => console.log(`http://localhost:${server.address().port}/`));
