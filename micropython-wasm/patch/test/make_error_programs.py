# Writes error-programs.json: programs that fail, and how CPython shows their exceptions. Run by CPython 3.11:
#   python3.11 make_error_programs.py > error-programs.json
import io
import json
import sys
import warnings
from contextlib import redirect_stdout

assert sys.version_info[:2] == (3, 11), "expectations come from CPython 3.11"
warnings.simplefilter("ignore")

FAILING = [
    "1 / 0",
    "7 % 0 if False else 7 / 0",
    "10**30 / 0",
    "1j / 0",
    "{}['k']",
    "{}['']",
    "{'a': 1}['it\\'s']",
    "{}[3]",
    "{}[1, 'b']",
    "{}[None]",
    "{}.pop('gone')",
    "raise KeyError",
    "raise KeyError('a', 'b')",
    "raise KeyError(KeyError('x'))",
    "raise KeyError('two\\nlines')",
    "class Missing(KeyError): pass\n    raise Missing('a b')",
    "raise ValueError('a b')",
    "raise ValueError(3)",
    "raise ValueError((1, 2))",
    "raise ValueError('a', 2)",
    "raise ValueError",
    "class Own(Exception): pass\n    raise Own('text')",
    "class Own(ValueError): pass\n    raise Own(1)",
    "class Own(Exception): pass\n    raise Own",
    "int('abc')",
    "int('')",
    "int('z', 16)",
    "int('1.5')",
    "undefined",
    "None()",
    "(1)()",
    "'text'()",
    "(1)[0]",
    "None['a']",
    "for i in 3: pass",
    "list(None)",
    "next(3)",
    "(1, 2)[0] = 3",
    "'abc'[0] = 'x'",
    "del 'abc'[0]",
    "range('a')",
    "[0] * 'a' if False else range(None)",
    "import math; math.sqrt('a')",
    "import math; math.floor([])",
    "int(float('inf'))",
    "int(float('nan'))",
    "chr(-1)",
    "chr(0x110000)",
    "[1][5]",
    "'a'[5]",
    "[].pop()",
    "len(3)",
    "(3).nothing",
    "import math; math.sqrt(-1)",
]

SHOWN = """try:
    {}
except Exception as error:
    print(type(error).__name__, "|", error, "|", repr(error), "|", f"{{error}} {{error!r}}", "|", [error], error.args)
"""

programs = []
for code in FAILING:
    source = SHOWN.format(code)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(source, {"__name__": "__main__"})
    programs.append({"source": source, "stdout": printed.getvalue()})
json.dump(programs, sys.stdout, indent=2, ensure_ascii=False)
print()
