// The declarations that the package ships: whoever uses them need not have the types of Node or of browsers.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

const USER = `
import { parseModule } from "${root}dist/decoder/index.js";
import { Sandbox, type SandboxOptions, runPython } from "${root}dist/micropython-wasm/index.js";
import { Engine } from "${root}dist/runtime/index.js";
import { Wasi } from "${root}dist/runtime/wasi/index.js";

export const faces = [parseModule, Engine, Wasi];
const options: SandboxOptions = { fuel: 5_000_000n, memory: "64MiB", timeout: 100, functions: { add: (a: number) => a } };

export async function narrowed(sandbox: Sandbox): Promise<string> {
  const result = await sandbox.run("1", { fuel: "1_000_000" });
  if (result.status === "error") return result.error.message;
  if (result.status === "ok") {
    const none: null = result.error;
    return String(none);
  }
  const { ok, error } = await runPython("1", options.fuel === undefined ? {} : { fuel: options.fuel });
  return ok ? String(error satisfies null) : error.kind + result.error.kind;
}
`;

function compile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "types-"));
  try {
    writeFileSync(join(folder, "user.ts"), text);
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    const config = { compilerOptions: { target: "es2022", lib: ["es2022"], types: [], strict: true, noEmit: true } };
    Object.assign(config.compilerOptions, { module: "nodenext", moduleResolution: "nodenext", skipLibCheck: false });
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...config, files: ["user.ts"] }));
    execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", folder], { encoding: "utf8" });
    return "";
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("compile with ES2022's library alone, and results narrow by their status", { timeout: 60_000 }, () => {
  expect(compile(USER)).toBe("");
});

test("an error that is not looked for, a global that is not there are found", { timeout: 60_000 }, () => {
  expect(compile(USER.replace('if (result.status === "error") ', ""))).toContain("'result.error' is possibly 'null'");
  expect(compile(`${USER}\nexport const signal = new AbortController();`)).toContain("AbortController");
});
