// The engines that answers are compared on: this process, Node processes, and Chromium.
import { spawn } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { wasiArtifactPath } from "../../micropython-wasm/test/fetch-wasi-artifact.js";
import { type Answer, PageServer } from "./page-server.js";
import type { ArtifactName } from "./programs.js";
import { type Library, type Request, runTask, type TaskName } from "./tasks.js";

export interface TaskOptions {
  /** npm's, if none is given. */
  readonly artifact?: ArtifactName;
}

/** Answers a task with its result as JSON, which is the caller's to know the shape of. */
export interface Engine {
  run<T>(task: TaskName, input?: object, options?: TaskOptions): Promise<T>;
}

export interface PageOptions extends TaskOptions {
  /** Address of the library, if it is not the published file. */
  readonly bundle?: string;
  /** Whether the task runs in a worker of the page's. */
  readonly inWorker?: boolean;
}

export interface ChromiumEngine extends Engine {
  run<T>(task: TaskName, input?: object, options?: PageOptions): Promise<T>;
  /** Lets pages have a file. */
  serve(address: string, content: Uint8Array): void;
  close(): Promise<void>;
}

const BUNDLES = fileURLToPath(new URL("../../dist/bundle/", import.meta.url));
const ARTIFACTS: Readonly<Record<ArtifactName, string>> = {
  npm: createRequire(import.meta.url).resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm"),
  wasi: wasiArtifactPath(),
};

/** page.ts and process.ts with what they import, but for the library. */
const [pageScript, processScript] = await Promise.all(["page", "process"].map(scriptOf));

async function scriptOf(name: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "neutral",
    external: ["node:*"],
    target: "es2022",
    write: false,
    logLevel: "warning",
  });
  return outputFiles[0]!.contents;
}

/** This process, with the library that is published. */
export const here: Engine = {
  async run<T>(task: TaskName, input: object = {}, { artifact = "npm" }: TaskOptions = {}): Promise<T> {
    const library = (await import(/* @vite-ignore */ pathToFileURL(`${BUNDLES}micropython.js`).href)) as Library;
    const bytes = new Uint8Array(readFileSync(ARTIFACTS[artifact]));
    return (await runTask({ library, artifactName: artifact, artifact: bytes }, task, input)) as T;
  },
};

/** A Node process for each task. */
export function nodeProcess(...flags: string[]): Engine {
  return {
    async run<T>(task: TaskName, input: object = {}, { artifact = "npm" }: TaskOptions = {}): Promise<T> {
      const bundle = pathToFileURL(`${BUNDLES}micropython.js`).href;
      const request: Request = { task, input, bundle, artifactName: artifact, artifact: ARTIFACTS[artifact] };
      const script = new TextDecoder().decode(processScript);
      const child = spawn(process.execPath, [...flags, "--input-type=module", "--eval", script], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      child.stdin.end(JSON.stringify(request));
      const output: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
      const status = await new Promise((resolve) => child.on("close", resolve));
      if (status !== 0) throw new Error(`node ended with status ${status}`);
      return JSON.parse(Buffer.concat(output).toString()) as T;
    },
  };
}

/** Chromium as it comes with Debian, with further flags: a page of its own for each task. */
export async function startChromium(...flags: string[]): Promise<ChromiumEngine> {
  const server = await PageServer.start({ "/bundle/": BUNDLES });
  server.serve("/page.mjs", pageScript!);
  for (const [name, path] of Object.entries(ARTIFACTS)) server.serve(`/${name}.wasm`, readFileSync(path));
  let browser: Browser;
  try {
    browser = await chromium.launch({ executablePath: chromiumPath(), args: flags });
  } catch (error) {
    await server.close();
    throw error;
  }
  return {
    async run<T>(
      task: TaskName,
      input: object = {},
      { artifact = "npm", bundle = "/bundle/micropython.js", inWorker = false }: PageOptions = {},
    ): Promise<T> {
      const request: Request = { task, input, bundle, artifactName: artifact, artifact: `/${artifact}.wasm` };
      const page = await browser.newPage();
      try {
        const failed = new Promise<Answer>((resolve) => {
          page.on("pageerror", (error) => resolve({ error: `${error.stack}` }));
          page.on("crash", () => resolve({ error: "the page crashed" }));
          page.on("close", () => resolve({ error: "the page was closed" }));
        });
        const { address, answered } = server.expect(request);
        await page.goto(inWorker ? `${address}#worker` : address);
        const { value, error } = await Promise.race([answered, failed]);
        if (error !== undefined) throw new Error(`in the page: ${error}`);
        return value as T;
      } finally {
        await page.close();
      }
    },
    serve: (address, content) => server.serve(address, content),
    async close(): Promise<void> {
      await browser.close();
      await server.close();
    },
  };
}

/** Chromium's executable: what ESCAPEMENT_CHROMIUM names, or the first of the usual names on the path. */
export function chromiumPath(): string {
  return onPath("ESCAPEMENT_CHROMIUM", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]);
}

/**
 * A browser's executable.
 * @param variable of the environment, that may name it
 * @param names that it usually has; the first of Debian's package
 */
export function onPath(variable: string, names: readonly string[]): string {
  const given = process.env[variable];
  if (given) return given;
  for (const name of names) {
    for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  throw new Error(
    `These tests need ${names[0]}: \`apt-get install --no-install-recommends ${names[0]}\`, ` +
      `or set ${variable} to the path of one that is installed.`,
  );
}
