// Real worker threads, each with an interpreter of its own.
import { getEventListeners } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { changesName, imageName, loadPublished } from "../../emscripten/artifact-node.js";
import { mendArtifact } from "../../emscripten/mend-artifact.js";
import { bootedImageWithCode } from "../../emscripten/support.js";
import { BootLimitError, SandboxUsageError } from "../../guest/errors.js";
import { changesBetween } from "../../patch/changes.js";
import { unavailable, wasiBytes } from "../../test/wasi-artifact.js";
import { PythonObject } from "../../values/python-value.js";
import { PoolError, SandboxPool, type SandboxPoolOptions } from "../index.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDER = `${ROOT}node_modules/.cache/escapement-tests/`;
const WORKER = `${FOLDER}pool-worker.mjs`;
const HERE: SandboxPoolOptions = {
  workerFile: WORKER,
  setup: new URL("./support/setup.mjs", import.meta.url),
  threads: 2,
};

// Threads load JavaScript: the worker as the build makes it, of the sources as they are now.
await build({
  entryPoints: [fileURLToPath(new URL("../pool-worker.ts", import.meta.url))],
  outfile: WORKER,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "es2022",
});
// And what the build puts beside it: without, each thread would mend the artifact and boot it.
const published = await loadPublished();
const mended = mendArtifact(published);
writeFileSync(FOLDER + changesName(published), changesBetween(published, mended));
writeFileSync(FOLDER + imageName(mended), await bootedImageWithCode(mended));

/** Resolves when a thread tells something, the first time from now on. */
function tells(): Promise<void> {
  const told = new BroadcastChannel("pool-test");
  return new Promise((resolve) => {
    told.onmessage = () => {
      told.close();
      resolve();
    };
  });
}

const pools: SandboxPool[] = [];
function pool(options: SandboxPoolOptions = {}): SandboxPool {
  const made = new SandboxPool({ ...HERE, ...options });
  pools.push(made);
  return made;
}
// Threads take long to start: tests that do no harm to them share a pool.
const shared = new SandboxPool(HERE);
/** Of one thread, which tests of what ends a thread share: it is replaced. */
const single = new SandboxPool({ ...HERE, threads: 1, graceMs: 100 });
afterAll(() => Promise.all([shared.close(), single.close()]));
afterEach(async () => {
  await Promise.all(pools.splice(0).map((made) => made.close()));
});

describe("results", () => {
  test("come from fresh sandboxes on several threads", async () => {
    // The first two wait for one another.
    const meet = (i: number) => (i < 2 ? "meet(2)" : "");
    const codes = Array.from(
      { length: 8 },
      (_, i) => `assert 'x' not in globals()\nx = ${i}\n${meet(i)}\n(x, thread())`,
    );
    const values = (await Promise.all(codes.map((code) => shared.run(code)))).map(({ value }) => value as number[]);
    expect(values.map(([x]) => x)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(values.map(([, thread]) => thread)).size).toBe(2);
  });

  test.skipIf(unavailable !== undefined)("come from the artifact that the pool is given", async () => {
    const wasi = pool({ artifact: wasiBytes(), sandbox: { heapBytes: 2 ** 20 } });
    const { value, memory } = await wasi.run("import sys\nwait(1)\nsys.platform");
    expect(value).toBe("linux");
    expect(memory.bytes).toBeLessThan(2 * 2 ** 20);
    await expect(pool({ artifact: new Uint8Array(8) }).run("1")).rejects.toThrow("magic header not detected");
  });

  test("are paused at host calls, and go on in other pools, once for each answer", async () => {
    const code = "a = wait(1)\nb = tenant()\nopen('f', 'w').write('x')\n[a, b]";
    const paused = await shared.run(code, { tenant: "t", onHostCall: "pause" });
    expect(paused).toMatchObject({ status: "paused", value: undefined, call: { id: 0, name: "wait", args: [1] } });
    const other = single;
    const next = await other.resume(paused.snapshot!, { value: null }, { tenant: "t" });
    expect(next).toMatchObject({ status: "paused", call: { id: 1, name: "tenant" } });
    const ends = await Promise.all([
      other.resume(next.snapshot!, { id: 1, value: "t" }, { outputs: ["f"] }),
      shared.resume(next.snapshot!, [{ error: new Error("no tenant") }]),
    ]);
    expect(ends[0]).toMatchObject({ status: "ok", value: [null, "t"], files: { f: new Uint8Array([120]) } });
    expect(ends[0].snapshot).toBeUndefined();
    expect(ends[1].error).toMatchObject({ type: "RuntimeError", message: "no tenant" });
    // As a run whose functions were called costs.
    const called = await shared.run(code, { tenant: "t" });
    expect(ends[0].fuel.used).toBe(called.fuel.used);
  });

  test("are not paused by what is no snapshot, or waits for something else", async () => {
    const paused = await shared.run("wait(1)", { onHostCall: "pause" });
    await expect(shared.resume(paused.snapshot!, { id: 5, value: 1 })).rejects.toThrow(SandboxUsageError);
    await expect(shared.resume(paused.snapshot!.slice(0, 100), { value: 1 })).rejects.toThrow(/damaged|snapshot/);
    await expect(shared.resume("x" as never, { value: 1 })).rejects.toThrow("the snapshot of a paused result");
    await expect(shared.run("1", { onHostCall: "wait" as never })).rejects.toThrow('onHostCall is "call" or "pause"');
  });

  test("keep the types of their values", async () => {
    const { value } = await shared.run("{'a': [2**70, b'x', {1}, {1: None}, object()], 'pythonType': 'str'}");
    expect(value).toEqual({
      __proto__: null,
      a: [2n ** 70n, Uint8Array.of(120), new Set([1]), new Map([[1, null]]), new PythonObject("object")],
      pythonType: "str",
    });
    expect(Object.getPrototypeOf(value)).toBe(null);
    expect((value as { a: unknown[] }).a[4]).toBeInstanceOf(PythonObject);
  });

  test("tell of exceptions and limits like any sandbox's", async () => {
    expect(await shared.run("1/0")).toMatchObject({ status: "error", error: { type: "ZeroDivisionError" } });
    expect((await shared.run("while True: pass", { fuel: 100_000 })).status).toBe("out-of-fuel");
    expect((await shared.run("while True: pass", { fuel: 2 ** 50, timeout: 50 })).status).toBe("timeout");
    await expect(shared.run("1", { fuel: -1 })).rejects.toThrow(SandboxUsageError);
    await expect(shared.run("1", { files: { a: (() => {}) as never } })).rejects.toThrow('its "a" is a function');
    await expect(shared.run("1", { memory: "1MiB" })).rejects.toThrow(BootLimitError);
  });
});

