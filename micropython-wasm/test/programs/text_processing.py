text = """It was the best of times, it was the worst of times,
it was the age of wisdom, it was the age of foolishness"""
words = [w.strip(",.").lower() for w in text.split()]
freq = {}
for w in words: freq[w] = freq.get(w, 0) + 1
for w, n in sorted(freq.items(), key=lambda kv: (-kv[1], kv[0]))[:6]: print("%-6s %2d %s" % (w, n, "#" * n))
def caesar(s, k): return "".join(chr((ord(c) - 97 + k) % 26 + 97) if "a" <= c <= "z" else c for c in s)
print(caesar("hello, world", 3), caesar(caesar("hello", 5), -5))
def rle(s):
    out, i = [], 0
    while i < len(s):
        j = i
        while j < len(s) and s[j] == s[i]: j += 1
        out.append(s[i] + str(j - i)); i = j
    return "".join(out)
print(rle("aaabccdddd"), rle(""))
def roman(n):
    r = ""
    for v, s in zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split()):
        while n >= v: r += s; n -= v
    return r
print([roman(n) for n in (1994, 2024, 4, 49)])
def lev(a, b):
    prev = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        cur = [i]
        for j, cb in enumerate(b, 1): cur.append(min(prev[j] + 1, cur[-1] + 1, prev[j - 1] + (ca != cb)))
        prev = cur
    return prev[-1]
print(lev("kitten", "sitting"), lev("", "abc"))
print(list("racecar") == list("racecar")[::-1], "".join(reversed("abc")), " ".join(w[0].upper() + w[1:] for w in ["foo", "bar"]))
csv = "name,qty\napple,3\npear,10"
rows = [dict(zip(csv.split("\n")[0].split(","), r.split(","))) for r in csv.split("\n")[1:]]
print([(r["name"], int(r["qty"])) for r in rows], sum(int(r["qty"]) for r in rows))
for i in range(1, 16): print("FizzBuzz" if i % 15 == 0 else "Fizz" if i % 3 == 0 else "Buzz" if i % 5 == 0 else i, end=" ")
print()
import hashlib, binascii, base64
print(binascii.hexlify(hashlib.sha256(b"abc").digest()), base64.b64encode(b"hi there"), base64.b64decode(b"aGk="))
print("\n".join(" ".join("%2d" % (i * j) for j in range(1, 5)) for i in range(1, 5)))
