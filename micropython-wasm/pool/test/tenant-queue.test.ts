import { expect, test } from "vitest";
import { type TenantLimits, TenantQueue } from "../tenant-queue.js";

/** A queue of named jobs that end when they are told to. */
function queue(threads: number, limits: Record<string, TenantLimits> = {}, maxWaiting?: number) {
  const started: string[] = [];
  const over = new Map<string, () => void>();
  const jobs = new TenantQueue<string>(
    threads,
    (tenant) => limits[tenant] ?? {},
    (job, done) => {
      started.push(job);
      over.set(job, done);
    },
    maxWaiting,
  );
  return { jobs, started, end: (job: string) => over.get(job)!() };
}

test("tenants take turns, however many jobs one has", () => {
  const { jobs, started, end } = queue(1);
  for (const job of ["a1", "a2", "a3"]) jobs.add("a", job);
  jobs.add("b", "b1");
  jobs.add("c", "c1");
  for (let i = 0; i < 5; i++) end(started[i]!);
  expect(started).toEqual(["a1", "b1", "c1", "a2", "a3"]);
});

test("a tenant runs as many at a time as it may, and others use the rest", () => {
  const { jobs, started, end } = queue(3, { a: { concurrency: 1 } });
  for (const job of ["a1", "a2", "a3"]) jobs.add("a", job);
  for (const job of ["b1", "b2", "b3"]) jobs.add("b", job);
  expect(started).toEqual(["a1", "b1", "b2"]);
  end("a1");
  expect(started.slice(3)).toEqual(["a2"]);
  end("b1");
  expect(started.slice(4)).toEqual(["b3"]);
});

test("a tenant whose queue is full is refused, also with a queue of none", () => {
  const { jobs, end } = queue(1, { a: { queue: 1 }, b: { queue: 0 } });
  expect([jobs.add("a", "a1"), jobs.add("a", "a2"), jobs.add("a", "a3"), jobs.add("b", "b1")]).toEqual([
    undefined,
    undefined,
    "tenant",
    "tenant",
  ]);
  end("a1");
  end("a2");
  expect(jobs.add("b", "b1")).toBe(undefined);
});

test("when as many wait as may, of all, only what starts at once is taken", () => {
  const { jobs, started } = queue(2, { a: { concurrency: 1 } }, 1);
  expect([jobs.add("a", "a1"), jobs.add("a", "a2"), jobs.add("a", "a3")]).toEqual([undefined, undefined, "queue"]);
  expect([jobs.add("b", "b1"), jobs.add("b", "b2")]).toEqual([undefined, "queue"]);
  expect(started).toEqual(["a1", "b1"]);
  expect(jobs.waiting).toBe(1);
});

test("tenants that were refused, or have nothing to do, ask for their limits anew", () => {
  const asked: string[] = [];
  const jobs = new TenantQueue<string>(
    1,
    (name) => {
      asked.push(name);
      return { queue: 0 };
    },
    () => {},
  );
  jobs.add("a", "a1");
  expect([jobs.add("b", "b1"), jobs.add("b", "b2")]).toEqual(["tenant", "tenant"]);
  expect(asked).toEqual(["a", "b", "b"]);
});

test("jobs that wait can be taken back, one or all", () => {
  const { jobs, started, end } = queue(1);
  for (const job of ["a1", "a2", "a3"]) jobs.add("a", job);
  expect([jobs.remove("a", "a2"), jobs.remove("a", "a1"), jobs.remove("x", "x")]).toEqual([true, false, false]);
  expect(jobs.waiting).toBe(1);
  expect(jobs.clear()).toEqual(["a3"]);
  end("a1");
  expect(started).toEqual(["a1"]);
});
