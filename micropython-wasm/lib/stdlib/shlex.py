def split(s, comments=False, posix=True):
    words = []
    word = None
    quote = ""
    i = 0
    while i < len(s):
        c = s[i]
        i += 1
        if quote:
            if c == quote:
                quote = ""
            elif c == "\\" and quote == '"' and i < len(s) and s[i] in '"\\':
                word += s[i]
                i += 1
            else:
                word += c
        elif c in "'\"":
            quote = c
            word = word or ""
        elif c == "\\":
            if i == len(s):
                raise ValueError("No escaped character")
            word = (word or "") + s[i]
            i += 1
        elif c in " \t\r\n":
            if word is not None:
                words.append(word)
                word = None
        elif c == "#" and comments:
            while i < len(s) and s[i] != "\n":
                i += 1
        else:
            word = (word or "") + c
    if quote:
        raise ValueError("No closing quotation")
    if word is not None:
        words.append(word)
    return words


def quote(s):
    if not s:
        return "''"
    for c in s:
        if not (c.isalpha() or c.isdigit() or c in "_@%+=:,./-"):
            return "'" + s.replace("'", "'\"'\"'") + "'"
    return s


def join(split_command):
    return " ".join([quote(arg) for arg in split_command])
