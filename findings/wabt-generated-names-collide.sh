#!/usr/bin/env bash
# What:     generateNames(), applyNames() and toText() of a module with the exports "a b" and "a_b", the text parsed again.
# Version:  wabt 1.0.39 from npm.
# Expected: two names, as generateNames gives `$f0`, `$f1` to functions without exports; the text parses.
# Seen:     both are named `$a_b`, since what no identifier may hold becomes `_`: parseWat refuses the text for a redefinition.
# Matters:  text that wabt wrote is not text that wabt reads; names with brackets, commas and spaces come from demangled C++ and Rust.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39
cat >seen.mjs <<'JS'
import wabt from "wabt";
const tools = await wabt();
const seen = [];
for (const names of [["a", "b"], ["a b", "a_b"], ["(", ")"]]) {
  const text = `(module ${names.map((name) => `(func (export "${name}"))`).join(" ")})`;
  const { buffer } = tools.parseWat("module.wat", text).toBinary({});
  const module = tools.readWasm(buffer, { readDebugNames: true });
  module.generateNames();
  module.applyNames();
  const written = module.toText({});
  const given = [...written.matchAll(/\(func (\$\S+) \(type/g)].map((match) => match[1]);
  try {
    tools.parseWat("written.wat", written);
    seen.push(`${given.join(" ")} parses`);
  } catch (error) {
    seen.push(`${given.join(" ")} ${/redefinition of function/.exec(error.message)?.[0] ?? error.message}`);
  }
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='$a $b parses; $a_b $a_b redefinition of function; $_ $_ redefinition of function'
echo "wabt 1.0.39: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
