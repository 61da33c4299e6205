// What MicroPython lacks and `__compat__` (lib/stdlib/_compat.py) has.

/** The module that programs call, by the name under which it is among the built-ins. */
export const COMPAT = "__compat__";

/** Methods that built-in types do not have: every call is handed over, and goes to a class of the program's if it is one's. */
export const METHODS: ReadonlySet<string> = new Set(
  (
    "title capitalize swapcase casefold ljust rjust zfill removeprefix removesuffix expandtabs isalnum isdecimal " +
    "isnumeric isascii isprintable isidentifier istitle translate is_integer as_integer_ratio bit_length bit_count " +
    "conjugate sort readlines writelines"
  ).split(" "),
);

/** Types whose methods are also named as values: `map(str.title, names)`. */
export const TYPES: ReadonlySet<string> = new Set(["str", "int", "float", "bytes", "complex"]);

/** Exceptions of CPython's whose place others take here: a program that catches them catches more. */
export const ERRORS: Readonly<Record<string, string>> = {
  FileNotFoundError: "OSError",
  FileExistsError: "OSError",
  PermissionError: "OSError",
  IsADirectoryError: "OSError",
  NotADirectoryError: "OSError",
  ConnectionError: "OSError",
  IOError: "OSError",
  EnvironmentError: "OSError",
  ModuleNotFoundError: "ImportError",
  RecursionError: "RuntimeError",
  UnicodeDecodeError: "UnicodeError",
  UnicodeEncodeError: "UnicodeError",
};

/** Names of types that take no subscripts here: `list[int]` is `list`. */
export const GENERIC_TYPES: ReadonlySet<string> = new Set(["list", "dict", "tuple", "set", "frozenset", "type"]);

/** What `math` lacks: programs that name any of it import `mathx`. */
export const MATH_EXTRAS =
  /\b(?:gcd|lcm|perm|comb|prod|isqrt|hypot|dist|cbrt|exp2|log1p|fsum|remainder|ulp|nextafter|sumprod)\b/;

/** What `os` and `os.path` lack, or have otherwise: programs that name any of it have it put in. */
export const OS_EXTRAS =
  /\b(?:splitext|isabs|relpath|commonprefix|commonpath|getsize|getmtime|makedirs|walk|environ|getenv|linesep|curdir|pardir)\b|\bos\.name\b|\bpath\.(?:split|join|normpath|abspath|basename|dirname)\b/;

/** Classes whose objects format themselves: only programs that have them pay for that. */
export const FORMATS_ITSELF = /\b(?:datetime|decimal|fractions|enum|__format__)\b/;

/**
 * Whether a source has anything that might be rewritten. It is cheap, and errs on the side of yes: no parser is loaded
 * for programs without any of it.
 */
export const MAY_NEED_REWRITING = new RegExp(
  [
    "[*/]|\\b(?:[fF][rR]?|[rR][fF])['\"]|\\[[^\\]\\n]*:[^\\]\\n]*:",
    "\\b(?:match|await|async|metaclass|math|class|sorted|dict|maketrans|format|vars|ascii|slice|iter|pow|zip|round|type|traceback|__future__)\\b",
    "\\b(?:flush|strict|start|base|sep|maxsplit|keepends)\\s*=",
    "\\b(?:list|tuple|set|frozenset)\\[",
    `\\b(?:${Object.keys(ERRORS).join("|")}|__cause__|anext|aiter|wraps|update_wrapper|SystemExit)\\b`,
    "[-&|^]\\s*[\\w.]+\\.(?:keys|items)\\(\\)|\\.(?:keys|items)\\(\\)\\s*[-&|^]",
    OS_EXTRAS.source,
    "\\.(?:center|splitlines|encode|decode|startswith|endswith|split|rsplit|to_bytes|from_bytes|format)\\(",
    `\\.(?:${[...METHODS].join("|")})\\b`,
  ].join("|"),
);
