// Profiles as files: the same bytes for the same fuel.
//   .cpuprofile        what Chrome's and VS Code's tools open; a unit of fuel is a microsecond there
//   .speedscope.json   what speedscope.app opens, all trees in one file
//   .svg               a picture: widths are fuel
import { type FuelNode, type FuelTree, pathsOf, totalOf } from "./fuel-tree.js";

export const PROFILE_SUFFIXES = [".cpuprofile", ".speedscope.json", ".svg"] as const;

/** The text of a profile, in the format that the file's name says; undefined for another name. */
export function formatProfile(path: string, trees: readonly FuelTree[]): string | undefined {
  if (path.endsWith(".cpuprofile")) return cpuProfile(trees[0]!);
  if (path.endsWith(".speedscope.json")) return speedscope(trees);
  return path.endsWith(".svg") ? flameGraph(trees[0]!) : undefined;
}

function cpuProfile({ root }: FuelTree): string {
  const nodes: object[] = [];
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const add = (node: FuelNode): number => {
    const id = nodes.length + 1;
    const children: number[] = [];
    nodes.push({
      id,
      callFrame: {
        ...{ functionName: node.name, scriptId: "0", url: node.file },
        ...{ lineNumber: node.line - 1, columnNumber: -1 },
      },
      hitCount: node.fuel > 0 ? 1 : 0,
      // Beyond the format, which readers pass over.
      ...(node.visits === undefined ? {} : { visits: node.visits, allocated: node.allocated }),
      children,
    });
    if (node.fuel > 0) {
      samples.push(id);
      timeDeltas.push(node.fuel);
    }
    for (const child of node.children) children.push(add(child));
    return id;
  };
  add(root);
  return `${JSON.stringify({ nodes, startTime: 0, endTime: totalOf(root), samples, timeDeltas })}\n`;
}

function speedscope(trees: readonly FuelTree[]): string {
  const frames: object[] = [];
  const numbers = new Map<string, number>();
  const numberOf = ({ name, file, line }: FuelNode): number => {
    const key = JSON.stringify([name, file, line]);
    let number = numbers.get(key);
    if (number === undefined) {
      number = frames.length;
      numbers.set(key, number);
      frames.push({ name, ...(file === "" ? {} : { file, line }) });
    }
    return number;
  };
  const profiles = trees.map(({ name, root, counts = "fuel" }) => {
    const paths = [...pathsOf(root)];
    const unit = counts === "bytes" ? "bytes" : "none";
    return {
      ...{ type: "sampled", name: `${name}, ${counts}`, unit, startValue: 0, endValue: totalOf(root) },
      samples: paths.map((path) => path.map(numberOf)),
      weights: paths.map((path) => path.at(-1)!.fuel),
    };
  });
  const $schema = "https://www.speedscope.app/file-format-schema.json";
  return `${JSON.stringify({ $schema, shared: { frames }, profiles, exporter: "escapement" })}\n`;
}

const WIDTH = 1200;
const ROW = 18;
/** Narrower ones are left out: nobody would see them. */
const LEAST_WIDTH = 0.3;
/** A character, about. */
const LETTER = 7;

function flameGraph({ name, root }: FuelTree): string {
  const total = totalOf(root);
  const boxes: string[] = [];
  let depth = 0;
  const draw = (node: FuelNode, x: number, level: number): void => {
    const fuel = totalOf(node);
    const width = (fuel / total) * WIDTH;
    if (!(width >= LEAST_WIDTH)) return;
    depth = Math.max(depth, level + 1);
    const place = node.line > 0 ? ` (${node.file}:${node.line})` : "";
    const more = node.visits === undefined ? "" : `, ${node.visits} times, ${node.allocated} bytes`;
    const title = `${node.name}${place}: ${fuel} fuel of ${total}, ${node.fuel} its own${more}`;
    const y = 24 + level * ROW;
    const label = `${node.name}${node.line > 0 ? `:${node.line}` : ""}`.slice(
      0,
      Math.max(0, Math.floor(width / LETTER)),
    );
    boxes.push(
      `<g><title>${escaped(title)}</title>` +
        `<rect x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${ROW - 1}" fill="${colourOf(node.name)}"/>` +
        `<text x="${(x + 3).toFixed(2)}" y="${y + 13}">${escaped(label)}</text></g>`,
    );
    let at = x;
    for (const child of node.children) {
      draw(child, at, level + 1);
      at += (totalOf(child) / total) * WIDTH;
    }
  };
  draw(root, 0, 0);
  const height = 32 + depth * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
    "<style>text{font:11px monospace;fill:#111}rect{stroke:#fff;stroke-width:.5}</style>",
    `<text x="3" y="15">${escaped(name)}: ${total} fuel</text>`,
    ...boxes,
    "</svg>\n",
  ].join("\n");
}

/** The same name has the same colour. */
function colourOf(name: string): string {
  let sum = 7;
  for (let i = 0; i < name.length; i++) sum = (sum * 31 + name.charCodeAt(i)) % 997;
  return `hsl(${20 + (sum % 40)} ${70 + (sum % 25)}% ${62 + (sum % 13)}%)`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
