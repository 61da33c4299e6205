// Attacks on sessions of a WASI build, beside one of the default artifact in the same process.
import { describe, expect, test } from "vitest";
import { SnapshotError } from "../../runtime/index.js";
import { Sandbox } from "../index.js";
import {
  burns,
  burnsAndRewinds,
  exhaustsTheStack,
  expectRefusal,
  gives,
  meetsTheCap,
  raises,
  Scene,
  traps,
} from "./attack-support.js";
import { unavailable, wasiModule } from "./wasi-artifact.js";

const evil: object = new Proxy(
  {},
  {
    getPrototypeOf() {
      throw evil;
    },
    get() {
      throw evil;
    },
  },
);

describe.skipIf(unavailable !== undefined)("a session of a WASI build", () => {
  const artifact = unavailable === undefined ? wasiModule() : undefined;
  /** Stops the run, once the guest waits for the host. */
  let stop: () => void = () => {};
  const functions = {
    returnEvil: () => evil,
    rejectEvil: () => Promise.reject(evil),
    throwEvil: () => {
      throw evil;
    },
    throwPair: async () => {
      throw new Error(`${"x".repeat(4088)}\u{1f600}`);
    },
    sparse: () => new Array(2 ** 32 - 1),
    never: () => {
      setTimeout(() => stop(), 0);
      return new Promise(() => {});
    },
  };
  const scene = new Scene({ artifact, functions, memory: "24MiB", fuel: 20_000_000 });
  const failed = raises("RuntimeError", "the host function failed");
  const tooDeep = raises("RuntimeError", "maximum recursion depth exceeded");
  const outside = traps("out of bounds memory access");
  const answers = (error: string) => gives(expect.stringContaining(`"ok":false,"error":"${error}`));

  scene.meets("meets its limits", [
    ["while True: pass", burns],
    ["while True:\n  try: 1 / 0\n  except: pass", burns],
    ["while True:\n  try:\n    while True: pass\n  except BaseException: pass", burnsAndRewinds],
    ["class A:\n  def __del__(self):\n    while True: pass\nwhile True: A()", burns],
    ["for i in range(10 ** 6): add(i, 1)", burns],
    ["10 ** 10 ** 6", burnsAndRewinds],
    ["print('x' * 3000000)", burnsAndRewinds],
    ["'x' * 10 ** 9", meetsTheCap],
    ["def f(): return f()\nf()", tooDeep],
    ["x = []\nx.append(x)\nrepr(x)", tooDeep],
    ["import re\nre.match('(a*)*b', 'a' * 5000)", exhaustsTheStack],
    ["raise KeyboardInterrupt", raises("KeyboardInterrupt", "")],
    ["import sys\nsys.exit(3)", { status: "error", kind: "exit", type: "SystemExit", message: "3", rewound: false }],
  ]);

  scene.meets("reaches nothing outside", [
    ["import socket", raises("ImportError", "no module named 'socket'")],
    ["import requests\nrequests.get('http://127.0.0.1')", raises("ImportError", "no module named 'socket'")],
    ["import ssl", raises("ImportError", "no module named 'tls'")],
    ["import os\nos.system('id')", raises("AttributeError", "module 'os' has no attribute 'system'")],
    ["import os\nos.getenv('HOME')", gives(null)],
    ["open('/etc/passwd')", raises("OSError", "[Errno 44] ENOENT")],
    ["open('../../../etc/passwd')", raises("OSError", "[Errno 63] EPERM")],
    ["open('a' * 70000)", raises("OSError", "37")],
    ["import os\nos.listdir('/')", gives(["dev", "lib", "tmp", "work", "input"])],
  ]);

  scene.meets("reads its own memory only", [
    ["import uctypes\nuctypes.bytes_at(0xffffff00, 16)", outside],
    ["import uctypes\nuctypes.bytes_at(2 ** 25, 16)", outside],
    ["import machine\nmachine.mem32[0xfffffff0]", outside],
    ["import machine\nmachine.mem8[2 ** 25]", outside],
    ["import machine\nmachine.mem32[0xfffffff0] = 1", outside],
  ]);

  scene.meets("gets answers to calls of the host that it makes up", [
    ["import host\nhost.call('nothing', '{}')", answers("KeyError: 'nothing'")],
    ["import host\nhost.call('__proto__', '{}')", answers("KeyError: '__proto__'")],
    ["import host\nhost.call('constructor', '{}')", answers("KeyError: 'constructor'")],
    ["import host\nhost.call('add', '[')", answers("JSONDecodeError: not JSON")],
    ["import host\nhost.call('add', '[' * 10000)", answers("ValueError: value nested too deeply")],
    ["import host\nhost.call('add', '1' * 30000)", answers("ValueError: integer too large")],
  ]);

  scene.meets("has host functions that return and throw what is hostile", [
    ["returnEvil()", failed],
    ["throwEvil()", failed],
    ["rejectEvil()", failed],
    ["throwPair()", raises("RuntimeError", /^Error: x{4088}$/)],
    ["sparse()", raises("ValueError", "value larger than 262144 bytes")],
  ]);

  scene.meetsInACopy("can be spoiled from inside, and goes back", [
    ["import sys\nsys.stdin.close()\nsys.stdout.close()\nprint(1)", raises("ValueError", /closed/)],
    ["import builtins\nbuiltins.exec = None\nbuiltins.print = None\nprint(1)", raises("TypeError", /isn't callable$/)],
    ["globals().clear()\nadd(1, 2)", raises("NameError", "name 'add' isn't defined")],
    ["import sys\nsys.modules.clear()\nadd(1, 2)", gives(3)],
  ]);

  test("ends in results wherever it overwrites its memory", async () => {
    let state = 5;
    const random = (limit: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    for (let i = 0; i < 30; i++) {
      const copy = await scene.victim.fork();
      const [address, words] = [1024 + 4 * random(110_000), [1, 64, 16384][i % 3]!];
      const code = `import uctypes\nb = uctypes.bytearray_at(${address}, ${4 * words})\nb[:] = (${random(2 ** 32)}).to_bytes(4, 'little') * ${words}\n`;
      for (const program of [code, "[add(1, 2), str(alive)]"]) {
        const { status, error } = await copy.run(program, { fuel: 2_000_000 });
        expect(`${status}:${error?.kind ?? ""}`, code).toMatch(
          /^(ok:|error:(exception|exit|trap|stack|host)|out-of-fuel:fuel|out-of-memory:(exception|memory-limit))$/,
        );
      }
      copy.close();
    }
  }, 60_000);

  test("stops in a host call that never ends", async () => {
    const controller = new AbortController();
    stop = () => controller.abort();
    const result = await scene.victim.run("never()", { signal: controller.signal });
    expectRefusal(result, { status: "aborted", kind: "stopped", message: "the run was aborted", rewound: false });
  });

  test("has snapshots that others refuse, and refuses those of others", async () => {
    const [own, other] = [scene.victim.snapshot(), scene.neighbour.snapshot()];
    const given = { functions: { ...functions, add: () => 0 } };
    await expect(Sandbox.restore(own, given)).rejects.toThrow(SnapshotError);
    await expect(Sandbox.restore(other, { ...given, artifact })).rejects.toThrow(SnapshotError);
    for (let i = 0; i < 200; i++) {
      const altered = own.slice(0, i % 2 === 0 ? own.length : (own.length * i) / 200);
      altered[(altered.length * 31 * i) % altered.length || 0]! ^= 1 + (i & 127);
      await expect(Sandbox.restore(altered, { ...given, artifact })).rejects.toThrow(SnapshotError);
    }
  }, 60_000);
});
