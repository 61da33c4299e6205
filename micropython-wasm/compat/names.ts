// What MicroPython lacks and `__compat__` (lib/stdlib/_compat.py) has.

/** The module that programs call, by the name under which it is among the built-ins. */
export const COMPAT = "__compat__";

/** Methods that built-in types do not have: every call is handed over, and goes to a class of the program's if it is one's. */
export const METHODS: ReadonlySet<string> = new Set(
  (
    "title capitalize swapcase casefold ljust rjust zfill removeprefix removesuffix expandtabs isalnum isdecimal " +
    "isnumeric isascii isprintable isidentifier istitle translate is_integer as_integer_ratio bit_length bit_count " +
    "conjugate sort readlines writelines format_map"
  ).split(" "),
);

/** Methods that know ASCII alone: they are handed over in programs that have other text. */
export const UNICODE_METHODS: ReadonlySet<string> = new Set(["upper", "lower", "isalpha", "isupper", "islower"]);

/** Text beyond ASCII, or an escape of it. */
export const BEYOND_ASCII = /[^\0-\x7f]|\\[uUxN]/;

/** Types whose methods are also named as values: `map(str.title, names)`. */
export const TYPES: ReadonlySet<string> = new Set(["str", "int", "float", "bytes", "complex"]);

/**
 * Exceptions of CPython's that MicroPython has not. Some have the place of others, so that a program that catches them
 * catches more; the others are classes of the library's.
 */
export const ERRORS: Readonly<Record<string, string>> = {
  IOError: "OSError",
  EnvironmentError: "OSError",
  ModuleNotFoundError: "ImportError",
  RecursionError: "RuntimeError",
  UnicodeDecodeError: "UnicodeError",
  UnicodeEncodeError: "UnicodeError",
  UnboundLocalError: "NameError",
  ...Object.fromEntries(
    (
      "TimeoutError BufferError FloatingPointError ReferenceError SystemError TabError UnicodeTranslateError Warning " +
      "UserWarning DeprecationWarning PendingDeprecationWarning RuntimeWarning SyntaxWarning FutureWarning " +
      "ImportWarning UnicodeWarning BytesWarning ResourceWarning EncodingWarning BaseExceptionGroup ExceptionGroup " +
      "FileNotFoundError FileExistsError PermissionError IsADirectoryError NotADirectoryError ConnectionError " +
      "BlockingIOError ChildProcessError ProcessLookupError InterruptedError BrokenPipeError ConnectionAbortedError " +
      "ConnectionRefusedError ConnectionResetError"
    )
      .split(" ")
      .map((name) => [name, `${COMPAT}.${name}`]),
  ),
};

/** What `sys` lacks, or has smaller. */
export const SYS_EXTRAS: ReadonlySet<string> = new Set(
  (
    "getsizeof setrecursionlimit getrecursionlimit float_info maxsize maxunicode getdefaultencoding getrefcount intern " +
    "executable hexversion exc_info"
  ).split(" "),
);

/** Abstract types: as bases they are classes with the methods that follow from others, for isinstance() what they ask for. */
export const ABSTRACT_TYPES: ReadonlySet<string> = new Set(
  (
    "Iterable Iterator Generator Sized Container Collection Hashable Callable Reversible Sequence MutableSequence Mapping " +
    "MutableMapping Set MutableSet Number Complex Real Rational Integral"
  ).split(" "),
);

/** What functions and classes say of themselves, and MicroPython's do not. */
export const ABOUT: ReadonlySet<string> = new Set("__doc__ __mro__ __qualname__ __module__ __traceback__".split(" "));

/** Names of types that take no subscripts here: `list[int]` is `list`. */
export const GENERIC_TYPES: ReadonlySet<string> = new Set(["list", "dict", "tuple", "set", "frozenset", "type"]);

/** What `math` lacks: programs that name any of it import `mathx`. */
export const MATH_EXTRAS =
  /\b(?:gcd|lcm|perm|comb|prod|isqrt|hypot|dist|cbrt|exp2|log1p|fsum|remainder|ulp|nextafter|sumprod)\b/;

/** What `os` and `os.path` lack, or have otherwise: programs that name any of it have it put in. */
const OS_NAMES =
  "splitext isabs relpath commonprefix commonpath getsize getmtime makedirs walk environ getenv " +
  "scandir expanduser realpath linesep curdir pardir";
const OS_MEMBERS = /\bos\.name\b|\bpath\.(?:split|join|normpath|abspath|basename|dirname)\b/;
export const OS_EXTRAS = new RegExp(`\\b(?:${OS_NAMES.replaceAll(" ", "|")})\\b|${OS_MEMBERS.source}`);

/** Classes whose objects format themselves: only programs that have them pay for that. */
export const FORMATS_ITSELF = /\b(?:datetime|decimal|fractions|enum|__format__)\b/;

/** Names, wherever they stand. */
const WORDS: ReadonlySet<string> = new Set([
  ...(
    "match await async metaclass math class sorted dict maketrans format vars ascii slice iter pow " +
    "zip round type traceback __future__ isinstance reversed bytearray open super " +
    "__cause__ anext aiter wraps update_wrapper SystemExit"
  ).split(" "),
  ...Object.keys(ERRORS),
  ...OS_NAMES.split(" "),
]);

/** Names with the dot before them, if there is one, as long as they are: what `\b` finds the ends of. */
const EACH_WORD = /\.?\w+/g;

/** What is not told by names alone. */
const SIGNS = new RegExp(
  [
    "[*/]|\\b(?:[fF][rR]?|[rR][fF])['\"]|\\[[^\\]\\n]*:[^\\]\\n]*:",
    // Text may be cut, or a file asked whether it is closed.
    "%[-+ #0]*\\d*\\.\\d+[sra]|\\.closed\\b",
    "\\bsys\\s*\\.|\\bfrom sys\\b|\\.(?:mro|union|intersection|difference)\\(|__(?:doc|mro|qualname|module|traceback)__",
    "\\bwith\\s*\\(|\\.(?:remove|index)\\(",
    // An attribute is assigned to, perhaps of a function.
    "\\b\\w+\\.\\w+\\s*(?:[-+*/|&]|//)?=(?!=)",
    `${BEYOND_ASCII.source}`,
    "\\b(?:flush|strict|start|base|sep|maxsplit|keepends)\\s*=",
    "\\b(?:list|tuple|set|frozenset)\\[",
    "[-&|^]\\s*[\\w.]+\\.(?:keys|items)\\(\\)|\\.(?:keys|items)\\(\\)\\s*[-&|^]",
    "(?:[=!<>]=|[<>])\\s*[\\w.]+\\.keys\\(\\)|\\.keys\\(\\)\\s*[=!<>]",
    OS_MEMBERS.source,
    "\\.(?:center|splitlines|encode|decode|startswith|endswith|split|rsplit|to_bytes|from_bytes|format)\\(",
  ].join("|"),
);

/**
 * Whether a source has anything that might be rewritten. It is cheap, and errs on the side of yes: no parser is loaded
 * for programs without any of it. Names are looked up: in the expression they take V8 3 ms of each process to compile.
 */
export function mayNeedRewriting(source: string): boolean {
  for (const [word] of source.matchAll(EACH_WORD))
    if (word.startsWith(".") ? METHODS.has(word.slice(1)) || WORDS.has(word.slice(1)) : WORDS.has(word)) return true;
  return SIGNS.test(source);
}
