// Writes dispatch.generated.ts, and a file for each unit of operations beside the loop, from the
// register operations.
// tools/generate.ts writes them (`npm run generate`); CI proves that the files are fresh.
//
// Facts of V8 that shape the output (DESIGN.md): case labels must be literals; views must be
// const locals; the loop must stay under 55,000 bytes of bytecode; one exit point.

import { EXITS } from "../runtime/interpreter/exits.js";
import { PC_INVOKE_RETURN } from "../runtime/register-code/register-code.js";
import { COLD, WIDE, writeLayout } from "../runtime/register-code/register-op-layout.js";
import { layoutsOf, type RegisterOp, type Unit } from "../runtime/register-code/register-op-rows.js";
import { REGISTER_OPS } from "../runtime/register-code/register-ops.js";
import * as trapCodes from "../runtime/trap-codes.js";

/** `loop`: in the second loop, simd.generated.ts. */
type Form = "hot" | "cold" | "wide" | "loop";
const FIELD_SHIFT = { a: 8, b: 16, c: 24 } as const;
type Field = keyof typeof FIELD_SHIFT;

interface Options {
  /** Leave the fuel accounting out: only to measure what it costs. */
  readonly fuel: boolean;
  /** The loop on code anywhere, and not in the code file. */
  readonly roaming?: boolean;
}

/** Text of a field's slot number, and of its first word's index in R. */
function slotText(form: Form, field: Field): string {
  if (form === "wide") return `code[pc + ${"abc".indexOf(field) + 1}]`;
  return field === "c" ? "(w >>> 24)" : `(w >>> ${FIELD_SHIFT[field]} & 255)`;
}
function wordText(form: Form, field: Field): string {
  if (form === "wide") return `fp + (code[pc + ${"abc".indexOf(field) + 1}] << 1)`;
  return `fp + (w >>> ${FIELD_SHIFT[field] - 1} & 510)`;
}

function lengthOf(row: RegisterOp, form: Form): number {
  if (form === "wide") return 1 + row.fields.length + row.words.length;
  return (row.cold ? 2 : 1) + row.words.length;
}

function expand(row: RegisterOp, form: Form, options: Options): string {
  const length = lengthOf(row, form);
  const leave = (exit: number) => {
    if (form === "loop") return `m.pc = pc; m.fuel = fuel; return ${exit};`;
    return form === "hot" ? `exit = ${exit}; break;` : `return ${exit};`;
  };
  const outOfBounds = `{ ${leave(EXITS.MEMORY)} }`;
  const address = (register: string, offset: string, width: number) =>
    `const x = ${register}, ea = x + ${offset} | 0; if ((x | ea) < 0 || ea > memoryBytes - ${width}) ${outOfBounds}`;
  const pay = (price: string) => {
    if (form === "loop") return `fuel = fuel - ${price} | 0; if (fuel < 0) break; w = code[pc]; continue;`;
    return options.fuel ? `fuel = fuel - ${price} | 0; if (fuel < 0) break; continue;` : "continue;";
  };
  let text = row.body
    .replaceAll("@branch", `{ const u = $fuel; pc = $target; ${pay("u")} }`)
    .replace(
      /@enter\(f\)/g,
      `const q = entries[f << 1], n = code[q]; if (fp + n > registerLimit) { pc = q; arg = f; exit = ${EXITS.STACK}; break; } const z = code[q + 1]; if (z !== 0) for (let j = fp + code[q + 2], e = j + z; j < e; j++) R[j] = 0; pc = q + 3; ${pay("entries[(f << 1) + 1]")}`,
    )
    .replace(/@load\((\d)\)/g, (_, n) => address("R[b]", "$offset", Number(n)))
    .replace(/@loadNear\((\d)\)/g, (_, n) => address("R[b]", "(w >>> 24)", Number(n)))
    .replace(/@store\((\d)\)/g, (_, n) => address("R[a]", "$offset", Number(n)))
    .replace(/@storeNear\((\d)\)/g, (_, n) => address("R[a]", "(w >>> 24)", Number(n)))
    .replace(/@bytes\{(\d); ([^;]*); ([^}]*)\}/g, (_, n, base, offset) => address(base, offset, Number(n)))
    .replace(/@byteAt\(a\)/g, address("R[a]", "$offset", 1))
    .replace(/@exit\((\w+)\)/g, (_, name) => leave(EXITS[name as keyof typeof EXITS]))
    .replace(/@trap\((\w+)\)/g, (_, name) => leave(-(trapCodes as unknown as Record<string, number>)[name]!))
    .replace(/@f64\(a, (.*)\)$/, "{ const v = $1; if (v === v) D[a] = v; else { R[a] = 0; H[a] = 2146959360; } }")
    .replace(/@f32\(a, (.*)\)$/, "{ const v = $1; if (v === v) S[a] = v; else R[a] = 2143289344; }")
    .replace(/@address\(([abc])\)/g, (_, f) => wordText(form, f))
    .replace(/@length/g, String(length))
    .replace(/@invokeReturn/g, String(PC_INVOKE_RETURN))
    .replace(/\(R, A,/g, `(R, ${wordText(form, "a")},`);
  if (!options.fuel) text = text.replace(/fuel = fuel - [^;]*; if \(fuel < 0\) break;/g, "");
  const base = lengthOf(row, form) - row.words.length;
  return text
    .replace(/\b([RS])\[([abc])\]/g, (_, view, f) => `${view}[${wordText(form, f)}]`)
    .replace(/\bH\[([abc])\]/g, (_, f) => `R[${wordText(form, f)} + 1]`)
    .replace(/\bD\[([abc])\]/g, (_, f) => `D[(fp >> 1) + ${slotText(form, f)}]`)
    .replace(/\bX\[([abc])\]/g, (_, f) => `XS[(fp >> 1) + ${slotText(form, f)}]`)
    .replace(/\$(\w+)/g, (_, name) => {
      const index = row.words.indexOf(name);
      if (index < 0) throw new Error(`${row.name}: no word $${name}`);
      return `code[pc + ${base + index}]`;
    });
}

