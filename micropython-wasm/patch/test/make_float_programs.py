# Writes float-programs.json: programs that print floats, and what CPython prints. Run by CPython 3.11:
#   python3.11 make_float_programs.py > float-programs.json
import io
import json
import sys
from contextlib import redirect_stdout

assert sys.version_info[:2] == (3, 11), "expectations come from CPython 3.11"

HEAD = """import struct
state = {seed}
def below(n):
    global state
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    return (state >> 8) % n
def of_bits(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]
def show(x):
    p = below(18)
    print(repr(x), str(-x), "%.*e" % (p, x), "%.*g" % (p, x), f"{{x:.{{p}}G}}", f"{{x:+.3e}}", f"{{x:.{{p % 4}}f}}" if abs(x) < 1e12 else "")
"""

BODIES = {
    "numbers of everyday use": """for i in range(200):
    a = below(200000)
    show([a / 1000, a / 8, a / 64, a / 100, a * 1e-7][below(5)])
""",
    "any bits": """for i in range(150):
    show(of_bits(below(32768) | below(65536) << 15 | below(65536) << 31 | below(65536) << 47))
""",
    "powers of two": "for power in range(0, 2047, 17): show(of_bits(power << 52))\n",
    "subnormal numbers": "for i in range(60): show(of_bits(1 + below(8388607)))\n",
    "edges": """for x in (0.0, -0.0, float("inf"), -float("inf"), float("nan"), 5e-324, 2.2250738585072014e-308,
          1.7976931348623157e308, 1e15, 1e16, 123456789012345680.0, 1e22, 1e23, 0.0001, 0.00001, 0.5, 1.5, 2.5, 0.125,
          9.995, 99.5, 0.95, 0.05, 0.005, 999999.5, 9.5e-5, 9999999999999998.0, 8.5, 0.1 + 0.2, 1 / 3):
    show(x)
print([0.1, -2.5], (1e100,), {1.0: 2.5}, complex(0.1, -2.5), complex(1e16, 1), complex(0, float("inf")))
print(*(f"{x:.0f}" for x in (0.4, 0.5, 0.6, 1.5, 2.5, 9.5, 99.5, 1e15, 1e22)), f"{0.1:.20f}", f"{1e-7:.25f}", "%5.1f|%-8.2e|%08.3f" % (2.25, 0.00015, -1.0625))
""",
}

programs = []
for seed, (name, body) in enumerate(BODIES.items()):
    source = f"# {name}\n" + HEAD.format(seed=1000 + seed) + body
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(source, {"__name__": "__main__"})
    programs.append({"source": source, "stdout": printed.getvalue()})
json.dump(programs, sys.stdout, indent=2, ensure_ascii=False)
print()
