import io
ROWS = "\n".join("%s,%d,%s,%.2f" % (["north", "south", "east", "west"][i % 4], 2000 + i % 5, "abcde"[i * 3 % 5], (i * 37 % 101) / 4) for i in range(120))
stream = io.StringIO("region,year,product,amount\n" + ROWS + "\n")
header = stream.readline().strip().split(",")
totals, products = {}, {}
line = stream.readline()
while line:
    row = dict(zip(header, line.strip().split(",")))
    key = (row["region"], int(row["year"]))
    totals[key] = totals.get(key, 0.0) + float(row["amount"])
    products.setdefault(row["product"], []).append(float(row["amount"]))
    line = stream.readline()
for (region, year), amount in sorted(totals.items())[:10]:
    print("{:<6} {} {:>9.2f}".format(region, year, amount))
def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
def deviation(values):
    mean = sum(values) / len(values)
    return (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5
for product in sorted(products):
    amounts = products[product]
    print(product, len(amounts), "%.3f" % median(amounts), "%.3f" % deviation(amounts))
with open("report.txt", "w") as f:
    for key in sorted(totals):
        f.write("%s;%d;%.1f\n" % (key[0], key[1], totals[key]))
with open("report.txt") as f:
    lines = f.readlines()
print(len(lines), lines[0].strip(), sum(float(l.split(";")[2]) for l in lines))
