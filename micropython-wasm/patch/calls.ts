// Calls of the host's functions by a function of the artifact's: that of calls.wat in the place of its own.

import { type DecodedModule, decodeModule } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { NATIVE_AREA, NATIVE_AREA_BYTES, NATIVE_MAGIC } from "../guest/native-calls.js";
import { findByShape } from "./body-shape.js";
import { CALLS_BASE64 } from "./calls.generated.js";
import { firstDataAddress } from "./known-data.js";
import { type Binding, replaceFunctions } from "./replace-functions.js";

/** jsproxy_call(), and least and most bytes of its body. */
const JSPROXY_CALL = ["499-6ed6789a2a639518", [600, 720]] as const;
/** mp_call_function_n_kw() */
const CALL_FUNCTION = ["73-5cb4c53f6191e813", [100, 150]] as const;

/** The bytes of an artifact with the function of calls.wat; `bytes` themselves if these are not the functions known. */
export function withNativeCalls(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const binding = bindCalls(module);
  return binding === undefined ? bytes : replaceFunctions(module, decodeBase64(CALLS_BASE64), binding);
}

function bindCalls(module: DecodedModule): Binding | undefined {
  const jsproxyCall = findByShape(module, ...JSPROXY_CALL);
  const callFunction = findByShape(module, ...CALL_FUNCTION);
  const hasAttr = module.imports.filter(({ kind }) => kind === "func").findIndex(({ name }) => name === "has_attr");
  if (jsproxyCall === undefined || callFunction === undefined || hasAttr < 0) return undefined;
  if (firstDataAddress(module) < NATIVE_AREA + NATIVE_AREA_BYTES) return undefined;
  // The artifact has one segment of elements, from 1 on: 0 is null.
  const place = module.elems[0]?.funcs?.indexOf(jsproxyCall.funcidx) ?? -1;
  if (place < 0 || module.elems.length > 1) return undefined;
  const bytes = new Uint8Array(NATIVE_AREA_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, NATIVE_MAGIC, true);
  view.setUint32(4, place + 1, true);
  return {
    replaces: { jsproxy_call: jsproxyCall.funcidx },
    functions: { call_function: callFunction.funcidx, has_attr: hasAttr },
    constants: { area: NATIVE_AREA },
    data: [{ address: NATIVE_AREA, bytes }],
  };
}
