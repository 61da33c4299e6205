// Receipts of Python programs: the same however a run was sliced and on whichever tier, true when the run is made again,
// and refused for each thing that is not so.
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { dispute, RECEIPT_SCHEMA, type Receipt, RunParty } from "../../proof/index.js";
import { Random } from "../../runtime/test/support/random.js";
import { forms } from "../../test/support/form.js";
import { capability, createPython, type SandboxOptions, verifyPythonReceipt } from "../index.js";
import type { PythonHostCall } from "../receipts/call-log.js";
import { ObjectNumbers, ReplayedObjects, recordValue, replayValue } from "../receipts/recorded-value.js";
import { PythonRecording } from "../receipts/recording.js";
import { PythonReplay, type ReplayGiven } from "../session/python-replay.js";
import { ARTIFACTS } from "./artifacts.js";

/** Calls of the host's. */
const CALLS = forms(6, 10);
const PROGRAM = `
import random, time
notes = []
for i in range(${20 * CALLS}):
  if i % 20 == 0:
    try:
      notes.append(ask(i, factor=2))
    except RuntimeError as error:
      notes.append(str(error))
  with open("/work/log", "a") as file:
    file.write(str(random.randint(0, 99)) + " ")
print(len(open("/work/log").read()), time.time(), notes)
notes
`;
const INTERVAL = forms(2 ** 17, 2 ** 18);

function ask(x: number, { factor }: { factor: number }): unknown {
  if (x === 60) throw new TypeError("not 60");
  if (x === 80) return { text: "é", bytes: Uint8Array.of(1), big: 2n ** 70n, list: [1.5, Number.NaN, null] };
  return Promise.resolve(x * factor);
}
const OPTIONS: SandboxOptions = { functions: { ask }, fuel: 50_000_000 };

