// A task in a page or in a worker: gets the request from the server and sends the answer there.
import { type Library, type Request, runTask } from "./tasks.js";

const { location, Worker } = globalThis as unknown as {
  readonly location: { readonly search: string; readonly hash: string };
  readonly Worker: new (address: string, options: { readonly type: "module" }) => unknown;
};

async function answer(): Promise<unknown> {
  const { task, input, bundle, artifactName, artifact } = (await (
    await fetch(`/request${location.search}`)
  ).json()) as Request;
  const library = (await import(bundle)) as Library;
  const bytes = new Uint8Array(await (await fetch(artifact)).arrayBuffer());
  return runTask({ library, artifactName, artifact: bytes }, task, input);
}

async function reply(): Promise<void> {
  const answered = await answer().then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error instanceof Error ? `${error.stack}` : String(error) }),
  );
  await fetch(`/reply${location.search}`, { method: "POST", body: JSON.stringify(answered) });
}

if (location.hash === "#worker") new Worker(`/page.mjs${location.search}`, { type: "module" });
else await reply();
