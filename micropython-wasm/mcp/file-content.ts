// A guest's file as an agent gets it: an image as one, text as text, anything else as a resource.
import type { ContentBlock } from "@modelcontextprotocol/server";
import { cutText } from "../agents/agent-report.js";

/** What the models that are usual take, by the bytes that it begins with; `.` is any byte. */
const IMAGES: readonly (readonly [mimeType: string, magic: string])[] = [
  ["image/png", "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/gif", "GIF8"],
  ["image/webp", "RIFF....WEBP"],
];

export interface FileRoom {
  /** Most characters of text. */
  readonly text: number;
  /** Most bytes of an image or of anything else. */
  readonly bytes: number;
}

/** @param path absolute, in the sandbox */
export function fileContent(path: string, bytes: Uint8Array, room: FileRoom): ContentBlock {
  const mimeType = imageType(bytes);
  const text = mimeType === undefined ? textOf(bytes) : undefined;
  if (text !== undefined) return { type: "text", text: `${path}:\n${cutText(text, room.text)}` };
  if (bytes.length > room.bytes) {
    const text = `${path}: ${mimeType ?? "binary"}, ${bytes.length} bytes, more than the ${room.bytes} that are handed out.`;
    return { type: "text", text };
  }
  const data = Buffer.from(bytes).toString("base64");
  if (mimeType !== undefined) return { type: "image", data, mimeType };
  const uri = `file://${encodeURI(path)}`;
  return { type: "resource", resource: { uri, mimeType: "application/octet-stream", blob: data } };
}

function imageType(bytes: Uint8Array): string | undefined {
  const isLike = (magic: string) => [...magic].every((c, i) => c === "." || bytes[i] === c.charCodeAt(0));
  return IMAGES.find(([, magic]) => isLike(magic))?.[0];
}

/** Undefined of what is no text: other than UTF-8, or with NUL in it. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