describe.each(ARTIFACTS)("$kind:", (artifact) => {
  const given: ReplayGiven = { code: PROGRAM, artifact: artifact.artifact };
  const recorded = async (options: SandboxOptions = OPTIONS, code = PROGRAM): Promise<Receipt> => {
    const { receipt, status } = await (await artifact.create(options)).run(code, { receipt: true });
    expect(status).toBe("ok");
    return receipt!;
  };

  /** States at fine checkpoints, of a lone interpreter in slices that `sliceFuel` gives. */
  async function finely(sliceFuel: () => number, tier: "interpreter" | "compiler" = "interpreter") {
    const options = { artifact: artifact.artifact, functions: { ask }, ...(artifact.artifact ? {} : { tier }) };
    const python = await createPython(options);
    const recording = new PythonRecording({ interval: INTERVAL }, python);
    const pacing = { sliceFuel, turn: async () => {}, stopped: undefined };
    const result = await python.run(PROGRAM, { fuel: 50_000_000, observer: recording, pacing });
    expect(result.ok, result.stderr + result.error?.message).toBe(true);
    const { start, final, checkpoints, calls, outputs } = recording;
    return { start, final, checkpoints, calls, outputs };
  }

  test("the same states, calls and outputs however it was sliced, and on each tier", async () => {
    const whole = await finely(() => Number.MAX_SAFE_INTEGER);
    expect(whole.checkpoints.states.length).toBeGreaterThan(10);
    expect(new Set(whole.checkpoints.states).size).toBe(whole.checkpoints.states.length);
    expect(whole.calls).toHaveLength(CALLS);
    const random = new Random(3);
    expect(await finely(() => 1 + random.below(random.pick([300_000, 20_000, 5000])))).toEqual(whole);
    if (artifact.kind === "emscripten") expect(await finely(() => 99_999, "compiler")).toEqual(whole);
  });

  test("fits the schema, is the same twice, and true", async () => {
    const receipt = await recorded();
    const validate = new Ajv2020().compile(RECEIPT_SCHEMA);
    expect(validate(JSON.parse(JSON.stringify(receipt))), JSON.stringify(validate.errors)).toBe(true);
    expect(await recorded()).toEqual(receipt);
    const results = receipt.hostCalls.map(({ result }) => result);
    expect(results.slice(0, 5)).toEqual([
      { value: 0 },
      { value: 40 },
      { value: 80 },
      { threw: { type: "RuntimeError", message: "TypeError: not 60" } },
      {
        value: {
          text: "é",
          bytes: { $bytes: "01" },
          big: { $int: "1180591620717411303424" },
          list: [1.5, { $float: "NaN" }, null],
        },
      },
    ]);
    expect(await verifyPythonReceipt(JSON.parse(JSON.stringify(receipt)), given)).toBeNull();
  });

  test("is refused for each thing that is not so", async () => {
    const receipt = await recorded();
    const [first, ...others] = receipt.hostCalls;
    const { start } = receipt.inputs as { start: string };
    const lies: [object, RegExp][] = [
      [{ value: [] }, /value/],
      [{ final: start }, /final/],
      [{ fuel: { ...receipt.fuel, used: receipt.fuel.used - 1 } }, /fuel\.used/],
      [{ inputs: { ...receipt.inputs, start: receipt.final } }, /state before/],
      [{ outputs: { ...receipt.outputs, stdout: start } }, /outputs/],
      [
        { hostCalls: [{ ...first, result: { value: 1 } }, ...others] },
        /callsRoot|checkpoint|host call|value|output|final/,
      ],
      [{ hostCalls: [{ ...first, fuel: first!.fuel - 1 }, ...others] }, /host call 0/],
      [{ hostCalls: others }, /host call 0/],
      [{ hostCalls: [...receipt.hostCalls, first] }, /not made/],
      [{ checkpoints: { interval: INTERVAL, states: [start] } }, /checkpoint/],
    ];
    for (const [lie, message] of lies) {
      expect(await verifyPythonReceipt({ ...receipt, ...lie }, given), Object.keys(lie)[0]!).toMatch(message);
    }
    await expect(verifyPythonReceipt(receipt, { ...given, code: `${PROGRAM}#` })).rejects.toThrow(/the program is not/);
    await expect(verifyPythonReceipt(receipt, { ...given, stdin: "x" })).rejects.toThrow(/stdin is not/);
  });

  test("of a run that fails, runs out of fuel, or goes on from another one", async () => {
    const sandbox = await artifact.create({ ...OPTIONS, files: { "a.txt": "abc" }, stdin: "line\n" });
    const setUp = await sandbox.run("import sys\nbase = sum(ask(i, factor=1) for i in range(3))\nlines = input()");
    expect(setUp.status).toBe("ok");
    const session = sandbox.snapshot();
    const code = "print(base, lines, open('/input/a.txt').read(), x)\n1 / 0";
    const { receipt, error } = await sandbox.run(code, { receipt: true, inputs: { x: [1, "two"] } });
    expect(error?.type).toBe("ZeroDivisionError");
    expect(receipt).toMatchObject({ status: "threw", value: { type: "ZeroDivisionError" } });
    const rest = { artifact: artifact.artifact, files: { "a.txt": "abc" }, stdin: "line\n" };
    expect(await verifyPythonReceipt(receipt!, { ...rest, code, session })).toBeNull();
    expect(await verifyPythonReceipt(receipt!, { ...rest, code })).toMatch(/state before/);
    const loop = "n = 0\nwhile True: n += 1";
    const out = await sandbox.run(loop, { receipt: true, fuel: 3_000_000 });
    expect(out.receipt).toMatchObject({ status: "out-of-fuel", fuel: { limit: 3_000_000, used: out.fuel.used } });
  });

  // Parties of the WASI build boot anew for each.
  if (artifact.kind === "emscripten" || forms(false, true))
    test("a lie of the host is found to the instruction", async () => {
      const honest = await recorded();
      const lying = await recorded({
        ...OPTIONS,
        functions: { ask: (x: number, y: never) => (x === 100 ? 201 : ask(x, y)) },
      });
      const party = (receipt: Receipt) =>
        new RunParty<PythonReplay>(() => PythonReplay.begin(receipt, given, { checkpoints: false }));
      const [a, b] = [party(honest), party(lying)];
      const { module } = await a.runTo(0);
      const after = Math.min(honest.fuel.used, lying.fuel.used);
      const finding = (await dispute(module.decoded, a, b, 0, after))!;
      const call = honest.hostCalls.findIndex(({ result }, i) => {
        return JSON.stringify(result) !== JSON.stringify(lying.hostCalls[i]!.result);
      });
      expect(call).toBe(5);
      // The states are the same until the call is made, and differ when it has been.
      expect(honest.hostCalls[call]!.fuel - finding.fuel).toBeGreaterThanOrEqual(0);
      expect(honest.hostCalls[call]!.fuel - finding.fuel).toBeLessThan(20_000);
      expect(finding.instruction).toMatch(/^call /);
      expect(finding.questions).toBeLessThan(30);
      if (artifact.kind === "emscripten") {
        const frames = await (await a.runTo(finding.fuel)).where();
        expect(frames[0]).toMatchObject({ file: "<stdin>", line: 7 });
      }
      expect(await dispute(module.decoded, a, party(honest), 0, after)).toBeNull();
    });
});