/** Whether control never runs off the end of the body. */
function leaves(text: string): boolean {
  return /(continue;|break;|return -?\d+;|return pc [^;]+;)( \})*$/.test(text) && !/^if /.test(text);
}

/** The row's meaning, for the comment beside its number. */
function legend(row: RegisterOp): string {
  return [row.name, ...[...row.fields], ...row.words.map((word) => `$${word}`)].join(" ");
}

const NEXT: Readonly<Record<Form, (length: number) => string>> = {
  hot: (length) => `pc += ${length}; continue;`,
  cold: (length) => `return pc + ${length};`,
  wide: (length) => `return pc + ${length};`,
  loop: (length) => `pc = pc + ${length} | 0; w = code[pc]; continue;`,
};

function caseOf(row: RegisterOp, number: number, form: Form, options: Options): string {
  const text = expand(row, form, options);
  const next = leaves(text) ? "" : ` ${NEXT[form](lengthOf(row, form))}`;
  return `      case ${number}: { /* ${legend(row)} */ ${text}${next} }`;
}

function cases(form: Form, unit: Unit, options: Options): string {
  const lines: string[] = [];
  REGISTER_OPS.forEach((row, number) => {
    // The wide form of the loop's operations is beside the loop too.
    const owner = form === "wide" && row.unit === "dispatch" ? "cold" : row.unit;
    if (owner !== unit || (form === "wide" && row.narrowOnly)) return;
    lines.push(caseOf(row, number, form, options));
  });
  return lines.join("\n");
}

const HEAD = `// Generated by tools/generate-dispatch.ts from register-code/register-ops.ts; do not edit.
// pc: register-code index; fp: frame base in words; w: the instruction's first word.
`;

/** An import declaration of the generated text. Not one literal: the test of the import floors reads this file as well. */
function importLine(clause: string, module: string): string {
  return ["import", clause, "from", `"${module}";\n`].join(" ");
}

const MACHINE_IMPORT = importLine("type { Machine }", "../machine.js");

