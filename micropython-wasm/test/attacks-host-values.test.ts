// What host functions return, throw and get, however hostile: the run ends as the row says, no
// getter of the host's is run by accident, and nothing is rejected behind everybody's back.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { capability, Sandbox } from "../index.js";
import { expectRefusal, gives, type Refusal, type Row, raises, Scene } from "./attack-support.js";

const secret = { token: "hunter2" };
/** Throws itself whatever is asked of it, even its class. */
const evil: object = new Proxy(
  {},
  Object.fromEntries(
    ["get", "has", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor", "set", "isExtensible"].map((trap) => [
      trap,
      () => {
        throw evil;
      },
    ]),
  ),
);
const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const cyclic = (): unknown[] => {
  const list: unknown[] = [];
  list.push({ list });
  return list;
};
const deep = (levels: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
};
const withGetter = (name: string): object =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw new Error(secret.token);
    },
  });

const FAILED = raises("RuntimeError", "the host function failed");
const incompatible = raises("RuntimeError", /^TypeError: .*incompatible receiver/);
const notData = (what: string): Refusal => raises("ValueError", `a ${what} is not data`);

/** What a function returns, and how the guest's call of it ends. */
const RETURNED: Readonly<Record<string, readonly [() => unknown, Refusal]>> = {
  evilProxy: [() => evil, FAILED],
  evilInList: [() => [1, evil], FAILED],
  evilInObject: [() => ({ a: { b: evil } }), FAILED],
  evilInMap: [() => new Map([[evil, 1]]), FAILED],
  evilInSet: [() => new Set([evil]), FAILED],
  evilLater: [async () => [evil], FAILED],
  evilFunction: [() => new Proxy(() => 1, { getPrototypeOf: () => evil }), FAILED],
  revokedObject: [() => revoked({}), raises("RuntimeError", /^TypeError: .*revoked$/)],
  revokedList: [() => revoked([]), raises("RuntimeError", /^TypeError: .*revoked$/)],
  revokedInList: [() => [revoked([])], raises("RuntimeError", /^TypeError: .*revoked$/)],
  getter: [() => withGetter("token"), raises("ValueError", "property token is an accessor")],
  getterInList: [
    () => Object.defineProperty([1], 0, { get: () => secret.token }),
    raises("ValueError", "property 0 is an accessor"),
  ],
  getterNamedThen: [() => withGetter("then"), raises("ValueError", "property then is an accessor")],
  // biome-ignore lint/suspicious/noThenProperty: it is what is tested
  thenable: [() => ({ then: (settle: (value: object) => void) => settle({ then: 1 }) }), gives({ then: 1 })],
  promiseProxy: [() => new Proxy(Promise.resolve(1), {}), incompatible],
  promiseThatThrows: [
    () =>
      Object.assign(Promise.resolve(1), {
        // biome-ignore lint/suspicious/noThenProperty: it is what is tested
        then() {
          throw evil;
        },
      }),
    FAILED,
  ],
  toJson: [() => ({ toJSON: () => secret }), notData("function")],
  toStringer: [() => ({ toString: () => secret.token }), notData("function")],
  toPrimitive: [() => ({ [Symbol.toPrimitive]: () => secret.token }), gives({})],
  symbolKeys: [() => ({ [Symbol("token")]: secret }), gives({})],
  hidden: [() => Object.defineProperty({}, "token", { value: secret, enumerable: false }), gives({})],
  inherited: [() => Object.create(secret), notData("class instance")],
  cycle: [cyclic, raises("ValueError", "value nested too deeply")],
  deepest: [() => deep(100_000), raises("ValueError", "value nested too deeply")],
  sparse: [() => new Array(2 ** 32 - 1), raises("ValueError", "value larger than 262144 bytes")],
  holes: [() => Object.assign(new Array(3), { 1: 1 }), gives([null, 1, null])],
  longText: [() => "x".repeat(300_000), raises("ValueError", "value larger than 262144 bytes")],
  longBytes: [() => new Uint8Array(300_000), raises("ValueError", "value larger than 262144 bytes")],
  manyKeys: [
    () => Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i])),
    raises("ValueError", "value larger than 262144 bytes"),
  ],
  hugeInteger: [() => 1n << 200_000n, raises("ValueError", "integer too large")],
  symbol: [() => Symbol("x"), notData("symbol")],
  function: [() => () => secret, notData("function")],
  class: [() => class {}, notData("function")],
  globalThis: [() => globalThis, raises("ValueError", /is not data$|is an accessor$/)],
  process: [() => process, notData("class instance")],
  require: [() => process.getBuiltinModule, notData("function")],
  errorObject: [() => new Error("returned"), notData("class instance")],
  date: [() => new Date(0), notData("class instance")],
  regex: [() => /x/, notData("class instance")],
  boxed: [() => Object(1), notData("class instance")],
  generator: [() => (function* () {})(), notData("class instance")],
  weakMap: [() => new WeakMap(), notData("class instance")],
  words: [() => new Uint16Array(1), notData("class instance")],
  buffer: [() => new ArrayBuffer(1), notData("class instance")],
  fakeBytes: [() => Object.create(Uint8Array.prototype), incompatible],
  proxiedBytes: [() => new Proxy(new Uint8Array(4), {}), incompatible],
  fakeMap: [() => Object.create(Map.prototype), incompatible],
  fakeSet: [() => Object.create(Set.prototype), incompatible],
  surrogate: [() => "\ud800", raises("ValueError", "text with a lone surrogate")],
  surrogateKey: [() => ({ "\udc00": 1 }), raises("ValueError", "text with a lone surrogate")],
  prototypeKey: [() => JSON.parse('{"__proto__": {"x": 1}}'), gives({ ["__proto__"]: { x: 1 } })],
  nan: [() => Number.NaN, gives(Number.NaN)],
};

