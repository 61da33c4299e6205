// Options, as objects with known names. JavaScript has no types, and a misspelt `limit` would be a limit that does not
// hold.
import { closeNames } from "./close-names.js";
import { UsageError } from "./errors.js";

/** Every name of the options. It is complete by its type. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * @param what of which the message speaks, in the plural: `options of a Store`
 * @throws UsageError if `given` is not an object, or has a name that is none of `names`
 */
export function checkOptions<Options extends object>(
  what: string,
  given: Readonly<Partial<Options>>,
  names: OptionNames<Options>,
): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UsageError(`${what} are an object, not ${Array.isArray(given) ? "an array" : String(given)}`);
  }
  const known = Object.keys(names);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) return;
  const [meant] = closeNames(unknown, known);
  const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
  throw new UsageError(`unknown ${unknown} among ${what}${hint} (there are ${known.join(", ")})`);
}
