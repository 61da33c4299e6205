// Six MicroPython programs, each of 3 to 8 ms on V8, with the output that CPython 3.11 gives.

export interface Program {
  readonly name: string;
  readonly source: string;
  readonly prints: string;
}

export const PROGRAMS: readonly Program[] = [
  {
    name: "integer loop",
    source: `
def f(n):
    total = 0
    for i in range(n):
        total = (total * 3 + i ^ i >> 2) & 0xFFFFF
    return total
print(f(6000))`,
    prints: "791016\n",
  },
  {
    name: "recursive fib",
    source: `
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(16))`,
    prints: "987\n",
  },
  {
    name: "n-queens",
    source: `
def queens(n, row=0, columns=0, rising=0, falling=0):
    if row == n:
        return 1
    count = 0
    for column in range(n):
        if columns >> column & 1 or rising >> (row + column) & 1 or falling >> (row - column + n) & 1:
            continue
        count += queens(n, row + 1, columns | 1 << column, rising | 1 << row + column, falling | 1 << row - column + n)
    return count
print(queens(7))`,
    prints: "40\n",
  },
  {
    name: "dict and strings",
    source: `
counts = {}
for i in range(800):
    key = "key-%d" % (i * 7 % 113)
    counts[key] = counts.get(key, 0) + len(key)
parts = []
for key in sorted(counts):
    parts.append(key + "=" + str(counts[key]))
print(len(",".join(parts)), counts["key-42"])`,
    prints: "1132 48\n",
  },
  {
    name: "exceptions",
    source: `
def check(i):
    if i % 3 == 0:
        raise ValueError(i)
    return i
total = 0
for i in range(1200):
    try:
        total += check(i)
    except ValueError as error:
        total -= error.args[0]
    finally:
        total += 1
print(total)`,
    prints: "241800\n",
  },
  {
    name: "float mandelbrot",
    source: `
def mandelbrot(width, height):
    total = 0
    for row in range(height):
        for column in range(width):
            cr = column / width * 3.0 - 2.25
            ci = row / height * 2.5 - 1.25
            zr = zi = 0.0
            k = 0
            while k < 40 and zr * zr + zi * zi < 4.0:
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                k += 1
            total += k
    return total
print(mandelbrot(16, 10))`,
    prints: "2094\n",
  },
];