export function generateDispatch(options: Options): string {
  return `${HEAD}
${importLine("{ load32, store32 }", "../access.js")}${unitImports()}${importLine("{ newStruct }", "../heap-access.js")}${MACHINE_IMPORT}${importLine("type { RegisterViews }", "../register-views.js")}
/**
 * The dispatch loop on the registers \`file\` and ${options.roaming ? "code that may lie anywhere" : "the code in `codeFile`"}: runs register code until something is for
 * the driver to do; says what (exits.ts). V8 takes the views for constants while this has been called only once.
 */
export function ${options.roaming ? "makeRoamingDispatch(file: RegisterViews)" : "makeDispatch(file: RegisterViews, codeFile: Int32Array)"}: (m: Machine) => number {
  const words = file.R, doubles = file.D, singles = file.S;
  return function dispatch(m: Machine): number {
    // Constants in locals: the loop would not know them by the names of the function around it.
    const R = words, D = doubles, S = singles, code = ${options.roaming ? "m.loopCode" : "codeFile"};
    const XS = m.refs as any[], CS = m.frames, entries = m.entries;
    const G = m.globals, T = m.table0 as any[], FI = m.funcs, I = m.instance, stackPointer = m.stackPointer;
    const M8 = m.M8, MS8 = m.MS8, M16 = m.M16, M32 = m.M32, P = m.P;
    const memoryBytes = m.memoryBytes, registerLimit = m.registerLimit, frameLimit = m.frameLimit;
    let fuel = m.fuel, sp = m.sp, fp = m.fp, pc = m.pc, exit = 0, arg = 0;
    for (;;) {
      const w = code[pc];
      switch (w & 255) {
${cases("hot", "dispatch", options)}
      case ${COLD}: { ${leaveFor("cold")} }
      case ${WIDE}: { ${leaveFor("wide")} }
      }
      m.fuel = fuel;
      m.sp = sp;
      m.fp = fp;
      m.pc = pc;
      m.arg = arg;
      return exit;
    }
  };
}
`;
}

const LOCALS: Readonly<Record<string, string>> = {
  R: "m.R",
  D: "m.D",
  S: "m.S",
  R8: "m.R8",
  R8s: "m.R8s",
  R16: "m.R16",
  R16s: "m.R16s",
  XS: "m.refs as any[]",
  code: "m.loopCode",
  G: "m.globals",
  M8: "m.M8",
  MS8: "m.MS8",
  M16: "m.M16",
  M32: "m.M32",
  P: "m.P",
  memoryBytes: "m.memoryBytes",
};

const IMPORTS: readonly (readonly [module: string, ...names: string[]])[] = [
  ["../../errors.js", "Crash"],
  ["../../numerics/scalar.js", "* as N"],
  ["../../numerics/simd.js", "* as V"],
  ["../access.js", "effectiveAddress", "farAddress", "importedGlobalGet", "importedGlobalSet"],
  ["../heap-access.js", "newDefaultStruct", "newFixedArray", "newStruct", "refTest"],
  ["../access.js", "load32", "setNumber", "store32", "tableIndex"],
  ["../access-atomic.js", "atomicAddress"],
];

const uses = (text: string, name: string) => new RegExp(`(?<![.\\w])${name}\\b`).test(text);

/** Import declarations of the names that occur in the text of a unit. */
function imports(text: string): string {
  const lines = new Map<string, string[]>();
  for (const [module, ...names] of IMPORTS) {
    const used = names.filter((name) => uses(text, name.replace("* as ", "")));
    if (used.length > 0) lines.set(module, [...(lines.get(module) ?? []), ...used]);
  }
  const clause = (names: string[]) => (names[0]!.startsWith("*") ? names[0] : `{ ${names.join(", ")} }`);
  return [...lines].map(([module, names]) => importLine(clause(names)!, module)).join("");
}

/** The units beside the loop, in the order of their operations' numbers. */
export const UNITS = [
  "cold",
  "atomic",
  "gc",
  "simdSmall",
  "simdLarge",
  "simdFloat",
  "simd",
] as const satisfies readonly Unit[];
type BesideUnit = (typeof UNITS)[number];

