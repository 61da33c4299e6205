// Reads TypeScript sources without a TypeScript parser: imports, and names used as globals.
// Enough for this project's style (Biome formats it), and it must never miss a static import.

/**
 * Blanks comments, and optionally the contents of strings, with spaces, so that positions and line
 * numbers stay. Code inside `${…}` of template literals is kept.
 */
export function blank(source: string, what: { strings: boolean }): string {
  const out = source.split("");
  const erase = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (out[i] !== "\n") out[i] = " ";
  };
  /** Brace depth at which each open template literal goes on. */
  const templates: number[] = [];
  let depth = 0;
  let significant = "";
  let i = 0;
  const readTemplate = (start: number): void => {
    let j = start;
    while (j < source.length && source[j] !== "`" && !(source[j] === "$" && source[j + 1] === "{")) {
      j += source[j] === "\\" ? 2 : 1;
    }
    if (what.strings) erase(start, Math.min(j, source.length));
    if (source[j] === "$") {
      templates.push(depth++);
      i = j + 2;
    } else {
      i = j + 1;
    }
    significant = "`";
  };
  while (i < source.length) {
    const c = source[i]!;
    const two = source.slice(i, i + 2);
    if (two === "//") {
      const end = source.indexOf("\n", i);
      erase(i, end < 0 ? source.length : end);
      i = end < 0 ? source.length : end;
    } else if (two === "/*") {
      const end = source.indexOf("*/", i + 2);
      erase(i, end < 0 ? source.length : end + 2);
      i = end < 0 ? source.length : end + 2;
    } else if (c === '"' || c === "'") {
      let j = i + 1;
      while (j < source.length && source[j] !== c && source[j] !== "\n") j += source[j] === "\\" ? 2 : 1;
      if (what.strings) erase(i + 1, j);
      i = j + 1;
      significant = c;
    } else if (c === "`") {
      readTemplate(i + 1);
    } else if (c === "}" && templates.length > 0 && templates.at(-1) === depth - 1) {
      templates.pop();
      depth--;
      readTemplate(i + 1);
    } else if (c === "/" && (significant === "" || /[(,=:[!&|?{};+\-*%<>~^]/.test(significant))) {
      let j = i + 1;
      for (let inClass = false; j < source.length && source[j] !== "\n" && (inClass || source[j] !== "/"); j++) {
        if (source[j] === "\\") j++;
        else if (source[j] === "[") inClass = true;
        else if (source[j] === "]") inClass = false;
      }
      erase(i, j + 1);
      i = j + 1;
      significant = "/";
    } else {
      if (c === "{") depth++;
      if (c === "}") depth--;
      if (c.trim() !== "") significant = c;
      i++;
    }
  }
  return out.join("");
}

export interface ImportEdge {
  readonly specifier: string;
  /** Only types: nothing is left of it at run time. */
  readonly isTypeOnly: boolean;
}

/** All static imports, re-exports, `import("…")` and `import type`, in order. */
export function importEdgesOf(source: string): ImportEdge[] {
  const code = blank(source, { strings: false });
  const pattern =
    /\b(?:import|export)\b([^;"'`()]*?)\bfrom\s*["']([^"'\n]+)["']|\bimport\s*["']([^"'\n]+)["']|\bimport\s*\(\s*["']([^"'\n]+)["']/g;
  return [...code.matchAll(pattern)].map(([, names, from, bare, dynamic]) => ({
    specifier: (from ?? bare ?? dynamic)!,
    isTypeOnly: names !== undefined && importsTypesOnly(names),
  }));
}

/** `type { A }`, `{ type A, type B }`, but not `{ type A, b }`, `* as a` or `a`. */
function importsTypesOnly(names: string): boolean {
  if (/^\s*type\s/.test(names)) return true;
  const list = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1];
  const each = (list ?? "").split(",").filter((name) => name.trim() !== "");
  return each.length > 0 && each.every((name) => /^\s*type\s/.test(name));
}

/** Specifiers of {@link importEdgesOf}. */
export function importsOf(source: string): string[] {
  return importEdgesOf(source).map(({ specifier }) => specifier);
}

/** Math functions whose result ECMAScript fixes to the bit. */
const EXACT_MATH = new Set(
  "abs ceil clz32 floor fround imul max min round sign sqrt trunc".split(" ").map((name) => `Math.${name}`),
);

const HOST_NAMES =
  "process Buffer TextDecoder TextEncoder performance setTimeout setInterval setImmediate queueMicrotask structuredClone " +
  "WebAssembly eval require globalThis window self document navigator fetch console crypto Worker MessageChannel URL " +
  "Date Intl SharedArrayBuffer Atomics WeakRef FinalizationRegistry __dirname __filename";

/**
 * Uses of the host's API, of anything not deterministic, and of code from text, each as `name:line`.
 * Property names, object keys and strings do not count.
 */
export function forbiddenNames(source: string, allowed: { codeFromText?: boolean } = {}): string[] {
  const code = blank(source, { strings: true });
  const found: string[] = [];
  const report = (pattern: RegExp, keep: (name: string) => boolean = () => true) => {
    for (const match of code.matchAll(pattern)) {
      const name = match[0].replace(/\s+/g, " ");
      if (keep(name)) found.push(`${name}:${code.slice(0, match.index).split("\n").length}`);
    }
  };
  report(new RegExp(`(?<![.\\w$])(?:${HOST_NAMES.replaceAll(" ", "|")})\\b(?!\\s*\\??:)`, "g"), (name) =>
    allowed.codeFromText ? name !== "eval" : true,
  );
  if (!allowed.codeFromText) report(/(?<![.\w$])Function\s*\(/g);
  report(/\bMath\s*\.\s*\w+/g, (name) => {
    const compact = name.replaceAll(" ", "");
    return /^Math\.[a-z]/.test(compact) && !EXACT_MATH.has(compact);
  });
  report(/\bMath\s*\[/g);
  report(/\.(?:toLocale\w+|localeCompare)\b/g);
  report(/\bimport\s*\(/g);
  report(/\bimport\s*\.\s*meta\b/g);
  return found;
}
