// What a farm writes down in Redis beside the queue: results, bills, rates. Each change is one script, so that it is made
// whole or not at all, and the first one counts: a run that was run twice has one result and one bill.
import type { Redis } from "ioredis";
import { KEEP_SECONDS } from "./blobs.js";
import { usage } from "./errors.js";
import type { Bill, FarmResult, Outcome } from "./outcome.js";

/** In how much time a tenant may begin so many runs. */
export interface Rate {
  readonly runs: number;
  readonly seconds: number;
}

/** What one worker says of a run that several verify. */
export interface PartReport {
  readonly worker: string;
  readonly outcome: Outcome;
}

/** What a tenant was charged in all. */
export interface Account {
  readonly tenant: string;
  readonly runs: number;
  readonly fuel: number;
}

const SETTLE = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[6])
redis.call('DEL', KEYS[5], KEYS[6], KEYS[7])
if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[5]) == 1 then
  redis.call('HINCRBY', KEYS[3], ARGV[3], ARGV[4])
  redis.call('HINCRBY', KEYS[4], ARGV[3], 1)
end
return 1`;

// A run is given the time at which it may begin once, and keeps it: so it waits once at the most. The tenant's next time
// moves on by one interval (GCRA); as many as the rate has may begin at once.
const RESERVE = `
local rate = redis.call('HGET', KEYS[1], ARGV[1])
if not rate then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = tonumber(redis.call('GET', KEYS[2]))
if not at then
  local runs, per = string.match(rate, '^(%d+)/(%d+)$')
  local interval = per / runs
  local next = math.max(now, tonumber(redis.call('GET', KEYS[3]) or '0'))
  at = math.max(now, math.ceil(next - per + interval))
  redis.call('SET', KEYS[3], string.format('%.3f', next + interval), 'PX', math.ceil(next - now + interval + per))
  redis.call('SET', KEYS[2], string.format('%.0f', at), 'PX', at - now + ARGV[2])
end
return math.max(0, at - now)`;

// What a worker asks before it begins: whether the run is over, and how long it has to wait.
const START = `
if redis.call('EXISTS', KEYS[4]) == 1 then return -1 end
${RESERVE}`;

const CLAIM = `
local claims = redis.call('HGETALL', KEYS[1])
for i = 1, #claims, 2 do
  if claims[i + 1] == ARGV[2] and claims[i] ~= ARGV[1] then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1`;

const REPORT = `
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return redis.call('HVALS', KEYS[1])`;

const BEGIN = `
local known = redis.call('GET', KEYS[1])
if not known then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
  return 1
end
return known == ARGV[1] and 1 or 0`;

export class Books {
  /** @param prefix of all keys, the braces of a hash slot in it */
  constructor(
    private readonly redis: Redis,
    readonly prefix: string,
  ) {}

  private key(...names: readonly string[]): string {
    return this.prefix + names.join(":");
  }

  /**
   * A run is asked for.
   * @param digest of what is asked for
   * @param parts how many workers verify it; 0 if one runs it
   * @returns whether the id is free, or names the same
   */
  async begin(id: string, digest: string, parts: number): Promise<boolean> {
    return (await this.redis.eval(BEGIN, 1, this.key("run", id), `${digest} ${parts}`, KEEP_SECONDS)) === 1;
  }

  /** How many workers verify a run that was asked for; undefined if there is none. */
  async parts(id: string): Promise<number | undefined> {
    const known = await this.redis.get(this.key("run", id));
    return known === null ? undefined : Number(known.split(" ")[1]);
  }

  async result(id: string): Promise<FarmResult | undefined> {
    const text = await this.redis.get(this.key("result", id));
    return text === null ? undefined : (JSON.parse(text) as FarmResult);
  }

  /** Writes result and bill, if the run has none. @returns whether it had none */
  async settle(result: FarmResult, bill: Bill): Promise<boolean> {
    const { id } = result;
    const books = ["bills", "fuel", "runs"].map((name) => this.key(name));
    const notes = ["parts", "claims", "slot"].map((name) => this.key(name, id));
    const keys = [this.key("result", id), ...books, ...notes];
    const cost = bill.fuel * bill.times;
    const values = [id, JSON.stringify(result), bill.tenant, cost, JSON.stringify(bill), KEEP_SECONDS];
    return (await this.redis.eval(SETTLE, keys.length, ...keys, ...values)) === 1;
  }

  async bill(id: string): Promise<Bill | undefined> {
    const text = await this.redis.hget(this.key("bills"), id);
    return text === null ? undefined : (JSON.parse(text) as Bill);
  }

  async account(tenant: string): Promise<Account> {
    const [runs, fuel] = await Promise.all([
      this.redis.hget(this.key("runs"), tenant),
      this.redis.hget(this.key("fuel"), tenant),
    ]);
    return { tenant, runs: Number(runs ?? 0), fuel: Number(fuel ?? 0) };
  }

  // ---- rates ----

  /** @throws FarmError, kind usage */
  async setRate(tenant: string, rate: Rate | null): Promise<void> {
    if (rate === null) {
      await this.redis.hdel(this.key("rates"), tenant);
      return;
    }
    const { runs, seconds } = rate;
    const isWhole = Number.isSafeInteger(runs) && runs >= 1 && runs <= 1e6;
    if (!isWhole || !(seconds > 0 && seconds <= 86_400 && Math.round(seconds * 1000) >= 1))
      throw usage("a rate is { runs, seconds }: a whole number from 1 to 1,000,000, in at most 86,400 seconds");
    await this.redis.hset(this.key("rates"), tenant, `${runs}/${Math.round(seconds * 1000)}`);
  }

  /** Milliseconds until the run may begin; undefined if it has a result. */
  async start(tenant: string, id: string): Promise<number | undefined> {
    const keys = [this.key("rates"), this.key("slot", id), this.key("next", tenant), this.key("result", id)];
    const wait = (await this.redis.eval(START, keys.length, ...keys, tenant, KEEP_SECONDS * 1000)) as number;
    return wait < 0 ? undefined : wait;
  }

  // ---- runs that several verify ----

  /** Whether the worker may run this part: it has run no other. */
  async claim(id: string, part: number, worker: string): Promise<boolean> {
    return (await this.redis.eval(CLAIM, 1, this.key("claims", id), part, worker, KEEP_SECONDS)) === 1;
  }

  /** What a worker says of a part, which counts if nobody has said anything of it. @returns all that was said so far */
  async report(id: string, part: number, report: PartReport): Promise<PartReport[]> {
    const said = await this.redis.eval(REPORT, 1, this.key("parts", id), part, JSON.stringify(report), KEEP_SECONDS);
    return (said as string[]).map((text) => JSON.parse(text) as PartReport);
  }

  async reported(id: string, part: number): Promise<PartReport[] | undefined> {
    const all = await this.redis.hgetall(this.key("parts", id));
    return all[part] === undefined ? undefined : Object.values(all).map((text) => JSON.parse(text) as PartReport);
  }
}
