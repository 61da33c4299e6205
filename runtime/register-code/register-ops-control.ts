// Rows of control: exits, fuel, branches, calls, returns, and what the driver does. Notation as in register-ops.ts.
// `fuel` in a branch: what the target's segment costs beyond what is paid already. Conditions that a branch tests
// have their comparisons in register-ops-values.ts.
import { plainAddress, type RegisterOp, rowWriters } from "./register-op-rows.js";

const rows: RegisterOp[] = [];
const { leave, driver, call, return: ret, branch, table, effect } = rowWriters(rows, "cold");

// ---- Exits and fuel ----
leave("exit", "", "", "@exit(DONE)", {});
leave("leave_instance", "", "", "@exit(LEAVE)", {});
leave("host_return", "", "", "@exit(HOST_RETURN)", {});
// In place of the code of a function that another tier runs, behind a header of the same frame.
leave("enter_tier", "", "func", "arg = $func; @exit(TIER)", {});
// Stepping form: one charge per wasm instruction, checked before it takes effect.
const charged = "if (fuel < $price) { @exit(CANNOT_PAY) } fuel = fuel - $price | 0;";
effect("charge", "", "price", charged, { narrow: true });
const BRANCH = "target fuel";
const NO_FORMS = { inverse: null, wide: null, swapped: null, step: null, sum: null } as const;
const resumed = "if (fuel >= $fuel) { fuel = fuel - $fuel | 0; pc = $target; continue; }";
branch("resume_fast", "", BRANCH, resumed, { ...NO_FORMS, tests: "fuel" });
effect("nop", "", "", "", { narrow: true });

// ---- Branches ----
branch("br", "", BRANCH, "@branch", { ...NO_FORMS, tests: "nothing", step: "br_step", between: true });

/** Two branches, the second taken exactly when the first is not. */
function pair(
  fields: "" | "a" | "ab",
  words: string,
  tests: "i32" | "i64" | "f64" | "ref",
  between: boolean,
  ...branches: readonly (readonly [name: string, test: string, wide: string | null, step?: string])[]
): void {
  branches.forEach(([name, test, wide, step = null], i) => {
    const says = { ...NO_FORMS, tests, inverse: branches[1 - i]![0], wide, step, between };
    branch(name, fields, words, `if (${test}) @branch`, says);
  });
}

pair(
  "a",
  BRANCH,
  "i32",
  true,
  ["br_z", "R[a] === 0", "br_z.wide"],
  ["br_nz", "R[a] !== 0", "br_nz.wide", "br_step_ne_k"],
);

/** Comparisons of integers: the test of B and C, the one that is true exactly when it is false, the one of C and B. */
export const COMPARE_I32 = {
  eq: { test: "B === C", inverse: "ne", swapped: "eq" },
  ne: { test: "B !== C", inverse: "eq", swapped: "ne" },
  lt_s: { test: "B < C", inverse: "ge_s", swapped: "gt_s" },
  lt_u: { test: "B >>> 0 < C >>> 0", inverse: "ge_u", swapped: "gt_u" },
  gt_s: { test: "B > C", inverse: "le_s", swapped: "lt_s" },
  gt_u: { test: "B >>> 0 > C >>> 0", inverse: "le_u", swapped: "lt_u" },
  le_s: { test: "B <= C", inverse: "gt_s", swapped: "ge_s" },
  le_u: { test: "B >>> 0 <= C >>> 0", inverse: "gt_u", swapped: "ge_u" },
  ge_s: { test: "B >= C", inverse: "lt_s", swapped: "le_s" },
  ge_u: { test: "B >>> 0 >= C >>> 0", inverse: "lt_u", swapped: "le_u" },
} as const;
/** `expression` of B and C with operands in their places. */
export const fill = (expression: string, b: string, c: string) => expression.replace(/\bB\b/g, b).replace(/\bC\b/g, c);

