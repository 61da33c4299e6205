import math
print(0.5, 1.5, -2.25, 1e10, 1e100, 1.5e-7, 123456.789, 100.0, 0.1)
print(1 / 4, 10 / 4, 7 // 2.0, 7.5 % 2, -7.5 % 2, 2 ** 0.5, 2.0 ** 10)
print(float("inf"), float("-inf"), float("nan"), float("1e3"), float("  -2.5 "))
print(round(2.5), round(3.5), round(2.675, 1), round(-0.5), round(1234.5678, 2))
print("%.3f %8.2f|%-8.2f|%+.1f %e %g" % (3.14159, 2.5, 2.5, 2.0, 12345.678, 0.0001))
print("{:.4f} {:10.3f} {:<10.1f}| {:+} {:.0f}".format(2 / 3, math.pi, 1.26, 3.5, 7.6))
print(math.floor(-2.5), math.ceil(-2.5), math.trunc(-2.5), math.sqrt(144), math.pi, math.e)
print(math.isnan(float("nan")), math.isinf(float("inf")), math.isfinite(1.0))
print("%.9f %.9f %.9f" % (math.sin(1), math.cos(1), math.atan2(1, 2)))
print("%.9f %.9f" % (math.exp(1.5), math.log(10)), math.fabs(-3.5), math.fmod(7, 3))
print(float("inf") > 1e308, float("nan") == float("nan"), 0.1 + 0.2 == 0.3, 0.1 + 0.2 > 0.3)
print(3 == 3.0, hash(3) == hash(3.0), 1e16 == 10 ** 16, 2 ** 53 + 1.0)
total = 0.0
for i in range(1, 1001):
    total += 1 / i
print("%.10f" % total)
print([x / 10 for x in range(5)], sum([0.25] * 8))
print(1e300 * 1e10, -1e300 * 1e10, 5e-324 > 0, 1e-320 * 1e-10)
print(int(1e15), float(2 ** 60), 3.0 .__class__.__name__)
try:
    1.0 / 0
except ZeroDivisionError:
    print("ZeroDivisionError")
try:
    math.sqrt(-1)
except ValueError:
    print("ValueError")
