// Sessions that begin with a booted interpreter that somebody else has made.

import { beforeAll, describe, expect, test } from "vitest";
import { Engine, SnapshotError } from "../../runtime/index.js";
import { loadArtifact } from "../emscripten/artifact-node.js";
import { decodeBooted, encodeBooted, fingerprint, openImage } from "../emscripten/image.js";
import { bootedImageWithCode } from "../emscripten/support.js";
import { prebootedImage, Sandbox, type SandboxOptions, SandboxUsageError } from "../index.js";

const PROGRAM = `
import sys, random, time, json
class A: pass
print(random.random(), time.time(), len(str(A())), sys.path, json.dumps([1, {"a": None}]))
try:
    undefined
except NameError as e:
    print(e)
print(id([]), hash("x"))
[1, 2.5, "x"]`;

let artifact: Uint8Array;
let image: Uint8Array;
let withCode: Uint8Array;

beforeAll(async () => {
  artifact = await loadArtifact();
  image = await prebootedImage();
  withCode = await bootedImageWithCode(artifact);
}, 60_000);

async function trace(options: SandboxOptions): Promise<unknown[]> {
  const sandbox = await Sandbox.create({ functions: { add: (a, b) => (a as number) + (b as number) }, ...options });
  const first = await sandbox.run(PROGRAM);
  const second = await sandbox.run("print(add(2, 3), A)\nlen(globals())");
  const results = [first, second].map(({ elapsedMs: _elapsed, ...result }) => result);
  return [...results, sandbox.memoryHash()];
}

describe("a session that begins with an image", () => {
  test("is the session that boots: output, fuel, memory", async () => {
    const booted = await trace({});
    expect(booted[0]).toMatchObject({ status: "ok", value: [1, 2.5, "x"] });
    expect(await trace({ image })).toEqual(booted);
    // Code that was lowered elsewhere makes no difference either.
    const module = new Engine().compileLazily(artifact, openImage(withCode).code);
    expect(module.code.fast.size).toBeGreaterThan(300);
    expect(await trace({ artifact: module, image: withCode })).toEqual(booted);
  });

  test("and its snapshots are those of sessions that boot", async () => {
    const sandbox = await Sandbox.create({ image });
    await sandbox.run("x = [1, 2]");
    const restored = await Sandbox.restore(sandbox.snapshot());
    expect((await restored.run("x")).value).toEqual([1, 2]);
  });

  test("boots nothing", async () => {
    const module = new Engine().compile(artifact);
    await Sandbox.create({ artifact: module, image });
    expect(module.code.fast.size).toBe(0);
  });
});

describe("an image that does not fit is refused", () => {
  const create = (options: SandboxOptions) => Sandbox.create(options);
  test.each([
    ["other options", () => create({ image, pythonStackBytes: 65536 }), "booted with other options"],
    ["another schedule", () => create({ image, schedule: "wasmtime-45" }), "fuel schedule"],
    ["no image", () => create({ image: new Uint8Array(100) }), "no image"],
    ["no bytes", () => create({ image: new Uint8Array(0) }), "no image"],
    ["half of one", () => create({ image: image.slice(0, image.length / 2) }), "no image"],
  ])("%s", async (_what, act, message) => {
    await expect(act()).rejects.toThrow(SnapshotError);
    await expect(act()).rejects.toThrow(message);
  });

  test("an altered one, wherever it was altered", async () => {
    for (let i = 0; i < 60; i++) {
      const altered = image.slice();
      altered[Math.floor((i * image.length) / 60)]! ^= 1 << (i & 7);
      await expect(create({ image: altered })).rejects.toThrow(SnapshotError);
    }
  });

  test("one of another artifact", async () => {
    // A custom section more is another module.
    const other = new Uint8Array([...artifact, 0, 2, 1, 120]);
    await expect(create({ artifact: other, image })).rejects.toThrow("another module");
  });

  test("and sessions of a WASI build have none", async () => {
    const wasi = new Engine().compileLazily(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    await expect(prebootedImage({ artifact: wasi })).rejects.toThrow(SandboxUsageError);
  });
});

test("images of unknown options are told from those of the defaults", async () => {
  const module = new Engine().compile(artifact);
  const { state } = decodeBooted(openImage(image), {}, module, false);
  expect(() => decodeBooted(openImage(encodeBooted(state, { maxValueBytes: 5 })), {}, module, false)).toThrow(
    "other options",
  );
});

test("fingerprints tell artifacts apart", () => {
  const other = artifact.slice();
  other.fill(7, 200_000, 300_000);
  const all = [artifact, other, artifact.subarray(1), new Uint8Array(0)].map(fingerprint);
  expect(new Set(all).size).toBe(4);
});
