# Exceptions that MicroPython has not: programs get them by name where compat/ sees them named.
class UnboundLocalError(NameError):
    pass


class BufferError(Exception):
    pass


class FloatingPointError(ArithmeticError):
    pass


class ReferenceError(Exception):
    pass


class SystemError(Exception):
    pass


class TabError(IndentationError):
    pass


class UnicodeTranslateError(UnicodeError):
    pass


class Warning(Exception):
    pass


def _warnings(names):
    for name in names.split():
        globals()[name] = type(name, (Warning,), {})


_warnings(
    "UserWarning DeprecationWarning PendingDeprecationWarning RuntimeWarning SyntaxWarning FutureWarning ImportWarning "
    "UnicodeWarning BytesWarning ResourceWarning EncodingWarning"
)


def _late():
    from asyncio import TimeoutError

    return TimeoutError


class BaseExceptionGroup(Exception):
    def __init__(self, message, exceptions):
        super().__init__(message, exceptions)
        self.message = message
        self.exceptions = tuple(exceptions)

    def __str__(self):
        n = len(self.exceptions)
        return "%s (%d sub-exception%s)" % (self.message, n, "" if n == 1 else "s")

    def __repr__(self):
        return "%s(%r, %r)" % (type(self).__name__, self.message, list(self.exceptions))

    def derive(self, exceptions):
        return type(self)(self.message, exceptions)

    def split(self, condition):
        test = condition if not isinstance(condition, (type, tuple)) else lambda e: isinstance(e, condition)
        inside, outside = [], []
        for e in self.exceptions:
            if isinstance(e, BaseExceptionGroup):
                a, b = e.split(condition)
                if a is not None:
                    inside.append(a)
                if b is not None:
                    outside.append(b)
            else:
                (inside if test(e) else outside).append(e)
        return self.derive(inside) if inside else None, self.derive(outside) if outside else None

    def subgroup(self, condition):
        return self.split(condition)[0]


class ExceptionGroup(BaseExceptionGroup):
    pass


# ---- errors of the system, by their numbers: MicroPython's are all OSError, with the number alone ----
_TEXTS = {
    1: "Operation not permitted",
    2: "No such file or directory",
    5: "Input/output error",
    9: "Bad file descriptor",
    13: "Permission denied",
    17: "File exists",
    18: "Invalid cross-device link",
    20: "Not a directory",
    21: "Is a directory",
    22: "Invalid argument",
    28: "No space left on device",
    30: "Read-only file system",
    36: "File name too long",
    39: "Directory not empty",
    40: "Too many levels of symbolic links",
}


class _OSError(OSError):
    # An exception that nobody catches is printed by its arguments, and not by its __str__(): the file is one of them.
    def __init__(self, *args):
        self.errno = self.strerror = self.filename = None
        if 1 < len(args) < 4:
            self.errno, self.strerror = args[:2]
            self.filename = args[2] if len(args) > 2 else None
            if self.filename is None:
                args = args[:2]
        super().__init__(*args)


def _os_errors(names):
    for name in names.split():
        globals()[name] = type(name, (_OSError,), {})


_os_errors(
    "FileNotFoundError FileExistsError PermissionError IsADirectoryError NotADirectoryError ConnectionError "
    "BlockingIOError ChildProcessError ProcessLookupError InterruptedError"
)


class BrokenPipeError(ConnectionError):
    pass


class ConnectionAbortedError(ConnectionError):
    pass


class ConnectionRefusedError(ConnectionError):
    pass


class ConnectionResetError(ConnectionError):
    pass


_CLASSES = {2: FileNotFoundError, 17: FileExistsError, 1: PermissionError, 13: PermissionError, 21: IsADirectoryError, 20: NotADirectoryError}


# The other numbers have no class of their own.
_Other = type("OSError", (_OSError,), {})


def os_error(error, filename=None):
    """An OSError of MicroPython's as CPython has it."""
    n = error.args[0] if error.args else None
    if type(error) is not OSError or n not in _TEXTS:
        return error
    return _CLASSES.get(n, _Other)(n, _TEXTS[n], filename)
