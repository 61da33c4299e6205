// The world as a whole: linking, fuel, pauses, state.

import { describe, expect, test } from "vitest";
import { Engine, LinkError, Linker, Store, UsageError } from "../../index.js";
import { wat } from "../../test/support/wat.js";
import { Errno, WASI_MODULE, Wasi, type WasiOptions } from "../index.js";
import { memoryFiles, OurGuest, READ_RIGHTS, WRITE_RIGHTS } from "./guest.js";

const TOP = 3;
const CREATE = 1;

describe("linking", () => {
  const link = async (text: string) => {
    const engine = new Engine();
    const linker = new Linker(engine);
    new Wasi().define(linker);
    return linker.instantiate(new Store(engine), engine.compile(await wat(text)));
  };

  test("names the functions that are not there", async () => {
    const importing = (name: string) => `(import "${WASI_MODULE}" "${name}" (func (param i32 i32) (result i32)))`;
    const text = `(module ${importing("sock_open")} ${importing("args_get")})`;
    await expect(link(text)).rejects.toThrow(LinkError);
    await expect(link(text)).rejects.toThrow(/"wasi_snapshot_preview1"\."sock_open"/);
  });

  test("checks types", async () => {
    await expect(link(`(module (import "${WASI_MODULE}" "args_get" (func (param i32 i32))))`)).rejects.toThrow(
      LinkError,
    );
  });

  test("a guest that passes pointers has to export its memory", async () => {
    const instance = await link(`(module
      (import "${WASI_MODULE}" "args_get" (func $f (param i32 i32) (result i32)))
      (import "${WASI_MODULE}" "sched_yield" (func $y (result i32)))
      (memory 1)
      (func (export "f") (result i32) i32.const 0 i32.const 0 call $f)
      (func (export "y") (result i32) call $y))`);
    expect(instance.call("y")).toEqual([0]);
    expect(() => instance.call("f")).toThrow(UsageError);
  });
});

describe("fuel", () => {
  /** A write and a listing, as executions in turn. */
  const CALLS: readonly (readonly [string, (g: OurGuest) => (number | bigint)[]])[] = [
    ["path_open", (g) => [TOP, 0, ...g.put(64, "file"), CREATE, WRITE_RIGHTS, 0n, 0, 8]],
    ["fd_write", (g) => [4, ...g.vectors(16, g.put(8192, "x".repeat(1000))), 8]],
    ["fd_readdir", () => [TOP, 16384, 4096, 0n, 8]],
    ["poll_oneoff", () => [1024, 2048, 1, 8]],
    ["random_get", () => [32768, 4096]],
  ];

  const run = async (step: number | undefined, options: WasiOptions = {}) => {
    const g = await OurGuest.create({ ...memoryFiles().options, ...options });
    const fuel: number[] = [];
    for (const [name, args] of CALLS) {
      const execution = g.execution(name, args(g));
      let result = execution.run(step ?? 1_000_000);
      while (result.status === "paused") result = execution.run(step!);
      expect(result.status).toBe("done");
      fuel.push(execution.fuelUsed);
      g.wasi.fuelBefore += execution.fuelUsed;
    }
    return { fuel, memory: g.bytes(), state: g.wasi.saveState() };
  };

  test("a call that pauses at every unit does what one does that never pauses", async () => {
    const whole = await run(undefined);
    const stepped = await run(1);
    expect(stepped.fuel).toEqual(whole.fuel);
    expect(stepped.state).toEqual(whole.state);
    expect(Buffer.compare(stepped.memory, whole.memory)).toBe(0);
  });

  test("exactly what a call needs is enough, and one unit less is not", async () => {
    const { fuel } = await run(undefined);
    for (const [i, [name]] of CALLS.entries()) {
      const g = await OurGuest.create(memoryFiles().options);
      for (const [other, args] of CALLS.slice(0, i)) g.call(other, ...args(g));
      const execution = g.execution(name, CALLS[i]![1](g));
      expect(execution.run(fuel[i]! - 1).status, name).toBe("paused");
      expect(execution.run(1).status, name).toBe("done");
    }
  });

  test("without charges a call costs its instructions only", async () => {
    // Entering the forwarding function, its local.gets and the call.
    const params = [9, 4, 5, 4, 2];
    expect((await run(undefined, { charges: false })).fuel).toEqual(params.map((count) => count + 2));
  });
});

test("state is plain data, and can be put back", async () => {
  const { files, options } = memoryFiles();
  const g = await OurGuest.create(options);
  const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS });
  g.write(fd, "hello");
  g.seek(fd, 1n, 0);
  const saved = structuredClone({ wasi: g.wasi.saveState(), files: files.saveState() });
  const goOn = () => {
    const { text } = g.read(fd);
    g.call("random_get", 100, 8);
    g.call("clock_time_get", 0, 0n, 200);
    const opened = g.open(TOP, "g", { oflags: CREATE, rights: READ_RIGHTS });
    return [text, g.u64(100), g.u64(200), opened.fd, g.call("fd_close", opened.fd)];
  };
  const first = goOn();
  g.call("fd_close", fd);
  g.call("fd_close", TOP);
  expect(g.read(fd).errno).toBe(Errno.badf);
  files.restoreState(saved.files);
  g.wasi.restoreState(saved.wasi);
  expect(goOn()).toEqual(first);
});
