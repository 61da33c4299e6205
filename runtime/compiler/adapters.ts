// Between registers and compiled functions: one piece of code for each type of function.
import type { ValType } from "../../decoder/index.js";
import type { Ref } from "../store/refs.js";
import { heldOf, partNames, resultNames, slotName, slotsOfHeld, zeroText } from "./held.js";
import { intoRegisters, slotInto } from "./register-text.js";
import type { CodeScope, JsFunction } from "./scope.js";

/**
 * Calls a function whose arguments are at word `base`, and writes its results there; if it has left, they mean nothing.
 * @returns false, and nothing has happened, if an argument is a NaN that JavaScript does not keep
 */
export type Adapter = (
  func: JsFunction,
  R: Int32Array,
  D: Float64Array,
  S: Float32Array,
  X: Ref[],
  base: number,
) => boolean;

export class Adapters {
  private readonly known = new Map<string, Adapter>();
  constructor(private readonly scope: CodeScope) {}

  /** @param isLoop the function takes its frame from the registers itself */
  of(params: readonly ValType[], results: readonly ValType[], isLoop: boolean): Adapter {
    const key = isLoop ? `loop:${lettersOf(results)}` : `${lettersOf(params)}:${lettersOf(results)}`;
    let adapter = this.known.get(key);
    if (adapter === undefined) {
      adapter = this.scope.evaluate(adapterText(params, results, isLoop ? "registers" : "arguments")) as Adapter;
      this.known.set(key, adapter);
    }
    return adapter;
  }
}

/** Equal for types that have the same adapter. */
export function lettersOf(types: readonly ValType[]): string {
  return types.map((type) => slotName(0, heldOf(type))[0]).join("");
}

/** @param entry the function takes arguments; or its frame from the registers itself; or that, in its loop, by OB */
export function adapterText(
  params: readonly ValType[],
  results: readonly ValType[],
  entry: "arguments" | "registers" | "loop",
): string {
  const lines: string[] = [];
  const args: string[] = [];
  if (entry === "registers") args.push("R", "D", "S", "X", "b");
  else if (entry === "loop") {
    lines.push("OR = R; OD = D; OS = S; OX = X; OB = b;");
    for (const type of params) args.push(...partNames("", heldOf(type)).map(() => zeroText(heldOf(type))));
  } else {
    let slot = 0;
    params.forEach((type, i) => {
      const held = heldOf(type);
      const names = partNames(`a${i}`, held);
      lines.push(`var ${names.join(", ")};`, ...slotInto(`a${i}`, held, slot, "return false;"));
      args.push(...names);
      slot += slotsOfHeld(held);
    });
  }
  lines.push(`var r = F(${[...args, "ZL"].join(", ")});`, "if (isLeaving) return true;");
  // Registers move where a host function has others run.
  if (results.length > 0) lines.push("R = M.R;");
  let slot = 0;
  results.forEach((type, i) => {
    const held = heldOf(type);
    lines.push(...intoRegisters(held, resultNames(i, held, "r"), slot));
    slot += slotsOfHeld(held);
  });
  return `(function (F, R, D, S, X, b) { ${lines.join(" ")} return true; })`;
}
