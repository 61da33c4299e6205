// Between registers and compiled functions: one piece of code for each type of function.
import { F32, F64, I32, I64, type ValType } from "../../decoder/index.js";
import { slotInto } from "./register-text.js";
import type { CodeScope, JsFunction } from "./scope.js";

/**
 * Calls a function whose arguments are at word `base`, and writes its results there; if it has left, they mean nothing.
 * @returns false, and nothing has happened, if an argument is a NaN that JavaScript does not keep
 */
export type Adapter = (func: JsFunction, R: Int32Array, D: Float64Array, S: Float32Array, base: number) => boolean;

const LETTERS: Readonly<Record<number, string>> = { [I32]: "i", [I64]: "l", [F32]: "f", [F64]: "d" };

export class Adapters {
  private readonly known = new Map<string, Adapter>();
  constructor(private readonly scope: CodeScope) {}

  /** @param isLoop the function takes its frame from the registers itself */
  of(params: readonly ValType[], results: readonly ValType[], isLoop: boolean): Adapter {
    const letters = (types: readonly ValType[]) => types.map((type) => LETTERS[type]).join("");
    const key = `${isLoop ? "loop" : letters(params)}:${letters(results)}`;
    let adapter = this.known.get(key);
    if (adapter === undefined) {
      adapter = this.scope.evaluate(adapterText(params, results, isLoop)) as Adapter;
      this.known.set(key, adapter);
    }
    return adapter;
  }
}

function adapterText(params: readonly ValType[], results: readonly ValType[], isLoop: boolean): string {
  const lines: string[] = [];
  const args: string[] = [];
  if (isLoop) args.push("R", "D", "S", "b");
  else {
    params.forEach((type, i) => {
      const name = `a${i}`;
      const names = type === I64 ? [name, `${name}h`] : [name];
      lines.push(`var ${names.join(", ")};`, ...slotInto(name, type, i, "return false;"));
      args.push(...names);
    });
  }
  lines.push(`var r = F(${[...args, "0"].join(", ")});`, "if (isLeaving) return true;");
  results.forEach((type, i) => {
    const word = `b + ${2 * i}`;
    const value = i === 0 ? "r" : `R${i}`;
    if (type === I32) lines.push(`R[${word}] = ${value};`);
    else if (type === I64) lines.push(`R[${word}] = ${value}; R[${word} + 1] = ${i === 0 ? "RH" : `R${i}h`};`);
    else if (type === F32) lines.push(`R[${word}] = BITS32(${value});`);
    else lines.push(`R[${word}] = BITS64(${value}); R[${word} + 1] = RH;`);
  });
  return `(function (F, R, D, S, b) { ${lines.join(" ")} return true; })`;
}
