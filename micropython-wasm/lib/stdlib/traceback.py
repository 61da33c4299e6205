import sys as _sys


def _text(exc):
    import io

    out = io.StringIO()
    _sys.print_exception(exc, out)
    return out.getvalue()


def _shown(file):
    return _sys.stderr if file is None else file


# Which exception is being handled, a program that names none cannot tell here: compat/ hands it over where it can.
def print_exc(limit=None, file=None, chain=True, exc=None):
    if exc is None:
        _shown(file).write("NoneType: None\n")
    else:
        _shown(file).write(_text(exc))


def format_exc(limit=None, chain=True, exc=None):
    return "NoneType: None\n" if exc is None else _text(exc)


def print_exception(exc, value=None, tb=None, limit=None, file=None, chain=True):
    _shown(file).write(_text(exc if value is None else value))


def format_exception(exc, value=None, tb=None, limit=None, chain=True):
    return __compat__.splitlines(_text(exc if value is None else value), True)


def format_exception_only(exc, value=None):
    e = exc if value is None else value
    text = str(e)
    return [type(e).__name__ + (": " + text if text else "") + "\n"]


def format_tb(tb, limit=None):
    return []


def print_tb(tb, limit=None, file=None):
    pass


def extract_tb(tb, limit=None):
    return []


def print_stack(f=None, limit=None, file=None):
    pass


def format_stack(f=None, limit=None):
    return []
