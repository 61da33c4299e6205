// Programs to begin with.

/** Fuel that an example gets if it says nothing else, and the seed: Node's hashes are of runs with these. */
export const EXAMPLE_FUEL = 50_000_000;
export const EXAMPLE_SEED = 1;

export interface Example {
  readonly code: string;
  readonly fuel?: number;
}

export const EXAMPLES: Readonly<Record<string, Example>> = {
  Queens: {
    code: `def queens(n, row=0, columns=(), left=(), right=()):
    if row == n:
        return 1
    found = 0
    for column in range(n):
        if column in columns or row + column in left or row - column in right:
            continue
        found += queens(n, row + 1, columns + (column,), left + (row + column,), right + (row - column,))
    return found

for n in range(1, 7):
    print(n, queens(n))
`,
  },
  "Calls to the page": {
    code: `# price and note are functions of the page's.
basket = {"flour": 2, "eggs": 12, "butter": 1}
total = 0
for name, amount in sorted(basket.items()):
    cost = amount * price(name)
    note("%d of %s" % (amount, name))
    total += cost
print("total %.2f" % total)
total
`,
  },
  "Random, and yet the same": {
    code: `import random

throws = [0] * 13
for _ in range(500):
    throws[random.randint(1, 6) + random.randint(1, 6)] += 1
for face in range(2, 13):
    print("%2d %s" % (face, "#" * (throws[face] // 4)))
`,
  },
  Endless: {
    code: `n = 0
while True:
    n += 1
`,
    fuel: 2_000_000,
  },
};
