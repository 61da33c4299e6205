#!/usr/bin/env bash
# What:     the pattern of an empty sequence, `case []:` and `case ():`, in a match statement.
# Version:  @lezer/python 1.1.19 from npm.
# Expected: no error node: both are valid since Python 3.10 (PEP 634), as `case [a]:` is.
# Seen:     an error node between the brackets for [] and (), none for [a].
# Matters:  a tool that takes an error node for a syntax error refuses valid Python.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @lezer/python@1.1.19
cat >seen.mjs <<'JS'
import { parser } from "@lezer/python";

const seen = ["[a]", "[]", "()"].map((pattern) => {
  let errors = 0;
  parser.parse(`match x:\n    case ${pattern}:\n        pass\n`).iterate({
    enter: (node) => {
      if (node.type.isError) errors += 1;
    },
  });
  return `${pattern} ${errors}`;
});
console.log(`error nodes: ${seen.join(", ")}`);
JS
seen=$(node seen.mjs)
expected='error nodes: [a] 0, [] 1, () 1'
echo "@lezer/python 1.1.19: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
