def sieve(limit):
    flags = bytearray(b"\x01" * (limit + 1))
    flags[0] = flags[1] = 0
    p = 2
    while p * p <= limit:
        if flags[p]:
            for multiple in range(p * p, limit + 1, p):
                flags[multiple] = 0
        p += 1
    return [n for n in range(limit + 1) if flags[n]]

primes = sieve(4000)
print(len(primes), primes[-1], sum(primes[:20]))
factors = {}
for n in range(2, 300):
    left, found = n, []
    for p in primes:
        if p * p > left:
            break
        while left % p == 0:
            found.append(p)
            left //= p
    if left > 1:
        found.append(left)
    factors[n] = tuple(found)
print(factors[252], max(factors.values(), key=len), sum(map(len, factors.values())))
