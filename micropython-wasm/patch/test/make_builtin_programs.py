# Writes builtin-programs.json: programs about built-in types, and what CPython prints. Run by CPython 3.11:
#   python3.11 make_builtin_programs.py > builtin-programs.json
import io
import json
import sys
from contextlib import redirect_stdout

assert sys.version_info[:2] == (3, 11), "expectations come from CPython 3.11"

PROGRAMS = {
    "widths are of characters": """names = ["Zoë", "Łukasz", "日本", "ok", "", "naïve café", "a\\u0301", "𝄞x"]
for name in names:
    for width in (1, 2, 5, 9):
        padded = ["{:>%d}", "{:<%d}", "{:*^%d}", "{!r:>%d}"]
        print("|".join([(way % width).format(name) for way in padded] + [("%%%ds" % width) % name, f"{name:>{width}}"]))
""",
    "precisions of ASCII and numbers are what they were": """print("{:.2}|{:>5.2}|%.1s|%5.3s|" .format("abc", "abc") % ("abc", "abcd"), "%c%c" % (65, 0x101))
print("%5d|%-5d|%05d|%x|%8.3f|%e" % (1, 2, 3, 255, 3.14159, 1.5))
print("{:5}|{:<5}|{:05d}|{:,}|{:>8}".format(1, True, 42, 1234567, "text"), "%5s|%-5s|" % (1.5, None))
""",
    "a bool is an int": """class Whole(int): pass
for value in (True, False, 1, 1.0, "a", None, Whole(3)):
    print(isinstance(value, int), isinstance(value, bool), isinstance(value, (int, str)),
          isinstance(value, (float, bool)), isinstance(value, object), isinstance(value, Whole))
print(issubclass(bool, int), issubclass(int, bool), issubclass(bool, bool), issubclass(bool, object),
      issubclass(bool, (str, int)), issubclass(bool, (str, float)), issubclass(bool, Whole), issubclass(Whole, int))
for wrong in (lambda: isinstance(True, 1), lambda: issubclass(True, int), lambda: isinstance("a", None)):
    try:
        print(wrong())
    except TypeError:
        print("TypeError")
def kind(value):
    match value:
        case bool(): return "bool"
        case int(): return "int"
        case _: return "other"
print([kind(value) for value in (True, 1, "1")], sorted([True, 0, 2]), [type(x).__name__ for x in (True, 1)])
""",
}

programs = []
for name, body in PROGRAMS.items():
    source = f"# {name}\n{body}"
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(source, {"__name__": "__main__"})
    programs.append({"source": source, "stdout": printed.getvalue()})
json.dump(programs, sys.stdout, indent=2, ensure_ascii=False)
print()
