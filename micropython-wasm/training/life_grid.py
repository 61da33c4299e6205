def step(live):
    counts = {}
    for x, y in live:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    p = (x + dx, y + dy)
                    counts[p] = counts.get(p, 0) + 1
    return {p for p, n in counts.items() if n == 3 or n == 2 and p in live}
live = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2), (10, 10), (11, 10), (12, 10)}
for _ in range(20):
    live = step(live)
print(sorted(live))
def julia(w, h):
    rows = []
    for j in range(h):
        row = ""
        for i in range(w):
            x, y, n = 3 * i / w - 1.5, 2 * j / h - 1, 0
            while x * x + y * y < 4 and n < 20:
                x, y = x * x - y * y - 0.7, 2 * x * y + 0.27
                n += 1
            row += " .:-=+*#%@"[n // 2 % 10]
        rows.append(row)
    return rows
print("\n".join(julia(24, 8)))
board = [[0] * 8 for _ in range(8)]
x = y = 0
path = []
for move in range(40):
    best = None
    for dx, dy in ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2)):
        nx, ny = (x + dx), (y + dy)
        if 0 <= nx < 8 and 0 <= ny < 8 and not board[nx][ny]:
            free = sum(1 for ex, ey in ((1, 2), (2, 1), (-1, 2), (-2, 1)) if 0 <= nx + ex < 8 and 0 <= ny + ey < 8)
            if best is None or free < best[0]:
                best = (free, nx, ny)
    if best is None:
        break
    _, x, y = best
    board[x][y] = move + 1
    path.append("%s%d" % ("abcdefgh"[x], y + 1))
print(len(path), path[:6], sum(map(bool, (c for row in board for c in row))))
