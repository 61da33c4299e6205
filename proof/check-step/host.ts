// Calls of host functions. What the host did cannot be worked out: its result is the one in the receipt's log of calls, of
// which the proof shows that it is there; and of its effects the proof says which parts they are in, no more.
import { fromHex, toHex, utf8 } from "./bytes.js";
import { refuse } from "./errors.js";
import type { Machine } from "./machine.js";
import { requireCount, requireFields, type ShownAnswer, type ShownHostCall, type ShownLogEntry } from "./proof.js";
import { sha256 } from "./sha256.js";
import { NULL } from "./state.js";

/** Names of parts that a host may change. */
const EFFECTS = /^(?:memory \d+|host .*|accounts)$/s;

/** Data as the log has it: JSON with names in order and nothing between (the guide, "Verify a run"). */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return '{"$none":true}';
  if (typeof value === "bigint") return `{"$int":"${value}"}`;
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return `{"$float":"${Object.is(value, -0) ? "-0" : value}"}`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")}}`;
}

/** The root of a log of calls: leaves are hashes of 0 and the call, nodes of 1 and two children, an odd last one goes up. */
function logRoot(leaf: Uint8Array, index: number, count: number, path: readonly string[]): Uint8Array {
  let [hash, at, width, used] = [leaf, index, count, 0];
  for (; width > 1; width = Math.ceil(width / 2), at = Math.floor(at / 2)) {
    if (at % 2 === 0 && at + 1 === width) continue;
    const beside = fromHex(path[used++], "the log's path");
    if (beside.length !== 32) refuse("the log's path has what is no hash");
    hash = at % 2 === 0 ? nodeHash(hash, beside) : nodeHash(beside, hash);
  }
  if (used !== path.length) refuse("the log's path is too long");
  return hash;
}
export const leafHash = (call: unknown, hash = sha256) => hash(tagged(0, utf8(canonicalJson(call))));
export function nodeHash(left: Uint8Array, right: Uint8Array, hash = sha256): Uint8Array {
  return hash(tagged(1, left, right));
}
function tagged(tag: number, ...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from([tag, ...pieces.flatMap((piece) => [...piece])]);
}

const view = new DataView(new ArrayBuffer(8));
/** An argument as the host got it. */
function argument(type: string, bits: bigint): unknown {
  view.setBigUint64(0, bits);
  if (type === "i32") return Number(BigInt.asIntN(32, bits));
  if (type === "i64") return BigInt.asIntN(64, bits);
  if (type === "f32") return view.getFloat32(4);
  return view.getFloat64(0);
}

/** A result's bits. */
function resultBits(type: string, value: unknown): bigint {
  const { $int, $float } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (type === "i64") return BigInt.asUintN(64, typeof $int === "string" ? BigInt($int) : refuse("a result is no i64"));
  const number = typeof $float === "string" ? Number($float) : value;
  if (type === "i32") {
    const whole = typeof number === "boolean" ? Number(number) : number;
    if (typeof whole !== "number" || !Number.isFinite(whole)) refuse("a result is no i32");
    return BigInt.asUintN(32, BigInt(Math.trunc(whole)));
  }
  if (typeof number !== "number") refuse(`a result is no ${type}`);
  if (Number.isNaN(number)) return type === "f32" ? 0x7fc00000n : 0x7ff8000000000000n;
  if (type === "f32") {
    view.setFloat32(0, number);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, number);
  return view.getBigUint64(0);
}

function checkEffects(effects: ShownHostCall["effects"]): void {
  if (!Array.isArray(effects)) refuse("the host's effects are a list");
  const names = new Set<string>();
  for (const effect of effects) {
    requireFields(effect, ["name", "byteLength", "root"], "an effect of the host's");
    if (names.has(effect.name) || !EFFECTS.test(effect.name)) refuse(`the host cannot change ${effect.name}`);
    names.add(effect.name);
    requireCount(effect.byteLength, `${effect.name}: its length`);
    if (fromHex(effect.root, `${effect.name}: its root`).length !== 32) refuse(`${effect.name}: its root is no hash`);
  }
}

const ENTRY = ["call", "index", "count", "root", "path", "earlier"];

/** That a call is in the log of the root that is shown; the fuel of this execution at it. */
function requireLogged({ call, index, count, root, path, earlier }: ShownLogEntry<{ readonly fuel: number }>): number {
  if (requireCount(index, "the call's number") >= requireCount(count, "the number of calls"))
    refuse("the call is not in the log");
  if (toHex(logRoot(leafHash(call), index, count, path)) !== root) refuse("the call is not in the log of that root");
  return requireCount(call.fuel, "the call's fuel") - requireCount(earlier, "the fuel of earlier executions");
}

