// The pictures that a program has drawn with matplotlib, which CPython's sandboxes keep a list of (cpython/figures.py.ts).

import { decodeUtf8Lossy } from "../../decoder/index.js";
import { FIGURES_LIST } from "../cpython/figures.py.js";
import { FileSystemError } from "../guest/errno.js";
import type { SandboxSession } from "../session/sandbox-types.js";

/** Most pictures of one run that are shown; the others are files. */
const MAX_PICTURES = 10;

/** Paths of the pictures that nobody has taken yet; the list is then empty. What a guest writes there are paths of its own. */
export function takePictures(session: SandboxSession): string[] {
  try {
    const list = decodeUtf8Lossy(session.readFile(FIGURES_LIST));
    session.writeFile(FIGURES_LIST, "");
    const paths = list.split("\n").filter((path) => path.startsWith("/"));
    return [...new Set(paths)].slice(-MAX_PICTURES);
  } catch (error) {
    // There is no list before the first picture, and none that can be emptied where the guest has seen to that.
    if (error instanceof FileSystemError) return [];
    throw error;
  }
}
