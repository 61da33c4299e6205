import os as _os


class Error(OSError):
    pass


SameFileError = Error


def _is_dir(path):
    try:
        return _os.stat(path)[0] & 0xF000 == 0x4000
    except OSError:
        return False


def _base(path):
    return path.rstrip("/").split("/")[-1]


def copyfileobj(fsrc, fdst, length=0):
    while True:
        data = fsrc.read(length or 16384)
        if not data:
            break
        fdst.write(data)


def copyfile(src, dst, *, follow_symlinks=True):
    src, dst = str(src), str(dst)
    if src == dst:
        raise SameFileError("%r and %r are the same file" % (src, dst))
    with open(src, "rb") as a:
        with open(dst, "wb") as b:
            copyfileobj(a, b)
    return dst


def copy(src, dst, *, follow_symlinks=True):
    dst = str(dst)
    return copyfile(src, dst.rstrip("/") + "/" + _base(str(src)) if _is_dir(dst) else dst)


copy2 = copy


def copymode(src, dst, **rest):
    pass


copystat = copymode


def ignore_patterns(*patterns):
    from fnmatch import fnmatch

    def ignored(path, names):
        return {name for name in names for pattern in patterns if fnmatch(name, pattern)}

    return ignored


def copytree(src, dst, symlinks=False, ignore=None, copy_function=copy, ignore_dangling_symlinks=False, dirs_exist_ok=False):
    src, dst = str(src), str(dst)
    names = _os.listdir(src)
    left_out = ignore(src, names) if ignore is not None else ()
    if not (dirs_exist_ok and _is_dir(dst)):
        _os.mkdir(dst)
    for name in names:
        if name in left_out:
            continue
        a, b = src + "/" + name, dst + "/" + name
        if _is_dir(a):
            copytree(a, b, symlinks, ignore, copy_function, False, dirs_exist_ok)
        else:
            copy_function(a, b)
    return dst


def rmtree(path, ignore_errors=False, onerror=None):
    path = str(path)
    try:
        for name in _os.listdir(path):
            child = path + "/" + name
            if _is_dir(child):
                rmtree(child, ignore_errors)
            else:
                _os.remove(child)
        _os.rmdir(path)
    except OSError:
        if not ignore_errors:
            raise


def move(src, dst, copy_function=copy):
    src, dst = str(src), str(dst)
    if _is_dir(dst):
        dst = dst.rstrip("/") + "/" + _base(src)
    _os.rename(src, dst)
    return dst


def which(cmd, mode=1, path=None):
    return None


class _Size(tuple):
    @property
    def columns(self):
        return self[0]

    @property
    def lines(self):
        return self[1]


def get_terminal_size(fallback=(80, 24)):
    return _Size(fallback)
