import re
m = re.match(r"(\w+)@(\w+)\.com", "user@example.com rest")
print(m.group(0), m.group(1), m.group(2), len(m.group(2)))
print(re.search(r"\d+", "abc 123 def").group(0), re.match(r"\d", "abc"), re.search("[aeiou]+", "rhythm aei").group(0))
print(re.sub(r"\s+", "-", "a  b \t c"), re.sub("a", lambda m: m.group(0).upper(), "banana"), re.sub("(a)(b)", r"\2\1", "abab"), re.sub("a", "x", "aaa", 2))
print(re.compile("a+").search("caaat").group(0))
p = re.compile(r"^(\d\d\d\d)-(\d\d)-(\d\d)$")
print([bool(p.match(s)) for s in ("2024-01-31", "24-1-3", "2024-01-311")], p.match("2024-01-31").group(3))
print(re.match("a*?b", "aaab").group(0), re.match("(a|b)*c", "ababc").group(0), re.match("a?b", "b").group(0))
print(re.match(r"[^0-9]+", "abc1").group(0), re.match(r"\S+\s\W", "x !").group(0))
def tokens(s):
    spec = re.compile(r"\s*(?:(\d+)|(.))")
    out = []
    while s:
        m = spec.match(s)
        out.append(int(m.group(1)) if m.group(1) else m.group(2))
        s = s[len(m.group(0)):]
    return out
print(tokens("3 + 42*(7-1)"))
try:
    re.compile("(")
except Exception as e:
    print("error")
print(len(re.sub("x", "yy", "x" * 50)))
