// What of a farm needs no Redis: verdicts, blobs in folders, addresses.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Receipt } from "../../proof/index.js";
import { FolderBlobs } from "../blobs.js";
import type { Outcome } from "../outcome.js";
import { answer } from "../party.js";
import { jobId, runOfJob } from "../queue.js";
import { checkUrl, connect, shownUrl } from "../redis.js";
import { isRunData, runData } from "../run.js";
import { verdictOf } from "../verdict.js";

const outcome = (stdout: string): Outcome => ({
  ...{ status: "ok", value: null, error: null, stdout, stderr: "", stdoutTruncated: false, stderrTruncated: false },
  ...{ fuel: { schedule: "escapement-2", limit: 10, used: 5 }, files: {}, receipt: null },
});
const reports = (...said: readonly string[]) =>
  said.map((stdout, i) => ({ worker: `w${i}`, outcome: outcome(stdout) }));

test("those who say the same bytes agree; who does not is named", () => {
  const verdict = verdictOf(reports("a", "b", "a"), 2);
  expect(verdict.agreed!.stdout).toBe("a");
  expect(verdict.workers).toEqual(["w0", "w2"]);
  expect(verdict.others.map(({ worker }) => worker)).toEqual(["w1"]);
  // The order of an object's names is nobody's statement.
  const turned = { worker: "x", outcome: Object.fromEntries(Object.entries(outcome("a")).reverse()) as never };
  expect(verdictOf([...reports("a"), turned], 2).others).toEqual([]);
});

test("too few who agree are a dispute, which has no outcome", () => {
  const verdict = verdictOf(reports("a", "b", "a", "c"), 3);
  expect(verdict).toMatchObject({ agreed: undefined, others: [], workers: ["w0", "w1", "w2", "w3"] });
  expect(verdict.reason).toBe("3 of 4 workers had to agree; what they say differs: w0 and w2; w1; w3");
  expect(verdictOf(reports("a", "b"), 2).agreed).toBeUndefined();
});

test("a run as data is one, and what is changed in it is not", async () => {
  const data = await runData({ code: "1", files: { a: Uint8Array.of(1) }, verify: { workers: 5 } }, async () => "blob");
  expect(data).toMatchObject({ fuel: 20_000_000, memory: 2 ** 26, verify: { workers: 5, agree: 3 } });
  expect(isRunData(JSON.parse(JSON.stringify(data)))).toBe(true);
  const wrong: object[] = [
    ...Object.keys(data).map((name) => ({ ...data, [name]: 1.5 })),
    { ...data, files: { a: {} } },
    { ...data, fuel: -1 },
    { ...data, verify: { workers: 1 } },
    [],
  ];
  for (const value of wrong) expect(isRunData(value), JSON.stringify(value)).toBe(false);
});

test("jobs are named by their run and part", () => {
  for (const [run, part] of [
    ["a.b-c", undefined],
    ["run-1", 0],
    ["x", 12],
  ] as const)
    expect(runOfJob(jobId(run, part))).toEqual({ run, part });
});

test("a folder of blobs gives what was put there, whole, and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "escapement-blobs-"));
  try {
    const blobs = new FolderBlobs(join(folder, "made"));
    expect(await blobs.get("a")).toBeUndefined();
    await blobs.put("a", Uint8Array.of(1, 2));
    await Promise.all([1, 2, 3, 4].map((byte) => blobs.put("b", new Uint8Array(50_000).fill(byte))));
    expect([...(await blobs.get("a"))!]).toEqual([1, 2]);
    const b = (await blobs.get("b"))!;
    expect(b.every((byte) => byte === b[0])).toBe(true);
    await blobs.delete("a");
    await blobs.delete("a");
    expect(await blobs.get("a")).toBeUndefined();
    for (const name of ["", ".", "..", "../a", "a/b", "/etc/passwd"])
      await expect(blobs.put(name, b), name).rejects.toThrow("is no name of a blob");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a folder that could not be made is made when somebody asks again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "escapement-blobs-"));
  try {
    const inTheWay = join(folder, "blobs");
    writeFileSync(inTheWay, "");
    const blobs = new FolderBlobs(join(inTheWay, "deeper"));
    await expect(blobs.put("a", Uint8Array.of(1))).rejects.toThrow(/ENOTDIR/);
    rmSync(inTheWay);
    await blobs.put("a", Uint8Array.of(1));
    expect([...(await blobs.get("a"))!]).toEqual([1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a run that could not be made again is, when somebody asks again", async () => {
  // (module (func (export "f") (result i32) i32.const 7))
  const bytes = "0061736d010000000105016000017f03020100070501016600000a0601040041070b";
  const run = await runData({ module: Buffer.from(bytes, "hex"), invoke: "f" }, async () => "blob");
  const question = { run, receipt: {} as Receipt, fuel: 0, whole: false };
  await expect(answer(question, new Map())).rejects.toThrow();
  const { state } = await answer(question, new Map([["blob", Uint8Array.from(Buffer.from(bytes, "hex"))]]));
  expect(state).toMatch(/^[\da-f]{64}$/);
});

test("addresses that are none are refused before anything is connected; passwords are not shown", async () => {
  for (const url of ["", "nonsense", "http://host", "host:6379", "redis"])
    expect(() => checkUrl(url), url).toThrow(/redis:\/\//);
  for (const url of ["redis://host", "rediss://u:p@host:1/2", "/run/redis.sock"]) checkUrl(url);
  expect(shownUrl("redis://user:secret@host:1")).not.toContain("secret");
  await expect(connect("redis://127.0.0.1:1")).rejects.toThrow(
    "cannot reach Redis at redis://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1",
  );
});

test("a Redis that is too old, or none at all, is refused", async () => {
  const { createServer } = await import("node:net");
  const answers = async (answer: string) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      // One for each command, several of which may come at once.
      socket.on("data", (text) => socket.write(answer.repeat(String(text).match(/^\*\d+\r$/gm)!.length)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const given = connect(`redis://127.0.0.1:${port}`).finally(() => server.close());
    return given;
  };
  const info = "# Server\r\nredis_version:5.0.14\r\nloading:0\r\n";
  await expect(answers(`$${info.length}\r\n${info}\r\n`)).rejects.toThrow(
    "a farm needs Redis 6.2 or later, and this is 5.0.14",
  );
  await expect(answers("-NOAUTH Authentication required.\r\n")).rejects.toThrow(/cannot reach Redis at .*NOAUTH/);
});
