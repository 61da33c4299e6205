import os as _os

import _oswhole as _whole
from fnmatch import fnmatchcase as _matches


class Stat:
    def __init__(self, values):
        self._values = tuple(values)
        self.st_mode, self.st_ino, self.st_dev, self.st_nlink, self.st_uid, self.st_gid, self.st_size = self._values[:7]
        self.st_atime, self.st_mtime, self.st_ctime = self._values[7:10]

    def __getitem__(self, i):
        return self._values[i]


class PurePath:
    def __init__(self, *segments):
        text = _whole.join(*segments) if segments else ""
        root = "/" if text.startswith("/") else ""
        parts = [part for part in text.split("/") if part and part != "."]
        self._root = root
        self._parts = parts
        self._text = root + "/".join(parts) or "."

    def __str__(self):
        return self._text

    __fspath__ = as_posix = __str__

    def __repr__(self):
        return "%s(%r)" % ("PosixPath" if type(self) is Path else "PurePosixPath" if type(self) is PurePath else type(self).__name__, self._text)

    def __hash__(self):
        return hash(self._text)

    def __eq__(self, other):
        return isinstance(other, PurePath) and self._text == other._text

    def __lt__(self, other):
        return self.parts < other.parts

    def __le__(self, other):
        return self.parts <= other.parts

    def __gt__(self, other):
        return self.parts > other.parts

    def __ge__(self, other):
        return self.parts >= other.parts

    def __truediv__(self, other):
        return type(self)(self._text, str(other))

    def __rtruediv__(self, other):
        return type(self)(other, self._text)

    def joinpath(self, *others):
        return type(self)(self._text, *[str(other) for other in others])

    @property
    def parts(self):
        return ((self._root,) if self._root else ()) + tuple(self._parts)

    @property
    def root(self):
        return self._root

    anchor = root
    drive = ""

    @property
    def name(self):
        return self._parts[-1] if self._parts else ""

    @property
    def suffix(self):
        return _whole.splitext(self.name)[1] if not self.name.endswith(".") else ""

    @property
    def suffixes(self):
        name = self.name.lstrip(".")
        return [] if name.endswith(".") else ["." + part for part in name.split(".")[1:]]

    @property
    def stem(self):
        name = self.name
        return name[: len(name) - len(self.suffix)] if self.suffix else name

    @property
    def parent(self):
        return type(self)(self._root + "/".join(self._parts[:-1])) if self._parts else self

    @property
    def parents(self):
        found = []
        path = self
        while path._parts:
            path = path.parent
            found.append(path)
        return found

    def is_absolute(self):
        return bool(self._root)

    def with_name(self, name):
        if not self.name:
            raise ValueError("%r has an empty name" % self)
        return self.parent / name

    def with_stem(self, stem):
        return self.with_name(stem + self.suffix)

    def with_suffix(self, suffix):
        if suffix and not suffix.startswith("."):
            raise ValueError("Invalid suffix %r" % suffix)
        return self.with_name(self.stem + suffix)

    def relative_to(self, *other):
        base = type(self)(*other)
        n = len(base.parts)
        if self.parts[:n] != base.parts:
            raise ValueError(
                "%r is not in the subpath of %r OR one path is relative and the other is absolute." % (self._text, base._text)
            )
        return type(self)("/".join(self.parts[n:]))

    def is_relative_to(self, *other):
        base = type(self)(*other)
        return self.parts[: len(base.parts)] == base.parts

    def match(self, pattern):
        wanted = [part for part in pattern.split("/") if part]
        if pattern.startswith("/") and len(wanted) != len(self._parts):
            return False
        mine = self._parts[-len(wanted) :]
        return len(mine) == len(wanted) and all([_matches(a, b) for a, b in zip(mine, wanted)])


class Path(PurePath):
    @staticmethod
    def cwd():
        return Path(_os.getcwd())

    @staticmethod
    def home():
        return Path("/home")

    def stat(self):
        return Stat(_os.stat(self._text))

    lstat = stat

    def exists(self):
        try:
            _os.stat(self._text)
        except OSError:
            return False
        return True

    def _kind(self):
        try:
            return _os.stat(self._text)[0] & 0xF000
        except OSError:
            return 0

    def is_dir(self):
        return self._kind() == 0x4000

    def is_file(self):
        return self._kind() == 0x8000

    def is_symlink(self):
        return False

    def open(self, mode="r", *args, **kwargs):
        return __compat__.open(self._text, mode, *args, **kwargs)

    def read_text(self, encoding=None, errors=None):
        with self.open() as f:
            return f.read()

    def read_bytes(self):
        with self.open("rb") as f:
            return f.read()

    def write_text(self, data, encoding=None, errors=None, newline=None):
        if not isinstance(data, str):
            raise TypeError("data must be str, not %s" % type(data).__name__)
        with self.open("w") as f:
            return f.write(data)

    def write_bytes(self, data):
        with self.open("wb") as f:
            return f.write(data)

    def touch(self, mode=0o666, exist_ok=True):
        if not exist_ok and self.exists():
            from _errors import FileExistsError

            raise FileExistsError(17, "File exists", self._text)
        self.open("a").close()

    def mkdir(self, mode=0o777, parents=False, exist_ok=False):
        if parents and not self.parent.exists():
            self.parent.mkdir(mode, True, True)
        try:
            _os.mkdir(self._text)
        except OSError:
            if not exist_ok or not self.is_dir():
                raise

    def rmdir(self):
        _os.rmdir(self._text)

    def unlink(self, missing_ok=False):
        try:
            _os.remove(self._text)
        except OSError as error:
            if not missing_ok or error.errno != 2:
                raise

    def rename(self, target):
        _os.rename(self._text, str(target))
        return type(self)(str(target))

    replace = rename

    def iterdir(self):
        for name in _os.listdir(self._text):
            yield self / name

    def _tree(self):
        yield self
        for path in self.iterdir():
            if path.is_dir():
                for found in path._tree():
                    yield found

    def _glob(self, parts):
        if not parts:
            yield self
        elif parts[0] == "**":
            for folder in self._tree():
                if len(parts) == 1:
                    yield folder
                else:
                    for found in folder._glob(parts[1:]):
                        yield found
        elif self.is_dir():
            for path in self.iterdir():
                if _matches(path.name, parts[0]):
                    for found in path._glob(parts[1:]):
                        yield found

    def glob(self, pattern):
        if not pattern:
            raise ValueError("Unacceptable pattern: %r" % pattern)
        return self._glob([part for part in pattern.split("/") if part])

    def rglob(self, pattern):
        return self._glob(["**"] + [part for part in pattern.split("/") if part])

    def walk(self, top_down=True):
        for folder, folders, files in _whole.walk(self._text, top_down):
            yield type(self)(folder), folders, files

    def absolute(self):
        return self if self._root else type(self)(_os.getcwd(), self._text)

    def resolve(self, strict=False):
        return type(self)(_whole.abspath(self._text))

    def expanduser(self):
        return self

    def samefile(self, other):
        return self.resolve() == Path(str(other)).resolve()


PosixPath = Path
PurePosixPath = PurePath
