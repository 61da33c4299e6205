// Rows of the threads proposal's instructions, for one agent: every access is sequentially
// consistent by itself. Notation as in register-ops.ts; memory, offset and high as in the general
// accesses there. Loads: a = result, b = address. Stores: a = address, b = value. Others: a =
// result, b = address, c = operand; of cmpxchg the expected value, and $replacement the word of
// the other one.
import { loadOf, type RegisterOp, rowWriters, storeOf } from "./register-op-rows.js";

const rows: RegisterOp[] = [];
const { load, store, value } = rowWriters(rows, "atomic");

const WORDS = "memory offset high";
const address = (field: string, width: number) =>
  `const mem = m.memoryAt($memory), ea = atomicAddress(m, mem, R[${field}], H[${field}], $memory, $offset, $high, ${width}); if (ea < 0) return ea;`;
const access = (field: string, width: number) => `${address(field, width)} const u = mem.u8;`;

/** By width: the bytes at `ea` as an unsigned number (of four bytes, an int32), and how to store one. */
const BYTES = { 1: "u[ea]", 2: "(u[ea] | u[ea + 1] << 8)", 4: "load32(u, ea)" } as const;
const PUT = {
  1: (bytes: string) => `u[ea] = ${bytes};`,
  2: (bytes: string) => `{ const v = ${bytes}; u[ea] = v; u[ea + 1] = v >> 8; }`,
  4: (bytes: string) => `store32(u, ea, ${bytes});`,
} as const;

/** x: the value in memory, y: the operand; for i64 the result's high word from l and h, y and z, and its low word n. */
const RMW: Readonly<Record<string, { readonly low: string; readonly high: string }>> = {
  add: { low: "x + y | 0", high: "h + z + (n >>> 0 < x >>> 0 ? 1 : 0)" },
  sub: { low: "x - y | 0", high: "h - z - (x >>> 0 < y >>> 0 ? 1 : 0)" },
  and: { low: "x & y", high: "h & z" },
  or: { low: "x | y", high: "h | z" },
  xor: { low: "x ^ y", high: "h ^ z" },
  xchg: { low: "y", high: "z" },
};

for (const type of ["i32", "i64"] as const) {
  const clear = type === "i64" ? " H[a] = 0;" : "";
  for (const width of [1, 2, 4] as const) {
    const whole = type === "i32" && width === 4;
    const bits = whole ? "" : String(8 * width);
    const suffix = whole ? "" : "_u";
    const bytes = BYTES[width];
    const put = PUT[width];
    const loadName = `${type}.atomic.load${bits}${suffix}`;
    const loaded = `${access("b", width)} R[a] = ${bytes};${clear}`;
    load(loadName, "ab", WORDS, loaded, loadOf(loadName, width, type, false, "general"));
    const storeName = `${type}.atomic.store${bits}`;
    const stored = `${access("a", width)} ${put("R[b]")}`;
    store(storeName, "ab", WORDS, stored, storeOf(storeName, width, type, "general"));
    for (const [name, { low }] of Object.entries(RMW)) {
      const changed = `${access("b", width)} const x = ${bytes}, y = R[c]; ${put(low)} R[a] = x;${clear}`;
      value(`${type}.atomic.rmw${bits}.${name}${suffix}`, "abc", WORDS, changed, { takes: type });
    }
    // The expected value is wrapped to the width of the access.
    const expected = width === 4 ? "R[c]" : `(R[c] & ${2 ** (8 * width) - 1})`;
    const exchanged = `const x = ${bytes}; if (x === ${expected}) { ${put("R[fp + $replacement]")} } R[a] = x;${clear}`;
    const cmpxchg = `${type}.atomic.rmw${bits}.cmpxchg${suffix}`;
    value(cmpxchg, "abc", `${WORDS} replacement`, `${access("b", width)} ${exchanged}`, { takes: type });
  }
}

const BYTES_64 = "const x = load32(u, ea), h = load32(u, ea + 4)";
const PUT_64 = (low: string, high: string) => `store32(u, ea, ${low}); store32(u, ea + 4, ${high});`;
load("i64.atomic.load", "ab", WORDS, `${access("b", 8)} ${BYTES_64}; R[a] = x; H[a] = h;`, {
  ...loadOf("i64.atomic.load", 8, "i64", false, "general"),
});
store("i64.atomic.store", "ab", WORDS, `${access("a", 8)} ${PUT_64("R[b]", "H[b]")}`, {
  ...storeOf("i64.atomic.store", 8, "i64", "general"),
});
for (const [name, { low, high }] of Object.entries(RMW)) {
  const changed = `${BYTES_64}, y = R[c], z = H[c], n = ${low}; ${PUT_64("n", high)} R[a] = x; H[a] = h;`;
  value(`i64.atomic.rmw.${name}`, "abc", WORDS, `${access("b", 8)} ${changed}`, { takes: "i64" });
}
const replaced = PUT_64("R[fp + $replacement]", "R[fp + $replacement + 1]");
const exchanged64 = `${BYTES_64}; if (x === R[c] && h === H[c]) { ${replaced} } R[a] = x; H[a] = h;`;
value("i64.atomic.rmw.cmpxchg", "abc", `${WORDS} replacement`, `${access("b", 8)} ${exchanged64}`, { takes: "i64" });

// Nobody waits: the one agent is here. The access is checked all the same.
value("memory.atomic.notify", "abc", WORDS, `${address("b", 4)} R[a] = 0;`, { takes: "i32" });

export const ATOMIC_OPS: readonly RegisterOp[] = rows;
