// The house of DESIGN.md as a picture, drawn from the imports of the sources: floors from the bottom up, parts as wide
// as their code is long, and lines for what imports what across floors.
import { posix } from "node:path";
import { floorOf } from "../test/architecture/floors.js";
import { importsOf } from "../test/architecture/source-scan.js";

interface Part {
  readonly name: string;
  readonly floor: number;
  lines: number;
  /** part → how many imports */
  readonly imports: Map<string, number>;
}

/** The part of the house that a file is in: a folder of the core, a face, a project beside it. */
function partOf(path: string): string {
  const [first, second, third] = path.split("/");
  if (first === "runtime") return third === undefined && second !== "index.ts" ? "runtime" : `runtime/${second}`;
  if (first === "micropython-wasm") return third === undefined ? first : `python/${second}`;
  return first === "cli" && third !== undefined ? `cli/${second}` : first!;
}

function partsOf(sources: ReadonlyMap<string, string>): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const [path, source] of sources) {
    const floor = floorOf(path);
    if (floor === undefined) continue;
    const name = partOf(path);
    const part = parts.get(name) ?? { name, floor, lines: 0, imports: new Map<string, number>() };
    parts.set(name, part);
    part.lines += source.split("\n").length;
    for (const specifier of importsOf(source)) {
      const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
      if (!specifier.startsWith(".") || !sources.has(target)) continue;
      const to = partOf(target);
      if (to !== name) part.imports.set(to, (part.imports.get(to) ?? 0) + 1);
    }
  }
  return parts;
}

const WIDTH = 1200;
const FLOOR = 92;
const HEIGHT = 44;
const GAP = 8;
const LABEL = 40;

/** @param sources path from the project's root → text; tests left out */
export function drawHouse(sources: ReadonlyMap<string, string>): string {
  const parts = partsOf(sources);
  const floors = [...new Set([...parts.values()].map(({ floor }) => floor))].sort((a, b) => b - a);
  const boxes = new Map<string, { x: number; y: number; width: number }>();
  const shapes: string[] = [];
  floors.forEach((floor, row) => {
    const here = [...parts.values()]
      .filter((part) => part.floor === floor)
      .sort((a, b) => a.name.localeCompare(b.name));
    const y = row * FLOOR + 12;
    const room = WIDTH - LABEL - GAP * here.length;
    const weight = (part: Part) => Math.sqrt(part.lines) + 12;
    const all = here.reduce((sum, part) => sum + weight(part), 0);
    let x = LABEL;
    shapes.push(`<text class="floor" x="8" y="${y + HEIGHT / 2 + 5}">${floor}</text>`);
    for (const part of here) {
      const width = Math.round((room * weight(part)) / all);
      boxes.set(part.name, { x, y, width });
      const size = Math.max(8, Math.min(13, Math.floor((width - 6) / (part.name.length * 0.58))));
      shapes.push(
        `<g><title>${part.name}: ${part.lines} lines</title><rect x="${x}" y="${y}" width="${width}" height="${HEIGHT}" rx="5"/>` +
          `<text x="${x + width / 2}" y="${y + HEIGHT / 2 + 4}" font-size="${size}" text-anchor="middle">${part.name}</text></g>`,
      );
      x += width + GAP;
    }
  });
  const lines: string[] = [];
  for (const part of parts.values()) {
    const from = boxes.get(part.name)!;
    for (const [name, count] of part.imports) {
      const to = boxes.get(name)!;
      if (to.y <= from.y) continue;
      const [x1, y1] = [from.x + from.width / 2, from.y + HEIGHT];
      const [x2, y2] = [to.x + to.width / 2, to.y];
      const width = Math.min(4, 0.5 + count / 12).toFixed(1);
      lines.push(
        `<path d="M${x1} ${y1}C${x1} ${y1 + 34} ${x2} ${y2 - 34} ${x2} ${y2}" stroke-width="${width}"><title>${part.name} imports ${name}: ${count}</title></path>`,
      );
    }
  }
  const height = floors.length * FLOOR;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" role="img" aria-label="The parts of the project by floors, and what imports what">
<style>
rect{fill:#eef2fb;stroke:#5b74b8} text{fill:#1b2340} .floor{fill:#7a86a8;font-size:14px} path{fill:none;stroke:#5b74b8;opacity:.28}
@media(prefers-color-scheme:dark){rect{fill:#1d2438;stroke:#7f96d8} text{fill:#dfe6ff} path{stroke:#9db1ee}}
</style>
${lines.join("\n")}
${shapes.join("\n")}
</svg>
`;
}