const pair = "\u{1f600}";
/** What a function throws. */
const THROWN: Readonly<Record<string, readonly [() => unknown, Refusal]>> = {
  evilProxy: [() => evil, FAILED],
  revoked: [() => revoked({}), FAILED],
  proxiedError: [
    () =>
      new Proxy(new Error("x"), {
        get: () => {
          throw secret;
        },
      }),
    FAILED,
  ],
  evilMessage: [
    () =>
      Object.defineProperty(new Error("x"), "message", {
        get: () => {
          throw evil;
        },
      }),
    FAILED,
  ],
  evilName: [() => Object.assign(new Error("x"), { name: evil }), FAILED],
  symbolName: [() => Object.assign(new Error("x"), { name: Symbol("x") }), FAILED],
  null: [() => null, FAILED],
  undefined: [() => undefined, FAILED],
  text: [() => secret.token, FAILED],
  object: [() => secret, FAILED],
  symbol: [() => Symbol("x"), FAILED],
  surrogate: [() => new Error("\ud800"), raises("RuntimeError", "Error: \ufffd")],
  nul: [() => new Error("a\0b"), raises("RuntimeError", "Error: a\0b")],
  long: [() => new Error("x".repeat(10 ** 6)), raises("RuntimeError", /^Error: x{4089}$/)],
  // A cut in the middle of a pair was an error of its own once, and a rejection that nobody handled.
  cutPair: [() => new Error("x".repeat(4088) + pair), raises("RuntimeError", /^Error: x{4088}$/)],
  wholePair: [() => new Error("x".repeat(4087) + pair), raises("RuntimeError", new RegExp(`^Error: x{4087}${pair}$`))],
  pairs: [() => new Error(pair.repeat(10 ** 5)), raises("RuntimeError", /^Error: (?:\u{1f600}){2044}$/u)],
  stack: [
    () => {
      const recurse = (): unknown => [recurse()];
      return recurse();
    },
    raises("RuntimeError", "RangeError: Maximum call stack size exceeded"),
  ],
};

let kept: ((...args: unknown[]) => Promise<unknown>) | undefined;
const functions: Record<string, (...args: never[]) => unknown> = {
  call: async (f: (...args: unknown[]) => Promise<unknown>, ...args: unknown[]) => f(...args),
  callTwice: (f: () => Promise<unknown>) => Promise.all([f(), f()]),
  keep: (f: typeof kept) => {
    kept = f;
  },
  swallow: async (f: () => Promise<unknown>) => f().catch((error: Error) => error.message),
  echo: (...args: unknown[]) => args,
  never: () => new Promise(() => {}),
  cap: () => capability({ self: () => evil }, ["self"]),
};
for (const [name, [value]] of Object.entries(RETURNED)) functions[`return_${name}`] = value;
for (const [name, [value]] of Object.entries(THROWN)) {
  functions[`throw_${name}`] = () => {
    throw value();
  };
  functions[`reject_${name}`] = () =>
    new Promise((_, reject) => {
      try {
        reject(value());
      } catch (error) {
        reject(error);
      }
    });
  functions[`later_${name}`] = async () => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    throw value();
  };
}

