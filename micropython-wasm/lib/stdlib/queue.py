from collections import deque as _deque
from heapq import heappop as _pop, heappush as _push


class Empty(Exception):
    pass


class Full(Exception):
    pass


class Queue:
    """There are no threads here: what would wait raises Empty or Full."""

    def __init__(self, maxsize=0):
        self.maxsize = maxsize
        self._init()

    def _init(self):
        self.queue = _deque()

    def _put(self, item):
        self.queue.append(item)

    def _get(self):
        return self.queue.popleft()

    def qsize(self):
        return len(self.queue)

    def empty(self):
        return not len(self.queue)

    def full(self):
        return 0 < self.maxsize <= len(self.queue)

    def put(self, item, block=True, timeout=None):
        if self.full():
            raise Full
        self._put(item)

    def get(self, block=True, timeout=None):
        if not len(self.queue):
            raise Empty
        return self._get()

    def put_nowait(self, item):
        self.put(item)

    def get_nowait(self):
        return self.get()

    def task_done(self):
        pass

    def join(self):
        pass


SimpleQueue = Queue


class LifoQueue(Queue):
    def _init(self):
        self.queue = []

    _put = lambda self, item: self.queue.append(item)
    _get = lambda self: self.queue.pop()


class PriorityQueue(Queue):
    def _init(self):
        self.queue = []

    _put = lambda self, item: _push(self.queue, item)
    _get = lambda self: _pop(self.queue)
