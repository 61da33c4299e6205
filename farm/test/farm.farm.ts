// A farm in one process: what runs give, what is refused, who comes first, what it costs.
import { afterAll, describe, expect, test } from "vitest";
import { Sandbox } from "../../micropython-wasm/index.js";
import { Files } from "../../test/support/built-cli.js";
import { type Farm, type FarmResult, FolderBlobs, serveMetrics } from "../index.js";
import { type RedisServer, sleep, useFarm } from "./support.js";

let redis: RedisServer;
let farm: Farm;
const files = new Files();
useFarm((given) => {
  ({ redis, farm } = given);
});
afterAll(() => files.remove());

function done(result: FarmResult): Extract<FarmResult, { state: "done" }> {
  if (result.state !== "done") throw new Error(`${result.state}: ${result.reason}`);
  return result;
}

const SUM = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello\\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "sum") (param $n i32) (result i64) (local $i i32) (local $s i64)
    (loop $l
      (local.set $s (i64.add (local.get $s) (i64.extend_i32_u (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.le_u (local.get $i) (local.get $n))))
    (local.get $s)))`;

describe("a run", () => {
  test("gives what a sandbox gives: value, output, files, fuel and receipt", async () => {
    await using _worker = await redis.worker({ name: "one" });
    const code = `
