// What an exception means that CPython would not have raised: which construct MicroPython lacks, and what to write.

import type { PythonException } from "./python-error.js";

interface Hint {
  readonly type: RegExp;
  readonly message: RegExp;
  /** `$1` … are the groups of the message's match. */
  readonly text: string;
}

const FUTURE =
  "A host function that takes time gives a future while asyncio's loop runs: write x = await f(...), or asyncio.gather(f(1), f(2)) for several at once.";

/** The first that fits counts. */
const HINTS: readonly Hint[] = [
  {
    type: /^NotImplementedError$/,
    message: /^only slices with step=1/,
    text: "MicroPython has no slices with a step on str, tuple and bytes. Programs are rewritten for that, code in exec() and imported files is not: write list(x)[::2], or ''.join(reversed(s)).",
  },
  {
    type: /^ImportError$/,
    message: /^[Nn]o module named '([^']+)'/,
    text: "There is no module $1 here, and nothing can be installed. Of the standard library there are: abc, argparse, ast, asyncio, base64, bisect, calendar, cmath, collections, concurrent.futures, configparser, contextlib, copy, csv, dataclasses, datetime, decimal, difflib, enum, fnmatch, fractions, functools, glob, graphlib, hashlib, heapq, hmac, html, inspect, io, itertools, json, keyword, logging, math, numbers, operator, os, pathlib, pprint, queue, random, re, shlex, shutil, statistics, string, struct, sys, tempfile, textwrap, threading, time, timeit, traceback, types, typing, unittest, urllib.parse, uuid, warnings, weakref, zlib. Write what you need of it in Python.",
  },
  {
    type: /^ImportError$/,
    message: /^can't import name (\w+)/,
    text: "The module is there, but MicroPython's has no $1: write it in the program.",
  },
  {
    type: /^AttributeError$/,
    message: /^'generator' object has no attribute '__a(?:iter|next)__'/,
    text: "Asynchronous generators (async def with yield) work in programs, not in code given to exec() or in imported files: write a class with __aiter__ and async def __anext__ there.",
  },
  {
    type: /^AttributeError$/,
    message: /^'_HostFuture' object/,
    text: FUTURE,
  },
  {
    type: /^AttributeError$/,
    message:
      /^(?:type object )?'(str|int|float|list|dict|tuple|set|bytes|function|generator|closure|bound_method|type|object|module)' (?:object )?has no attribute '(\w+)'/,
    text: "MicroPython's $1 has no $2. Functions take attributes where the program assigns to them as f.$2 = ...; methods of built-in types that are missing are put in where a program calls them directly as x.$2(...), not by getattr() or in exec().",
  },
  {
    type: /^AttributeError$/,
    message: /^'module' object has no attribute '(\w+)'|^module '(\w+)' has no attribute/,
    text: "MicroPython's module lacks it: write it in the program.",
  },
  {
    type: /^TypeError$/,
    message: /doesn't take keyword arguments|extra keyword arguments given|unexpected keyword argument/,
    text: "Built-in functions of MicroPython take their arguments by position: write int('ff', 16) and 'a b'.split(None, 1), without names.",
  },
  {
    type: /^TypeError$/,
    message: /multiple bases have instance lay-out conflict/,
    text: "A class of MicroPython's has at most one built-in type (Exception classes, dict, list, str) among its bases: inherit from one, and keep the other in an attribute.",
  },
  {
    type: /^TypeError$/,
    message: /'type' object (?:isn't|is not) subscriptable/,
    text: "Types of MicroPython's take no subscripts outside annotations: write list, not list[int], or import List from typing.",
  },
  {
    type: /^TypeError$/,
    message: /'_HostFuture' object/,
    text: FUTURE,
  },
  {
    type: /^RuntimeError$/,
    message: /maximum recursion depth exceeded/,
    text: "Some 900 calls may be nested here: write the recursion as a loop with a list as its stack.",
  },
  {
    type: /^MemoryError$/,
    message: /^memory allocation failed/,
    text: "What the program still refers to fills the memory; garbage has been collected. Keep less at once: generators in place of lists, results in files, del for what is done with, or the work in pieces.",
  },
  {
    type: /^SyntaxError$|^IndentationError$/,
    message: /./,
    text: "What CPython takes and MicroPython does not: except*, \\N{...} in strings, nested quotes of the same kind in f-strings. match, {**a}, [*a], slices with a step and positional-only parameters work in programs, not in code given to exec() or in imported files.",
  },
];

/** Undefined where CPython would most likely have said the same. */
export function hintFor({ type, message }: PythonException): string | undefined {
  for (const hint of HINTS) {
    const match = hint.type.test(type) ? hint.message.exec(message) : null;
    if (match !== null) return hint.text.replace(/\$(\d)/g, (_all, group: string) => match[Number(group)] ?? "");
  }
  return undefined;
}
