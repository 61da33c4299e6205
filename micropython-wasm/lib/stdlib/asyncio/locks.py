from asyncio.futures import CancelledError, Future
from asyncio.loops import get_event_loop, _finish


class _Waiting:
    """Tasks that wait for something, the one that came first in front."""

    def __init__(self):
        self._waiters = []

    async def _wait(self):
        waiter = Future(loop=get_event_loop())
        self._waiters.append(waiter)
        try:
            await waiter
        finally:
            self._waiters.remove(waiter)

    def _wake(self, count):
        for waiter in self._waiters:
            if count <= 0:
                return
            if not waiter.done():
                count -= 1
                waiter.set_result(True)


class Event(_Waiting):
    def __init__(self):
        _Waiting.__init__(self)
        self._set = False

    def is_set(self):
        return self._set

    def set(self):
        if not self._set:
            self._set = True
            self._wake(len(self._waiters))

    def clear(self):
        self._set = False

    async def wait(self):
        if not self._set:
            await self._wait()
        return True


class _Scope:
    async def __aenter__(self):
        await self.acquire()

    async def __aexit__(self, *exception):
        self.release()


class Lock(_Scope, _Waiting):
    def __init__(self):
        _Waiting.__init__(self)
        self._locked = False

    def locked(self):
        return self._locked

    async def acquire(self):
        if self._locked or not all(w.cancelled() for w in self._waiters):
            try:
                await self._wait()
            except CancelledError:
                if not self._locked:
                    self._wake_first()
                raise
        self._locked = True
        return True

    def release(self):
        if not self._locked:
            raise RuntimeError("Lock is not acquired.")
        self._locked = False
        self._wake_first()

    def _wake_first(self):
        if self._waiters and not self._waiters[0].done():
            self._waiters[0].set_result(True)


class Semaphore(_Scope, _Waiting):
    def __init__(self, value=1):
        if value < 0:
            raise ValueError("Semaphore initial value must be >= 0")
        _Waiting.__init__(self)
        self._value = value

    def locked(self):
        return self._value == 0 or any(not w.cancelled() for w in self._waiters)

    async def acquire(self):
        if not self.locked():
            self._value -= 1
            return True
        waiter = Future(loop=get_event_loop())
        self._waiters.append(waiter)
        try:
            try:
                await waiter
            finally:
                self._waiters.remove(waiter)
        except CancelledError:
            # Its turn had come: the next one's has.
            if not waiter.cancelled():
                self._value += 1
                self._next()
            raise
        if self._value > 0:
            self._next()
        return True

    def release(self):
        self._value += 1
        self._next()

    def _next(self):
        for waiter in self._waiters:
            if not waiter.done():
                self._value -= 1
                waiter.set_result(True)
                return


class BoundedSemaphore(Semaphore):
    def __init__(self, value=1):
        Semaphore.__init__(self, value)
        self._bound = value

    def release(self):
        if self._value >= self._bound:
            raise ValueError("BoundedSemaphore released too many times")
        Semaphore.release(self)


class Condition(_Scope, _Waiting):
    def __init__(self, lock=None):
        _Waiting.__init__(self)
        self._lock = Lock() if lock is None else lock
        self.locked = self._lock.locked
        self.release = self._lock.release

    async def acquire(self):
        return await self._lock.acquire()

    async def wait(self):
        if not self.locked():
            raise RuntimeError("cannot wait on un-acquired lock")
        self.release()
        try:
            await self._wait()
            return True
        finally:
            cancelled = None
            while True:
                try:
                    await self._lock.acquire()
                    break
                except CancelledError as reason:
                    cancelled = reason
            if cancelled is not None:
                raise cancelled

    async def wait_for(self, predicate):
        result = predicate()
        while not result:
            await self.wait()
            result = predicate()
        return result

    def notify(self, n=1):
        if not self.locked():
            raise RuntimeError("cannot notify on un-acquired lock")
        self._wake(n)

    def notify_all(self):
        self.notify(len(self._waiters))


class BrokenBarrierError(RuntimeError):
    pass


class Barrier(_Waiting):
    def __init__(self, parties):
        if parties < 1:
            raise ValueError("parties must be > 0")
        _Waiting.__init__(self)
        self.parties = parties
        self.broken = False
        self.n_waiting = 0

    async def __aenter__(self):
        return await self.wait()

    async def __aexit__(self, *exception):
        pass

    async def wait(self):
        if self.broken:
            raise BrokenBarrierError("Barrier aborted")
        index = self.n_waiting
        self.n_waiting += 1
        if self.n_waiting == self.parties:
            self.n_waiting = 0
            self._wake(len(self._waiters))
            return index
        try:
            await self._wait()
        except CancelledError:
            self.n_waiting = max(0, self.n_waiting - 1)
            raise
        if self.broken:
            raise BrokenBarrierError("Abort or reset of barrier")
        return index

    async def abort(self):
        self.broken = True
        self._wake(len(self._waiters))

    async def reset(self):
        self.n_waiting = 0
        self.broken = False