test("files that are asked for come with the result", async () => {
  const code = "import os\nos.mkdir('out')\nopen('out/a.txt', 'w').write('a')\nopen('b', 'wb').write(bytes(3))";
  const { files } = await shared.run(code, { outputs: ["out", "/work/b", "none", "/input"], files: { i: "given" } });
  const text = Object.entries(files).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]);
  expect(text).toEqual([
    ["out/a.txt", "a"],
    ["/work/b", "\0\0\0"],
    ["/input/i", "given"],
  ]);
  expect((await shared.run("1")).files).toEqual({});
});

test("options that make no sense are refused", async () => {
  for (const options of [{ timeout: Number.NaN }, { timeout: -1 }, { fuel: 0.5 }, { memory: "much" }]) {
    await expect(shared.run("1", options)).rejects.toThrow(SandboxUsageError);
  }
  await expect(shared.run(1 as never)).rejects.toThrow(SandboxUsageError);
  await expect(shared.run("1", { outputs: [1] as never })).rejects.toThrow(SandboxUsageError);
  for (const threads of [0, 0n, -1, 1.5, "many"])
    expect(() => pool({ threads })).toThrow(/threads is a whole number from 1, not /);
  expect(() => pool({ threads: 1n, maxQueue: "1_000", graceMs: 5_000n, workerFile: "/none.js" })).toThrow(
    "no /none.js",
  );
  expect(() => pool({ workerFile: "/none.js" })).toThrow("workerFile: there is no /none.js");
  expect(() => pool({ graceMs: Number.NaN })).toThrow(SandboxUsageError);
  const none = pool({ tenant: () => ({ concurrency: 0 }) });
  await expect(none.run("1")).rejects.toThrow("concurrency is a whole number from 1, not 0");
});

describe("tenants", () => {
  test("have limits that a caller can lower and not raise, and functions of their own", async () => {
    const limited = pool({
      threads: 1,
      sandbox: { fuel: 4_000_000 },
      tenant: (name) => (name === "small" ? { sandbox: { fuel: 2_000_000, memory: "20MiB" } } : {}),
    });
    const limit = async (options: object) => {
      const { fuel, memory, value } = await limited.run("tenant()", options);
      return [value, fuel.limit, memory.limitBytes];
    };
    expect(await limit({ tenant: "small", fuel: 10 ** 9, memory: "1GiB" })).toEqual(["small", 2_000_000, 20 * 2 ** 20]);
    expect(await limit({ tenant: "small", memory: "18MiB" })).toEqual(["small", 2_000_000, 18 * 2 ** 20]);
    expect(await limit({ fuel: 10 ** 9 })).toEqual(["", 4_000_000, 64 * 2 ** 20]);
    expect(await limit({ fuel: 3_000_000 })).toEqual(["", 3_000_000, 64 * 2 ** 20]);
  });

  test("are refused when too much of theirs waits, while others are served", async () => {
    const busy = pool({ threads: 1, tenant: () => ({ queue: 1 }), maxQueue: 2 });
    const runs = [busy.run("wait(100)", { tenant: "a" }), busy.run("1", { tenant: "a" })];
    await expect(busy.run("2", { tenant: "a" })).rejects.toMatchObject({ kind: "full" });
    expect((await busy.run("3", { tenant: "b" })).value).toBe(3);
    expect((await Promise.all(runs)).map(({ value }) => value)).toEqual([null, 1]);
  });
});

