# A thread runs when it is started, to its end: there is one at a time, and start() comes back when it is over.
import time as _time

_count = 0


class _Main:
    name = "MainThread"
    daemon = False
    ident = 1
    native_id = 1

    def is_alive(self):
        return True

    def getName(self):
        return self.name

    def __repr__(self):
        return "<_MainThread(MainThread, started 1)>"


_main = _Main()
_current = [_main]


class Thread:
    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        global _count
        _count += 1
        if name is None:
            name = "Thread-%d" % _count
            if target is not None:
                name += " (%s)" % getattr(target, "__name__", "target")
        self.name = name
        self.daemon = bool(daemon)
        self.ident = None
        self._target = target
        self._args = args
        self._kwargs = kwargs or {}
        self._state = 0

    def run(self):
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def start(self):
        if self._state:
            raise RuntimeError("threads can only be started once")
        self._state = 1
        self.ident = self.native_id = len(_current) + _count
        _current.append(self)
        try:
            self.run()
        except SystemExit:
            pass
        except Exception as error:
            import sys

            sys.stderr.write("Exception in thread %s:\n" % self.name)
            sys.print_exception(error, sys.stderr)
        finally:
            _current.pop()
            self._state = 2

    def join(self, timeout=None):
        if not self._state:
            raise RuntimeError("cannot join thread before it is started")

    def is_alive(self):
        return self._state == 1

    def getName(self):
        return self.name

    def setName(self, name):
        self.name = name

    def isDaemon(self):
        return self.daemon

    def setDaemon(self, daemonic):
        self.daemon = daemonic


class Timer(Thread):
    def __init__(self, interval, function, args=None, kwargs=None):
        super().__init__()
        self.interval = interval
        self.function = function
        self.args = args or []
        self.kwargs = kwargs or {}
        self._cancelled = False

    def cancel(self):
        self._cancelled = True

    def run(self):
        _time.sleep(self.interval)
        if not self._cancelled:
            self.function(*self.args, **self.kwargs)


class Deadlock(RuntimeError):
    pass


def _waits(what):
    raise Deadlock(
        "%s would wait for ever: a thread runs to its end when it is started, and no other runs beside it" % what
    )


class Lock:
    _again = False

    def __init__(self):
        self._held = 0
        self._owner = None

    def acquire(self, blocking=True, timeout=-1):
        if self._held and not (self._again and self._owner is _current[-1]):
            if blocking and timeout < 0:
                _waits("Lock.acquire()")
            return False
        self._held += 1
        self._owner = _current[-1]
        return True

    def release(self):
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held -= 1

    def locked(self):
        return self._held > 0

    def __enter__(self):
        self.acquire()
        return True

    def __exit__(self, *error):
        self.release()


class _RLock(Lock):
    _again = True


def RLock():
    return _RLock()


class Semaphore:
    def __init__(self, value=1):
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._value = self._most = value

    def acquire(self, blocking=True, timeout=None):
        if not self._value:
            if blocking and timeout is None:
                _waits("Semaphore.acquire()")
            return False
        self._value -= 1
        return True

    def release(self, n=1):
        self._value += n

    def __enter__(self):
        self.acquire()
        return True

    def __exit__(self, *error):
        self.release()


class BoundedSemaphore(Semaphore):
    def release(self, n=1):
        if self._value + n > self._most:
            raise ValueError("Semaphore released too many times")
        self._value += n


class Event:
    def __init__(self):
        self._set = False

    def is_set(self):
        return self._set

    isSet = is_set

    def set(self):
        self._set = True

    def clear(self):
        self._set = False

    def wait(self, timeout=None):
        if not self._set and timeout is None:
            _waits("Event.wait()")
        if not self._set:
            _time.sleep(timeout)
        return self._set


class Condition:
    def __init__(self, lock=None):
        self._lock = _RLock() if lock is None else lock
        self.acquire = self._lock.acquire
        self.release = self._lock.release

    def __enter__(self):
        return self._lock.__enter__()

    def __exit__(self, *error):
        self._lock.release()

    def wait(self, timeout=None):
        if timeout is None:
            _waits("Condition.wait()")
        return False

    def wait_for(self, predicate, timeout=None):
        value = predicate()
        if not value and timeout is None:
            _waits("Condition.wait_for()")
        return value

    def notify(self, n=1):
        pass

    def notify_all(self):
        pass


class Barrier:
    def __init__(self, parties, action=None, timeout=None):
        self.parties = parties
        self.n_waiting = 0

    def wait(self, timeout=None):
        if self.parties > 1:
            _waits("Barrier.wait()")
        return 0


class local:
    pass


def current_thread():
    return _current[-1]


currentThread = current_thread


def main_thread():
    return _main


def get_ident():
    return _current[-1].ident


get_native_id = get_ident


def active_count():
    return len(_current)


def enumerate():
    return list(_current)


def excepthook(args):
    pass
