// Nothing is lost and nothing paid twice: workers are killed at random moments over 1,000 runs, and Redis in the midst.
import { afterEach, beforeEach, expect, test } from "vitest";
import { Sandbox } from "../../micropython-wasm/index.js";
import { Random } from "../../runtime/test/support/random.js";
import type { Farm, FarmRun } from "../index.js";
import { type RedisServer, sleep, useFarm, WorkerProcess } from "./support.js";

const RUNS = Number(process.env.ESCAPEMENT_FARM_RUNS ?? 1000);
const FLAGS = ["--checkpoint", String(2 ** 20), "--stalled-after", "1", "--max-losses", "50"];
const WORKERS = 3;

let redis: RedisServer;
let farm: Farm;
useFarm(
  (given) => {
    ({ redis, farm } = given);
  },
  [beforeEach, afterEach],
);

/** One in ten is long enough to be kept several times; others are a line. */
function program(number: number): { run: FarmRun; value: number } {
  const x = number % 10;
  const rounds = number % 100 < 10 ? 2000 : 20;
  let value = x;
  for (let i = 0; i < rounds; i++) value = (value * 7 + i) % 10_007;
  const code = `v = x\nfor i in range(${rounds}):\n  v = (v * 7 + i) % 10007\nv`;
  return { run: { code, inputs: { x }, tenant: `tenant ${x}`, fuel: 100_000_000, receipt: number % 3 === 0 }, value };
}

/** Fuel of a program, as a sandbox that nobody disturbs uses it. */
const known = new Map<string, number>();
async function fuelOf({ code, inputs }: FarmRun): Promise<number> {
  const key = `${code}${JSON.stringify(inputs)}`;
  if (!known.has(key)) {
    using sandbox = await Sandbox.create({ fuel: 100_000_000 });
    known.set(key, (await sandbox.run(code!, { inputs })).fuel.used);
  }
  return known.get(key)!;
}

/**
 * Kills a worker and starts another one, each time that some more runs have ended and a moment has passed: so on a machine
 * that is slow, or busy, there is progress all the same.
 */
class Killer {
  kills = 0;
  private ended = 0;
  private readonly workers: WorkerProcess[];
  private over = false;

  constructor(private readonly random: Random) {
    this.workers = Array.from({ length: WORKERS }, () => new WorkerProcess(redis.url, FLAGS));
  }

  /** A run has ended. */
  readonly hears = (): void => {
    this.ended++;
  };

  async work(): Promise<void> {
    for (;;) {
      const next = this.ended + 1 + this.random.below(40);
      while (this.ended < next && !this.over) await sleep(5);
      // Short beside what so many runs take: how often is killed depends on runs, and not on the machine.
      await sleep(this.random.below(40));
      if (this.over) return;
      const place = this.random.below(WORKERS);
      this.workers[place]!.kill("SIGKILL");
      await this.workers[place]!.ended;
      this.workers[place] = new WorkerProcess(redis.url, FLAGS);
      this.kills++;
    }
  }

  stop(): void {
    this.over = true;
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}

async function expectAll(runs: ReadonlyMap<string, number>): Promise<void> {
  const paid = new Map<string, { runs: number; fuel: number }>();
  for (const [id, number] of runs) {
    const { run, value } = program(number);
    const used = await fuelOf(run);
    const result = await farm.result(id);
    expect(result, id).toMatchObject({ state: "done", status: "ok", value, fuel: { used } });
    expect(await farm.bill(id), id).toEqual({ id, tenant: run.tenant, fuel: used, times: 1 });
    const so = paid.get(run.tenant!) ?? { runs: 0, fuel: 0 };
    paid.set(run.tenant!, { runs: so.runs + 1, fuel: so.fuel + used });
  }
  for (const [tenant, account] of paid) expect(await farm.account(tenant)).toEqual({ tenant, ...account });
}

/** Of a run that has its result, the worker still has to tell the queue. */
const expectNoneLeft = () =>
  expect.poll(() => farm.counts(), { timeout: 60_000 }).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });

test(`${RUNS} runs whose workers are killed at random end as they should, each paid once`, async () => {
  const runs = new Map<string, number>();
  for (let number = 0; number < RUNS; number++) runs.set(await farm.submit(program(number).run), number);
  const killer = new Killer(new Random(13));
  const killing = killer.work();
  await Promise.all([...runs.keys()].map((id) => farm.wait(id).then(killer.hears)));
  killer.stop();
  await killing;
  await expectNoneLeft();
  await killer.end();
  console.log(`${RUNS} runs, ${killer.kills} workers killed`);
  expect(killer.kills).toBeGreaterThan(RUNS / 50);
  await expectAll(runs);
});

test("what Redis has acknowledged before it is killed is there when it is back", async () => {
  const random = new Random(14);
  const workers = Array.from({ length: 2 }, () => new WorkerProcess(redis.url, FLAGS));
  // A worker that finds no Redis when it begins says so, and ends.
  await Promise.all(workers.map((worker) => worker.shows("ready")));
  const acknowledged = new Map<string, number>();
  let over = false;
  let number = 0;
  const asking = (async () => {
    while (!over) {
      const mine = number++;
      acknowledged.set(await farm.submit({ ...program(mine).run, id: `asked-${mine}` }), mine);
      await sleep(random.below(30));
    }
  })();
  let restarts = 0;
  for (; restarts < 6; restarts++) {
    const before = acknowledged.size;
    while (acknowledged.size < before + 10) await sleep(20);
    await sleep(random.below(300));
    await redis.stop(restarts % 2 === 0 ? "SIGKILL" : "SIGTERM");
    await sleep(random.below(500));
    await redis.start();
  }
  over = true;
  await asking;
  await Promise.all([...acknowledged.keys()].map((id) => farm.wait(id)));
  await expectNoneLeft();
  await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  console.log(`${acknowledged.size} runs acknowledged, Redis restarted ${restarts} times`);
  expect(acknowledged.size).toBeGreaterThanOrEqual(60);
  await expectAll(acknowledged);
});
