print(7 // 2, -7 // 2, 7 // -2, -7 % 3, 7 % -3, divmod(-17, 5))
print(2 ** 10, 2 ** 100, (-3) ** 7, pow(3, 200, 1000007))
print(0xFF, 0o17, 0b1011, 1_000_000, hex(255), oct(8), bin(10))
print(5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 20, -1 >> 3)
n = 1
for i in range(1, 60):
    n *= i
print(n)
print(n // (10 ** 20), n % (10 ** 20), -n // 7, -n % 7)
print(int("123456789012345678901234567890"), int("ff", 16), int("-0b101", 0), int(" 42 "))
a, b = 0, 1
for _ in range(300):
    a, b = b, a + b
print(a)
print((1 << 200) - 1, ((1 << 200) - 1) & ((1 << 70) - 1), (1 << 200) >> 190)
print(sum(range(1000)), min(3, 1, 2), max([4, 9, 2]), abs(-12), abs(-(2 ** 80)))
print(10 ** 18 == 10 ** 9 * 10 ** 9, 2 ** 64 > 2 ** 63, -(2 ** 64) < 0)
print((2 ** 64).to_bytes(9, "big"), int.from_bytes(b"\x01\x00\x00", "big"), int.from_bytes(b"\x01\x02", "little"))
def gcd(x, y):
    while y:
        x, y = y, x % y
    return x
print(gcd(2 ** 60 * 3 ** 5, 2 ** 40 * 3 ** 10))
print(bool(0), bool(5), True + True, int(3.99), int(-3.99), round(7))
for bad in ("12x", "", "0x"):
    try:
        int(bad)
    except ValueError:
        print("ValueError", repr(bad))
