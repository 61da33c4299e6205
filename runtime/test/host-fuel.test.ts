// Fuel that host functions charge, wherever they do: at once, behind an await, when the guest has returned to them.
import { expect, test } from "vitest";
import {
  type Caller,
  captureStore,
  Engine,
  Execution,
  GuestException,
  type Instance,
  Linker,
  restoreStore,
  type SnapshotError,
  Store,
} from "../index.js";
import { wat } from "./support/wat.js";

const BYTES = await wat(`(module (import "h" "f" (func $f (result i32))) (tag $t (export "t"))
  (global $calls (export "calls") (mut i32) (i32.const 0))
  (func (export "g") (result i32) (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (i32.const 7))
  (func (export "main") (result i32) (call $f))
  (func (export "catch") (result i32)
    (block $h (try_table (catch $t $h) (return (call $f)))) (i32.const 99)))`);
/** Fuel of \`main\` without the host's, and with a guest call of \`g\`. */
const MAIN = 2;
const G = 6;

type Host = (caller: Caller, instance: Instance) => unknown;

function world(host: Host) {
  const engine = new Engine();
  const store = new Store(engine);
  const linker = new Linker(engine);
  let instance: Instance;
  linker.defineFunc("h", "f", { params: [], results: ["i32"] }, (caller) => host(caller, instance));
  instance = linker.instantiate(store, engine.compile(BYTES));
  return { store, instance, calls: () => instance.getGlobal("calls").value };
}
function start(host: Host, name = "main") {
  const made = world(host);
  return { ...made, x: new Execution(made.store).start(made.instance.getFunc(name)) };
}

/** Charges `fuel`, in as many parts as are given, and gives `value`. */
function charge(caller: Caller, parts: readonly number[], value: unknown = 7): unknown {
  for (const fuel of parts) caller.chargeFuel(fuel);
  return value;
}

/** Where it is charged, how often the guest is called, and the host function. */
const HOSTS: readonly (readonly [string, number, Host])[] = [
  ["at once", 0, (c) => charge(c, [1000])],
  ["in parts", 0, (c) => charge(c, [10, 990])],
  ["in a continuation", 1, (c, i) => c.callGuest(i.getFunc("g"), [], (c2, [value]) => charge(c2, [1000], value))],
  [
    "in a continuation of a continuation",
    2,
    (c, i) =>
      c.callGuest(i.getFunc("g"), [], (c2) => {
        c2.chargeFuel(10);
        return c2.callGuest(i.getFunc("g"), [], (c3, [value]) => charge(c3, [990], value));
      }),
  ],
  [
    "behind an await",
    0,
    async (c) => {
      await null;
      c.chargeFuel(10);
      await null;
      return charge(c, [990]);
    },
  ],
  [
    "behind an await in a continuation",
    1,
    (c, i) =>
      c.callGuest(i.getFunc("g"), [], async (c2, [value]) => {
        await null;
        return charge(c2, [1000], value);
      }),
  ],
  [
    "in the continuation of a call that an async function asks for",
    1,
    async (c, i) => {
      await null;
      return c.callGuest(i.getFunc("g"), [], (c2, [value]) => charge(c2, [1000], value));
    },
  ],
];

test.each(HOSTS)("charged %s: exact, in every way to run", async (_, guestCalls, host) => {
  const total = MAIN + guestCalls * G + 1000;
  for (const slice of [total, total - 1, 100, 7, 1]) {
    const { x, calls } = start(host);
    let result = await x.runAsync(slice);
    while (result.status === "paused") {
      expect(x.fuelLeft).toBeGreaterThanOrEqual(0);
      expect(x.fuelUsed + x.fuelLeft).toBeLessThan(total);
      result = await x.runAsync(Math.min(slice, total - x.fuelUsed - x.fuelLeft));
    }
    expect(result).toMatchObject({ status: "done", results: [7] });
    expect([x.fuelUsed, x.fuelLeft]).toEqual([total, 0]);
    // The guest's part is not done anew.
    expect(calls()).toBe(guestCalls);
  }
});

test("fuel that came while a promise was waited for is used at once", async () => {
  const { x } = start(HOSTS[4]![2]);
  expect(x.run(100)).toMatchObject({ status: "paused", reason: "host" });
  await x.settled();
  expect(x.run(1000)).toMatchObject({ status: "paused", reason: "host" });
  await x.settled();
  expect(x.run(0)).toMatchObject({ status: "done", results: [7] });
  expect(x.fuelUsed).toBe(MAIN + 1000);
});

test("what a call charged before its promise is charged once, also after restoring", async () => {
  const host: Host = async (c) => {
    c.chargeFuel(50);
    await null;
    return 7;
  };
  const { x, store, instance } = start(host);
  expect(x.run(100)).toMatchObject({ status: "paused", reason: "host" });
  const picture = captureStore({ store, instances: [instance] }, { execution: x, repeatHostCall: true });
  const to = world(host);
  const restored = restoreStore(picture, { store: to.store, instances: [to.instance] })!;
  for (const execution of [x, restored]) {
    expect(await execution.runAsync(0)).toMatchObject({ status: "done", results: [7] });
    expect([execution.fuelUsed, execution.fuelLeft]).toEqual([MAIN + 50, 50 - MAIN]);
  }
});

test("what is left of a host function that has called the guest is not captured", () => {
  const { x, store, instance } = start(HOSTS[2]![2]);
  expect(x.run(100)).toMatchObject({ status: "paused", reason: "fuel" });
  let problem = "";
  try {
    captureStore({ store, instances: [instance] }, { execution: x, repeatHostCall: true });
  } catch (error) {
    ({ problem } = error as SnapshotError);
  }
  expect(problem).toBe("unsupported");
  // It may hibernate.
  x.hibernate();
  expect(x.run(1000)).toMatchObject({ status: "done", results: [7] });
});

test("an exception out of a continuation is caught around the call", () => {
  const { x } = start(
    (c, i) =>
      c.callGuest(i.getFunc("g"), [], () => {
        throw new GuestException(i.getTag("t"));
      }),
    "catch",
  );
  expect(x.run(100)).toMatchObject({ status: "done", results: [99] });
});
