from asyncio.futures import CancelledError, Future
from asyncio.loops import get_event_loop, _finish
from uheapq import heappush as _heappush, heappop as _heappop


class QueueEmpty(Exception):
    pass


class QueueFull(Exception):
    pass


class Queue:
    def __init__(self, maxsize=0):
        self._maxsize = maxsize
        self._getters = []
        self._putters = []
        self._unfinished = 0
        self._joiners = []
        self._items = []
        # How many of the items in front are gone; they are cut off together.
        self._gone = 0

    maxsize = property(lambda self: self._maxsize)

    def _put(self, item):
        self._items.append(item)

    def _get(self):
        item = self._items[self._gone]
        self._items[self._gone] = None
        self._gone += 1
        if self._gone > 32 and 2 * self._gone > len(self._items):
            del self._items[: self._gone]
            self._gone = 0
        return item

    def qsize(self):
        return len(self._items) - self._gone

    def empty(self):
        return self.qsize() == 0

    def full(self):
        return 0 < self._maxsize <= self.qsize()

    def _wake(self, waiters):
        while waiters:
            waiter = waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)
                return

    async def _wait(self, waiters, blocked):
        while blocked():
            waiter = Future(loop=get_event_loop())
            waiters.append(waiter)
            try:
                await waiter
            except BaseException:
                waiter.cancel()
                if waiter in waiters:
                    waiters.remove(waiter)
                if not blocked() and not waiter.cancelled():
                    self._wake(waiters)
                raise

    async def put(self, item):
        await self._wait(self._putters, self.full)
        self.put_nowait(item)

    def put_nowait(self, item):
        if self.full():
            raise QueueFull()
        self._put(item)
        self._unfinished += 1
        self._wake(self._getters)

    async def get(self):
        await self._wait(self._getters, self.empty)
        return self.get_nowait()

    def get_nowait(self):
        if self.empty():
            raise QueueEmpty()
        item = self._get()
        self._wake(self._putters)
        return item

    def task_done(self):
        if self._unfinished <= 0:
            raise ValueError("task_done() called too many times")
        self._unfinished -= 1
        if self._unfinished == 0:
            for waiter in self._joiners:
                _finish(waiter)
            self._joiners.clear()

    async def join(self):
        while self._unfinished > 0:
            waiter = Future(loop=get_event_loop())
            self._joiners.append(waiter)
            await waiter


class PriorityQueue(Queue):
    def _put(self, item):
        _heappush(self._items, item)

    def _get(self):
        return _heappop(self._items)


class LifoQueue(Queue):
    def _get(self):
        return self._items.pop()
