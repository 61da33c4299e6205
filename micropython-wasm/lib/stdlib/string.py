ascii_lowercase = "abcdefghijklmnopqrstuvwxyz"
ascii_uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ascii_letters = ascii_lowercase + ascii_uppercase
digits = "0123456789"
hexdigits = digits + "abcdefABCDEF"
octdigits = "01234567"
punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
whitespace = " \t\n\r\v\f"
printable = digits + ascii_letters + punctuation + whitespace


def capwords(s, sep=None):
    return (sep or " ").join([__compat__.capitalize(x) for x in (s.split() if sep is None else s.split(sep))])


class Template:
    def __init__(self, template):
        self.template = template

    def _fill(self, values, safe):
        t = self.template
        out = []
        i = 0
        while True:
            j = t.find("$", i)
            if j < 0:
                out.append(t[i:])
                return "".join(out)
            out.append(t[i:j])
            k = j + 1
            if t[k : k + 1] == "$":
                out.append("$")
                i = k + 1
                continue
            braced = t[k : k + 1] == "{"
            if braced:
                k += 1
            e = k
            while e < len(t) and (t[e] == "_" or t[e].isalpha() or (e > k and t[e].isdigit())):
                e += 1
            name = t[k:e]
            if not name or (braced and t[e : e + 1] != "}"):
                if not safe:
                    raise ValueError("Invalid placeholder in string: line 1, col %d" % (j + 1))
                out.append("$")
                i = j + 1
                continue
            end = e + 1 if braced else e
            if name in values:
                out.append(str(values[name]))
            elif safe:
                out.append(t[j:end])
            else:
                raise KeyError(name)
            i = end

    def substitute(self, mapping={}, **kws):
        return self._fill(__compat__.merge(mapping, kws), False)

    def safe_substitute(self, mapping={}, **kws):
        return self._fill(__compat__.merge(mapping, kws), True)


class Formatter:
    def format(self, format_string, *args, **kwargs):
        return __compat__.format(format_string, *args, **kwargs)
