// The engine's thread. It answers one request after the other; `stop` comes between two slices of a run.
/// <reference lib="webworker" />
import { artifact as artifactUrl, image as imageUrl } from "virtual:python-files";
import { Sandbox } from "escapement/micropython";
import type { RequestMessage, RequestName, Requests, RunView, WorkerMessage } from "../protocol.js";
import { profile } from "./flame.js";
import { ModuleSession } from "./module-session.js";
import { pageStates, pageSums } from "./pages.js";
import { type Artifact, Session } from "./session.js";
import { Tree } from "./tree.js";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const post = (message: WorkerMessage, transfer: Transferable[] = []): void => scope.postMessage(message, transfer);

const bytesOf = async (url: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(url)).arrayBuffer());
const files: Promise<Artifact> = Promise.all([bytesOf(artifactUrl), bytesOf(imageUrl)]).then(([artifact, image]) => ({
  artifact,
  image,
}));

let session: Session;
let tree = new Tree();
let module: ModuleSession | undefined;

async function viewOf({ sandbox, result, limit, before, calls, fuel, isPaused }: Session): Promise<RunView> {
  return {
    status: result?.status ?? "idle",
    stdout: result?.stdout ?? "",
    error: isPaused ? null : ((result?.error?.traceback || result?.error?.message) ?? null),
    value: result?.value === undefined ? null : (JSON.stringify(result.value, bigintAsText) ?? null),
    fuel,
    limit,
    memoryBytes: result?.memory.bytes ?? sandbox.readMemory().length,
    memoryHash: sandbox.memoryHash(),
    where: await session.where(),
    calls: [...calls],
    pages: pageStates(before, pageSums(sandbox.readMemory())),
  };
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

async function goOn(limit: number): Promise<RunView> {
  await session.goOn(limit, ({ fuel, stdout }) => post({ kind: "progress", fuel: fuel.used, limit, stdout }));
  return viewOf(session);
}

const HANDLERS: { [Name in RequestName]: (params: Requests[Name][0]) => Promise<Requests[Name][1]> } = {
  async boot({ seed }) {
    session = await Session.create(Sandbox, await files, seed);
    tree = new Tree();
    return viewOf(session);
  },
  async run({ code, limit }) {
    await session.begin(code, limit);
    return goOn(limit);
  },
  async begin({ code, limit }) {
    await session.begin(code, limit);
    return viewOf(session);
  },
  goOn: ({ limit }) => goOn(limit),
  async stop() {
    session.stop();
    return null;
  },
  async step({ by, back, limit }) {
    session.limit = limit;
    await session.step(by, back);
    return viewOf(session);
  },
  async profile({ code, limit }) {
    const calls = [...session.calls];
    const copy = await session.copy();
    await copy.begin(code, limit);
    await copy.goOn(limit, ({ fuel, stdout }) => post({ kind: "progress", fuel: fuel.used, limit, stdout }));
    const flame = await profile(copy, copy.fuel);
    // The copy's calls went to the same list.
    session.calls.splice(0, session.calls.length, ...calls);
    return flame;
  },
  async fork({ label }) {
    await tree.keep(session, label);
    return tree.views();
  },
  async rewind({ id }) {
    session = await tree.take(id);
    return viewOf(session);
  },
  async compare({ a, b }) {
    return tree.compare(a, b);
  },
  async download() {
    return session.sandbox.snapshot();
  },
  async upload({ bytes }) {
    session = await Session.restore(Sandbox, await files, bytes);
    return viewOf(session);
  },
  async states() {
    return tree.views();
  },
  async openModule({ bytes }) {
    module = new ModuleSession(bytes);
    return module.view();
  },
  async callExport({ name, args }) {
    if (module === undefined) throw new Error("drop a module first");
    return module.start(name, args);
  },
  async stepModule({ fuel, back }) {
    if (module === undefined) throw new Error("drop a module first");
    return module.step(fuel, back);
  },
};

let queue: Promise<void> = Promise.resolve();

async function answer({ id, name, params }: RequestMessage): Promise<void> {
  try {
    const value = await (HANDLERS[name] as (params: unknown) => Promise<unknown>)(params);
    post({ kind: "answer", id, value }, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []);
  } catch (error) {
    post({ kind: "failure", id, message: error instanceof Error ? error.message : String(error) });
  }
}

scope.addEventListener("message", ({ data }: MessageEvent<RequestMessage>) => {
  if (data.name === "stop") void answer(data);
  else queue = queue.then(() => answer(data));
});
