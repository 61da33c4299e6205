// Snapshots from anybody: seeded mutations through Sandbox.restore, many of them with the
// checksum made right. Each ends in a SnapshotError, or in a session that keeps its limits.
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { ByteSource } from "../../runtime/snapshot/byte-source.js";
import { ByteWriter } from "../../runtime/snapshot/byte-writer.js";
import { decompress } from "../../runtime/snapshot/compress.js";
import { forms } from "../../test/support/form.js";
import { Sandbox, type SandboxResult, SnapshotError } from "../index.js";
import { decodeValue, encodeValue, type PythonValue } from "../values/python-value.js";
import { Scene } from "./attack-support.js";

const MiB = 2 ** 20;
const FUEL = 300_000;
const PREFIX_BYTES = 16;
const CHECKSUM_BYTES = 32;
const options = {
  functions: { add: (a: number, b: number) => a + b },
  memory: 20 * MiB,
  fuel: FUEL,
  workBytes: 100_000,
  maxHostCalls: 100,
  onFuelExhausted: "pause",
} as const;

const scene = new Scene({ memory: "24MiB" });

/** A snapshot taken apart: its sections, as stored and as they are. */
interface Parts {
  readonly bytes: Uint8Array;
  readonly stored: readonly { readonly method: number; readonly length: number; readonly bytes: Uint8Array }[];
  readonly sections: readonly Uint8Array[];
}

function takeApart(bytes: Uint8Array): Parts {
  const source = new ByteSource(bytes.subarray(PREFIX_BYTES, bytes.length - CHECKSUM_BYTES));
  const stored: Parts["stored"][number][] = [];
  while (source.left > 0) {
    const [method, length] = [source.byte(), source.count()];
    stored.push({ method, length, bytes: source.bytes(source.count()) });
  }
  const sections = stored.map(({ method, length, bytes }) => (method === 0 ? bytes : decompress(bytes, length)));
  return { bytes, stored, sections };
}

/** The snapshot with another section in place of one, with the right length and checksum. */
function forge({ bytes, stored }: Parts, at: number, section: Uint8Array): Uint8Array {
  const out = new ByteWriter();
  out.bytes(bytes.subarray(0, PREFIX_BYTES));
  stored.forEach((original, i) => {
    const {
      method,
      length,
      bytes: content,
    } = i === at ? { method: 0, length: section.length, bytes: section } : original;
    out.byte(method);
    out.count(length);
    out.count(content.length);
    out.bytes(content);
  });
  out.bytes(new Uint8Array(CHECKSUM_BYTES));
  const forged = out.finish();
  new DataView(forged.buffer).setUint32(PREFIX_BYTES - 4, forged.length, true);
  const end = forged.length - CHECKSUM_BYTES;
  forged.set(createHash("sha256").update(forged.subarray(0, end)).digest(), end);
  return forged;
}

let state = 4;
function random(limit: number): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
}
const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;

const NUMBERS = [0, 1, -1, 4, 65536, 400_000, 2 ** 31, 2 ** 32 - 4, 2 ** 40, 2 ** 50, 2 ** 53 - 1];
const OTHERS: readonly PythonValue[] = [
  "",
  "x",
  "/",
  "..",
  "\0",
  [],
  null,
  true,
  1.5,
  Number.NaN,
  2n ** 70n,
  new Uint8Array(9),
];

/** Changes one field of a session's state on the host's side; numbers mostly to other numbers. */
function changeField(value: PythonValue): string {
  const fields: { readonly holder: Record<string, PythonValue>; readonly key: string; readonly path: string }[] = [];
  const collect = (holder: PythonValue, path: string): void => {
    if (typeof holder !== "object" || holder === null || holder instanceof Uint8Array) return;
    for (const [key, item] of Object.entries(holder)) {
      fields.push({ holder: holder as Record<string, PythonValue>, key, path: `${path}.${key}` });
      collect(item as PythonValue, `${path}.${key}`);
    }
  };
  collect(value, "");
  const { holder, key, path } = pick(fields);
  const old = holder[key];
  const isNumber = typeof old === "number" && random(8) > 0;
  holder[key] = isNumber ? pick([...NUMBERS, old + 1, old - 1]) : pick(OTHERS);
  return `${path} = ${String(holder[key]).slice(0, 30)}`;
}