describe("aborting", () => {
  test("stops a run, and its thread goes on", async () => {
    const controller = new AbortController();
    const begun = tells();
    const run = shared.run("tell()\nwhile True: pass", { fuel: 2 ** 50, signal: controller.signal });
    await begun;
    controller.abort();
    expect((await run).status).toBe("aborted");
    expect((await shared.run("1")).value).toBe(1);
  });

  test("stops a function that never returns, and its thread is replaced", async () => {
    const one = single;
    const controller = new AbortController();
    const hangs = tells();
    const run = one.run("hang()", { signal: controller.signal });
    await hangs;
    controller.abort();
    await expect(run).rejects.toMatchObject({ kind: "worker" });
    expect((await one.run("2")).value).toBe(2);
  });

  test("leaves nothing on a signal that outlives its runs", async () => {
    const { signal } = new AbortController();
    const runs = Array.from({ length: 20 }, () => shared.run("1", { signal }));
    // Node warns of more than ten.
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await Promise.all(runs);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("takes back a run that waits, and one that has not begun", async () => {
    const one = single;
    const first = one.run("wait(100)");
    const controller = new AbortController();
    const second = one.run("2", { signal: controller.signal });
    controller.abort();
    await expect(second).rejects.toMatchObject({ kind: "aborted" });
    await expect(one.run("2", { signal: controller.signal })).rejects.toMatchObject({ kind: "aborted" });
    expect((await first).status).toBe("ok");
  });
});

describe("a worker that dies", () => {
  test("by its end or a crash takes its own run with it, and no other", async () => {
    const risky = pool();
    for (const how of ["die", "crash"]) {
      const other = risky.run("wait(300)\n'other'");
      const dying = risky.run(`${how}()`);
      const waiting = risky.run("'waited'");
      await expect(dying, how).rejects.toMatchObject({ kind: "worker" });
      expect((await other).value).toBe("other");
      expect((await waiting).value).toBe("waited");
    }
  });

  test("between runs, by what a function has left behind, is replaced", async () => {
    const risky = single;
    const { value: thread } = await risky.run("thread()");
    // This run, too, where it takes as long.
    await risky.run("crash_later()").catch(() => {});
    let other: unknown;
    do {
      // The run that is under way then is lost; no other.
      other = await risky.run("wait(10); thread()").then(
        ({ value }) => value,
        () => thread,
      );
    } while (other === thread);
    expect(typeof other).toBe("number");
  });

  test("because it has no more memory takes its own run with it", async () => {
    const small = pool({ threads: 1, resourceLimits: { maxOldGenerationSizeMb: 96 } });
    const hog = small.run("hog()");
    const waiting = small.run("'waited'");
    const error = await hog.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: "worker", message: expect.stringContaining("memory") });
    expect((await waiting).value).toBe("waited");
  });

  test("because it does not answer is replaced", async () => {
    const risky = single;
    const error = await risky.run("hang()", { timeout: 1000 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PoolError);
    expect((error as PoolError).message).toContain("did not answer in time");
    expect((await risky.run("4")).value).toBe(4);
  });
});

test("closing lets what runs end, and rejects what waits and what comes later", async () => {
  const closing = pool({ threads: 1 });
  const first = closing.run("wait(50)\n'done'");
  const second = closing.run("2");
  const closed = closing.close();
  await expect(second).rejects.toMatchObject({ kind: "closed" });
  expect((await first).value).toBe("done");
  await closed;
  await expect(closing.run("3")).rejects.toMatchObject({ kind: "closed" });
  await closing.close();
});

test("await using closes a pool", async () => {
  let left: SandboxPool;
  {
    await using scoped = pool({ threads: 1 });
    left = scoped;
    expect((await scoped.run("1")).value).toBe(1);
  }
  await expect(left.run("2")).rejects.toMatchObject({ kind: "closed" });
});

test("a setup without a default export is told", async () => {
  const wrong = pool({ threads: 1, setup: "node:os" });
  await expect(wrong.run("1")).rejects.toThrow("the default export of node:os is not a function");
});
