// Fuel by calls, as trees: what profiles are written of.

/** What ran, as it was called from its parent. */
export interface FuelNode {
  readonly name: string;
  /** A Python file, or empty; and the line there, from 1, or 0. */
  readonly file: string;
  readonly line: number;
  /** Its own, without its children's. */
  fuel: number;
  /** How often a frame came to this line from another one, or by a jump back, or a function of the host's was called; where that is known. */
  readonly visits?: number;
  /** Bytes of memory that it asked for; where that is known. */
  readonly allocated?: number;
  readonly children: FuelNode[];
}

export interface FuelTree {
  /** What the frames are: "Python" or "WebAssembly". */
  readonly name: string;
  /** What a node's number counts, if not fuel. */
  readonly counts?: "bytes" | "visits";
  /** Has no fuel of its own, but what cannot be told. */
  readonly root: FuelNode;
}

export function newNode(name: string, file = "", line = 0): FuelNode {
  return { name, file, line, fuel: 0, children: [] };
}

/** The child with these names, which is made if there is none. */
export function childOf(parent: FuelNode, name: string, file = "", line = 0): FuelNode {
  const known = parent.children.find((child) => child.name === name && child.file === file && child.line === line);
  if (known !== undefined) return known;
  const made = newNode(name, file, line);
  parent.children.push(made);
  return made;
}

/** A node's fuel with its children's. */
export function totalOf(node: FuelNode): number {
  let sum = node.fuel;
  for (const child of node.children) sum += totalOf(child);
  return sum;
}

/** Nodes with fuel of their own, each with those that it was called by, the outermost first. */
export function* pathsOf(node: FuelNode, above: readonly FuelNode[] = []): Generator<readonly FuelNode[]> {
  const path = [...above, node];
  if (node.fuel > 0) yield path;
  for (const child of node.children) yield* pathsOf(child, path);
}
