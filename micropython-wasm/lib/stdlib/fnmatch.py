def _class(pattern, i):
    """Where the class that begins at i ends; -1 if it does not."""
    j = i + 1
    if pattern[j : j + 1] == "!":
        j += 1
    return pattern.find("]", j + 1)


def fnmatchcase(name, pat):
    # Backtracking to the last star alone is enough.
    n = p = 0
    star, kept = -1, 0
    while n < len(name):
        c = pat[p] if p < len(pat) else ""
        if c == "*":
            star, kept = p, n
            p += 1
            continue
        if c == "?" or (c == name[n] and c != "["):
            n += 1
            p += 1
            continue
        if c == "[":
            end = _class(pat, p)
            if end < 0:
                if name[n] == "[":
                    n += 1
                    p += 1
                    continue
            elif _in(name[n], pat[p + 1 : end]):
                n += 1
                p = end + 1
                continue
        if star < 0:
            return False
        kept += 1
        n, p = kept, star + 1
    while p < len(pat) and pat[p] == "*":
        p += 1
    return p == len(pat)


def _in(c, text):
    negated = text[0] == "!"
    if negated:
        text = text[1:]
    found = False
    i = 0
    while i < len(text):
        if i + 2 < len(text) and text[i + 1] == "-":
            found = found or text[i] <= c <= text[i + 2]
            i += 3
        else:
            found = found or text[i] == c
            i += 1
    return found != negated


def fnmatch(name, pat):
    return fnmatchcase(name, pat)


def filter(names, pat):
    return [name for name in names if fnmatchcase(name, pat)]


def translate(pat):
    out = []
    i = 0
    while i < len(pat):
        c = pat[i]
        i += 1
        if c == "*":
            if not out or out[-1] != ".*":
                out.append(".*")
        elif c == "?":
            out.append(".")
        elif c == "[" and _class(pat, i - 1) >= 0:
            end = _class(pat, i - 1)
            inside = pat[i:end].replace("\\", "\\\\")
            out.append("[%s]" % ("^" + inside[1:] if inside[0] == "!" else inside))
            i = end + 1
        else:
            out.append("\\" + c if not (c.isalpha() or c.isdigit() or c == "_") else c)
    return "(?s:%s)\\Z" % "".join(out)
