# What is submitted is done at once, in the order in which it is submitted.
from _errors import _late

FIRST_COMPLETED = "FIRST_COMPLETED"
FIRST_EXCEPTION = "FIRST_EXCEPTION"
ALL_COMPLETED = "ALL_COMPLETED"
TimeoutError = _late()


class CancelledError(Exception):
    pass


class BrokenExecutor(RuntimeError):
    pass


class Future:
    def __init__(self):
        self._state = "pending"
        self._result = None
        self._exception = None
        self._callbacks = []

    def cancel(self):
        if self._state == "finished":
            return False
        self._state = "cancelled"
        return True

    def cancelled(self):
        return self._state == "cancelled"

    def running(self):
        return False

    def done(self):
        return self._state != "pending"

    def result(self, timeout=None):
        if self._state == "cancelled":
            raise CancelledError
        if self._state == "pending":
            raise TimeoutError
        if self._exception is not None:
            raise self._exception
        return self._result

    def exception(self, timeout=None):
        return self._exception

    def add_done_callback(self, fn):
        if self.done():
            fn(self)
        else:
            self._callbacks.append(fn)

    def _finish(self):
        self._state = "finished"
        for fn in self._callbacks:
            fn(self)

    def set_result(self, result):
        self._result = result
        self._finish()

    def set_exception(self, exception):
        self._exception = exception
        self._finish()

    def __repr__(self):
        if self._exception is not None:
            return "<Future state=finished raised %s>" % type(self._exception).__name__
        if self._state == "finished":
            return "<Future state=finished returned %s>" % type(self._result).__name__
        return "<Future state=%s>" % self._state


class Executor:
    def __init__(self, max_workers=None, thread_name_prefix="", initializer=None, initargs=(), **rest):
        if max_workers is not None and max_workers <= 0:
            raise ValueError("max_workers must be greater than 0")
        self._max_workers = max_workers or 1
        self._shut = False
        if initializer is not None:
            initializer(*initargs)

    def submit(self, fn, *args, **kwargs):
        if self._shut:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future = Future()
        try:
            result = fn(*args, **kwargs)
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)
        return future

    def map(self, fn, *iterables, timeout=None, chunksize=1):
        futures = [self.submit(fn, *args) for args in zip(*iterables)]
        return (future.result() for future in futures)

    def shutdown(self, wait=True, *, cancel_futures=False):
        self._shut = True

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.shutdown()


class ThreadPoolExecutor(Executor):
    pass


class ProcessPoolExecutor(Executor):
    pass


class _Waited(tuple):
    @property
    def done(self):
        return self[0]

    @property
    def not_done(self):
        return self[1]


def wait(fs, timeout=None, return_when=ALL_COMPLETED):
    return _Waited((set(fs), set()))


def as_completed(fs, timeout=None):
    return iter(list(fs))
