// Calls of imported functions by compiled code: one function of JavaScript's for each import, which calls the host and
// comes back, or leaves. What it cannot call so (another instance's functions, Emscripten's, frames that hold references,
// which a trace of the heap would not see) leaves as a frame that has not begun, and the interpreter makes the call.
//
//   HS[3] = function (a0, a1, z) {                 what the emitter calls as it calls a compiled function
//     … p.plain(a0, a1) …                          the WebAssembly object's: JavaScript's own function, all of it i32
//     … HOST.call(h, b) …                          any other: arguments and results lie in the registers
//     … return LV(HOST_ID + 3, 0, M.fuel, []); …   what host-calls.ts has noted of it goes on in the interpreter
//   };
import { I32, isRef, V128, type ValType } from "../../decoder/index.js";
import { FRAME_BASE, FRAMES_BELOW } from "./depth.js";
import { heldOf, isFloat, kindText, MOST_RESULTS, partNames, resultNames, slotsOfHeld } from "./held.js";
import { intoRegisters, slotInto } from "./register-text.js";

/** In place of a function's number, in what has left: of import 0. */
export const HOST_ID = -(2 ** 31);
/** Numbers below this one are those of imports. */
export const HOST_IDS_END = -(2 ** 30);
const MOST_PARAMS = 100;
/** Parameters of functions that are called as JavaScript's own: as js-api/host-functions.ts has it. */
const MOST_PLAIN = 4;

/** Whether compiled code may call a host function of this type. */
export function canBeDirect(params: readonly ValType[], results: readonly ValType[]): boolean {
  const isWord = (type: ValType) => type !== V128 && !isRef(type);
  return params.length <= MOST_PARAMS && results.length <= MOST_RESULTS && [...params, ...results].every(isWord);
}

export function hostName(index: number): string {
  return `HS[${index}]`;
}

/** The function of import `index`. @param randomly leaves at random, too */
export function hostText(
  index: number,
  params: readonly ValType[],
  results: readonly ValType[],
  randomly: boolean,
): string {
  const names = params.flatMap((type, i) => partNames(`a${i}`, heldOf(type)));
  const leaveWith = (fuel: string, variables: string) => `return LV(${HOST_ID + index}, 0, ${fuel}, [${variables}]);`;
  const leave = leaveWith("FU", names.join(", "));
  // Once it was called, what the interpreter needs is in the registers.
  const leaveBehind = leaveWith("M.fuel", "");
  const lines = [`if (RF !== 0${randomly ? " || STRESS()" : ""}) ${leave}`];
  const isPlain = params.length <= MOST_PLAIN && results.length <= 1 && [...params, ...results].every((t) => t === I32);
  if (isPlain) lines.push(...plainLines(index, names, results.length > 0, leaveBehind));
  lines.push(
    isPlain ? `var h = HOSTS[${index}], R, S, D;` : `var h = HOSTS[${index}], b = ${FRAME_BASE}, R, S, D;`,
    `if (h === null || !HOST.admits(h, b)) ${leave}`,
    "R = M.R;",
    ...placed(params, (type, i, slot) => intoRegisters(type, partNames(`a${i}`, type), slot)),
    `M.fuel = FU; HOST.depth = z; TR.hiddenFrames = ${FRAMES_BELOW};`,
    `if (!HOST.call(h, b)) ${leaveBehind}`,
    "R = M.R; S = M.S; D = M.D;",
    ...placed(results, (type, i, slot) => {
      const made = partNames(`r${i}`, type);
      const refuse = `{ HOST.refuse(b); ${leaveBehind} }`;
      const kinds = made.map((name) => kindText(name, name, type));
      return [
        `var ${made.map((name) => `${name} = 0`).join(", ")};`,
        ...slotInto(`r${i}`, type, slot, refuse),
        ...kinds,
      ];
    }),
    "FU = M.fuel;",
    ...placed(results, (type, i) => {
      const made = partNames(`r${i}`, type);
      return resultNames(i, type, "").flatMap((name, k) => (name === "" ? [] : [`${name} = ${made[k]};`]));
    }),
    results.length > 0 ? `return ${isFloat(heldOf(results[0]!)) ? "+r0" : "r0"};` : "return 0;",
  );
  return `${hostName(index)} = function (${[...names, "z"].join(", ")}) {\n  ${lines.join("\n  ")}\n};`;
}

function placed(
  types: readonly ValType[],
  text: (type: ReturnType<typeof heldOf>, i: number, slot: number) => readonly string[],
): string[] {
  let slot = 0;
  return types.flatMap((type, i) => {
    const held = heldOf(type);
    const at = slot;
    slot += slotsOfHeld(held);
    return text(held, i, at);
  });
}

/** What is called so may run anything but this frame: where it calls the guest, that lies above `b`. */
function plainLines(index: number, names: readonly string[], hasResult: boolean, leave: string): string[] {
  const call = `p.plain(${names.join(", ")})`;
  return [
    `var p = PLAIN[${index}], b = ${FRAME_BASE}, g, t, o, r = 0;`,
    "if (p !== null) {",
    "  g = p.border; t = g.thread; o = g.base;",
    `  M.fuel = FU; HOST.depth = z; TR.hiddenFrames = ${FRAMES_BELOW};`,
    "  g.thread = TR; g.base = b + p.words;",
    `  try { ${hasResult ? `r = ${call} | 0` : call}; } catch (e) { g.thread = t; g.base = o; HOST.threw(p, b, e); ${leave} }`,
    "  g.thread = t; g.base = o; TR.hiddenFrames = 0;",
    "  if (HOST.isIntact()) { FU = M.fuel; return r; }",
    `  HOST.returned(b, r); ${leave}`,
    "}",
  ];
}
