def step(cells):
    neighbours = {}
    for x, y in cells:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy: neighbours[(x + dx, y + dy)] = neighbours.get((x + dx, y + dy), 0) + 1
    return {c for c, n in neighbours.items() if n == 3 or (n == 2 and c in cells)}
glider = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
for _ in range(8): glider = step(glider)
print(sorted(glider))
for y in range(-6, 7):
    row = ""
    for x in range(-14, 7):
        c, z, n = complex(x / 7, y / 6), 0j, 0
        while abs(z) < 2 and n < 30:
            z = z * z + c; n += 1
        row += " .:-=+*#%@"[n % 10] if n < 30 else "@"
    print(row)
def pi_digits(n):
    out, q, r, t, k, m, x = [], 1, 0, 1, 1, 3, 3
    while len(out) < n:
        if 4 * q + r - t < m * t:
            out.append(m); q, r, m = 10 * q, 10 * (r - m * t), (10 * (3 * q + r)) // t - 10 * m
        else:
            q, r, t, k, m, x = q * k, (2 * q + r) * x, t * x, k + 1, (q * (7 * k + 2) + r * x) // (t * x), x + 2
    return out
print("".join(map(str, pi_digits(60))))
