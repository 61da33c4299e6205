# Names count up: the same program makes the same files each time.
import io as _io
import os as _os

_made = 0
tempdir = None


def gettempdir():
    folder = tempdir or "/tmp"
    try:
        _os.mkdir(folder)
    except OSError:
        pass
    return folder


def gettempprefix():
    return "tmp"


def _exists(path):
    try:
        _os.stat(path)
        return True
    except OSError:
        return False


def _name(suffix, prefix, dir):
    global _made
    folder = gettempdir() if dir is None else dir
    while True:
        path = "%s/%s%08d%s" % (folder, "tmp" if prefix is None else prefix, _made, suffix or "")
        _made += 1
        if not _exists(path):
            return path


def mktemp(suffix="", prefix="tmp", dir=None):
    return _name(suffix, prefix, dir)


def mkdtemp(suffix=None, prefix=None, dir=None):
    path = _name(suffix, prefix, dir)
    _os.mkdir(path)
    return path


def mkstemp(suffix=None, prefix=None, dir=None, text=False):
    path = _name(suffix, prefix, dir)
    open(path, "w").close()
    return 3, path


class TemporaryDirectory:
    def __init__(self, suffix=None, prefix=None, dir=None, ignore_cleanup_errors=False, *, delete=True):
        self.name = mkdtemp(suffix, prefix, dir)
        self._delete = delete

    def cleanup(self):
        from shutil import rmtree

        rmtree(self.name, True)

    def __enter__(self):
        return self.name

    def __exit__(self, *error):
        if self._delete:
            self.cleanup()

    def __repr__(self):
        return "<TemporaryDirectory %r>" % self.name


class _File:
    def __init__(self, path, mode, delete):
        self.name = path
        self._delete = delete
        self.closed = False
        self.file = open(path, mode)

    def __getattr__(self, name):
        return getattr(self.file, name)

    def close(self):
        if not self.closed:
            self.closed = True
            self.file.close()
            if self._delete and _exists(self.name):
                _os.remove(self.name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def __iter__(self):
        return iter(self.file)


def NamedTemporaryFile(mode="w+b", buffering=-1, encoding=None, newline=None, suffix=None, prefix=None, dir=None, delete=True, **rest):
    return _File(_name(suffix, prefix, dir), mode, delete)


def TemporaryFile(mode="w+b", *args, **kwargs):
    return NamedTemporaryFile(mode)


def SpooledTemporaryFile(max_size=0, mode="w+b", *args, **kwargs):
    return _io.BytesIO() if "b" in mode else _io.StringIO()
