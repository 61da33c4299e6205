// A part of `npm run build`: chunks that the same entry points share become one. esbuild makes a chunk for each set of entry
// points, so that those that only a few more have take the rest apart: Sandbox was in 27 files, of which most have a few
// kilobytes, and to find and link a file takes Node half a millisecond.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const FOLDER = "dist/bundle";
/** What is loaded alone: nothing gets into what one of these loads. */
const ALONE = [
  "decoder",
  "runtime",
  "wasi",
  "webassembly",
  "polyfill",
  "micropython",
  "proof",
  "farm",
  "farm-thread",
  "rewrite",
  "romfs",
];
/** Declarations as esbuild writes them: what is imported or exported, and of which chunk. */
const DECLARATION = /\b(import|export)(?:\{([^}]*)\}from)?"\.\/(chunk-[^"]+\.js|[\w-]+\.js)"/g;
const EXPORTS = /\bexport\{([^}]*)\};?\s*$/;

/** The files that each file declares to import. */
function importsOf(texts) {
  const imports = new Map();
  for (const [name, text] of texts)
    imports.set(
      name,
      [...text.matchAll(DECLARATION)].map((match) => match[3]),
    );
  return imports;
}

function reachedFrom(entry, imports) {
  const reached = new Set();
  const waiting = [entry];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    waiting.push(...(imports.get(name) ?? []));
  }
  return reached;
}

/** Names as they are on either side of `as`. */
function namesOf(list) {
  return list.split(",").map((part) => {
    const [inside, outside = inside] = part.trim().split(" as ");
    return { inside, outside };
  });
}

/** One file of several chunks, whose exports have the chunk's place behind their names. @returns its name */
async function merged(chunks, texts) {
  const contents = chunks.map((chunk, i) => {
    const [, list] = EXPORTS.exec(texts.get(chunk)) ?? [];
    if (list === undefined) return `import "./${chunk}";`;
    return `export {${namesOf(list).map(({ outside }) => `${outside} as ${outside}$${i}`)}} from "./${chunk}";`;
  });
  const { outputFiles } = await build({
    stdin: { contents: contents.join("\n"), resolveDir: FOLDER },
    bundle: true,
    write: false,
    plugins: [
      {
        name: "other chunks stay where they are",
        setup(setup) {
          setup.onResolve({ filter: /.*/ }, ({ path, kind }) =>
            kind !== "import-statement" || !chunks.includes(path.slice(2)) ? { path, external: true } : undefined,
          );
        },
      },
    ],
    format: "esm",
    platform: "node",
    target: "es2022",
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
  });
  const [{ text }] = outputFiles;
  const name = `chunk-${createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase()}.js`;
  writeFileSync(`${FOLDER}/${name}`, text);
  return name;
}

/** Puts chunks together, and names the new files where the old ones are named. */
export async function mergeChunks() {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".js"));
  const texts = new Map(names.map((name) => [name, readFileSync(`${FOLDER}/${name}`, "utf8")]));
  const imports = importsOf(texts);
  const reached = ALONE.map((entry) => reachedFrom(`${entry}.js`, imports));
  const groups = new Map();
  for (const name of names.filter((name) => name.startsWith("chunk-"))) {
    const key = reached.map((set) => set.has(name)).join();
    // What none of them reaches is not loaded together.
    if (key.includes("true")) groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  const places = new Map();
  for (const chunks of groups.values()) {
    if (chunks.length === 1) continue;
    const into = await merged(chunks, texts);
    for (const [i, chunk] of chunks.entries()) places.set(chunk, { into, i });
  }
  const files = new Set([...names, ...[...places.values()].map(({ into }) => into)]);
  for (const name of files) {
    if (places.has(name)) continue;
    const text = readFileSync(`${FOLDER}/${name}`, "utf8");
    const renamed = text.replaceAll(DECLARATION, (whole, word, list, file) => {
      const place = places.get(file);
      if (place === undefined) return whole;
      if (list === undefined) return `${word}"./${place.into}"`;
      const moved = namesOf(list).map(({ inside, outside }) => `${inside}$${place.i} as ${outside}`);
      return `${word}{${moved}}from"./${place.into}"`;
    });
    for (const chunk of places.keys())
      if (renamed.includes(`"./${chunk}"`)) throw new Error(`${name} names ${chunk} otherwise: bundle-chunks.mjs`);
    if (renamed !== text) writeFileSync(`${FOLDER}/${name}`, renamed);
  }
  for (const chunk of places.keys()) rmSync(`${FOLDER}/${chunk}`);
}
