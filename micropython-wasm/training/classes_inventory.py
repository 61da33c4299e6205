from collections import namedtuple, OrderedDict
Item = namedtuple("Item", ("sku", "qty", "price"))
class Inventory:
    def __init__(self):
        self._items = OrderedDict()
        self.listeners = []
    def on_change(self, f):
        self.listeners.append(f)
        return f
    def add(self, sku, qty, price):
        old = self._items.get(sku)
        self._items[sku] = Item(sku, qty + (old.qty if old else 0), price)
        for f in self.listeners:
            f(self._items[sku])
    def remove(self, sku, qty):
        try:
            item = self._items[sku]
        except KeyError:
            raise LookupError("no " + sku)
        if item.qty < qty:
            raise ValueError("only {} of {}".format(item.qty, sku))
        if item.qty == qty:
            del self._items[sku]
        else:
            self._items[sku] = Item(sku, item.qty - qty, item.price)
    @property
    def value(self):
        return sum(i.qty * i.price for i in self._items.values())
    def __iter__(self):
        return iter(self._items.values())
    def __len__(self):
        return len(self._items)
events, errors = [], {}
shop = Inventory()
shop.on_change(lambda item: events.append(item.sku))
for i in range(150):
    sku = "sku%d" % (i * 7 % 23)
    shop.add(sku, i % 5 + 1, (i % 10) * 0.5 + 1)
    if i % 3 == 0:
        try:
            shop.remove("sku%d" % (i * 11 % 29), i % 4 + 1)
        except (LookupError, ValueError) as e:
            name = type(e).__name__
            errors[name] = errors.get(name, 0) + 1
print(len(shop), "%.2f" % shop.value, len(events), sorted(errors.items()))
for item in sorted(shop, key=lambda i: -i.qty)[:4]:
    print(item.sku, item.qty, item.price, item)
class Shape:
    def area(self): raise NotImplementedError
    def describe(self): return "%s %.2f" % (self.__class__.__name__, self.area())
class Circle(Shape):
    def __init__(self, r): self.r = r
    def area(self): return 3.14159 * self.r ** 2
class Rect(Shape):
    def __init__(self, w, h): self.w, self.h = w, h
    def area(self): return self.w * self.h
class Square(Rect):
    def __init__(self, s): super().__init__(s, s)
shapes = [Circle(i) if i % 3 == 0 else Rect(i, 2) if i % 3 == 1 else Square(i) for i in range(1, 40)]
print(shapes[0].describe(), shapes[1].describe(), "%.1f" % sum(s.area() for s in shapes), sum(isinstance(s, Rect) for s in shapes))
try:
    Shape().describe()
except NotImplementedError as e:
    print("abstract", repr(e))
