// An engine of this process as a contestant: `node dist/bench/contest/node-child.js ENGINE [cpython]`, with MicroPython as
// its Python, or CPython. See protocol.ts.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Bench } from "tinybench";
import type { Kernel, Python } from "../engines.js";
import { engineNamed } from "./engines.js";
import type { Answer, Greeting, Request } from "./protocol.js";

const say = (line: Greeting | Answer): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

let exports: Record<string, Kernel> | undefined;
let python: Python | undefined;

/** Milliseconds of what is done once, and cannot be done again. */
async function once(run: () => Promise<unknown>): Promise<Answer> {
  const start = performance.now();
  await run();
  return { ms: [performance.now() - start], result: "" };
}

/** Repetitions until `forMs` have passed, by tinybench; a single one is timed here, since tinybench would do more. */
async function repeated(run: () => string | Promise<string>, forMs: number): Promise<Answer> {
  let result = "";
  if (forMs === 0) {
    const start = performance.now();
    const value = run();
    result = typeof value === "string" ? value : await value;
    return { ms: [performance.now() - start], result };
  }
  const bench = new Bench({ time: forMs, iterations: 1, warmup: false, retainSamples: true, throws: true });
  // Said here, since tinybench would else call it once to find out.
  const isAsync = run.constructor.name === "AsyncFunction";
  const task = isAsync
    ? async () => {
        result = await run();
      }
    : () => {
        result = run() as string;
      };
  bench.add("turn", task, { async: isAsync });
  const [done] = await bench.run();
  if (done?.result.state !== "completed") throw new Error(`tinybench ended as ${done?.result.state}`);
  return { ms: [...done.result.latency.samples!], result };
}

async function answer(request: Request): Promise<Answer> {
  const engine = engineNamed(process.argv[2]!);
  switch (request.do) {
    case "load": {
      const bytes = new Uint8Array(readFileSync(request.file));
      return once(async () => {
        exports = await engine.instantiate(bytes);
      });
    }
    case "call": {
      const { name, arg, times } = request;
      const func = exports?.[name];
      if (func === undefined) throw new Error(`no function ${name}`);
      const run = (): string => {
        let result = 0;
        for (let i = 0; i < times; i++) result = func(arg);
        return String(result);
      };
      return repeated(run, request.forMs);
    }
    case "python":
      return once(async () => {
        python = await (process.argv[3] === "cpython" ? engine.bootCPython!() : engine.bootPython());
      });
    case "run": {
      if (python === undefined) throw new Error("no Python");
      const session = python;
      return repeated(async () => session.run(request.source), request.forMs);
    }
  }
}

try {
  const version = await engineNamed(process.argv[2]!).version();
  say({ version });
} catch (error) {
  say({ absent: (error as Error).message });
  process.exit();
}
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line) as Request));
  } catch (error) {
    say({ error: String(error) });
  }
}
