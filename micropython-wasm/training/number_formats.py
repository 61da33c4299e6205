def gcd(a, b):
    while b:
        a, b = b, a % b
    return a

def to_base(n, base):
    digits = ""
    while n:
        n, d = divmod(n, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[d] + digits
    return digits or "0"

def roman(n):
    out = []
    for value, text in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while n >= value:
            out.append(text)
            n -= value
    return "".join(out)

def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps

for n in (7, 42, 255, 1999, 65535):
    print(n, to_base(n, 2), to_base(n, 36), hex(n), oct(n), bin(n), roman(n % 4000), collatz(n))
for x in (0.0, 1.5, -2.25, 3.14159265, 1e-5, 123456.789, 1e20):
    print(x, "%.3f" % x, "%10.2e" % x, "{:>12.4f}".format(x), f"{x:<8.1f}|", int(x), round(x, 2), repr(x))
print(sum(gcd(a, b) for a in range(1, 40) for b in range(1, 40)))
big = 1
for i in range(1, 40):
    big *= i
print(big, big % 1000007, big // 10 ** 30, str(big)[:8], len(str(big)), big.bit_length() if hasattr(big, "bit_length") else 0)
print(pow(3, 200, 1000007), 2 ** 64 - 1, -(2 ** 70) >> 5, (1 << 90) & 0xFFFF0000FFFF, ~(1 << 65), int("123456789" * 4) * 7)
print(int("ff", 16), int("-101", 2), float("2.5e3"), abs(-7.5), complex(1, 2) * complex(0, 1))
