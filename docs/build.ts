// `npm run docs`: the site, into docs/dist/site. Everything comes from the repository and from npm's registry; nothing
// of it is fetched while it is built.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { drawHouse } from "./house.js";
import { pageFor, pagesOf } from "./pages.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DOCS = `${ROOT}docs/`;
const PAGES = `${DOCS}dist/pages/`;

/** Entries of the package whose reference is written. */
const ENTRIES = [
  "runtime/index.ts",
  "runtime/wasi/index.ts",
  "cli/wasi/index.ts",
  "cli/js-api/index.ts",
  "micropython-wasm/index.ts",
  "micropython-wasm/node.ts",
  "micropython-wasm/mcp/index.ts",
  "micropython-wasm/pool/index.ts",
  "proof/index.ts",
  "decoder/index.ts",
  "spec-tests/index.ts",
];

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { cwd: DOCS, stdio: ["ignore", "inherit", "inherit"] });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(`${PAGES}${path}`), { recursive: true });
  writeFileSync(`${PAGES}${path}`, text);
}

function filesOf(folder: string): string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path}`)
    .filter((path) => !/(?:^|\/)(?:node_modules|dist)\//.test(path));
}

function sources(): Map<string, string> {
  const paths = ["cli", "decoder", "proof", "runtime", "micropython-wasm", "bench", "spec-tests", "tools"]
    .flatMap(filesOf)
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .filter((path) => !/(?:^|\/)test\//.test(path) && !/^(?:bench\/(?:kernels|build)|spec-tests\/suite)\//.test(path));
  return new Map(paths.map((path) => [path, readFileSync(`${ROOT}${path}`, "utf8")]));
}

/** The house stands where the architecture page begins to speak of floors. */
const withHouse = (design: string): string =>
  design.replace(
    /^## 2\. Floors$/m,
    "$&\n\n![The house: floors from the bottom up, and what imports what](/house.svg)",
  );

rmSync(`${DOCS}dist`, { recursive: true, force: true });
if (!existsSync(`${DOCS}node_modules/vitepress`))
  run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent");

const pages = pagesOf([...filesOf("docs"), ...filesOf("examples")]);
for (const [path, page] of pages) {
  const source = readFileSync(`${ROOT}${path}`, "utf8");
  const { text, pictures } = pageFor(path, path === "DESIGN.md" ? withHouse(source) : source, pages);
  write(page, text);
  for (const picture of pictures.filter((name) => existsSync(`${ROOT}${name}`)))
    cpSync(`${ROOT}${picture}`, `${PAGES}public/${picture}`, { recursive: true });
}
write("public/house.svg", drawHouse(sources()));
cpSync(`${ROOT}examples/playground/public/icon.svg`, `${PAGES}public/icon.svg`);

const options = [
  "--plugin",
  "typedoc-plugin-markdown",
  "--router",
  "module",
  "--readme",
  "none",
  "--name",
  "Reference",
];
const shape = [
  "--skipErrorChecking",
  "--hideBreadcrumbs",
  "--disableSources",
  "--logLevel",
  "Error",
  "--sanitizeComments",
];
const places = [
  "--tsconfig",
  "../tsconfig.json",
  "--basePath",
  "..",
  "--entryFileName",
  "index",
  "--out",
  "dist/pages/reference",
];
run("npx", "typedoc", ...options, ...shape, ...places, ...ENTRIES.map((entry) => `../${entry}`));
run("npx", "vitepress", "build");

// What the built pages hold: every diagram drawn, and nothing that a page would fetch from elsewhere.
const site = `${DOCS}dist/site/`;
for (const [path, page] of pages) {
  const source = readFileSync(`${ROOT}${path}`, "utf8");
  const html = readFileSync(`${site}${page.replace(/\.md$/, ".html")}`, "utf8");
  const wanted = source.match(/^```mermaid$/gm)?.length ?? 0;
  const drawn = html.match(/<div class="diagram"[^>]*><svg/g)?.length ?? 0;
  if (drawn !== wanted) throw new Error(`${page}: ${drawn} of ${wanted} diagrams are drawn`);
  const asked = /(?:@import url\(|<(?:script|img|link)[^>]* (?:src|href)=["']?)(?:https?:)?\/\/[^"')\s]+/.exec(html);
  if (asked !== null) throw new Error(`${page} asks another host: ${asked[0]}`);
}
