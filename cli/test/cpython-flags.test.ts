// What `python --python cpython` refuses before anything runs.
import { afterEach, expect, test, vi } from "vitest";
import { inProcess } from "../../test/support/in-process-cli.js";

afterEach(() => vi.unstubAllEnvs());

test.each([
  [["--python", "cpython", "--stack", "1MiB", "-c", "1"], "--stack is for MicroPython"],
  [["--python", "cpython", "--build", "ulab", "-c", "1"], "--build is for MicroPython"],
  [["--preload", "numpy", "-c", "1"], "--preload is for --python cpython"],
  [["--python", "pypy", "-c", "1"], "micropython, cpython"],
])("%j is a wrong use", async (args, message) => {
  expect(await inProcess(["python", ...args])).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
});

test("without the artifact, the error says how to get it", async () => {
  vi.stubEnv("XDG_CACHE_HOME", "/nonexistent");
  const { status, stderr } = await inProcess(["python", "--python", "cpython", "-c", "1"]);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining("escapement artifacts add cpython"),
  });
});
