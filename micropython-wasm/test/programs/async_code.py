class Wait:
    def __init__(self, n): self.n = n
    def __await__(self):
        for i in range(self.n): yield (self.n, i)
        return self.n * 10
    __iter__ = __await__
async def task(name, n):
    r = await Wait(n)
    return name, r
async def main():
    a = await task("first", 2)
    b = await task("second", 1)
    return [a, b]
def drive(coro):
    steps = []
    try:
        while True: steps.append(coro.send(None))
    except StopIteration as e:
        return steps, e.value
print(drive(main()))
class AIter:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if self.n == 0: raise StopAsyncIteration
        self.n -= 1
        return await Wait(1) + self.n
class ACM:
    async def __aenter__(self): print("aenter"); return 5
    async def __aexit__(self, *e): print("aexit", e[0] and e[0].__name__); return True
async def uses():
    out = []
    async for v in AIter(3): out.append(v)
    async with ACM() as v: out.append(v)
    async with ACM(): raise ValueError
    return out
print(drive(uses())[1])
def scheduler(coros):
    queue, results = list(coros), []
    while queue:
        c = queue.pop(0)
        try:
            c.send(None); queue.append(c)
        except StopIteration as e:
            results.append(e.value)
    return results
print(scheduler([task("a", 3), task("b", 1), task("c", 2)]))
