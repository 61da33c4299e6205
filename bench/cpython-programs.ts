// Ten programs for CPython with its packages, and what they print: as CPython 3.11 prints it, those with numpy and pandas
// as its plain lists give it (bench/test/cpython-programs.test.ts). Sums are of whole numbers, so that no order of adding
// shows in them.
import type { Program } from "./programs.js";

export const CPYTHON_PROGRAMS: readonly (Program & {
  /** The same without packages; undefined where the program has none. */
  readonly plain?: string;
})[] = [
  {
    name: "loop",
    source: `
def f(n):
    total = 0
    for i in range(n):
        total = (total * 3 + i ^ i >> 2) & 0xFFFFF
    return total
print(f(100000))`,
    prints: "598144\n",
  },
  {
    name: "classes",
    source: `
class Account:
    def __init__(self, balance): self.balance = balance
    def add(self, amount): self.balance += amount; return self
accounts = [Account(i) for i in range(200)]
for turn in range(50):
    for i, account in enumerate(accounts): account.add(i ^ turn)
print(sum(account.balance for account in accounts))`,
    prints: "1023348\n",
  },
  {
    name: "json",
    source: `
import json
rows = [{"id": i, "name": "row %d" % i, "tags": ["a", "b" * (i % 5)], "value": i / 4} for i in range(1500)]
text = json.dumps(rows, sort_keys=True)
print(len(text), sum(row["value"] for row in json.loads(text)))`,
    prints: "104590 281062.5\n",
  },
  {
    name: "re",
    source: `
import re
text = " ".join("user%d@mail%d.example.org, +49 %d/%d;" % (i, i % 7, i * 31, i * 17) for i in range(1500))
mails = re.findall(r"\\b([a-z]+\\d+)@([a-z]+\\d)\\.example\\.org\\b", text)
print(len(mails), len(re.sub(r"\\d+", lambda found: str(int(found[0]) % 7), text)))`,
    prints: "1500 49499\n",
  },
  {
    name: "sorting",
    source: `
values = [(i * 7919 + 13) % 10007 for i in range(20000)]
words = sorted((str(value) for value in values), key=lambda word: (len(word), word[::-1]))
print(sorted(values)[5000], words[700], words[-1])`,
    prints: "2501 872 10006\n",
  },
  {
    name: "strings and dicts",
    source: `
counts = {}
for i in range(20000):
    key = "key-%d" % (i * 7 % 1130)
    counts[key] = counts.get(key, 0) + len(key)
print(len(",".join(key + "=" + str(counts[key]) for key in sorted(counts))), counts["key-42"])`,
    prints: "13569 108\n",
  },
  {
    name: "numpy matmul",
    source: `
import numpy as np
a = (np.arange(16384.0) % 7).reshape(128, 128)
b = (np.arange(16384.0) % 5).reshape(128, 128)
print(int((a @ b).sum()))`,
    plain: `
a = [[(row * 128 + column) % 7 for column in range(128)] for row in range(128)]
b = [[(row * 128 + column) % 5 for column in range(128)] for row in range(128)]
print(sum(a[i][k] * b[k][j] for i in range(128) for k in range(128) for j in range(128)))`,
    prints: "12580611\n",
  },
  {
    name: "numpy FFT",
    source: `
import numpy as np
signal = np.arange(16384.0) % 8
spectrum = np.fft.fft(signal)
print(int(round(spectrum[0].real)), int((np.abs(spectrum) > 1e-6).sum()))`,
    // A signal of period 8 has at most eight lines: those whose sum over one period is not zero.
    plain: `
import cmath
period = [sum(n * cmath.exp(-2j * cmath.pi * n * k / 8) for n in range(8)) for k in range(8)]
print(sum(n % 8 for n in range(16384)), sum(abs(line) * 2048 > 1e-6 for line in period))`,
    prints: "57344 8\n",
  },
  {
    name: "numpy elementwise",
    source: `
import numpy as np
x = np.arange(200000, dtype=np.int32)
y = np.where(x % 3 == 0, x // 3, 3 * x + 1)
print(int(y.astype(np.int64).sum()), int(np.unique(y % 1000).size))`,
    plain: `
y = [x // 3 if x % 3 == 0 else 3 * x + 1 for x in range(200000)]
print(sum(y), len({value % 1000 for value in y}))`,
    prints: "42222144445 1000\n",
  },
  {
    name: "pandas groupby",
    source: `
import pandas as pd
frame = pd.DataFrame({"key": [i % 97 for i in range(20000)], "value": [i * i % 1009 for i in range(20000)]})
sums = frame.groupby("key")["value"].sum()
print(int(sums.iloc[5]), int(sums.max()), len(sums))`,
    plain: `
sums = [0] * 97
for i in range(20000): sums[i % 97] += i * i % 1009
print(sums[5], max(sums), len(sums))`,
    prints: "104207 109764 97\n",
  },
];
