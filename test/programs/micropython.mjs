// The MicroPython package's own JavaScript, whose invoke_* functions call back into the guest.
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const WASM = "@micropython/micropython-webassembly-pyscript/micropython.wasm";

const PROGRAMS = [
  "print(sum(range(1000)), [x*x for x in range(5)], {'a': 1}, 2**100, 1/3)",
  "def fib(n): return n if n < 2 else fib(n-1) + fib(n-2)\nprint(fib(15))",
  'try:\n  1/0\nexcept ZeroDivisionError as e: print("caught", e)',
  'raise ValueError("boom")',
  "def deep(n): return 0 if n == 0 else 1 + deep(n-1)\nprint(deep(40))",
  "def endless(n): return endless(n+1)\ntry: endless(0)\nexcept RuntimeError as e: print(e)",
  "import js\nprint(js.Math.max(1, 5, 3), js.JSON.stringify(js.JSON.parse('{\"a\":[1,2]}')))",
  'x = ["s" * i for i in range(1000)]\nprint(len(x), len(x[-1]))',
  'import json, re\nprint(json.dumps({"k": [1, {"z": None}]}), re.match("a+", "aaab").group(0))',
  "import host\nprint(host.add(2, 3), host.call(lambda v: v * 2))",
  'class A:\n  def __init__(self): self.x = 5\n  def __str__(self): return "A%d" % self.x\nprint(A(), sorted("hello"), "ü😀".encode())',
];

export async function run({ print, url }) {
  const line = (text) => print(text);
  const python = await loadMicroPython({ linebuffer: true, stdout: line, stderr: line, url: url?.(WASM) });
  python.registerJsModule("host", { add: (a, b) => a + b, call: (f) => f(3) });
  for (const code of PROGRAMS) {
    try {
      python.runPython(code);
    } catch (error) {
      print(error.name, error.message);
    }
  }
  await python.runPythonAsync('import asyncio\nawait asyncio.sleep_ms(1)\nprint("slept")');
}
