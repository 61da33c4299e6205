// Every function of ulab's with ordinary arguments: what numpy gives for the same (ulab-numpy.json), and that a session
// survives what it does.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { forms } from "../../test/support/form.js";
import { Sandbox } from "../index.js";

interface Row {
  readonly code: string;
  /** What numpy gives, or the class of what it raises. */
  readonly numpy: unknown;
  /** What ulab gives, if it is not that: a value, the class of an exception, or "trap". */
  readonly here?: unknown;
  /** What to write instead: the guide's words. */
  readonly because?: string;
}

const ROWS: readonly Row[] = JSON.parse(readFileSync(new URL("ulab-numpy.json", import.meta.url), "utf8"));
const NAMES = `
from ulab import numpy as np, scipy, utils
a = np.array([3.0, 1.0, 2.0])
b = np.array([1.0, 2.0, 4.0])
i = np.array([3, 1, 2], dtype=np.uint8)
m = np.array([[4.0, 1.0], [1.0, 3.0]])
def plain(x):
    if isinstance(x, (tuple, list)): return [plain(y) for y in x]
    if isinstance(x, np.ndarray): return plain(x.tolist())
    if isinstance(x, complex): return [x.real, x.imag]
    if isinstance(x, (bytes, bytearray)): return list(x)
    return x
`;

async function session(): Promise<Sandbox> {
  const sandbox = await Sandbox.create({ build: "ulab", fuel: 100_000_000 });
  expect((await sandbox.run(NAMES)).error).toBeNull();
  return sandbox;
}

/** A value, with numbers to the digits that algorithms agree in. */
function rounded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rounded);
  return typeof value === "number" ? Math.round(value * 1e9) / 1e9 + 0 : value;
}

async function given(sandbox: Sandbox, code: string): Promise<unknown> {
  const { error, value } = await sandbox.run(`plain(${code})`);
  if (error !== null) return error.kind === "exception" ? error.type : error.kind;
  return rounded(value);
}

test("ulab gives what numpy gives, but for rows that say what to write instead", async () => {
  const sandbox = await session();
  for (const { code, numpy, here } of ROWS) {
    expect(await given(sandbox, code), code).toEqual(rounded(here === undefined ? numpy : here));
    if (here !== undefined) expect(rounded(here), code).not.toEqual(rounded(numpy));
  }
});

test("what the guide says to write instead gives what numpy gives", async () => {
  const sandbox = await session();
  const numpys = (code: string) => rounded(ROWS.find((row) => row.code === code)!.numpy);
  expect(await given(sandbox, "np.argsort(a, axis=0)")).toEqual(numpys("np.argsort(a)"));
  await sandbox.run("c = a > 1");
  expect(await given(sandbox, "c * a + (1 - c) * b")).toEqual(numpys("np.where(a > 1, a, b)"));
  expect(await given(sandbox, "np.dot(m, m)")).toEqual(numpys("m @ m"));
  expect(await given(sandbox, "np.take(a, [0, 2])")).toEqual(numpys("a[[0, 2]]"));
  const sum = "np.sum(np.array([[200, 100], [100, 200]], dtype=np.uint8), axis=0)";
  expect(await given(sandbox, sum.replace("np.uint8", "np.float"))).toEqual(numpys(sum));
  const triangular = "scipy.linalg.solve_triangular(m, np.array([1.0, 2.0]))";
  expect(await given(sandbox, triangular.replace("]))", "]), lower=False)"))).toEqual(numpys(triangular));
});

test("every function of ulab's is in a row, or named here with why not", async () => {
  const sandbox = await session();
  const { value } = await sandbox.run(`
[p + n for p, m in (("np.", np), ("np.linalg.", np.linalg), ("np.fft.", np.fft), ("scipy.linalg.", scipy.linalg),
    ("scipy.optimize.", scipy.optimize), ("scipy.signal.", scipy.signal), ("scipy.special.", scipy.special))
    for n in dir(m) if n[0] != "_" and callable(getattr(m, n))]`);
  const missing = (value as string[]).filter((name) => !ROWS.some(({ code }) => code.includes(`${name}(`)));
  const ITS_OWN = ["np.get_printoptions", "np.ndarray", "np.ndinfo", "np.set_printoptions"];
  const FILES = ["np.load", "np.loadtxt", "np.save", "np.savetxt"];
  const NAMED_OTHERWISE = ["scipy.linalg.cho_solve", "scipy.special.gamma"];
  expect(missing.sort()).toEqual([...FILES, ...ITS_OWN, ...NAMED_OTHERWISE].sort());
});

