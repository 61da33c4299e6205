def solve(n):
    cols, d1, d2, count, first = set(), set(), set(), 0, None
    board = []
    def place(r):
        nonlocal count, first
        if r == n:
            count += 1
            if first is None: first = board[:]
            return
        for c in range(n):
            if c in cols or r + c in d1 or r - c in d2: continue
            cols.add(c); d1.add(r + c); d2.add(r - c); board.append(c)
            place(r + 1)
            cols.discard(c); d1.discard(r + c); d2.discard(r - c); board.pop()
    place(0)
    return count, first
for n in range(4, 8):
    count, first = solve(n)
    print(n, count, first)
    for c in first: print("." * c + "Q" + "." * (n - c - 1))
