// The library's image as bytes. It is needed to boot an interpreter only: those that begin with a booted image have it
// in their memory, and load nothing.

import { decodeBase64 } from "../guest/base64.js";

let image: Promise<Uint8Array> | undefined;

/** The ROMFS image of lib/stdlib. */
export function romfsImage(): Promise<Uint8Array> {
  image ??= import("./romfs.generated.js").then(({ ROMFS_BASE64 }) => decodeBase64(ROMFS_BASE64));
  return image;
}