test("results that the program takes later come in the order in which they came", async () => {
  const [artifact] = ARTIFACTS;
  const code =
    "import asyncio\nasync def main():\n  return await asyncio.gather(slow(3), slow(1), slow(2))\nawait main()";
  const waiting: (() => void)[] = [];
  const slow = (n: number) =>
    new Promise((resolve) => {
      waiting[n] = () => resolve(n * 10);
      if (waiting.filter(Boolean).length === 3) for (const wake of [2, 3, 1]) setTimeout(waiting[wake]!, 10 * wake);
    });
  const sandbox = await artifact!.create({ fuel: 50_000_000, functions: { slow } });
  const { receipt, value } = await sandbox.run(code, { receipt: true });
  expect(value).toEqual([30, 10, 20]);
  expect((receipt!.hostCalls as readonly PythonHostCall[]).map(({ later }) => later)).toEqual([2, 0, 1]);
  expect(await verifyPythonReceipt(receipt!, { code })).toBeNull();
});

test("the host's objects are given again by number", async () => {
  const [artifact] = ARTIFACTS;
  const code = "a = open_box(1)\nb = open_box(2)\n[a.get(5), b.get(6), a.get(7)]";
  const box = (n: number) => capability({ get: (x: number) => n * x }, ["get"]);
  const sandbox = await artifact!.create({ functions: { open_box: box } });
  const { receipt, value } = await sandbox.run(code, { receipt: true });
  expect(value).toEqual([5, 12, 7]);
  expect(receipt!.hostCalls.map(({ name }) => name)).toEqual([
    ...["open_box", "open_box", "object 0.get", "object 1.get", "object 0.get"],
  ]);
  expect(await verifyPythonReceipt(receipt!, { code })).toBeNull();
});

test("what nobody could make again has none", async () => {
  const [artifact] = ARTIFACTS;
  const clocked = await artifact!.create({ clock: { now: () => 0n } });
  await expect(clocked.run("1", { receipt: true })).rejects.toThrow(/leave clock out/);
  const paused = await artifact!.create({ functions: { ask } });
  await expect(paused.run("1", { receipt: true, onHostCall: "pause" })).rejects.toThrow(/onHostCall/);
  expect((await paused.run("2")).value).toBe(2);
  const each = await artifact!.create({ functions: { each: async (f: (x: number) => unknown) => f(1) } });
  const { receipt } = await each.run("each(lambda x: x + 1)", { receipt: true });
  expect(await verifyPythonReceipt(receipt!, { code: "each(lambda x: x + 1)" })).toMatch(/cannot be made again/);
});

test("values are written down and given again", () => {
  const values = [
    { a: -0, "": [true, new Set([1n << 60n])], b: new Map<unknown, unknown>([[1, Number.POSITIVE_INFINITY]]) },
    new Map([["$int", "5"]]),
  ];
  const again = replayValue(
    JSON.parse(JSON.stringify(recordValue(values, new ObjectNumbers()))),
    new ReplayedObjects(() => 0),
  );
  expect(again).toEqual(values);
  expect(recordValue({ $int: "5" }, new ObjectNumbers())).toEqual({ $dict: [["$int", "5"]] });
});
