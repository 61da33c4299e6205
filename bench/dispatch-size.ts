// `node dist/bench/dispatch-size.js`: fails when the bytecode of the dispatch loop, or of a generated function
// beside it, has grown past the mark. V8 never optimises a function of more than 61,440 bytes of bytecode; the
// loop would run some 20 times slower.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { ROOT } from "./engines.js";

const MARK = 55_000;
const FOLDER = `${ROOT}dist/runtime/interpreter/generated/`;

/** Bytes of bytecode that V8 makes of the function `name` when `script` runs. */
function bytecodeLength(name: string, script: string): number {
  const flags = ["--print-bytecode", `--print-bytecode-filter=${name}`, "--input-type=module", "-e", script];
  const printed = execFileSync(process.execPath, flags, { encoding: "utf8", maxBuffer: 1 << 28 });
  const lengths = [...printed.matchAll(/^Bytecode length: (\d+)$/gm)].map((match) => Number(match[1]));
  if (lengths.length === 0) throw new Error(`V8 compiled no function ${name}`);
  return Math.max(...lengths);
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".generated.js"))) {
  const module = FOLDER + file;
  for (const [, name] of readFileSync(module, "utf8").matchAll(/^export function (\w+)/gm)) {
    // V8 compiles a function when it is first called; with no machine to run on the call ends at once.
    const made = name!.startsWith("make") ? "dispatch" : name!;
    const call = made === name ? `${name}({})` : `${name}({})({})`;
    const script = `import { ${name} } from ${JSON.stringify(module)}; try { ${call}; } catch {}`;
    const length = bytecodeLength(made, script);
    const verdict = length < MARK ? "fits" : "TOO LARGE";
    console.log(`${made}: ${length} bytes of bytecode, of at most ${MARK - 1}: ${verdict}`);
    if (length >= MARK) process.exitCode = 1;
  }
}
