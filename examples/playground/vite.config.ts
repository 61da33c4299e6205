// Static files for any server. While the page is built, Node runs the examples: the page compares its bits with those.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { artifactPath, sameBits } from "./same-bits.js";

const POLICY = "default-src 'self'; script-src 'self'";
/** The engine as `npm run build` has left it. A project of its own has the package, and needs no alias. */
const bundle = fileURLToPath(new URL("../../dist/bundle", import.meta.url));
const alias = [
  { find: /^escapement\/(.*)$/, replacement: `${bundle}/$1.js` },
  { find: /^escapement$/, replacement: `${bundle}/runtime.js` },
];

/** A module whose text is made while the page is built. */
function virtual(name: string, text: () => Promise<string>): Plugin {
  return {
    name,
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load: (id) => (id === `\0${name}` ? text() : null),
  };
}

/** The booted interpreter that the package has for the artifact. */
async function imagePath(): Promise<string> {
  const { imageName, loadArtifact } = await import(join(bundle, "artifact-node.js"));
  return join(bundle, imageName(await loadArtifact()));
}

const files = virtual("virtual:python-files", async () =>
  [
    `export { default as artifact } from ${JSON.stringify(`${artifactPath()}?url`)};`,
    `export { default as image } from ${JSON.stringify(`${await imagePath()}?url`)};`,
  ].join("\n"),
);
const bits = virtual(
  "virtual:same-bits",
  async () => `export default ${JSON.stringify(await sameBits(await imagePath(), bundle))};`,
);

export default defineConfig({
  base: "./",
  plugins: [files, bits],
  resolve: { alias },
  worker: { format: "es", plugins: () => [files] },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  preview: { headers: { "content-security-policy": POLICY } },
});
