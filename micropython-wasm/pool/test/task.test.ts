// What crosses between threads: structuredClone does what sending does.
import { expect, test } from "vitest";
import { BootLimitError, SandboxUsageError } from "../../guest/errors.js";
import { capability } from "../../values/capability.js";
import { PythonObject, type PythonValue } from "../../values/python-value.js";
import { type PoolReply, type PoolResult, packError, packResult, unpackResult } from "../task.js";

const RESULT = { status: "ok", stdout: "", error: null, files: {} } as unknown as PoolResult;

const sent = (reply: PoolReply) => unpackResult(structuredClone(reply));
const valueSent = (value: PythonValue | undefined) => sent(packResult({ ...RESULT, value })).value;

test("values arrive as they were", () => {
  const dict = Object.assign(Object.create(null), { pythonType: "str", nested: [new Map([[1, new Set([null])]])] });
  for (const value of [undefined, null, 2n ** 70n, -0, "\ud7ff", Uint8Array.of(1), [[]], dict]) {
    expect(valueSent(value)).toEqual(value);
  }
  expect(Object.getPrototypeOf(valueSent(dict))).toBe(null);
  const own = Object.defineProperty(Object.create(null), "__proto__", { value: 1, enumerable: true });
  expect(Object.entries(valueSent(own) as object)).toEqual([["__proto__", 1]]);
});

test("objects of the guest's and the host's arrive as names, also twice and inside others", () => {
  const object = new PythonObject("Point");
  const value = valueSent([object, { a: object }, capability({ method() {} }, ["method"])]) as PythonValue[];
  expect(value).toEqual([
    new PythonObject("Point"),
    { __proto__: null, a: new PythonObject("Point") },
    new PythonObject("HostObject"),
  ]);
  expect(value[0]).toBeInstanceOf(PythonObject);
});

test("errors keep their class where it is one of ours", () => {
  const thrown = (error: unknown) => {
    try {
      sent(packError(error));
    } catch (received) {
      return received;
    }
    throw new Error("nothing was thrown");
  };
  expect(thrown(new SandboxUsageError("wrong"))).toEqual(new SandboxUsageError("wrong"));
  expect(thrown(new BootLimitError("stack", "low"))).toEqual(new BootLimitError("stack", "low"));
  expect(thrown(new RangeError("r"))).toMatchObject({ name: "RangeError", message: "r" });
  expect(thrown("text")).toMatchObject({ name: "Error", message: "text" });
});
