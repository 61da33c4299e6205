import sys as _sys

from _errors import DeprecationWarning, UserWarning, Warning

_filters = []
_seen = set()
_recorded = None


class WarningMessage:
    def __init__(self, message, category, filename="<stdin>", lineno=1, file=None, line=None, source=None):
        self.message = message
        self.category = category
        self.filename = filename
        self.lineno = lineno
        self.file = file
        self.line = line
        self.source = source

    def __str__(self):
        return "{message : %r, category : %r, filename : %r, lineno : %s, line : %r}" % (
            self.message, self.category.__name__, self.filename, self.lineno, self.line)


def formatwarning(message, category, filename, lineno, line=None):
    return "%s:%s: %s: %s\n" % (filename, lineno, category.__name__, message)


def showwarning(message, category, filename, lineno, file=None, line=None):
    (_sys.stderr if file is None else file).write(formatwarning(message, category, filename, lineno, line))


def _action(text, category):
    for action, message, kind in _filters:
        if issubclass(category, kind) and (not message or __import__("re").match(message, text)):
            return action
    return "default"


def warn(message, category=None, stacklevel=1, source=None):
    if isinstance(message, Warning):
        category = type(message)
    else:
        category = UserWarning if category is None else category
        message = category(message)
    text = str(message)
    action = _action(text, category)
    if action == "error":
        raise message
    if action == "ignore":
        return
    if action != "always":
        if (text, category) in _seen:
            return
        _seen.add((text, category))
    if _recorded is not None:
        _recorded.append(WarningMessage(message, category))
    else:
        showwarning(message, category, "<stdin>", 1)


def warn_explicit(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None):
    warn(message, category)


def simplefilter(action, category=Warning, lineno=0, append=False):
    filterwarnings(action, "", category, append=append)


def filterwarnings(action, message="", category=Warning, module="", lineno=0, append=False):
    entry = (action, message, category)
    if append:
        _filters.append(entry)
    else:
        _filters.insert(0, entry)


def resetwarnings():
    del _filters[:]


class catch_warnings:
    def __init__(self, *, record=False, module=None, action=None, category=Warning, lineno=0, append=False):
        self._record = record
        self._action = action
        self._category = category

    def __enter__(self):
        global _recorded
        self._before = _recorded, _filters[:], set(_seen)
        _seen.clear()
        if self._action is not None:
            simplefilter(self._action, self._category)
        if self._record:
            _recorded = []
            return _recorded

    def __exit__(self, *error):
        global _recorded
        _recorded, filters, seen = self._before
        _filters[:] = filters
        _seen.clear()
        _seen.update(seen)
