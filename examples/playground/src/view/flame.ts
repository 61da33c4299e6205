// The flame graph: a box for each function, as wide as the fuel that it and its callees used.
import type { Flame } from "../protocol.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 600;
const ROW = 20;

export function flameGraph(root: Flame): SVGSVGElement {
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${ROW * depthOf(root)}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Fuel by function: ${summary(root)}`);
  draw(svg, root, 0, 0, WIDTH / Math.max(1, root.fuel));
  return svg;
}

function depthOf({ children }: Flame): number {
  return 1 + Math.max(0, ...children.map(depthOf));
}

function summary({ fuel, children }: Flame): string {
  return children.map((child) => `${child.name} ${Math.round((100 * child.fuel) / fuel)} %`).join(", ");
}

function draw(svg: SVGElement, { name, fuel, children }: Flame, x: number, row: number, scale: number): void {
  const width = fuel * scale;
  const group = document.createElementNS(NAMESPACE, "g");
  const box = document.createElementNS(NAMESPACE, "rect");
  const title = document.createElementNS(NAMESPACE, "title");
  title.textContent = `${name}: ${fuel.toLocaleString("en")} fuel`;
  for (const [key, value] of Object.entries({ x, y: row * ROW, width, height: ROW - 1 }))
    box.setAttribute(key, `${value}`);
  group.append(title, box);
  if (width > 7 * name.length) {
    const text = document.createElementNS(NAMESPACE, "text");
    text.setAttribute("x", `${x + 4}`);
    text.setAttribute("y", `${row * ROW + 14}`);
    text.textContent = name;
    group.append(text);
  }
  svg.append(group);
  let left = x;
  for (const child of children) {
    draw(svg, child, left, row + 1, scale);
    left += child.fuel * scale;
  }
}
