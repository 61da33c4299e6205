TEXT = """It was a bright cold day in April and the clocks were striking thirteen while the wind blew dust
along the street and nobody looked up because everybody had somewhere to be or at least pretended to have
The baker counted his loaves twice the clerk counted hers once and neither of them trusted the other one bit"""

def words(text):
    word = ""
    for ch in text + " ":
        if ch.isalpha():
            word += ch.lower()
        elif word:
            yield word
            word = ""

counts = {}
lengths = {}
for _ in range(6):
    for w in words(TEXT):
        counts[w] = counts.get(w, 0) + 1
        lengths.setdefault(len(w), set()).add(w)
for w, n in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:8]:
    print("%-10s %4d %s" % (w, n, "#" * n))
for n in sorted(lengths):
    print(n, sorted(lengths[n])[:3])
longest = max(counts, key=len)
print(longest, longest[::-1], longest.upper(), longest.title() if hasattr(longest, "title") else longest)
print(" ".join(w.capitalize() if hasattr(w, "capitalize") else w for w in TEXT.split()[:6]))
