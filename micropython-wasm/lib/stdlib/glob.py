import os as _os
from fnmatch import fnmatch as _fnmatch


def _is_dir(path):
    try:
        return _os.stat(path)[0] & 0xF000 == 0x4000
    except OSError:
        return False


def _names(folder):
    try:
        return _os.listdir(folder or ".")
    except OSError:
        return []


def has_magic(s):
    return "*" in s or "?" in s or "[" in s


def escape(pathname):
    return "".join(["[" + c + "]" if c in "*?[" else c for c in pathname])


def _join(folder, name):
    return name if not folder else folder + name if folder.endswith("/") else folder + "/" + name


def _walk(folder, parts, recursive):
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == "**" and recursive:
        for found in _walk(folder, rest, recursive) if rest else ([folder + "/"] if folder else []):
            yield found
        for name in _names(folder):
            if name.startswith("."):
                continue
            path = _join(folder, name)
            if _is_dir(path):
                for found in _walk(path, parts, recursive):
                    yield found if rest else found.rstrip("/")
            elif not rest:
                yield path
    elif has_magic(part):
        for name in _names(folder):
            if _fnmatch(name, part) and (part.startswith(".") or not name.startswith(".")):
                path = _join(folder, name)
                if not rest or _is_dir(path):
                    for found in _walk(path, rest, recursive):
                        yield found
    else:
        path = _join(folder, part)
        try:
            _os.stat(path)
        except OSError:
            return
        for found in _walk(path, rest, recursive):
            yield found


def iglob(pathname, *, root_dir=None, dir_fd=None, recursive=False, include_hidden=False):
    pathname = str(pathname)
    start = "/" if pathname.startswith("/") else ""
    parts = [part for part in pathname.split("/") if part]
    if root_dir is None:
        return _walk(start, parts, recursive)
    root = str(root_dir).rstrip("/")
    return (path[len(root) + 1 :] for path in _walk(root, parts, recursive))


def glob(pathname, **kwargs):
    return list(iglob(pathname, **kwargs))