import sys
print("to out", x, open("/input/data").read(), sys.argv)
print("to err", file=sys.stderr)
open("/work/made", "w").write("made " + input())
[x, {"a": 1.5}, 2 ** 70, b"\\xff"]`;
    const given = {
      outputBytes: 1_000_000,
      files: { data: Uint8Array.from([104, 105]) },
      argv: ["p", "-v"],
      stdin: "line\n",
      seed: 5,
    };
    const result = done(await farm.run({ code, inputs: { x: [1, null] }, outputs: ["made", "none"], ...given }));
    using sandbox = await Sandbox.create({ fuel: 20_000_000, memory: "64MiB", timeout: 600_000, ...given });
    const alone = await sandbox.run(code, { inputs: { x: [1, null] }, receipt: true });
    expect(result).toMatchObject({
      status: "ok",
      stdout: alone.stdout,
      stderr: "to err\n",
      workers: ["one"],
      dissent: [],
    });
    expect(result.stdout).toBe("to out [1, None] hi ['p', '-v']\n");
    expect(result.value).toEqual([[1, null], { a: 1.5 }, { $int: String(2n ** 70n) }, { $bytes: "ff" }]);
    expect(result.files).toEqual({ made: Buffer.from("made line").toString("base64") });
    expect(result.fuel).toEqual({ schedule: "escapement-2", limit: alone.fuel.limit, used: alone.fuel.used });
    expect(result.receipt).toEqual(JSON.parse(JSON.stringify(alone.receipt)));
    expect(await farm.bill(result.id)).toEqual({ id: result.id, tenant: "", fuel: alone.fuel.used, times: 1 });
  });

  test("may fail, and has a result and a bill then, too", async () => {
    await using _worker = await redis.worker();
    const failing = [
      [{ code: "1 / 0" }, "error", /ZeroDivisionError/],
      [{ code: "import sys; sys.exit(3)" }, "error", /3/],
      [{ code: "while True: pass", fuel: 3_000_000 }, "out-of-fuel", /fuel/],
      [{ code: "x = [0] * 10000000", memory: "18MiB" }, "out-of-memory", /memory/i],
      [{ code: "while True: pass", fuel: 10 ** 12, timeout: 200 }, "timeout", /time limit/],
    ] as const;
    for (const [run, status, message] of failing) {
      const result = done(await farm.run({ ...run, tenant: "failing" }));
      expect(result.status).toBe(status);
      expect(`${result.error!.type}: ${result.error!.message}`).toMatch(message);
      expect((await farm.bill(result.id))!.fuel).toBe(result.fuel.used);
      expect(result.receipt === null).toBe(status === "timeout");
    }
    expect((await farm.account("failing")).runs).toBe(failing.length);
  });

  test("may be a module: a WASI command, or a function", async () => {
    await using _worker = await redis.worker();
    const module = await import("node:fs").then((fs) => fs.readFileSync(files.module("sum.wasm", SUM)));
    const command = done(await farm.run({ module }));
    expect(command).toMatchObject({ status: "ok", stdout: "hello\n", error: null });
    const sum = done(await farm.run({ module, invoke: "sum", args: ["100000"] }));
    expect(sum.value).toEqual([String((100_000n * 100_001n) / 2n)]);
    expect(sum.receipt!.status).toBe("done");
    expect(done(await farm.run({ module, invoke: "sum", args: ["1"], fuel: 5 })).status).toBe("out-of-fuel");
    expect(await farm.run({ module, invoke: "sum", args: ["x"] })).toMatchObject({ state: "failed", reason: /i32/ });
    expect(await farm.run({ module: Uint8Array.of(0, 1) })).toMatchObject({ state: "failed", reason: /magic/ });
    expect(await farm.run({ module, invoke: "none" })).toMatchObject({
      state: "failed",
      reason: /exports no function/,
    });
  });

  test("is run once under its id, whoever asks how often", async () => {
    const run = { code: "1 + 1", id: "twice", tenant: "twice" };
    expect(await farm.submit(run)).toBe("twice");
    expect(await farm.submit(run)).toBe("twice");
    await expect(farm.submit({ ...run, code: "1 + 2" })).rejects.toThrow("the id twice names another run");
    await expect(farm.wait("nobody")).rejects.toThrow("there is no run nobody");
    await using worker = await redis.worker();
    let begun = 0;
    worker.on("begun", () => begun++);
    const [a, b] = await Promise.all([farm.wait("twice"), farm.wait("twice")]);
    expect(a).toEqual(b);
    expect(await farm.run(run)).toEqual(a);
    expect(begun).toBe(1);
    expect(await farm.account("twice")).toEqual({ tenant: "twice", runs: 1, fuel: done(a).fuel.used });
  });

  test("that makes no sense is refused before it is asked for, and by workers", async () => {
    const wrong = [
      [{}, "a run has either code, a Python program, or module"],
      [null, "a run is an object"],
      [{ code: 1 }, "code is text, not 1"],
      [{ code: "", fule: 1 }, 'a run has no "fule"; it may have id, tenant, code'],
      [{ code: "", id: "12" }, "not of digits alone"],
      [{ code: "", id: "a:b" }, 'not "a:b"'],
      [{ code: "", fuel: "lots" }, 'fuel is a whole number from 0, or text such as 64MiB, not "lots"'],
      [{ code: "", memory: -1 }, "memory is a whole number"],
      [{ code: "", args: ["1"] }, "args is for WebAssembly modules"],
      [{ module: new Uint8Array(8), inputs: {} }, "inputs is for Python programs"],
      [{ code: "", inputs: { x: 1n } }, "inputs are JSON"],
      [{ code: "x".repeat(2 ** 20) }, "1048576 are allowed"],
      [{ code: "", priority: 0.5 }, "priority is a whole number from 0 to 1000000"],
      [{ code: "", attempts: 0 }, "attempts is a whole number from 1"],
      [{ code: "", schedule: "cheap" }, "schedule is the name of a fuel schedule"],
      [{ code: "", verify: { workers: 1 } }, "verify.workers is a whole number from 2 to 100"],
      [{ code: "", verify: { workers: 4, agree: 2 } }, "more than half of 4 workers"],
      [{ code: "", verify: { workers: 3 }, receipt: false }, "verify compares receipts"],
    ] as const;
    for (const [run, message] of wrong) await expect(farm.submit(run as never), message).rejects.toThrow(message);
    await using _worker = await redis.worker({ name: "small", maxFuel: 1000, maxMemory: 2 ** 20 });
    expect(await farm.run({ code: "1", fuel: 2000 })).toMatchObject({
      state: "failed",
      reason: "the run asks for 2000 fuel; worker small allows 1000",
    });
    const large = await farm.run({ code: "1", fuel: 10, tenant: "large" });
    expect(large).toMatchObject({ state: "failed", reason: /67108864 bytes of memory/ });
    expect(await farm.bill(large.id)).toEqual({ id: large.id, tenant: "large", fuel: 0, times: 0 });
  });

  test("that lies in the queue and is none fails, and others go on", async () => {
    const { Queue } = await import("bullmq");
    const { Redis } = await import("ioredis");
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    const queue = new Queue("runs", { connection, prefix: "{escapement}" });
    const jobs = await Promise.all(
      [{}, { kind: "python" }, "text", { kind: "module", module: 1 }].map((data, i) =>
        queue.add("odd", data, { jobId: `odd-${i}` }),
      ),
    );
    await using _worker = await redis.worker();
    expect(done(await farm.run({ code: "3" })).value).toBe(3);
    for (const { id } of jobs)
      expect((await queue.getJob(id!))!.failedReason).toMatch(/no run, or one of another version/);
    await queue.close();
    connection.disconnect();
  });
});

test("runs of less priority wait; those of a tenant wait for its rate", async () => {
  const order: string[] = [];
  const ids = ["last", "first", "second", "third"];
  const priorities = [9, 0, 1, 2];
  for (const [i, id] of ids.entries()) await farm.submit({ code: "1", id: `order-${id}`, priority: priorities[i]! });
  await farm.setRate("slow", { runs: 2, seconds: 0.6 });
  await expect(farm.setRate("slow", { runs: 0, seconds: 1 })).rejects.toThrow("a rate is { runs, seconds }");
  await using worker = await redis.worker();
  worker.on("begun", (id) => void order.push(id));
  await Promise.all(ids.map((id) => farm.wait(`order-${id}`)));
  expect(order).toEqual(["order-first", "order-second", "order-third", "order-last"]);
  // Two at once, then one each 300 ms: the sixth not before 1,200 ms.
  const started = performance.now();
  const slow = await Promise.all(Array.from({ length: 6 }, () => farm.submit({ code: "1", tenant: "slow" })));
  await Promise.all(slow.map((id) => farm.wait(id)));
  expect(performance.now() - started).toBeGreaterThanOrEqual(1190);
  // Others do not wait with those that wait an hour.
  await farm.setRate("hourly", { runs: 1, seconds: 3600 });
  await farm.run({ code: "1", tenant: "hourly" });
  const waiting = await farm.submit({ code: "1", tenant: "hourly" });
  while ((await farm.counts()).delayed === 0) await sleep(10);
  expect(done(await farm.run({ code: "2", tenant: "other" })).value).toBe(2);
  expect(await farm.result(waiting)).toBeUndefined();
});

test("progress is told, waiting can be given up, and a folder holds what is kept", async () => {
  const blobs = new FolderBlobs(`${redis.folder}/blobs`);
  await using other = await redis.farm({ blobs, queue: "folder" });
  const kept: number[] = [];
  await using worker = await redis.worker({ blobs, queue: "folder", checkpointFuel: 2 ** 22, name: "folder" });
  worker.on("kept", (_, bytes) => void kept.push(bytes));
  const code = "def f():\n  n = 0\n  for i in range(600000):\n    n ^= i\n  return n\nf()";
  const id = await other.submit({ code, fuel: 10 ** 10, files: { data: Uint8Array.of(1) } });
  expect(done(await other.wait(id)).value).toBe(Array.from({ length: 600_000 }, (_, i) => i).reduce((n, i) => n ^ i));
  expect(kept.length).toBeGreaterThan(1);

  // A run without an end: however fast the machine is, it is under way when the waiting is given up.
  const told: number[] = [];
  const controller = new AbortController();
  const endless = await other.submit({ code: "while True:\n  pass", fuel: 10 ** 15 });
  const given = other.wait(endless, {
    signal: controller.signal,
    onProgress: ({ fuelUsed, worker: who }) => {
      expect(who).toBe("folder");
      told.push(fuelUsed);
      controller.abort(new Error("no more"));
    },
  });
  await expect(given).rejects.toThrow("no more");
  expect(told[0]).toBeGreaterThan(0);
  // It goes on, though nobody waits.
  const before = kept.length;
  while (kept.length === before) await sleep(20);
  expect(await other.result(endless)).toBeUndefined();
  await worker.close();
  // States are deleted with their run; what the run was given stays for others.
  expect(await blobs.get(`kept-${id}`)).toBeUndefined();
  await expect(blobs.put("../x", Uint8Array.of(1))).rejects.toThrow("no name of a blob");
});

test("metrics are what Prometheus reads", async () => {
  await using worker = await redis.worker({ name: "measured" });
  const metrics = await serveMetrics(worker, 0);
  const results = [await farm.run({ code: "1" }), await farm.run({ code: "1 / 0" }), await farm.run({ code: "2" })].map(
    done,
  );
  const text = async () => (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text();
  const figure = async (name: string) => {
    const line = (await text()).split("\n").find((row) => row.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  };
  while ((await figure("escapement_farm_run_seconds_count")) !== 3) await sleep(20);
  expect(await figure('escapement_farm_runs_total{status="ok"}')).toBe(2);
  expect(await figure('escapement_farm_runs_total{status="error"}')).toBe(1);
  expect(await figure("escapement_farm_fuel_total")).toBe(results.reduce((sum, { fuel }) => sum + fuel.used, 0));
  expect(await figure('escapement_farm_jobs{state="waiting"}')).toBe(0);
  expect((await fetch(`http://127.0.0.1:${metrics.port}/healthz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${metrics.port}/`)).status).toBe(404);
  await expect(serveMetrics(worker, metrics.port)).rejects.toThrow(/metrics cannot be served on 127.0.0.1:\d+/);
  await metrics.close();
});

test("a farm that is closed says so", async () => {
  const other = await redis.farm();
  const id = await other.submit({ code: "1", id: "closed-while-waiting" });
  const waiting = expect(other.wait(id)).rejects.toThrow("the farm was closed");
  await other.close();
  await waiting;
  await expect(other.submit({ code: "1" })).rejects.toThrow("the farm is closed");
});
