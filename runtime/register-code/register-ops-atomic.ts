// Rows of the threads proposal's instructions, for one agent: every access is sequentially
// consistent by itself. Notation as in register-ops.ts; memory, offset and high as in the general
// accesses there. Loads: a = result, b = address. Stores: a = address, b = value. Others: a =
// result, b = address, c = operand; of cmpxchg the expected value, and $replacement the word of
// the other one.
import { type RegisterOp, rowWriter } from "./register-op-rows.js";

const rows: RegisterOp[] = [];
const op = rowWriter(rows, "atomic");

const WORDS = "memory offset high";
const access = (field: string, width: number) =>
  `const mem = m.memoryAt($memory), ea = atomicAddress(m, mem, R[${field}], H[${field}], $memory, $offset, $high, ${width}); if (ea < 0) return ea; const u = mem.u8;`;

/** By width: the bytes at `ea` as an unsigned number (of four bytes, an int32), and how to store one. */
const LOAD: Readonly<Record<number, string>> = { 1: "u[ea]", 2: "(u[ea] | u[ea + 1] << 8)", 4: "load32(u, ea)" };
const store = (width: number, value: string) =>
  width === 1
    ? `u[ea] = ${value};`
    : width === 2
      ? `{ const v = ${value}; u[ea] = v; u[ea + 1] = v >> 8; }`
      : `store32(u, ea, ${value});`;

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
  for (const width of [1, 2, 4]) {
    const whole = type === "i32" && width === 4;
    const bits = whole ? "" : String(8 * width);
    const suffix = whole ? "" : "_u";
    const load = LOAD[width]!;
    op(`${type}.atomic.load${bits}${suffix}`, "ab", WORDS, `${access("b", width)} R[a] = ${load};${clear}`);
    op(`${type}.atomic.store${bits}`, "ab", WORDS, `${access("a", width)} ${store(width, "R[b]")}`, "sink");
    for (const [name, { low }] of Object.entries(RMW)) {
      op(
        `${type}.atomic.rmw${bits}.${name}${suffix}`,
        "abc",
        WORDS,
        `${access("b", width)} const x = ${load}, y = R[c]; ${store(width, low)} R[a] = x;${clear}`,
      );
    }
    // The expected value is wrapped to the width of the access.
    const expected = width === 4 ? "R[c]" : `(R[c] & ${2 ** (8 * width) - 1})`;
    op(
      `${type}.atomic.rmw${bits}.cmpxchg${suffix}`,
      "abc",
      `${WORDS} replacement`,
      `${access("b", width)} const x = ${load}; if (x === ${expected}) { ${store(width, "R[fp + $replacement]")} } R[a] = x;${clear}`,
    );
  }
}

const LOAD_64 = "const x = load32(u, ea), h = load32(u, ea + 4)";
op("i64.atomic.load", "ab", WORDS, `${access("b", 8)} ${LOAD_64}; R[a] = x; H[a] = h;`);
op("i64.atomic.store", "ab", WORDS, `${access("a", 8)} store32(u, ea, R[b]); store32(u, ea + 4, H[b]);`, "sink");
for (const [name, { low, high }] of Object.entries(RMW)) {
  op(
    `i64.atomic.rmw.${name}`,
    "abc",
    WORDS,
    `${access("b", 8)} ${LOAD_64}, y = R[c], z = H[c], n = ${low}; store32(u, ea, n); store32(u, ea + 4, ${high}); R[a] = x; H[a] = h;`,
  );
}
op(
  "i64.atomic.rmw.cmpxchg",
  "abc",
  `${WORDS} replacement`,
  `${access("b", 8)} ${LOAD_64}; if (x === R[c] && h === H[c]) { store32(u, ea, R[fp + $replacement]); store32(u, ea + 4, R[fp + $replacement + 1]); } R[a] = x; H[a] = h;`,
);

// Nobody waits: the one agent is here. The access is checked all the same.
op("memory.atomic.notify", "abc", WORDS, `${access("b", 4).replace(/ const u = .*$/, "")} R[a] = 0;`);

export const ATOMIC_OPS: readonly RegisterOp[] = rows;