/** What loops end with: those branches have forms with the addition before them. */
const STEPPED: ReadonlySet<string> = new Set(["lt_s", "ne"]);
for (const [name, { test, inverse, swapped }] of Object.entries(COMPARE_I32)) {
  const says = { ...NO_FORMS, tests: "i32", between: true } as const;
  const stepped = STEPPED.has(name);
  const registers = `if (${fill(test, "R[a]", "R[b]")}) @branch`;
  branch(`br_${name}`, "ab", BRANCH, registers, {
    ...says,
    inverse: `br_${inverse}`,
    swapped: `br_${swapped}`,
    step: stepped ? `br_step_${name}` : null,
    sum: name === "lt_s" ? "br_sum_lt_s" : null,
  });
  const constant = `if (${fill(test, "R[a]", "$k")}) @branch`;
  const step = stepped ? `br_step_${name}_k` : null;
  branch(`br_${name}_k`, "a", `${BRANCH} k`, constant, { ...says, inverse: `br_${inverse}_k`, step });
}
// A loop's end: its variable's next value, and the test of that.
const STEP = "(R[a] = R[b] + $k | 0)";
const stepping = { ...NO_FORMS, tests: "i32" } as const;
branch("br_step", "ab", `${BRANCH} k`, `${STEP.slice(1, -1)}; @branch`, { ...stepping, tests: "nothing" });
for (const name of ["lt_s", "ne"] as const) {
  const { test } = COMPARE_I32[name];
  branch(`br_step_${name}`, "abc", `${BRANCH} k`, `if (${fill(test, STEP, "R[c]")}) @branch`, stepping);
  branch(`br_step_${name}_k`, "ab", `${BRANCH} k limit`, `if (${fill(test, STEP, "$limit")}) @branch`, stepping);
}
branch("br_sum_lt_s", "abc", `${BRANCH} word`, "if ((R[a] = R[b] + R[c] | 0) < R[fp + $word]) @branch", stepping);
export const COMPARE_FLOAT = { eq: "===", ne: "!==", lt: "<", gt: ">", le: "<=", ge: ">=" } as const;
for (const [name, o] of Object.entries(COMPARE_FLOAT)) {
  // Not the opposite comparison: that is false of NaNs, too.
  const test = `D[a] ${o} D[b]`;
  pair("ab", BRANCH, "f64", false, [`br_f64_${name}`, test, null], [`br_f64_not_${name}`, `!(${test})`, null]);
}
pair(
  "a",
  `${BRANCH} k`,
  "i32",
  true,
  ["br_and_z", "(R[a] & $k) === 0", null],
  ["br_and_nz", "(R[a] & $k) !== 0", null],
);
pair("a", BRANCH, "i64", false, ["br_i64_z", "(R[a] | H[a]) === 0", null], ["br_i64_nz", "(R[a] | H[a]) !== 0", null]);
pair(
  "a",
  BRANCH,
  "ref",
  false,
  ["br_null", "X[a] === null", "br_null.wide"],
  ["br_non_null", "X[a] !== null", "br_non_null.wide"],
);

// Followed by count + 1 pairs of target and fuel, the default last.
const CHOOSE = "if (i > $count) i = $count; const q = pc + @length + (i << 1) | 0; pc = code[q];";
const PAY_CHOSEN = "fuel = fuel - code[q + 1 | 0] | 0; if (fuel < 0) break; continue;";
const choose = (index: string) => `let i = ${index} + $bias >>> 0; ${CHOOSE} ${PAY_CHOSEN}`;
table("br_table", "a", "count bias", choose("R[a]"), { index: "register" });
table("br_table_load8", "a", "count bias offset", `@byteAt(a) ${choose("M8[ea]")}`, {
  index: "memory",
  access: {
    plain: "i32.load8_u",
    width: 1,
    signed: false,
    type: "i32",
    address: plainAddress("a"),
    value: "result",
  },
});
leave("unreachable", "", "", "@trap(TRAP_UNREACHABLE)", {});

// ---- Calls. The callee's frame starts at the caller's argument slots; the last word of every
// call is what the caller's next segment costs, paid when the callee returns. ----
const pushFrame = "CS[sp] = pc + @length | 0; CS[sp + 1 | 0] = fp; sp = sp + 2 | 0;";
/** Takes the innermost frame off, and pays for what follows its call. */
const popFrame = "sp = sp - 2 | 0; pc = CS[sp]; fp = CS[sp + 1 | 0];";
const payCall = "fuel = fuel - code[pc - 1 | 0] | 0; if (fuel < 0) break; continue;";
const frameCheck = "if (sp > frameLimit) { @exit(FRAMES) }";
/** The frame of `base`'s argument slots becomes the running one's, of function `index`. */
const enter = (index: string) => `fp = @address(a); const f = ${index}; @enter(f)`;
/** `t`: the function at index `i` of table 0, if the loop can call it: of this instance, and of the type wanted. */
const resolveIndirect = (type: string, then: string) =>
  `if (i < T.length && sp <= frameLimit) { const t = T[i]; if (t !== null && t.typeId === ${type} && t.instance === I) { ${then} } }`;

call("call", "a", "func fuel", `${frameCheck} ${pushFrame} ${enter("$func")}`, { callee: "function" });

// An import of Emscripten's (emscripten/invoke.ts) calls a function of table 0 in a marked frame: one that returns to
// PC_INVOKE_RETURN, with the stack pointer in the slot of the first argument, and the callee's frame behind that.
const pushMarkedFrame =
  "CS[sp] = @invokeReturn; CS[sp + 1 | 0] = s; sp = sp + 2 | 0; R[s] = G[stackPointer]; fp = s + 2 | 0;";
