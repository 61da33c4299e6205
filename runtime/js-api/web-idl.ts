// What Web IDL does around the algorithms of the specification: conversions of arguments, and the shape of interfaces.
// https://webidl.spec.whatwg.org/

/** Whether a value is an Object in the sense of ECMA-262. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/**
 * [EnforceRange] unsigned long.
 * @param what names the value: "WebAssembly.Memory(): Property 'initial'"
 * @throws TypeError
 */
export function toEnforcedU32(value: unknown, what: string): number {
  // ToNumber: unlike Number() it takes no BigInt.
  const number = Math.trunc(+(value as number));
  if (number >= 0 && number <= 0xffff_ffff) return number + 0;
  if (!Number.isFinite(number)) throw new TypeError(`${what}: value ${number} is not a finite number`);
  throw new TypeError(
    `${what}: value ${number} is ${number < 0 ? "below the lower bound" : "above the upper bound of an unsigned long"}`,
  );
}

/** AddressValueToU64: an i32 address as a number, an i64 one as a number that is exact below 2^53. @throws TypeError */
export function toAddress(value: unknown, is64: boolean, what: string): number {
  if (!is64) return toEnforcedU32(value, what);
  const address = toBigInt(value);
  if (address < 0n || address >= 2n ** 64n) throw new TypeError(`${what}: the value is not a u64`);
  return Number(address);
}

/** ToBigInt: unlike BigInt() it takes no Number. */
function toBigInt(value: unknown): bigint {
  return BigInt.asIntN(Number.MAX_SAFE_INTEGER, value as bigint);
}

/** U64ToAddressValue. */
export function fromAddress(address: number, is64: boolean): number | bigint {
  return is64 ? BigInt(address) : address;
}

/** DOMString. @throws TypeError for a symbol */
export function toDomString(value: unknown): string {
  return `${value as string}`;
}

/** USVString: lone surrogates become U+FFFD. */
export function toUsvString(value: unknown): string {
  return toDomString(value).replace(
    /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    "\uFFFD",
  );
}

/** The members of a dictionary that an argument is converted to. @throws TypeError if it is none */
export function toDictionary(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new TypeError(`${what} must be an object`);
  return value as Record<string, unknown>;
}

/** An enumeration value. @throws TypeError if it is none of them */
export function toEnum<T extends string>(value: unknown, values: readonly T[], what: string): T {
  const text = toDomString(value);
  for (const known of values) if (known === text) return known;
  throw new TypeError(`${what}: found ${JSON.stringify(text)}, expected one of ${values.join(", ")}`);
}

/** sequence<any>. @throws TypeError if the value is not iterable */
export function toSequence(value: unknown, what: string): unknown[] {
  const method: unknown = isObject(value) ? (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] : undefined;
  if (typeof method !== "function") throw new TypeError(`${what} must be iterable`);
  return listOf(value, method as () => Iterator<unknown>);
}

/** IteratorToList(GetIteratorFromMethod(value, method)). */
export function listOf(value: unknown, method: () => Iterator<unknown>): unknown[] {
  return [...{ [Symbol.iterator]: () => Reflect.apply(method, value, []) as Iterator<unknown> }];
}

const bufferLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")!.get!;

/** "Get a copy of the buffer source". @throws TypeError if the value is none; a detached one is empty */
export function toBytes(value: unknown, what: string): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  if (isBuffer(value)) return new Uint8Array(value).slice();
  throw new TypeError(`${what} must be a buffer source`);
}

/** Whether a value is an ArrayBuffer, perhaps detached, or a SharedArrayBuffer, which not every host has; of any realm. */
function isBuffer(value: unknown): value is ArrayBuffer {
  if (!isObject(value)) return false;
  return succeeds(() => Reflect.apply(bufferLength, value, [])) || succeeds(() => new DataView(value as ArrayBuffer));
}

function succeeds(steps: () => unknown): boolean {
  try {
    steps();
    return true;
  } catch {
    return false;
  }
}

/** Throws as Web IDL does where arguments are missing. */
export function requireArguments(count: number, required: number, what: string): void {
  if (count < required)
    throw new TypeError(`${what}: at least ${required} argument${required === 1 ? "" : "s"} required`);
}

/** Gives a class the property attributes of an interface: operations and attributes are enumerable. */
export function shapeInterface(interfaceObject: object, name: string, length: number): void {
  Object.defineProperty(interfaceObject, "name", { value: name, configurable: true });
  Object.defineProperty(interfaceObject, "length", { value: length, configurable: true });
  const { prototype } = interfaceObject as { prototype: object };
  makeEnumerable(prototype, ["constructor"]);
  makeEnumerable(interfaceObject, ["length", "name", "prototype"]);
  setTag(prototype, `WebAssembly.${name}`);
}

export function setTag(object: object, tag: string): void {
  Object.defineProperty(object, Symbol.toStringTag, { value: tag, configurable: true });
}

export function makeEnumerable(object: object, but: readonly string[] = []): void {
  for (const name of Object.getOwnPropertyNames(object)) {
    if (!but.includes(name)) Object.defineProperty(object, name, { enumerable: true });
  }
}
