// Clocks, and waiting for them and for streams.

import { Clockid, Errno, EVENT_SIZE, Eventtype, Rights, SUBSCRIPTION_CLOCK_ABSTIME, SUBSCRIPTION_SIZE } from "./abi.js";
import { type WasiCall, wasiFunction } from "./call.js";
import { readiness } from "./calls-fd.js";
import { WasiError } from "./errors.js";

/** Most subscriptions of one poll. */
const MAX_SUBSCRIPTIONS = 1024;
const SUBSCRIPTION_FUEL = 32;

/** What a clock shows; times of preview 1 are whole nanoseconds below 2^64. */
function clockTime(call: WasiCall, clock: number): bigint {
  switch (clock) {
    case Clockid.realtime:
      return call.now;
    case Clockid.monotonic:
      return call.wasi.time.monotonic(call.fuelUsed);
    // As in Wasmtime, whose guests do without them: WASI dropped them later.
    case Clockid.process_cputime_id:
    case Clockid.thread_cputime_id:
      throw new WasiError(Errno.badf, "no clock of processor time");
    default:
      throw new WasiError(Errno.inval, "no such clock");
  }
}

interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  /** A descriptor. */
  readonly fd: number;
  /** Nanoseconds until a clock's time comes; 0 or less if it has. */
  readonly remaining: bigint;
  /** Why it cannot be waited for. */
  readonly errno: number;
}

function readSubscriptions(call: WasiCall, address: number, count: number): Subscription[] {
  const subscriptions: Subscription[] = [];
  for (let i = 0; i < count; i++) {
    const view = call.memory.struct(address + i * SUBSCRIPTION_SIZE, SUBSCRIPTION_SIZE);
    const userdata = view.getBigUint64(0, true);
    const type = view.getUint8(8);
    const base = { userdata, type, fd: view.getUint32(16, true), remaining: 0n, errno: 0 };
    if (type === Eventtype.clock) subscriptions.push({ ...base, ...clockSubscription(call, view) });
    else if (type === Eventtype.fd_read || type === Eventtype.fd_write)
      subscriptions.push({ ...base, errno: pollErrno(call, base.fd, type) });
    else throw new WasiError(Errno.inval, "no such event type");
  }
  return subscriptions;
}

function clockSubscription(call: WasiCall, view: DataView): { remaining: bigint; errno: number } {
  const timeout = view.getBigUint64(24, true);
  const absolute = (view.getUint16(40, true) & SUBSCRIPTION_CLOCK_ABSTIME) !== 0;
  try {
    const now = clockTime(call, view.getUint32(16, true));
    return { remaining: absolute ? timeout - now : timeout, errno: 0 };
  } catch (error) {
    if (error instanceof WasiError) return { remaining: 0n, errno: error.errno };
    throw error;
  }
}

function pollErrno(call: WasiCall, fd: number, type: number): number {
  try {
    call.wasi.descriptors.get(fd, Rights.poll_fd_readwrite);
    call.wasi.descriptors.get(fd, type === Eventtype.fd_read ? Rights.fd_read : Rights.fd_write);
    return 0;
  } catch (error) {
    if (error instanceof WasiError) return error.errno;
    throw error;
  }
}

/** The promise that reading has to wait for; writing never waits. */
function waitingFor(call: WasiCall, { type, fd, errno }: Subscription): Promise<void> | undefined {
  return type === Eventtype.fd_read && errno === 0 ? readiness(call, call.wasi.descriptors.get(fd)) : undefined;
}

function writeEvents(call: WasiCall, events: readonly Subscription[], out: number, count: number): void {
  events.forEach(({ userdata, type, errno }, i) => {
    const view = call.memory.struct(out + i * EVENT_SIZE, EVENT_SIZE);
    for (let at = 0; at < EVENT_SIZE; at += 8) view.setBigUint64(at, 0n, true);
    view.setBigUint64(0, userdata, true);
    view.setUint16(8, errno, true);
    view.setUint8(10, type);
    // At least a byte can be moved; nobody knows how many.
    if (type !== Eventtype.clock && errno === 0) view.setBigUint64(16, 1n, true);
  });
  call.memory.setU32(count, events.length);
}

function poll(call: WasiCall, input: number, output: number, count: number, written: number): void | Promise<void> {
  if (count === 0 || count > MAX_SUBSCRIPTIONS) throw new WasiError(Errno.inval, "too few or too many subscriptions");
  call.memory.bytes(input, count * SUBSCRIPTION_SIZE);
  call.memory.bytes(output, count * EVENT_SIZE);
  call.memory.bytes(written, 4);
  call.charge(count * SUBSCRIPTION_FUEL);
  const subscriptions = readSubscriptions(call, input, count);
  const waits = new Map<Subscription, Promise<void>>();
  for (const subscription of subscriptions) {
    const waiting = waitingFor(call, subscription);
    if (waiting !== undefined) waits.set(subscription, waiting);
  }
  const isDue = (subscription: Subscription, elapsed: bigint): boolean =>
    subscription.type === Eventtype.clock ? subscription.remaining <= elapsed : !waits.has(subscription);

  const due = subscriptions.filter((subscription) => isDue(subscription, 0n));
  if (due.length > 0) {
    writeEvents(call, due, output, written);
    return undefined;
  }
  const again = (): void | Promise<void> => poll(call, input, output, count, written);
  const clocks = subscriptions.filter(({ type }) => type === Eventtype.clock);
  if (clocks.length === 0) return Promise.race(waits.values()).then(again);
  let shortest = clocks[0]!.remaining;
  for (const { remaining } of clocks) if (remaining < shortest) shortest = remaining;
  call.chargePrice(call.wasi.time.priceOfSleep(shortest));
  const timeIsUp = (): void => {
    const events = clocks.filter((subscription) => isDue(subscription, shortest));
    writeEvents(call, events, output, written);
  };
  // In real time whichever comes first wakes the guest.
  let woken = false;
  const arrival =
    waits.size > 0 && call.wasi.time.isReal
      ? Promise.race(waits.values()).then(() => {
          woken = true;
        })
      : undefined;
  const sleeping = call.wasi.time.sleep(shortest, arrival);
  // A stream that is not ready now loses against the virtual clock: how long it takes on the host must not matter.
  if (sleeping === undefined) return timeIsUp();
  if (arrival === undefined) return sleeping.then(timeIsUp);
  return Promise.race([arrival, sleeping]).then(() =>
    woken ? readyStreams(call, subscriptions, output, written) : timeIsUp(),
  );
}

/** Events of the streams that have become ready. */
function readyStreams(call: WasiCall, subscriptions: readonly Subscription[], output: number, written: number): void {
  const ready = subscriptions.filter(
    (subscription) => subscription.type !== Eventtype.clock && waitingFor(call, subscription) === undefined,
  );
  writeEvents(call, ready, output, written);
}

export const CLOCK_FUNCTIONS = {
  clock_res_get: wasiFunction(["i32", "i32"], (call, clock, resolution) => {
    clockTime(call, clock);
    call.memory.setU64(resolution, 1n);
  }),
  clock_time_get: wasiFunction(["i32", "i64", "i32"], (call, clock, _precision, time) => {
    call.memory.setU64(time, clockTime(call, clock));
  }),
  poll_oneoff: wasiFunction(["i32", "i32", "i32", "i32"], poll),
} as const;
