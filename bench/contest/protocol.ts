// How a benchmark talks to a contestant: a process that reads a request a line and answers each with a line, both JSON.
// Its first line is a greeting. So engines of any language take part, each is alone in its process, and one that dies
// takes nothing with it. Python's side is bench/peers/contest.py.

/** A contestant's first line: what it is, or why it cannot take part. */
export type Greeting = { readonly version: string } | { readonly absent: string };

export type Request =
  /** Instantiates a module, whose imports are `bench.add` (i32 -> i32, one more) and `env.abort`. */
  | { readonly do: "load"; readonly file: string }
  /** Calls an export (i32 -> number) `times` times, and that again and again until `forMs` have passed. */
  | { readonly do: "call"; readonly name: string; readonly arg: number; readonly times: number; readonly forMs: number }
  /** Boots a Python interpreter. */
  | { readonly do: "python" }
  /** Runs a program at top level, again and again until `forMs` have passed. */
  | { readonly do: "run"; readonly source: string; readonly forMs: number };

export type Answer =
  /** Milliseconds of each repetition; what the last one returned, or printed. */
  { readonly ms: readonly number[]; readonly result: string } | { readonly error: string };
