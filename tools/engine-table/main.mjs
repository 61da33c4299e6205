// What each engine says, and where it departs from the specification's own tests, as the tables of docs/engines.md:
//   npm run engine-table -- [--tests FOLDER]
// FOLDER is a checkout of github.com/WebAssembly/spec; without it the table of tests stays as it is. Engines come of npm
// into $ESCAPEMENT_CACHE/engines (default: escapement/engines in the user's cache folder); Firefox is Debian's, if it is
// there. Writes docs/engines.md between its marks, and runtime/js-api/test/engine-texts.json, which tests hold the
// option `messages` to.
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { runTests } from "./conformance.mjs";
import { firefoxReport, installEngines, reportOf } from "./engines.mjs";
import { TRAPS } from "./traps.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = path.join(ROOT, "docs/engines.md");
const cache =
  process.env.ESCAPEMENT_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), "escapement");

async function script() {
  const modules = [];
  for (const { wat } of TRAPS) modules.push(Buffer.from(await parse(wat)).toString("base64"));
  const child = await readFile(new URL("child.js", import.meta.url), "utf8");
  return `const MODULES = ${JSON.stringify(modules)};\n${child}`;
}

const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("\n", " ");
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");
/** JavaScriptCore says which call it was; other engines put a module's position behind. */
const words = ({ error, text, value }) =>
  error === "" ? "–" : value !== undefined ? `gives ${value}` : `${error}: ${text.replace(/ \(evaluating '.*$/s, "")}`;

/** Rows of what engines say; engines that say the same throughout share a column. */
function compare(reports, key, names) {
  const columns = [];
  for (const { name, report } of reports) {
    const cells = names.map(([index]) =>
      typeof report[key][index] === "string" ? report[key][index] : words(report[key][index]),
    );
    const same = columns.find((column) => column.cells.every((text, i) => text === cells[i]));
    if (same === undefined) columns.push({ title: name, cells });
    else same.title += `, ${name.replace(/^Node /, "")}`;
  }
  return table(
    ["", ...columns.map(({ title }) => title)],
    names.map(([, label], i) => [label, ...columns.map(({ cells }) => cells[i])]),
  );
}

function replaceMarked(page, mark, text) {
  const [begin, end] = [`<!-- ${mark}: written by tools/engine-table -->`, `<!-- ${mark}: end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/engines.md has no ${begin}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

const at = process.argv.indexOf("--tests");
const engines = await installEngines(path.join(cache, "engines"));
const text = await script();
const reports = [];
for (const engine of engines) reports.push({ ...engine, report: await reportOf(engine.file, text) });
const firefox = await firefoxReport(text);
if (firefox !== undefined)
  reports.push({ ...firefox, engine: "SpiderMonkey", version: firefox.name.split(" ").at(-1), name: "Firefox ESR" });

let page = await readFile(PAGE, "utf8");
page = replaceMarked(page, "versions", reports.map(({ name, version }) => `- ${name}: ${version}`).join("\n"));
page = replaceMarked(
  page,
  "traps",
  compare(
    reports,
    "traps",
    TRAPS.map(({ trap, op }, i) => [i, op ? `${trap} (${op})` : trap]),
  ),
);
const named = (key) => Object.keys(reports[0].report[key]).map((name) => [name, `\`${name}\``]);
page = replaceMarked(page, "facts", compare(reports, "facts", named("facts")));
page = replaceMarked(page, "features", compare(reports, "features", named("features")));
if (at > 0)
  page = replaceMarked(page, "tests", await runTests(path.resolve(process.argv[at + 1]), engines, ROOT, table));
await writeFile(PAGE, page);

const texts = reports.map(({ name, engine, version, report }) => ({
  name,
  engine,
  version,
  traps: report.traps.map(({ error, text: said }) => ({ error, text: said.replace(/ \(evaluating '.*$/s, "") })),
}));
const TEXTS = path.join(ROOT, "runtime/js-api/test/engine-texts.json");
await writeFile(TEXTS, JSON.stringify({ traps: TRAPS, engines: texts }));
execFileSync("npx", ["biome", "format", "--write", TEXTS], { cwd: ROOT });