function changeBytes(section: Uint8Array): string {
  const changes: string[] = [];
  for (let n = random(3); n >= 0; n--) {
    const at = random(section.length);
    section[at] = pick([random(256), 0, 1, 127, 128, 255, section[at]! ^ (1 << random(8)), section[at]! + 1]);
    changes.push(`${at} = ${section[at]}`);
  }
  return changes.join(", ");
}

const TYPED =
  /^(ok|paused:fuel|paused:host-call|error:(exception|exit|trap|stack|host)|out-of-fuel:fuel|out-of-memory:(exception|memory-limit))$/;
const endOf = ({ status, error }: SandboxResult): string => (error === null ? status : `${status}:${error.kind}`);

/** Whether it was restored. What was is used, and has to keep its limits. */
async function survives(bytes: Uint8Array, what: string): Promise<boolean> {
  let session: Sandbox;
  try {
    session = await Sandbox.restore(bytes, options);
  } catch (error) {
    if (error instanceof SnapshotError) return false;
    throw new Error(`${what}: not a SnapshotError`, { cause: error });
  }
  try {
    if (session.paused !== undefined) {
      const before = session.paused.fuel.used;
      const { call } = session.paused;
      const more = call === undefined ? FUEL : { id: call.id, value: 2 };
      const result = await session.resume(session.paused, more);
      expect(endOf(result), what).toMatch(TYPED);
      expect(result.fuel.used - before, what).toBeLessThanOrEqual(2 * FUEL);
      await session.abandon();
    }
    const result = await session.run("[add(1, 1), open('g', 'w').write('x' * 100)]");
    expect(endOf(result), what).toMatch(TYPED);
    expect(result.fuel.used, what).toBeLessThanOrEqual(FUEL);
    expect(result.memory.bytes, what).toBeLessThanOrEqual(20 * MiB);
  } catch (error) {
    throw new Error(`${what}: ${String(error)}`, { cause: error });
  }
  session.close();
  return true;
}

let idle: Parts;
let paused: Parts;

beforeAll(async () => {
  const session = await Sandbox.create({ ...options, fuel: 3_000_000 });
  await session.run("x = 5\nf = open('f', 'w')\nf.write('abc')");
  idle = takeApart(session.snapshot());
  await session.run("print('out')\nwhile True: x += 1");
  paused = takeApart(session.snapshot());
});

const CUT = forms(2_400, 9_400);
const FORGED = forms(200, 600);

describe("altered snapshots", () => {
  test(`${CUT} that were cut, lengthened or overwritten are refused, and change nothing`, async () => {
    for (let i = 0; i < CUT; i++) {
      const { bytes } = i % 2 === 0 ? idle : paused;
      let altered: Uint8Array;
      if (i % 16 === 0) {
        altered = bytes.slice();
        changeBytes(altered);
        if (altered.every((byte, at) => byte === bytes[at])) altered[random(altered.length)]! ^= 1;
      } else if (i % 4 === 1) {
        altered = new Uint8Array(bytes.length + 1 + random(100));
        altered.set(bytes);
      } else if (i % 4 === 2) {
        altered = bytes.slice();
        altered[random(PREFIX_BYTES)]! ^= 1 << random(8);
      } else altered = bytes.subarray(random(2) === 0 ? 0 : 1 + random(8), random(bytes.length));
      if (await survives(altered, `mutation ${i}`)) expect.fail(`mutation ${i} was restored`);
    }
  }, 120_000);

  test(`${FORGED} with the right checksum are refused, or work within their limits`, async () => {
    const ends = { refused: 0, restored: 0 };
    for (let i = 0; i < FORGED; i++) {
      const parts = i % 2 === 0 ? idle : paused;
      const last = parts.sections.length - 1;
      // Sections: header, structure, memory, execution (of a paused one), state before, state.
      const at = i % 3 === 0 ? random(last) : last;
      let section: Uint8Array = parts.sections[at]!.slice();
      let change: string;
      if (at === last && i % 4 !== 1) {
        const value = decodeValue(section);
        change = changeField(value);
        section = encodeValue(value, Number.MAX_SAFE_INTEGER);
      } else change = changeBytes(section);
      const what = `mutation ${i} of section ${at}: ${change}`;
      ends[(await survives(forge(parts, at, section), what)) ? "restored" : "refused"]++;
    }
    expect(ends.refused).toBeGreaterThan(FORGED / 4);
    expect(ends.restored).toBeGreaterThan(FORGED / 6);
  }, 120_000);
});

