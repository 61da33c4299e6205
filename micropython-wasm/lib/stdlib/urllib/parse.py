from collections import namedtuple

_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"


def quote(string, safe="/", encoding=None, errors=None):
    data = string.encode() if isinstance(string, str) else string
    keep = _SAFE + safe.encode()
    return "".join([chr(b) if b in keep else "%%%02X" % b for b in data])


def quote_plus(string, safe="", encoding=None, errors=None):
    return quote(string, safe + " ").replace(" ", "+")


def quote_from_bytes(bs, safe="/"):
    return quote(bs, safe)


def unquote_to_bytes(string):
    data = string.encode() if isinstance(string, str) else string
    parts = data.split(b"%")
    out = bytearray(parts[0])
    for part in parts[1:]:
        try:
            if len(part) < 2 or not (chr(part[0]) + chr(part[1])).strip() == chr(part[0]) + chr(part[1]):
                raise ValueError
            out.append(int(str(part[:2], "utf8"), 16))
            out.extend(part[2:])
        except ValueError:
            out.extend(b"%" + part)
    return bytes(out)


def unquote(string, encoding="utf-8", errors="replace"):
    if "%" not in string:
        return string
    return __compat__.decode(unquote_to_bytes(string), "utf-8", errors)


def unquote_plus(string, encoding="utf-8", errors="replace"):
    return unquote(string.replace("+", " "))


def urlencode(query, doseq=False, safe="", encoding=None, errors=None, quote_via=quote_plus):
    pairs = query.items() if hasattr(query, "items") else query
    out = []
    for k, v in pairs:
        k = quote_via(k if isinstance(k, (str, bytes)) else str(k), safe)
        for x in v if doseq and isinstance(v, (list, tuple)) else (v,):
            out.append(k + "=" + quote_via(x if isinstance(x, (str, bytes)) else str(x), safe))
    return "&".join(out)


def parse_qsl(qs, keep_blank_values=False, strict_parsing=False, **kwargs):
    out = []
    for part in qs.split("&"):
        if not part:
            continue
        name, eq, value = part.partition("=")
        if not eq and strict_parsing:
            raise ValueError("bad query field: %r" % part)
        if value or keep_blank_values:
            out.append((unquote_plus(name), unquote_plus(value)))
    return out


def parse_qs(qs, keep_blank_values=False, strict_parsing=False, **kwargs):
    d = {}
    for name, value in parse_qsl(qs, keep_blank_values, strict_parsing):
        d.setdefault(name, []).append(value)
    return d


class _Net:
    @property
    def _where(self):
        user, at, host = self.netloc.rpartition("@")
        return user, host

    @property
    def username(self):
        user = self._where[0]
        return user.partition(":")[0] or None

    @property
    def password(self):
        user, colon, password = self._where[0].partition(":")
        return password if colon else None

    @property
    def hostname(self):
        host = self._where[1]
        if host.startswith("["):
            return host[1 : host.find("]")].lower()
        return host.partition(":")[0].lower() or None

    @property
    def port(self):
        host = self._where[1]
        text = host[host.find("]") + 1 :].rpartition(":")[2] if ":" in host[host.find("]") + 1 :] else ""
        if not text:
            return None
        if not text.isdigit():
            raise ValueError("Port could not be cast to integer value as %r" % text)
        return int(text)

    def geturl(self):
        return urlunparse(self) if len(self) == 6 else urlunsplit(self)


_Split = namedtuple("SplitResult", "scheme netloc path query fragment")
_Parse = namedtuple("ParseResult", "scheme netloc path params query fragment")
for _base in (_Split, _Parse):
    for _name, _value in _Net.__dict__.items():
        if _name not in ("__module__", "__qualname__", "__name__", "__dict__"):
            setattr(_base, _name, _value)
SplitResult = _Split
ParseResult = _Parse


def urlsplit(url, scheme="", allow_fragments=True):
    url = url.strip()
    netloc = query = fragment = ""
    i = url.find(":")
    if i > 0 and url[0].isalpha() and all([c.isalpha() or c.isdigit() or c in "+-." for c in url[:i]]):
        scheme, url = url[:i].lower(), url[i + 1 :]
    if url[:2] == "//":
        end = len(url)
        for c in "/?#":
            at = url.find(c, 2)
            if 0 <= at < end:
                end = at
        netloc, url = url[2:end], url[end:]
    if allow_fragments and "#" in url:
        url, _, fragment = url.partition("#")
    if "?" in url:
        url, _, query = url.partition("?")
    return _Split(scheme, netloc, url, query, fragment)


def urlparse(url, scheme="", allow_fragments=True):
    s = urlsplit(url, scheme, allow_fragments)
    path, params = s.path, ""
    last = path.rfind("/") + 1
    if s.scheme in ("", "http", "https", "ftp", "sftp", "rtsp", "sip", "mms", "tel", "hdl", "prospero", "shttp", "sips") and ";" in path[last:]:
        i = path.find(";", last)
        path, params = path[:i], path[i + 1 :]
    return _Parse(s.scheme, s.netloc, path, params, s.query, s.fragment)


def urlunsplit(parts):
    scheme, netloc, url, query, fragment = parts
    if netloc or url[:2] == "//":
        if url and url[0] != "/":
            url = "/" + url
        url = "//" + netloc + url
    if scheme:
        url = scheme + ":" + url
    if query:
        url += "?" + query
    return url + "#" + fragment if fragment else url


def urlunparse(parts):
    scheme, netloc, url, params, query, fragment = parts
    return urlunsplit((scheme, netloc, url + ";" + params if params else url, query, fragment))


def urljoin(base, url, allow_fragments=True):
    if not base:
        return url
    if not url:
        return base
    b, u = urlparse(base), urlparse(url, urlparse(base).scheme)
    if u.scheme != b.scheme:
        return url
    if u.netloc:
        return u.geturl()
    if not u.path and not u.params:
        return urlunparse((b.scheme, b.netloc, b.path, b.params, u.query or b.query, u.fragment))
    parts = u.path.split("/") if u.path[:1] == "/" else b.path.split("/")[:-1] + u.path.split("/")
    out = []
    for i, part in enumerate(parts):
        if part == "..":
            if len(out) > 1:
                out.pop()
        elif part != ".":
            if part or i == 0 or i == len(parts) - 1:
                out.append(part)
    if parts[-1] in (".", ".."):
        out.append("")
    path = "/".join(out)
    return urlunparse((b.scheme, b.netloc, path or "/", u.params, u.query, u.fragment))


def urldefrag(url):
    url, _, fragment = url.partition("#")
    return namedtuple("DefragResult", "url fragment")(url, fragment)
