import builtins

ALL_COMPLETED = "ALL_COMPLETED"
FIRST_COMPLETED = "FIRST_COMPLETED"
FIRST_EXCEPTION = "FIRST_EXCEPTION"


class CancelledError(BaseException):
    pass


class InvalidStateError(Exception):
    pass


TimeoutError = getattr(builtins, "TimeoutError", None)
if TimeoutError is None:

    class TimeoutError(OSError):
        pass

    builtins.TimeoutError = TimeoutError


class Future:
    _asyncio_future_blocking = False
    _loop = None

    def __init__(self, *, loop=None):
        if loop is None:
            from asyncio.loops import get_event_loop

            loop = get_event_loop()
        self._loop = loop
        self._state = "pending"
        self._value = None
        self._callbacks = []
        self._cancel_message = None

    def done(self):
        return self._state != "pending"

    def cancelled(self):
        return self._state == "cancelled"

    def get_loop(self):
        return self._loop

    def result(self):
        if self._state == "finished":
            return self._value
        if self._state == "failed":
            raise self._value
        if self._state == "cancelled":
            raise self._cancelled_error()
        raise InvalidStateError("Result is not set.")

    def exception(self):
        if self._state == "failed":
            return self._value
        if self._state == "finished":
            return None
        if self._state == "cancelled":
            raise self._cancelled_error()
        raise InvalidStateError("Exception is not set.")

    def _cancelled_error(self):
        return CancelledError() if self._cancel_message is None else CancelledError(self._cancel_message)

    def _settle(self, state, value):
        if self._state != "pending":
            raise InvalidStateError("invalid state")
        self._state = state
        self._value = value
        callbacks = self._callbacks
        self._callbacks = ()
        for callback in callbacks:
            self._loop.call_soon(callback, self)

    def set_result(self, result):
        self._settle("finished", result)

    def set_exception(self, exception):
        if isinstance(exception, type):
            exception = exception()
        if type(exception) is StopIteration:
            raise TypeError("StopIteration interacts badly with generators and cannot be raised into a Future")
        self._settle("failed", exception)

    def cancel(self, msg=None):
        if self._state != "pending":
            return False
        self._cancel_message = msg
        self._settle("cancelled", None)
        return True

    def add_done_callback(self, callback, *, context=None):
        if self._state != "pending":
            self._loop.call_soon(callback, self)
        else:
            self._callbacks.append(callback)

    def remove_done_callback(self, callback):
        before = len(self._callbacks)
        self._callbacks = [c for c in self._callbacks if c != callback]
        return before - len(self._callbacks)

    def __iter__(self):
        if self._state == "pending":
            yield self
            if self._state == "pending":
                raise RuntimeError("await wasn't used with future")
        return self.result()

    __await__ = __iter__

    def __repr__(self):
        state = "finished" if self._state == "failed" else self._state
        if self._state == "finished":
            state += " result=%r" % (self._value,)
        elif self._state == "failed":
            state += " exception=%r" % (self._value,)
        return "<%s %s>" % (type(self).__name__, state)


def isfuture(obj):
    return isinstance(obj, Future)
