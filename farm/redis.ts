// Connections to Redis, and whether it is one that a farm can use.
import type { Redis } from "ioredis";
import { FarmError, usage } from "./errors.js";

/** Lua scripts and streams as they are used here; BullMQ recommends it, too. */
const LEAST_VERSION = [6, 2];
const SCHEMES = ["redis:", "rediss:"];
const CONNECT_MS = 10_000;
/**
 * Until a command is given up that has no answer; BullMQ's blocking ones take 10 s. ioredis 5 loses the commands that were
 * under way when it is cut off again while it connects anew: they would never end, and who waits for them would not either.
 */
const COMMAND_MS = 15_000;

/** @throws FarmError, kind usage: before anything is connected */
export function checkUrl(url: string): void {
  if (isSocketPath(url)) return;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw usage(
      `${JSON.stringify(url)} is no address of Redis: give redis://HOST:PORT, rediss://… or the path of a socket`,
    );
  }
  if (!SCHEMES.includes(parsed.protocol))
    throw usage(`Redis has addresses such as redis://HOST:PORT or rediss://HOST:PORT, not ${parsed.protocol}//…`);
}

const isSocketPath = (url: string): boolean => url.startsWith("/");

/** An address as messages show it: nobody's password. */
export function shownUrl(url: string): string {
  if (isSocketPath(url)) return url;
  const parsed = new URL(url);
  if (parsed.password !== "") parsed.password = "…";
  return parsed.href;
}

/**
 * A connection that was made, and is made anew whenever it is lost: commands wait meanwhile.
 * @throws FarmError, kind redis, if it cannot be made now, or this is no Redis for a farm; kind missing without ioredis
 */
export async function connect(url: string, onError: (error: Error) => void = () => {}): Promise<Redis> {
  checkUrl(url);
  const { Redis: Client } = await load(() => import("ioredis"), "ioredis");
  const redis = new Client(url, {
    // BullMQ's: its commands wait for the connection, however long.
    maxRetriesPerRequest: null,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    retryStrategy: (times: number) => Math.min(2000, 50 * 2 ** Math.min(times, 6)),
  });
  let reason: Error | undefined;
  let isConnected = false;
  redis.on("error", (error: Error) => {
    reason = error;
    if (isConnected) onError(error);
  });
  try {
    await redis.connect();
    await requireVersion(redis);
    isConnected = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    if (error instanceof FarmError) throw error;
    const cause = reason ?? (error as Error);
    throw new FarmError("redis", `cannot reach Redis at ${shownUrl(url)}: ${causeOf(cause)}`, { cause });
  }
}

function causeOf(error: Error): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return message !== "" ? message : (code ?? error.name);
}

async function requireVersion(redis: Redis): Promise<void> {
  const text = await redis.info("server");
  const version = /^redis_version:(\S+)/m.exec(text)?.[1] ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [least, leastMinor] = LEAST_VERSION as [number, number];
  if (major > least || (major === least && minor >= leastMinor)) return;
  throw new FarmError(
    "redis",
    `a farm needs Redis ${LEAST_VERSION.join(".")} or later, and this is ${version || "of no version"}`,
  );
}

/** What of its settings loses what was acknowledged; empty if nothing does, or it does not tell. */
export async function warnings(redis: Redis): Promise<string[]> {
  const found: string[] = [];
  try {
    const setting = async (name: string) => ((await redis.config("GET", name)) as string[])[1];
    if ((await setting("appendonly")) === "no")
      found.push("this Redis forgets what it has not saved when it is restarted: set appendonly yes");
    const policy = await setting("maxmemory-policy");
    if (policy !== undefined && policy !== "noeviction")
      found.push(`this Redis drops keys when its memory is full (maxmemory-policy ${policy}): set noeviction`);
  } catch {
    // Services often allow no CONFIG.
  }
  return found;
}

/** Does it again as long as it has no answer: what is done twice is to be as if done once. */
export async function again<T>(command: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await command();
    } catch (error) {
      if ((error as Error).message !== "Command timed out") throw error;
    }
  }
}

/** A client whose commands are sent {@link again}. */
export function persistent(redis: Redis): Redis {
  return new Proxy(redis, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => again(async () => member.apply(target, args) as unknown);
    },
  });
}

const QUEUE_PACKAGES = "bullmq@6 ioredis";
/** What is installed for a package that is optional. */
const PACKAGES = {
  ...{ bullmq: QUEUE_PACKAGES, ioredis: QUEUE_PACKAGES },
  ...{ piscina: "piscina", "prom-client": "prom-client" },
} as const;

/** Loads a package that is optional. @throws FarmError, kind missing */
export async function load<T>(loading: () => Promise<T>, name: keyof typeof PACKAGES): Promise<T> {
  try {
    return await loading();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new FarmError("missing", `a farm needs the package ${name}: npm install ${PACKAGES[name]}`, { cause: error });
  }
}
