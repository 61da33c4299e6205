log = []
class CM:
    def __init__(self, name, swallow=False): self.name, self.swallow = name, swallow
    def __enter__(self): log.append("enter " + self.name); return self.name
    def __exit__(self, t, v, tb): log.append("exit %s %s" % (self.name, t and t.__name__)); return self.swallow
with CM("a") as a, CM("b") as b: log.append(a + b)
def ret():
    with CM("r"): return "value"
log.append(ret())
for i in range(3):
    with CM(str(i)):
        if i == 1: continue
        if i == 2: break
with CM("s", True): raise ValueError
try:
    with CM("outer"):
        with CM("inner"): 1 / 0
except ZeroDivisionError: log.append("caught")
class Bad:
    def __enter__(self): raise RuntimeError("no entry")
    def __exit__(self, *a): log.append("never")
try:
    with CM("first"), Bad(): log.append("never")
except RuntimeError as e: log.append(str(e))
def gen():
    with CM("gen"):
        yield 1
        yield 2
g = gen(); next(g); g.close()
print("\n".join(log))
import io
with io.StringIO("a\nb\n") as f: print(f.read().split("\n"), end=" ")
with io.BytesIO() as f:
    f.write(b"xyz"); f.seek(1); print(f.read(), f.getvalue())
