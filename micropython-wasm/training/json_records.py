import json
records = []
for i in range(40):
    records.append({"id": i, "name": "item-%03d" % i, "price": i * 1.25, "tags": ["a", "b", "c"][: i % 4], "stock": None if i % 9 == 0 else i * 3, "sold": i % 2 == 0})
text = json.dumps(records)
back = json.loads(text)
print(len(text), back == records, back[7])
by_tag = {}
for r in back:
    for tag in r["tags"]:
        by_tag.setdefault(tag, []).append(r["price"])
for tag, prices in sorted(by_tag.items()):
    print(tag, len(prices), "%.2f" % (sum(prices) / len(prices)), min(prices), max(prices))
table = [[str(r[c]) for c in ("id", "name", "price", "stock")] for r in back[:6]]
widths = [max(len(row[i]) for row in table) for i in range(4)]
for row in table:
    print(" | ".join(cell + " " * (w - len(cell)) for cell, w in zip(row, widths)))
def flatten(value, path=""):
    if isinstance(value, dict):
        for k, v in value.items():
            yield from flatten(v, path + "." + k)
    elif isinstance(value, list):
        for i, v in enumerate(value):
            yield from flatten(v, "%s[%d]" % (path, i))
    else:
        yield path, value
flat = dict(flatten({"r": back[:12]}))
print(len(flat), [k for k in flat if k.endswith("[0]")][:3])
for bad in ('{"a": }', "[1, 2", "nul", '"\\u00e9"', "[1e3, -0.5, true]"):
    try:
        print(json.loads(bad))
    except ValueError as error:
        print("bad", type(error).__name__)
