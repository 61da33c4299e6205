import random, math
random.seed(7)
class Particle:
    def __init__(self, x, y):
        self.x, self.y = x, y
        self.vx, self.vy = random.uniform(-1, 1), random.uniform(-1, 1)
    def step(self, dt):
        self.x += self.vx * dt
        self.y += self.vy * dt
        if not 0 <= self.x <= 10: self.vx = -self.vx
        if not 0 <= self.y <= 10: self.vy = -self.vy
    def distance(self, other):
        return math.sqrt((self.x - other.x) ** 2 + (self.y - other.y) ** 2)
particles = [Particle(random.random() * 10, random.random() * 10) for _ in range(12)]
close = 0
for t in range(30):
    for p in particles:
        p.step(0.1)
    for i, p in enumerate(particles):
        for q in particles[i + 1:]:
            if p.distance(q) < 1.0:
                close += 1
print(close, "%.3f" % sum(math.hypot(p.vx, p.vy) if hasattr(math, "hypot") else math.sqrt(p.vx ** 2 + p.vy ** 2) for p in particles))
inside = sum(1 for _ in range(500) if random.random() ** 2 + random.random() ** 2 < 1)
print(2 < 4 * inside / 500 < 4, random.randint(1, 6) in range(1, 7), random.choice("abc") in "abc")
deck = [(rank, suit) for suit in "SHDC" for rank in range(2, 15)]
for i in range(len(deck) - 1, 0, -1):
    j = random.randint(0, i)
    deck[i], deck[j] = deck[j], deck[i]
hands = [deck[i::4] for i in range(4)]
for hand in hands:
    hand.sort()
    print(len(hand), len({r for r, s in hand}), sum(r for r, s in hand) > 50)
def newton(f, df, x):
    for _ in range(30):
        x -= f(x) / df(x)
    return x
print("%.9f" % newton(lambda x: x * x - 2, lambda x: 2 * x, 1.0), "%.6f" % math.exp(1), math.floor(-2.5), math.ceil(2.1), "%.5f" % math.atan2(1, 2), math.isnan(float("nan")), float("inf") > 1e308)
def integrate(f, a, b, n=200):
    h = (b - a) / n
    return h * (f(a) / 2 + sum(f(a + i * h) for i in range(1, n)) + f(b) / 2)
print("%.6f %.6f" % (integrate(math.sin, 0, math.pi), integrate(lambda x: x ** 3, 0, 2)))
