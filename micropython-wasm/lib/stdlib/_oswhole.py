# What os and os.path lack: it is put into them, for they are frozen and there before the library is.
import os
import os.path as _path


def splitext(p):
    name = p[p.rfind("/") + 1 :]
    dot = name.rfind(".")
    if dot < 0 or not name[:dot].strip("."):
        return (p, p[:0])
    cut = len(p) - len(name) + dot
    return (p[:cut], p[cut:])


def split(p):
    at = p.rfind("/") + 1
    head = p[:at]
    if head and head != "/" * len(head):
        head = head.rstrip("/")
    return (head, p[at:])


def join(first, *rest):
    path = str(first)
    for part in rest:
        part = str(part)
        if part.startswith("/"):
            path = part
        elif not path or path.endswith("/"):
            path += part
        else:
            path += "/" + part
    return path


def isabs(p):
    return p.startswith("/")


def normpath(p):
    if not p:
        return "."
    root = "//" if p.startswith("//") and not p.startswith("///") else "/" if p[0] == "/" else ""
    parts = []
    for part in p.split("/"):
        if part in ("", "."):
            continue
        if part != ".." or (not root and not parts) or (parts and parts[-1] == ".."):
            parts.append(part)
        elif parts:
            parts.pop()
    return root + "/".join(parts) or "."


def abspath(p):
    return normpath(p if isabs(p) else join(os.getcwd(), p))


def relpath(p, start="."):
    a = [part for part in abspath(start).split("/") if part]
    b = [part for part in abspath(p).split("/") if part]
    same = 0
    while same < len(a) and same < len(b) and a[same] == b[same]:
        same += 1
    return "/".join([".."] * (len(a) - same) + b[same:]) or "."


def commonprefix(m):
    if not m:
        return ""
    low, high = min(m), max(m)
    for i in range(len(low)):
        if low[i] != high[i]:
            return low[:i]
    return low


def commonpath(paths):
    lists = [[part for part in p.split("/") if part and part != "."] for p in paths]
    if not lists:
        raise ValueError("commonpath() arg is an empty sequence")
    if len(set([isabs(p) for p in paths])) > 1:
        raise ValueError("Can't mix absolute and relative paths")
    return ("/" if isabs(paths[0]) else "") + "/".join(commonprefix(lists))


def makedirs(name, mode=0o777, exist_ok=False):
    head, tail = split(name)
    if not tail:
        head, tail = split(head)
    if head and tail and not _path.exists(head):
        makedirs(head, mode, True)
    try:
        os.mkdir(name)
    except OSError:
        if not exist_ok or not _path.isdir(name):
            raise


def walk(top, topdown=True, onerror=None, followlinks=False):
    folders = []
    files = []
    try:
        names = os.listdir(top)
    except OSError as e:
        if onerror is not None:
            onerror(e)
        return
    for name in names:
        (folders if _path.isdir(join(top, name)) else files).append(name)
    if topdown:
        yield (top, folders, files)
    for name in folders:
        for entry in walk(join(top, name), topdown, onerror):
            yield entry
    if not topdown:
        yield (top, folders, files)


def _told(function):
    """A function of os's whose errors tell more than a number."""

    def call(*args):
        args = [str(arg) if hasattr(arg, "__fspath__") else arg for arg in args]
        try:
            return function(*args)
        except OSError as error:
            failed = error
        from _errors import os_error

        raise os_error(failed, args[0] if args else None)

    return call


for _name in ("listdir", "remove", "unlink", "mkdir", "rmdir", "rename", "stat", "chdir"):
    setattr(os, _name, _told(getattr(os, _name)))


def removedirs(name):
    os.rmdir(name)


class DirEntry:
    def __init__(self, folder, name):
        self.name = name
        self.path = join(folder, name)

    def is_dir(self, *, follow_symlinks=True):
        return _path.isdir(self.path)

    def is_file(self, *, follow_symlinks=True):
        return _path.isfile(self.path)

    def is_symlink(self):
        return False

    def stat(self, *, follow_symlinks=True):
        return os.stat(self.path)

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return "<DirEntry %r>" % self.name


class scandir:
    def __init__(self, path="."):
        self._entries = [DirEntry(path, name) for name in os.listdir(path)]

    def __iter__(self):
        return iter(self._entries)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def _kind(path):
    try:
        return os.stat(str(path))[0] & 0xF000
    except OSError:
        return 0


_path.exists = lambda path: _kind(path) != 0
_path.isdir = lambda path: _kind(path) == 0x4000
_path.isfile = lambda path: _kind(path) == 0x8000


def expanduser(path):
    return path


os.scandir = scandir
os.replace = os.rename
_path.expanduser = _path.realpath = expanduser
_path.realpath = abspath
for _f in (splitext, split, join, isabs, normpath, abspath, relpath, commonprefix, commonpath):
    setattr(_path, _f.__name__, _f)
_path.basename = lambda p: split(p)[1]
_path.dirname = lambda p: split(p)[0]
_path.getsize = lambda p: os.stat(p)[6]
_path.getmtime = lambda p: os.stat(p)[8]
_path.curdir, _path.pardir, _path.sep = ".", "..", "/"
os.makedirs = makedirs
os.walk = walk
os.environ = {}
os.getenv = lambda key, default=None: os.environ.get(key, default)
os.linesep, os.name, os.curdir, os.pardir = "\n", "posix", ".", ".."