// biome-ignore lint/suspicious/noExplicitAny: data whose shape the test changes as it likes
type Fields = any;

describe("forged snapshots", () => {
  /** A snapshot whose state on the host's side was changed. */
  function forged(parts: Parts, change: (state: Fields) => void): Uint8Array {
    const last = parts.sections.length - 1;
    const value = decodeValue(parts.sections[last]!) as Fields;
    change(value);
    return forge(parts, last, encodeValue(value, Number.MAX_SAFE_INTEGER));
  }
  const refusal = (parts: Parts, change: (state: Fields) => void) =>
    expect(Sandbox.restore(forged(parts, change), options)).rejects;

  test("are what this test says: unchanged, they are restored", async () => {
    for (const parts of [idle, paused])
      expect(
        await survives(
          forged(parts, () => {}),
          "unchanged",
        ),
      ).toBe(true);
  });

  test("cannot name addresses that are not there", async () => {
    for (const out of [20 * MiB - 4, 2 ** 32, 2 ** 40, 3]) {
      await refusal(idle, ({ python }) => {
        python.out = out;
      }).toThrow(SnapshotError);
    }
    for (const address of [-4, 2, 2 ** 31, 2 ** 40]) {
      await refusal(idle, ({ python }) => {
        python.interruptWords[0][0] = address;
      }).toThrow(SnapshotError);
    }
  });

  test("cannot name objects by what is no number of one", async () => {
    for (const number of [-1, 2 ** 31, 2 ** 40]) {
      for (const change of [
        ({ python }: Fields) => {
          python.valueFunction = number;
        },
        ({ python }: Fields) => {
          python.bridge.live[0] = number;
        },
        ({ python }: Fields) => {
          python.bridge.exposed[0][1] = number;
        },
      ])
        await refusal(idle, change).toThrow(SnapshotError);
    }
  });

  test("cannot grant fuel", async () => {
    await refusal(paused, ({ python }) => {
      python.run.fuelLimit = 2 ** 40;
    }).toThrow("units of fuel left");
    await refusal(paused, ({ python }) => {
      python.run.fuelGranted = 2 ** 40;
    }).toThrow(SnapshotError);
    await refusal(paused, ({ python }) => {
      python.run.fuelLimit = python.run.fuelGranted = 2 ** 40;
    }).toThrow(SnapshotError);
    const session = await Sandbox.restore(
      forged(idle, (state) => {
        state.sessionFuelUsed = 2 ** 50;
      }),
      { ...options, sessionFuel: 1000 },
    );
    expect((await session.run("1")).status).toBe("paused");
    expect(session.sessionFuelLeft).toBe(0);
  });

  test("cannot raise the number of host calls", async () => {
    await refusal(idle, ({ python }) => {
      python.environment.hostCalls.callCount = 2 ** 53 - 1;
    }).toThrow(SnapshotError);
  });

  test("cannot move files to where none can be", async () => {
    const rootOf = ({ python }: Fields) => python.environment.files.memory.nodes.find((n: Fields) => n.id === 1);
    for (const name of ["..", ".", "", "a/b", "a\0b", "lib", "x".repeat(256)]) {
      await refusal(idle, (state) => {
        rootOf(state).entries.at(-1)[0] = name;
      }).toThrow(SnapshotError);
    }
    await refusal(idle, (state) => {
      rootOf(state).entries.find(([name]: [string]) => name === "lib")[0] = "elsewhere";
    }).toThrow(SnapshotError);
    await refusal(idle, (state) => {
      rootOf(state).parent = 2;
    }).toThrow(SnapshotError);
    await refusal(idle, ({ python }) => {
      python.environment.files.cwd = 10 ** 6;
    }).toThrow(SnapshotError);
    await refusal(idle, ({ python }) => {
      python.environment.files.memory.open[0][1] = 10 ** 6;
    }).toThrow(SnapshotError);
    await refusal(idle, ({ python }) => {
      const file = python.environment.files.memory.nodes.find((n: Fields) => n.kind === "file");
      file.content = new Uint8Array(20 * MiB);
      file.size = 20 * MiB;
      file.readOnly = false;
    }).toThrow(/bytes/);
    for (const change of [
      // A size that is not the content's, content below, a file that nobody can have, a directory in two places.
      (file: Fields) => {
        file.size = 2 ** 40;
      },
      (file: Fields) => {
        file.lower = { mount: 0, path: ["etc", "passwd"] };
      },
      (file: Fields) => {
        file.kind = "device";
        file.device = "none";
      },
      (file: Fields, root: Fields) => {
        root.entries.push(["again", root.entries.find(([name]: [string]) => name === "lib")[1]]);
        file.readOnly = true;
      },
    ])
      await refusal(idle, (state) => {
        const { nodes } = state.python.environment.files.memory;
        change(
          nodes.find((n: Fields) => n.kind === "file"),
          rootOf(state),
        );
      }).toThrow(SnapshotError);
    await refusal(idle, ({ python }) => {
      python.environment.files.open[0].handle = 10 ** 6;
    }).toThrow(SnapshotError);
    await refusal(idle, ({ python }) => {
      // The handle under which `/` begins.
      python.environment.files.memory.open.find(([, node]: number[]) => node === 1)[1] = 2;
    }).toThrow(SnapshotError);
  });

  test("cannot hide a state to go back to that is none", async () => {
    const last = paused.sections.length - 1;
    const before = takeApart(paused.sections[last - 1]!);
    const hide = (change: (state: Fields) => void) => forge(paused, last - 1, forged(before, change));
    expect(
      await survives(
        hide(() => {}),
        "unchanged",
      ),
    ).toBe(true);
    for (const change of [
      ({ python }: Fields) => {
        python.environment.files.cwd = 10 ** 6;
      },
      ({ python }: Fields) => {
        python.environment.files.memory.nodes.length = 1;
      },
      ({ python }: Fields) => {
        python.out = 2 ** 40;
      },
      (state: Fields) => {
        state.names = ["no such function"];
      },
    ])
      await expect(Sandbox.restore(hide(change), options)).rejects.toThrow(SnapshotError);
    // A paused run is no state to go back to.
    await expect(Sandbox.restore(forge(paused, last - 1, paused.bytes), options)).rejects.toThrow(SnapshotError);
  });

  test("cannot unpack to more than is allowed", async () => {
    const { bytes, stored } = idle;
    const out = new ByteWriter();
    out.bytes(bytes.subarray(0, PREFIX_BYTES));
    out.byte(1);
    out.count(2 ** 40);
    out.count(stored[0]!.bytes.length);
    out.bytes(stored[0]!.bytes);
    out.bytes(new Uint8Array(CHECKSUM_BYTES));
    const bomb = out.finish();
    new DataView(bomb.buffer).setUint32(PREFIX_BYTES - 4, bomb.length, true);
    const end = bomb.length - CHECKSUM_BYTES;
    bomb.set(createHash("sha256").update(bomb.subarray(0, end)).digest(), end);
    await expect(Sandbox.restore(bomb, options)).rejects.toThrow(SnapshotError);
  });

  test.each([null, undefined, 5, "snapshot", {}, [], new ArrayBuffer(100), new Uint16Array(100), new Uint8Array(0)])(
    "%s is not a snapshot",
    async (bytes) => {
      await expect(Sandbox.restore(bytes as Uint8Array, options)).rejects.toThrow("not a snapshot");
    },
  );

  test("leave the sessions alone that are there", () => scene.expectHealth());
});