/** Makes the call that a proof shows; without one, it is refused. */
export function callHost(
  shown: ShownHostCall | ShownAnswer | null,
  m: Machine,
  { instance, funcidx }: { instance: number; funcidx: number },
  base: number,
): void {
  if (shown === null) refuse("a host function is called, and the proof shows no call");
  const name = m.state.program(instance).outline.imports[funcidx];
  if ("answer" in shown) {
    takeAnswer(shown, m, name!, m.typeOf({ instance, funcidx }), base);
    return;
  }
  requireFields(shown, [...ENTRY, "effects"], "host");
  const { call, effects } = shown;
  requireFields(call, ["fuel", "name", "args", "result"], "the host's call");
  const paid = requireLogged(shown);
  if (name !== call.name) refuse(`${name} is called, not ${call.name}`);
  const { values, results } = m.typeOf({ instance, funcidx });
  for (const type of [...values, ...results])
    if (type === "v128" || type === "ref") refuse(`calls with values of type ${type} have no proof`);
  const args = m.popMany(values.length).map(({ bits }, i) => argument(values[i]!, bits));
  if (toHex(sha256(utf8(canonicalJson(args)))) !== call.args) refuse("the call has other arguments");
  if (m.top !== base) refuse("the arguments are not where they belong");
  const { result } = call;
  const threw =
    typeof result === "object" && result !== null ? (result as Record<string, unknown>)["threw"] : undefined;
  if (threw !== undefined) m.outcome = { kind: "failed", message: String(threw) };
  else {
    const list = results.length === 1 ? [result] : results.length === 0 ? [] : result;
    if (!Array.isArray(list) || list.length !== results.length) refuse("the call has another number of results");
    list.forEach((value, i) => {
      m.pushSlot({ bits: resultBits(results[i]!, value), ref: NULL });
    });
  }
  // What the host has charged for is paid by then; the log has the run's fuel.
  if (paid < m.fuel) refuse("the call is another one: less fuel was used by then");
  m.fuel = paid;
  checkEffects(effects);
}

const BITS: Readonly<Record<string, number>> = { i32: 32, f32: 32, i64: 64, f64: 64 };

/** Takes what a host has answered, and written, as the proof has it: it is right given that. */
function takeAnswer(
  shown: ShownAnswer,
  m: Machine,
  name: string,
  { values, results }: { readonly values: readonly string[]; readonly results: readonly string[] },
  base: number,
): void {
  requireFields(shown, ["answer", "logged", "writes", "effects"], "host");
  const { answer, logged, writes, effects } = shown;
  requireFields(answer, ["name", "results", "fuel"], "the host's answer");
  if (answer.name !== name) refuse(`${name} is called, not ${answer.name}`);
  for (const type of [...values, ...results])
    if (BITS[type] === undefined) refuse(`calls with values of type ${type} have no proof`);
  m.popMany(values.length);
  if (m.top !== base) refuse("the arguments are not where they belong");
  if (!Array.isArray(answer.results) || answer.results.length !== results.length)
    refuse("the answer has another number of results");
  answer.results.forEach((digits: unknown, i) => {
    if (typeof digits !== "string" || !/^[\da-f]{1,16}$/.test(digits)) refuse("a result is no number");
    const bits = BigInt(`0x${digits}`);
    if (bits >> BigInt(BITS[results[i]!]!) !== 0n) refuse(`a result is no ${results[i]}`);
    m.pushSlot({ bits, ref: NULL });
  });
  if (requireCount(answer.fuel, "the answer's fuel") < m.fuel)
    refuse("the answer is another one: less fuel was used by then");
  if (logged !== null) {
    requireFields(logged, ENTRY, "the call that was answered");
    const at = requireLogged(logged);
    if (at < m.fuel || at > answer.fuel) refuse("the call that was answered is another one, by its fuel");
  }
  m.fuel = answer.fuel;
  if (!Array.isArray(writes)) refuse("what the host wrote is a list");
  for (const write of writes) {
    requireFields(write, ["memory", "at", "bytes"], "what the host wrote");
    const { memory, at, bytes } = write;
    const part = m.state.part(`memory ${requireCount(memory, "a memory's number")}`);
    part.setBytes(requireCount(at, "an address"), fromHex(bytes, "what the host wrote"));
  }
  checkEffects(effects);
  const written = new Set(writes.map(({ memory }) => `memory ${memory}`));
  for (const effect of effects) if (written.has(effect.name)) refuse(`${effect.name} is told of twice`);
}
