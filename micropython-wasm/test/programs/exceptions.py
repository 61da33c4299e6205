def test(fn):
    try:
        return fn()
    except ZeroDivisionError:
        return "zero"
    except (KeyError, IndexError) as e:
        return type(e).__name__
    except Exception as e:
        return "other " + type(e).__name__ + " " + str(e)
    finally:
        print("finally", end=" ")
print(test(lambda: 1 / 0), test(lambda: {}[1]), test(lambda: [][1]), test(lambda: int("x") and 0)[:16], test(lambda: 5))
class MyError(Exception):
    def __init__(self, code, msg):
        super().__init__(msg)
        self.code = code
try:
    raise MyError(42, "custom")
except MyError as e:
    print(e.code, e, e.args, isinstance(e, Exception))
class Sub(MyError): pass
try:
    try:
        raise Sub(1, "inner")
    except KeyError:
        print("wrong")
    else:
        print("wrong")
except MyError as e:
    print("caught sub", e, type(e).__name__)
def reraise():
    try:
        raise ValueError("first")
    except ValueError:
        raise
try:
    reraise()
except ValueError as e:
    print("reraised", e)
def order():
    try:
        print("try")
        return "returned"
    finally:
        print("cleanup")
print(order())
def override():
    try:
        raise ValueError
    finally:
        return "swallowed"
print(override())
def loop():
    for i in range(5):
        try:
            if i == 1: continue
            if i == 3: break
            print("body", i)
        finally:
            print("fin", i)
loop()
try:
    raise RuntimeError("a", 1)
except RuntimeError as e:
    print(e.args)
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise TypeError("from zero")
except TypeError as e:
    print("chained", e)
def nested(n):
    try:
        if n == 0: raise KeyError("bottom")
        nested(n - 1)
    except KeyError:
        if n < 3: raise
        return "stopped at " + str(n)
print(nested(3))
try: raise StopIteration(7)
except StopIteration as e: print(e.value)
n = 0
for i in range(300):
    try:
        if i % 3 == 0: raise ValueError(i)
        n += 1
    except ValueError as e:
        n += e.args[0]
print(n)
try: undefined_name
except NameError as e: print(type(e).__name__)
try: (1).foo
except AttributeError as e: print(type(e).__name__)
try: "a" + 1
except TypeError as e: print(type(e).__name__)
print(issubclass(KeyError, LookupError), issubclass(ZeroDivisionError, ArithmeticError), issubclass(OSError, Exception))
try: raise SystemExit(3)
except SystemExit as e: print("exit", e.args)