/** File name of a unit, without its extension. */
export function fileOf(unit: BesideUnit): string {
  return unit.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function functionName(unit: BesideUnit, form: "cold" | "wide"): string {
  if (unit === "cold") return form;
  return form === "wide" ? `${unit}Wide` : unit;
}

/** Import declarations of the functions beside the loop. */
function unitImports(): string {
  const functions = (unit: BesideUnit) => `${functionName(unit, "cold")}, ${functionName(unit, "wide")}`;
  return UNITS.map((unit) => importLine(`{ ${functions(unit)} }`, `./${fileOf(unit)}.generated.js`)).join("");
}

/** The call of the function that has the operation whose number is `o`: one call, not two. */
function handOn(form: "cold" | "wide", units: readonly BesideUnit[]): string {
  const last = units.length - 1;
  return units
    .map((unit, i) => {
      const end =
        REGISTER_OPS.findIndex((row) => row.unit === unit) + REGISTER_OPS.filter((row) => row.unit === unit).length;
      return `${i === last ? "" : `o < ${end} ? `}${functionName(unit, form)}(m, w, pc, fp)`;
    })
    .join(" : ");
}

/** What the loop does about an operation beside it. The unit `simd`, last in number, may charge fuel and stop. */
function leaveFor(form: "cold" | "wide"): string {
  const end = "if (next < 0) { exit = next; break; } pc = next; continue;";
  if (form === "wide") return `const o = w >>> 8, next = (${handOn(form, UNITS)}) | 0; ${end}`;
  const first = REGISTER_OPS.findIndex((row) => row.unit === "simd");
  const loop =
    "m.fuel = fuel; const next = simd(m, w, pc, fp) | 0; fuel = m.fuel; if (next < 0) { exit = next; pc = m.pc; break; } pc = next; if (fuel < 0) break; continue;";
  return `const o = code[pc + 1 | 0]; if (o >= ${first}) { ${loop} } const next = (${handOn(form, UNITS.slice(0, -1))}) | 0; ${end}`;
}

/**
 * The second loop: common vector operations and what comes between them, so that a loop of the
 * guest's costs no calls. It returns to the first one at whatever else there is, and when the
 * fuel is used up, with the position; at a trap with the exit, the position in m.pc.
 */
function simdLoop(): string {
  const rows = REGISTER_OPS.map((row, number) => ({ row, number })).filter(
    ({ row }) => row.unit === "simd" || row.between,
  );
  const text = (cold: boolean) =>
    rows
      .filter(({ row }) => row.cold === cold)
      .map(({ row, number }) => caseOf(row, number, "loop", { fuel: true }))
      .join("\n");
  const body = `${text(true)}\n${text(false)}`;
  const locals = Object.keys(LOCALS).filter((local) => local === "code" || uses(body, local));
  return `export function simd(m: Machine, w: number, pc: number, fp: number): number {
  const ${locals.map((local) => `${local} = ${LOCALS[local]}`).join(", ")};
  let fuel = m.fuel;
  ${AS_INT32}
  for (;;) {
    switch (w & 255) {
      case ${COLD}: switch (code[pc + 1 | 0]) {
${text(true)}
      }
      break;
${text(false)}
    }
    m.fuel = fuel;
    return pc;
  }
}
`;
}

/** Arguments are tagged values to V8; checked once, they are integers from there on. */
const AS_INT32 = "w = w | 0; pc = pc | 0; fp = fp | 0;";

function besideFunction(unit: BesideUnit, form: "cold" | "wide"): string {
  if (unit === "simd" && form === "cold") return simdLoop();
  const key = form === "cold" ? "code[pc + 1]" : "w >>> 8";
  const text = cases(form, unit, { fuel: true });
  const locals = Object.keys(LOCALS).filter((local) => uses(`${text} ${key}`, local));
  return `export function ${functionName(unit, form)}(m: Machine, w: number, pc: number, fp: number): number {
  const ${locals.map((local) => `${local} = ${LOCALS[local]}`).join(", ")};
  ${AS_INT32}
  switch (${key}) {
${text}
  }
  throw new Crash(\`no operation of ${unit} at \${pc}\`);
}
`;
}

/** The operations of `unit`, in functions beside the loop: narrow form and wide form. */
export function generateUnit(unit: BesideUnit): string {
  const text = `/** Operations of the unit ${unit}. The next pc, or a negative exit. */
${besideFunction(unit, "cold")}
/** The same, of functions with more than 256 slots. */
${besideFunction(unit, "wide")}`;
  return `${HEAD}
${imports(text)}${MACHINE_IMPORT}
${text}`;
}

/** What the lowering needs to know of the operations, by number (register-code/register-op-table.ts). */
export function generateTable(): string {
  return `// Generated by tools/generate-dispatch.ts from register-ops.ts; do not edit.
// One operation a line, in the order of their numbers, as register-op-layout.ts has it.
export const LAYOUTS = \`
${layoutsOf(REGISTER_OPS).map(writeLayout).join("\n")}
\`;
`;
}
