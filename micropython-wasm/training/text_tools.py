import re
LOG = []
for i in range(60):
    LOG.append("2024-0%d-%02d %02d:%02d:%02d [%s] user%d: %s" % (i % 9 + 1, i % 28 + 1, i % 24, i * 7 % 60, i * 11 % 60, ("INFO", "WARN", "ERROR")[i % 3], i % 5, "took %d ms" % (i * 13 % 500)))
pattern = re.compile(r"^(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+) \[(\w+)\] (\w+): took (\d+) ms$")
slow, levels = [], {}
for line in LOG:
    m = pattern.match(line)
    if m is None:
        continue
    level, user, ms = m.group(7), m.group(8), int(m.group(9))
    levels[level] = levels.get(level, 0) + 1
    if ms > 400:
        slow.append((ms, user))
print(levels, sorted(slow)[-3:], len(slow))
def caesar(text, shift):
    out = []
    for ch in text:
        if "a" <= ch <= "z":
            ch = chr((ord(ch) - 97 + shift) % 26 + 97)
        elif "A" <= ch <= "Z":
            ch = chr((ord(ch) - 65 + shift) % 26 + 65)
        out.append(ch)
    return "".join(out)
secret = caesar("The quick brown Fox jumps over the lazy Dog.", 13)
print(secret, caesar(secret, 13))
def wrap(text, width):
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = line + " " + word if line else word
    return lines + [line]
for line in wrap("a journey of a thousand miles begins with a single step " * 6, 34):
    print("|" + line + " " * (34 - len(line)) + "|")
def palindromes(text):
    best = ""
    for i in range(len(text)):
        for j in (i, i + 1):
            lo, hi = i, j
            while lo >= 0 and hi < len(text) and text[lo] == text[hi]:
                lo -= 1
                hi += 1
            if hi - lo - 1 > len(best):
                best = text[lo + 1:hi]
    return best
print(palindromes("forgeeksskeegforxabacdcabay"), re.sub("[aeiou]", "*", "education"), "a-b_c d".replace("-", " ").split())
print("x".join(["1", "2"]), "abc" * 3, "abcabc".count("bc"), "abc".startswith("ab"), "  t ".strip(), "k=v=w".split("=", 1), "a\nb\r\n".split("\n"), "%s" % (1,), "é" + "ü", len("naïve".encode()))
