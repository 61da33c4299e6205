# The entities of HTML 4 that text has most.
_NAMES = {
    "amp": 38, "lt": 60, "gt": 62, "quot": 34, "apos": 39, "nbsp": 160, "iexcl": 161, "cent": 162, "pound": 163, "curren": 164,
    "yen": 165, "brvbar": 166, "sect": 167, "uml": 168, "copy": 169, "ordf": 170, "laquo": 171, "not": 172, "shy": 173, "reg": 174,
    "macr": 175, "deg": 176, "plusmn": 177, "sup2": 178, "sup3": 179, "acute": 180, "micro": 181, "para": 182, "middot": 183,
    "cedil": 184, "sup1": 185, "ordm": 186, "raquo": 187, "frac14": 188, "frac12": 189, "frac34": 190, "iquest": 191,
    "times": 215, "divide": 247, "szlig": 223, "OElig": 338, "oelig": 339, "Scaron": 352, "scaron": 353, "Yuml": 376, "fnof": 402,
    "ndash": 8211, "mdash": 8212, "lsquo": 8216, "rsquo": 8217, "sbquo": 8218, "ldquo": 8220, "rdquo": 8221, "bdquo": 8222,
    "dagger": 8224, "Dagger": 8225, "bull": 8226, "hellip": 8230, "permil": 8240, "prime": 8242, "Prime": 8243, "lsaquo": 8249,
    "rsaquo": 8250, "euro": 8364, "trade": 8482, "larr": 8592, "uarr": 8593, "rarr": 8594, "darr": 8595, "harr": 8596,
    "infin": 8734, "ne": 8800, "le": 8804, "ge": 8805, "minus": 8722, "sum": 8721, "radic": 8730, "alpha": 945, "beta": 946,
    "gamma": 947, "delta": 948, "epsilon": 949, "lambda": 955, "mu": 956, "pi": 960, "sigma": 963, "omega": 969, "Omega": 937,
    "Delta": 916, "Sigma": 931, "hearts": 9829, "spades": 9824, "clubs": 9827, "diams": 9830, "ensp": 8194, "emsp": 8195,
}
# The letters from U+00C0 on, in their order.
_LETTERS = (
    "Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve "
    "Oacute Ocirc Otilde Ouml - Oslash Ugrave Uacute Ucirc Uuml Yacute THORN - agrave aacute acirc atilde auml aring aelig "
    "ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml - oslash ugrave "
    "uacute ucirc uuml yacute thorn yuml"
)
for _i, _name in enumerate(_LETTERS.split()):
    if _name != "-":
        _NAMES[_name] = 192 + _i


def escape(s, quote=True):
    s = s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if quote:
        s = s.replace('"', "&quot;").replace("'", "&#x27;")
    return s


def _char(text):
    if text[0] == "#":
        try:
            n = int(text[2:], 16) if text[1:2] in ("x", "X") else int(text[1:])
        except ValueError:
            return None
        return chr(n) if 0 < n < 0x110000 and not 0xD800 <= n < 0xE000 else "\ufffd"
    return chr(_NAMES[text]) if text in _NAMES else None


def unescape(s):
    parts = s.split("&")
    out = [parts[0]]
    for part in parts[1:]:
        end = part.find(";")
        c = _char(part[:end]) if 0 < end < 12 else None
        if c is not None:
            out.append(c + part[end + 1 :])
            continue
        # Some are known without the semicolon.
        for name in ("amp", "lt", "gt", "quot", "nbsp", "copy", "reg"):
            if part.startswith(name):
                out.append(chr(_NAMES[name]) + part[len(name) :])
                break
        else:
            out.append("&" + part)
    return "".join(out)
