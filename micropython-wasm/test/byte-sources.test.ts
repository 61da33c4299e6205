// Where options take bytes, what leads to them may stand: paths, URLs, responses, ArrayBuffers.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Files } from "../../test/support/built-cli.js";
import { createPython, Sandbox, SandboxUsageError } from "../index.js";
import { readHostFiles } from "../node.js";

const path = createRequire(import.meta.url).resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm");
const bytes = new Uint8Array(readFileSync(path));
const files = new Files();
const server = createServer((request, response) => {
  if (request.url !== "/micropython.wasm") response.statusCode = 404;
  response.end(bytes);
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  files.remove();
});

describe("an artifact", () => {
  test.each<[string, () => unknown]>([
    ["a path", () => path],
    ["a file's URL as text", () => pathToFileURL(path).href],
    ["a file's URL", () => pathToFileURL(path)],
    ["a URL as text", () => `${url}micropython.wasm`],
    ["a response that is awaited", () => fetch(`${url}micropython.wasm`)],
    ["an ArrayBuffer", () => bytes.slice().buffer],
  ])("is %s", async (_, source) => {
    const artifact = (await source()) as Uint8Array;
    using sandbox = await Sandbox.create({ artifact });
    expect((await sandbox.run("6 * 7")).value).toBe(42);
    // What can be read once is known the second time.
    expect((await (await createPython({ artifact })).run("1 + 1")).value).toBe(2);
    using restored = await Sandbox.restore(sandbox.snapshot(), { artifact });
    expect((await restored.run("2 + 1")).value).toBe(3);
  });

  test.each<[() => unknown, RegExp]>([
    [() => files.path("none.wasm"), /artifact is not readable: .*no such file/],
    [() => `${url}none`, /artifact is not readable: status 404 of http/],
    [() => fetch(`${url}none`), /status 404/],
    [() => "http://127.0.0.1:1/", /artifact is not readable/],
    [() => "", /artifact is bytes, a path or URL, a Response, or a Module, not ""/],
    [() => ({}), /artifact is bytes, a path or URL/],
  ])("is refused by name: %#", async (source, message) => {
    const artifact = (await source()) as Uint8Array;
    await expect(Sandbox.create({ artifact })).rejects.toThrow(message);
    await expect(Sandbox.create({ artifact })).rejects.toThrow(SandboxUsageError);
  });
});

test("files are texts, bytes, URLs and responses", async () => {
  using sandbox = await Sandbox.create({
    files: {
      text: "/etc/hostname",
      bytes: new Uint8Array([97]),
      buffer: new Uint8Array([98]).buffer,
      url: pathToFileURL(files.write("c.txt", "c")),
      response: new Response("d"),
      __proto__x: "e",
    },
  });
  const { value } = await sandbox.run(
    "[open('/input/' + n).read() for n in ('text', 'bytes', 'buffer', 'url', 'response', '__proto__x')]",
  );
  expect(value).toEqual(["/etc/hostname", "a", "b", "c", "d", "e"]);
  sandbox.writeFile("f", new Uint8Array([102]).buffer);
  expect((await sandbox.run("open('f').read()")).value).toBe("f");
  await expect(Sandbox.create({ files: { gone: pathToFileURL(files.path("none")) } })).rejects.toThrow(
    /files\["gone"\] is not readable/,
  );
});

test.each<[unknown, RegExp]>([
  ["/etc/hostname", /mounts are an object of paths, .*not "\/etc\/hostname"/],
  [["/etc/hostname"], /not an array/],
  [undefined, /not undefined/],
  [{ a: 1 }, /its "a" is 1/],
  [{ a: "" }, /its "a" is ""/],
  [{ "../a": "/etc/hostname" }, /not a path below \/input/],
  [{ "/a": "/etc/hostname" }, /not a path below \/input/],
])("readHostFiles(%j) is wrong use, and reads nothing", async (mounts, message) => {
  await expect(readHostFiles(mounts as never)).rejects.toThrow(message);
  await expect(readHostFiles(mounts as never)).rejects.toThrow(SandboxUsageError);
});