const scene = new Scene({ functions, memory: "24MiB", fuel: 50_000_000 });
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => void process.on("unhandledRejection", note));
afterAll(() => {
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const rows = (prefix: string, cases: typeof RETURNED): Row[] =>
  Object.entries(cases).map(([name, [, refusal]]) => [`${prefix}_${name}()`, refusal]);

describe("a host function", () => {
  scene.meets("that returns what is hostile", rows("return", RETURNED));
  scene.meets("that throws what is hostile", rows("throw", THROWN));
  scene.meets("whose promise is rejected with what is hostile", rows("reject", THROWN));
  scene.meets("that throws later", rows("later", THROWN));
  scene.meets("with a capability whose method returns what is hostile", [["cap().self()", FAILED]]);

  test("whose result is hostile can be caught, and tells the guest nothing", async () => {
    const names = Object.keys(functions).filter((name) => /^(return|throw|later)_/.test(name));
    const { value, stdout, status } = await scene.victim.run(
      `texts = []
for f in (${names.join(", ")}):
  try: texts.append(repr(f()))
  except (RuntimeError, ValueError) as e: texts.append(repr(e))
[len(texts), "${secret.token}" in "".join(texts)]`,
      { fuel: 1e9 },
    );
    expect([status, stdout, value]).toEqual(["ok", "", [names.length, false]]);
  });
});

describe("functions of the guest's", () => {
  const wrapped = (text: string): RegExp => new RegExp(`^PythonCallError: ${text}`);
  scene.meets("that the host calls", [
    ["call(lambda: 1 / 0)", raises("RuntimeError", "PythonCallError: ZeroDivisionError: division by zero")],
    [
      "def f(): raise ValueError('x' * 4066 + '\u{1f600}')\ncall(f)",
      raises("RuntimeError", wrapped("ValueError: x{4066}$")),
    ],
    [
      "def f(): raise ValueError('\u{1f600}' * 4000)\ncall(f)",
      raises("RuntimeError", wrapped("ValueError: (?:\u{1f600})+$")),
    ],
    ["call(lambda: object())", raises("RuntimeError", "PythonCallError: TypeError: cannot pass object to the host")],
    ["x = []\nx.append(x)\ncall(lambda: x)", raises("RuntimeError", /nested too deeply/)],
    ["def r(n): return call(lambda: r(n + 1)) if n < 40 else n\nr(0)", raises("RuntimeError", /nested too deeply/)],
    ["def r(n): return call(lambda: r(n + 1)) if n < 20 else n\nr(0)", gives(20)],
    ["call(5)", raises("RuntimeError", /^TypeError: f is not a function/)],
    ["callTwice(lambda: 3)", gives([3, 3])],
    ["swallow(lambda: 1 / 0)", gives("ZeroDivisionError: division by zero")],
    [
      "def f(): raise SystemExit(3)\ncall(f)",
      { status: "error", kind: "exit", type: "SystemExit", message: "3", rewound: false },
    ],
    ["def f(): raise KeyboardInterrupt\ncall(f)", raises("KeyboardInterrupt", "")],
    ["call(lambda: call(lambda: never()) if False else 5)", gives(5)],
  ]);

  test("cannot be called when the guest does not wait for them", async () => {
    await scene.victim.run("keep(lambda: 1)");
    await expect(kept!()).rejects.toThrow("the host call that got this function of the guest's is over");
    const running = scene.victim.run("add(1, 1)");
    await expect(kept!()).rejects.toThrow("the host call that got this function of the guest's is over");
    expect((await running).value).toBe(2);
  });
});

describe("a run that is stopped in a host call", () => {
  /** Stops the run, the moment that the guest calls a function that never returns. */
  let stop: () => void = () => {};
  const never = (): Promise<never> => {
    setTimeout(() => stop(), 0);
    return new Promise(() => {});
  };
  const call = async (f: () => Promise<unknown>): Promise<unknown> => f();
  const MESSAGES = { aborted: "the run was aborted", timeout: "the run took longer than its time limit" };

  test.each([
    ["while it waits", "never()", false],
    ["while the guest's function runs for it", "call(lambda: never())", false],
    [
      "in a program that catches that",
      "while True:\n  try:\n    while True:\n      try: never()\n      except BaseException: pass\n  except BaseException: pass",
      true,
    ],
    ["in a program that goes on afterwards", "try: never()\nexcept RuntimeError: pass\nwhile True: pass", false],
    ["in a finally", "try: never()\nfinally:\n  never()", false],
  ])("%s, by its signal or its time", async (_when, code, rewound) => {
    const controller = new AbortController();
    const eventLoop = {
      now: () => 0,
      macrotask: (callback: () => void) => void setImmediate(callback),
      timer: (callback: () => void) => {
        if (!controller.signal.aborted) return () => {};
        stop = callback;
        return () => {};
      },
    };
    const session = await Sandbox.create({ functions: { never, call }, eventLoop, fuel: 1e12 });
    await session.run("alive = 1");
    stop = () => controller.abort();
    const aborted = await session.run(code, { signal: controller.signal });
    const late = await session.run(code, { timeout: 1000 });
    for (const [result, status] of [
      [aborted, "aborted"],
      [late, "timeout"],
    ] as const) {
      expectRefusal(result, { status, kind: "stopped", message: MESSAGES[status], rewound });
      expect(result.fuel.left).toBeGreaterThan(0);
    }
    expect((await session.run("alive")).value).toBe(1);
  });
});

describe("sessions at the same time", () => {
  test("that all attack do not disturb one another", async () => {
    const codes = [
      "while True: pass",
      "never()",
      "return_sparse()",
      "'x' * 10 ** 9",
      "def f(): f()\nf()",
      "add(20, 1)",
    ];
    const sessions = await Promise.all(codes.map(() => scene.victim.fork()));
    const results = await Promise.all(
      sessions.map((session, i) => {
        const code = codes[i]!;
        // What waits for ever ends by the clock, and nothing else does.
        return session.run(code, code === "never()" ? { fuel: 5e6, timeout: 300 } : { fuel: 5e6 });
      }),
    );
    expect(results.map(({ status }) => status)).toEqual([
      "out-of-fuel",
      "timeout",
      "error",
      "out-of-memory",
      "out-of-fuel",
      "ok",
    ]);
    expect(results[5]!.value).toBe(21);
    for (const session of sessions) expect((await session.run("add(alive, 1)")).value).toBe(2);
  });

  test("runs of one session queue up, whatever those before them do", async () => {
    const copy = await scene.victim.fork();
    const results = await Promise.all([
      copy.run("x = 1"),
      copy.run("while True: pass"),
      copy.run("1 / 0"),
      copy.run("x"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["ok", "out-of-fuel", "error", "ok"]);
    expect(results[3]!.value).toBe(1);
  });

  test("a session that is closed during a host call ends", async () => {
    const session = await Sandbox.create({ functions });
    const running = session.run("never()");
    const waiting = session.run("1");
    setTimeout(() => session.close(), 5);
    expect((await running).error).toMatchObject({ kind: "stopped", message: "the session was closed" });
    await expect(waiting).rejects.toThrow("the session is closed");
  });

  test("two sessions that share an image see nothing of each other's memory", async () => {
    const marker = "MARKER-OF-ANOTHER-SESSION";
    const [writer, reader] = [await Sandbox.create(), await Sandbox.create()];
    await writer.run(`secret = ["${marker}" + str(i) for i in range(1000)]`);
    await writer.fork();
    // In two parts, so that the reader does not find what it looks for with.
    const found = await reader.run(
      `import uctypes
hits = 0
for a in range(0, 16 * 2 ** 20, 2 ** 18):
  chunk = uctypes.bytes_at(a, 2 ** 18 + 64)
  at = chunk.find(b"-OF-ANOTHER-")
  while at >= 0:
    if chunk[at + 12:at + 19] == b"SESSION": hits += 1
    at = chunk.find(b"-OF-ANOTHER-", at + 1)
hits`,
      { fuel: 1e10 },
    );
    expect([found.status, found.value]).toEqual(["ok", 0]);
  }, 60_000);

  test("memory that a run has grown and lost is zero when it grows again", async () => {
    const session = await Sandbox.create({ memory: "40MiB" });
    const fill = "x = bytearray(12 * 2 ** 20)\nfor i in range(0, len(x), 65536): x[i:i + 4] = b'LEAK'";
    const first = await session.run(fill, { fuel: 1e9 });
    await session.rewind();
    const again = await session.run(
      `import uctypes
y = bytearray(12 * 2 ** 20)
any(uctypes.bytes_at(a, 65536).find(b"LE" + b"AK") >= 0 for a in range(2 ** 24, ${first.memory.bytes}, 65536))`,
      { fuel: 1e10 },
    );
    expect([first.status, again.status, again.value]).toEqual(["ok", "ok", false]);
  }, 60_000);
});
