// One workload of the soak in a fresh process: `node --expose-gc dist/bench/soak-child.js WORKLOAD SECONDS`.
// Prints one JSON value, a {@link Soak}. Works in portions of always the same work, and measures each.
import { fileURLToPath } from "node:url";
import type { Sandbox } from "../micropython-wasm/index.js";

/** What a workload took over the time. */
export interface Soak {
  /** Milliseconds of each portion: the processor's, with its threads', since others share the machine. */
  readonly portions: readonly number[];
  /** Microseconds of an `await` of nothing, behind each portion; the processor's, too. */
  readonly awaits: readonly number[];
  /** MiB that are held after a collection: at the end of the first tenth, and at the end. */
  readonly heldFirst: number;
  readonly heldLast: number;
}

interface Workload {
  /** A few dozen milliseconds of work that leaves nothing behind. */
  portion(): Promise<void>;
  close?(): Promise<void>;
}

const bundle = (name: string) => fileURLToPath(new URL(`../bundle/${name}.js`, import.meta.url));
const face = (await import(bundle("micropython"))) as typeof import("../micropython-wasm/index.js");
const functions = { add: (a: number, b: number) => a + b, later: async (a: number) => a };
const options = { functions, fuel: 20_000_000 };

async function expectValue(sandbox: Sandbox, code: string, expected: unknown): Promise<void> {
  const { value, status, error } = await sandbox.run(code);
  if (value !== expected) throw new Error(`${code}: ${status} ${String(value)} ${error?.message}`);
}

const WORKLOADS: Readonly<Record<string, () => Promise<Workload>>> = {
  /** Made, one synchronous and one asynchronous host call, closed. */
  async sandboxes() {
    const portion = async () => {
      for (let i = 0; i < 5; i++) {
        const sandbox = await face.Sandbox.create(options);
        await expectValue(sandbox, "add(later(2), 3)", 5);
        sandbox.close();
      }
    };
    return { portion };
  },

  async "host calls"() {
    const sandbox = await face.Sandbox.create({ ...options, fuel: 1e9 });
    const portion = async () => {
      await expectValue(sandbox, "n = 0\nfor i in range(200): n = add(n, later(i))\nn", 19_900);
      // Objects in both directions, and errors.
      await expectValue(sandbox, "try:\n  add()\n  later([{'k': 'x' * 100}])['x']\nexcept TypeError:\n  n = 1\nn", 1);
    };
    return { portion };
  },

  async restores() {
    const sandbox = await face.Sandbox.create(options);
    await sandbox.run("x = add(20, 1)");
    const snapshot = sandbox.snapshot();
    const portion = async () => {
      for (let i = 0; i < 3; i++) {
        const copy = await face.Sandbox.restore(snapshot, options);
        await expectValue(copy, "add(x, x)", 42);
        copy.close();
      }
    };
    return { portion };
  },

  async forks() {
    const sandbox = await face.Sandbox.create(options);
    await sandbox.run("x = add(20, 1)");
    const portion = async () => {
      for (let i = 0; i < 5; i++) {
        const copy = await sandbox.fork();
        await expectValue(copy, "x = add(x, x)\nx", 42);
        await copy.rewind();
        await expectValue(copy, "add(x, 1)", 22);
        copy.close();
      }
    };
    return { portion };
  },

  async pool() {
    const { SandboxPool } = (await import(bundle("pool"))) as typeof import("../micropython-wasm/pool/index.js");
    const pool = new SandboxPool({ threads: 1, sandbox: { fuel: 20_000_000 } });
    const portion = async () => {
      const runs = Array.from({ length: 5 }, (_, i) => pool.run(`sum(range(${i * 100}))`, { tenant: `tenant ${i}` }));
      for (const { status } of await Promise.all(runs)) if (status !== "ok") throw new Error(status);
    };
    return { portion, close: () => pool.close() };
  },

  async mcp() {
    const mcp = (await import(bundle("mcp"))) as typeof import("../micropython-wasm/mcp/index.js");
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const { InMemoryTransport } = await import("@modelcontextprotocol/sdk/inMemory.js");
    const table = new mcp.SandboxTable({
      create: () => face.Sandbox.create(options),
      restore: (snapshot) => face.Sandbox.restore(snapshot, options),
    });
    const [here, there] = InMemoryTransport.createLinkedPair();
    await mcp.createMcpServer(table, "0").connect(there);
    const client = new Client({ name: "soak", version: "0" });
    await client.connect(here);
    const call = async (name: string, args: Record<string, unknown>): Promise<string> => {
      const { content, isError } = await client.callTool({ name, arguments: args });
      const text = (content as readonly { readonly text: string }[])[0]!.text;
      if (isError) throw new Error(text);
      return text;
    };
    const portion = async () => {
      const id = /sandbox-\d+/.exec(await call("run_python", { code: "x = add(20, 1)" }))![0];
      const text = await call("run_python", { sandbox_id: id, code: "add(x, x)" });
      if (!text.includes("=> 42")) throw new Error(text);
      await call("close", { sandbox_id: id });
    };
    const close = async () => {
      await client.close();
      table.dispose();
    };
    return { portion, close };
  },
};

/** Microseconds that an `await` takes. */
async function awaitTime(): Promise<number> {
  const count = 2000;
  const start = processorTime();
  for (let i = 0; i < count; i++) await null;
  return ((processorTime() - start) * 1000) / count;
}

/** Milliseconds that the process has had of processors. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What the process holds, in MiB: with its threads'. */
async function held(): Promise<number> {
  // What finalisers let go of is collected by the next round.
  for (let i = 0; i < 4; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

const [, , name = "", seconds = "5"] = process.argv;
if (globalThis.gc === undefined) throw new Error("start it with --expose-gc");
const start = WORKLOADS[name];
if (start === undefined) throw new Error(`no workload ${name}; there are ${Object.keys(WORKLOADS).join(", ")}`);
const workload = await start();
const lasting = Number(seconds) * 1000;
// Until everything is compiled.
for (const end = performance.now() + lasting / 5; performance.now() < end; ) await workload.portion();
const portions: number[] = [];
const awaits: number[] = [];
let heldFirst: number | undefined;
const began = performance.now();
for (let now = began; now < began + lasting; now = performance.now()) {
  const before = processorTime();
  await workload.portion();
  portions.push(processorTime() - before);
  awaits.push(await awaitTime());
  if (heldFirst === undefined && performance.now() > began + lasting / 10) heldFirst = await held();
}
const heldLast = await held();
await workload.close?.();
console.log(JSON.stringify({ portions, awaits, heldFirst: heldFirst ?? heldLast, heldLast } satisfies Soak));
