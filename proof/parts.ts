// A state, and a program, as parts: what a root commits to.
import { encodeUtf8 } from "../decoder/utf8.js";
import { hex, type Sha256 } from "../runtime/sha256.js";

/** One part, by what it is called, its length in bytes and its Merkle root. */
export interface PartCommitment {
  readonly name: string;
  readonly byteLength: number;
  readonly root: Uint8Array;
}

/** SHA-256 of a line of text for each part, in order: its name as JSON, length and root, ended by a line feed. */
export function rootOfParts(parts: readonly PartCommitment[], sha256: Sha256): Uint8Array {
  const line = ({ name, byteLength, root }: PartCommitment) => `${JSON.stringify(name)} ${byteLength} ${hex(root)}\n`;
  return sha256(encodeUtf8(parts.map(line).join("")));
}