test("arrays are written to files and read again", async () => {
  const sandbox = await session();
  expect(await given(sandbox, "(np.save('x.npy', a), np.load('x.npy'))[1]")).toEqual([3, 1, 2]);
  expect(await given(sandbox, "(np.savetxt('x.txt', m), np.loadtxt('x.txt'))[1]")).toEqual([
    [4, 1],
    [1, 3],
  ]);
});

test("the guide has a row for each difference", () => {
  const guide = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const { code, because } of ROWS)
    if (because !== undefined) expect(guide).toContain(`| \`${code}\` | ${because} |`);
});

const ALONG = "all any argmax argmin argsort diff flip max mean median min sort std sum".split(" ");
const OF_ONE =
  "acos ceil cos degrees exp isfinite log sin sqrt sinc around bincount diag nonzero real imag conjugate isinf trapz trace size asarray sort_complex".split(
    " ",
  );
const OF_TWO =
  "arctan2 bitwise_and left_shift cross dot equal not_equal maximum minimum convolve meshgrid polyval".split(" ");
const ARRAYS = [
  "a",
  "i",
  "m",
  "np.array([[3, 1], [2, 4]], dtype=np.int8)",
  "np.array([True, False], dtype=np.bool)",
  "[3, 1, 2]",
  "range(3)",
  "2.5",
  "np.array([1 + 1j, 2], dtype=np.complex)",
  "np.array([])",
];
const PAIRS = ["a, b", "i, i", "m, m", "a, i", "a, 2", "2, a", "m, a", "[1, 2, 3], a"];
const CONDITIONS = ["a > 1, a, b", "a > 1, 1, 0", "m > 1, m, 0", "i > 1, i, i", "[True, False, True], a, b", "i, a, b"];
const INDICES = ["m[1][0]", "m[-1]", "a[5]", "a['x']", "m[[True, False]]", "a.mean()", "a + 'x'", "a + m", "1 / a"];
const OTHERS = ["i << 1", "a and b", "bool(np.array([]))", "repr(m)", "m.reshape((3,))", "hash(a)", "divmod(a, 2)"];

/** Calls that are at hand for whoever knows numpy, right or wrong. */
function calls(): string[] {
  const axes = ["", ", axis=0", ", axis=1", ", axis=-1"];
  return [
    ...ALONG.flatMap((name) => ARRAYS.flatMap((array) => axes.map((axis) => `np.${name}(${array}${axis})`))),
    ...ARRAYS.flatMap((array) => axes.map((axis) => `np.roll(${array}, 1${axis})`)),
    ...OF_ONE.flatMap((name) => ARRAYS.map((array) => `np.${name}(${array})`)),
    ...OF_TWO.flatMap((name) => PAIRS.map((pair) => `np.${name}(${pair})`)),
    ...CONDITIONS.map((condition) => `np.where(${condition})`),
    ...INDICES,
    ...OTHERS,
  ];
}

describe("ordinary calls", () => {
  test("end in a value or an exception, but for those that trap; the session goes on as it was before the run", async () => {
    const sandbox = await session();
    // One in seven, of all functions in turn.
    const tried = calls().filter((_, i) => i % forms(7, 1) === 0 || CONDITIONS.includes(calls()[i]!));
    const trapped: string[] = [];
    for (const code of tried) {
      const { status, error, rewound } = await sandbox.run(`x = ${code}`);
      expect(["ok", "error"], code).toContain(status);
      expect(rewound, code).toBe(error?.kind === "trap");
      if (rewound) trapped.push(code);
      expect((await sandbox.run("len(a)")).value, code).toBe(3);
    }
    const isKnown = (code: string) => /^np\.where\(|^np\.roll\(np\.array\(\[\]\), 1(?:, axis=(?:0|-1))?\)$/.test(code);
    expect(trapped.filter((code) => !isKnown(code))).toEqual([]);
    expect(trapped).toEqual(tried.filter(isKnown));
  });
});
