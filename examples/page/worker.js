// The worker: one session, whose variables live as long as the page.
import { Sandbox } from "escapement/python";

const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());

async function start() {
  const [artifact, image] = await Promise.all([bytes("/python.wasm"), bytes("/python.image")]);
  return Sandbox.create({ artifact, image, fuel: 50_000_000 });
}

const session = start();
// A listener that is added later misses what was sent before.
self.addEventListener("message", async ({ data: code }) => {
  const { status, stdout, value, error, fuel } = await (await session).run(code);
  const shown = value === undefined ? undefined : String(value);
  self.postMessage({ status, stdout, value: shown, error: error?.message, fuel: fuel.used });
});