const invoke = `${pushFrame} ${pushMarkedFrame} const f = t.index; @enter(f)`;
const resolveImport = `const g = FI[$func]; if (g.invokeTypeId >= 0) { const s = @address(a), i = R[s] >>> 0; ${resolveIndirect("g.invokeTypeId", invoke)} }`;
const callOut = "m.callee = g; m.base = @address(a); m.returnTo = pc + @length | 0; @exit(CALL)";
call("call_import", "a", "func fuel", `${resolveImport} ${callOut}`, { callee: "imported" });
const takeInvokeResult = "const s = fp; R[s] = R[s + 2 | 0]; R[s + 1 | 0] = R[s + 3 | 0];";
ret("invoke_return", "", "", `{ ${takeInvokeResult} ${popFrame} ${payCall} }`, {});
const indirect = resolveIndirect("$type", `${pushFrame} ${enter("t.index")}`);
call("call_indirect", "ab", "type fuel", `const i = R[b] >>> 0; ${indirect} @exit(OPERATION)`, { callee: "table" });
const callable = "t !== null && t.instance === I && sp <= frameLimit";
const referred = `const t = X[b]; if (${callable}) { ${pushFrame} ${enter("t.index")} }`;
call("call_ref", "ab", "type fuel", `${referred} @exit(OPERATION)`, { callee: "reference" });
// The arguments are already at the head of this frame.
call("return_call", "", "func", "const f = $func; @enter(f)", { callee: "function" });

// ---- Returns ----
const goBack = `${popFrame} ${payCall}`;
ret("return", "", "", goBack, {});
ret("return_32", "a", "", `R[fp] = R[a]; ${goBack}`, {});
ret("return_64", "a", "", `const x = R[a], y = H[a]; R[fp] = x; R[fp + 1 | 0] = y; ${goBack}`, {});
ret("return_ref", "a", "", `XS[fp >> 1] = X[a]; ${goBack}`, {});
const returnWords = "for (let i = 0; i < n; i = i + 1 | 0) R[fp + i | 0] = R[s + i | 0];";
ret("return_words", "a", "words", `const s = @address(a), n = $words; ${returnWords} ${goBack}`, {});
const returnLow = "R[fp + (i << 1) | 0] = R[fp + (s + i << 1) | 0];";
const returnHigh = "R[fp + (i << 1) + 1 | 0] = R[fp + (s + i << 1) + 1 | 0];";
const returnSlots = `for (let i = 0; i < n; i = i + 1 | 0) { ${returnLow} ${returnHigh} XS[x + i | 0] = XS[x + s + i | 0]; }`;
ret("return_slots", "", "slot count", `const s = $slot, n = $count, x = fp >> 1; ${returnSlots} ${goBack}`, {});

// ---- What the driver does itself. `a`, `b`, `c` as for the plain forms. ----
const driven = (name: string, words: string, resume: "anew" | "next" | "callee" | "handler") =>
  driver(name, "", words, "@exit(DRIVER)", { resume, cold: true });
driven("call_indirect.any", "base index table type fuel", "callee");
driven("call_ref.any", "base ref type fuel", "callee");
driven("call.wide", "base func fuel", "callee");
driven("return_call_import", "func", "callee");
driven("return_call_indirect", "index table type", "callee");
driven("return_call_ref", "ref type", "callee");
driven("throw", "slot tag", "handler");
driven("throw_ref", "slot", "handler");
driven("memory.atomic.wait", "slot memory offset high width", "next");
driven("memory.grow", "dst slot memory fuel", "anew");
driven("memory.copy", "dst src n dstMemory srcMemory fuel", "anew");
driven("memory.fill", "dst value n memory fuel", "anew");
driven("memory.init", "dst src n data memory fuel", "anew");
driven("table.copy", "dst src n dstTable srcTable fuel", "anew");
driven("table.fill", "dst value n table fuel", "anew");
driven("table.init", "dst src n elem table fuel", "anew");
driven("table.grow", "dst value n table fuel", "anew");
// Where a profile is taken: the block that begins with the instruction at byte `offset` runs once more.
driven("count", "offset", "next");
// At the head of a loop, whose segment of `cost` is paid: another tier may go on, if there is one by now.
driver("enter_loop", "", "offset cost", "if (m.isAskedAtLoops) { @exit(DRIVER) }", { resume: "next", cold: true });

// ---- Branches whose operand is out of an 8-bit field's reach ----
pair(
  "",
  `${BRANCH} slot`,
  "i32",
  false,
  ["br_z.wide", "R[fp + ($slot << 1) | 0] === 0", null],
  ["br_nz.wide", "R[fp + ($slot << 1) | 0] !== 0", null],
);
pair(
  "",
  `${BRANCH} slot`,
  "ref",
  false,
  ["br_null.wide", "XS[(fp >> 1) + $slot | 0] === null", null],
  ["br_non_null.wide", "XS[(fp >> 1) + $slot | 0] !== null", null],
);
table("br_table.wide", "", "count bias slot", choose("R[fp + ($slot << 1) | 0]"), { index: "register" });

export const CONTROL_OPS: readonly RegisterOp[] = rows;
