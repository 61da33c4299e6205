import builtins
from asyncio.futures import (
    ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, CancelledError, Future, TimeoutError,
)
from asyncio.loops import Task, current_task, ensure_future, get_event_loop, get_running_loop, _finish


class _Gathering(Future):
    def cancel(self, msg=None):
        if self.done():
            return False
        cancelled = False
        for child in self._children:
            if child.cancel(msg):
                cancelled = True
        if cancelled:
            self._asked = True
        return cancelled


def gather(*aws, return_exceptions=False):
    loop = get_event_loop()
    outer = _Gathering(loop=loop)
    outer._asked = False
    # An awaitable that is given twice is awaited once.
    known = []
    children = []
    for aw in aws:
        for given, future in known:
            if given is aw:
                break
        else:
            future = ensure_future(aw, loop=loop)
            known.append((aw, future))
        children.append(future)
    outer._children = children
    if not children:
        outer.set_result([])
        return outer
    left = len(known)

    def done(child):
        nonlocal left
        left -= 1
        if outer.done():
            return
        if not return_exceptions:
            if child.cancelled():
                outer.set_exception(child._cancelled_error())
                return
            if child._state == "failed":
                outer.set_exception(child._value)
                return
        if left == 0:
            if outer._asked:
                outer.set_exception(outer._cancelled_error())
                return
            outer.set_result(
                [c._cancelled_error() if c.cancelled() else c._value for c in children]
            )

    for _, future in known:
        future.add_done_callback(done)
    return outer


async def _cancel_and_wait(future):
    waiter = Future(loop=future._loop)
    future.add_done_callback(lambda _: _finish(waiter))
    future.cancel()
    await waiter


async def wait_for(fut, timeout):
    if timeout is None:
        return await fut
    loop = get_running_loop()
    fut = ensure_future(fut, loop=loop)
    if timeout <= 0:
        if fut.done():
            return fut.result()
        await _cancel_and_wait(fut)
        try:
            return fut.result()
        except CancelledError:
            raise TimeoutError()
    waiter = Future(loop=loop)
    handle = loop.call_later(timeout, _finish, waiter)

    def release(_):
        _finish(waiter)

    fut.add_done_callback(release)
    try:
        try:
            await waiter
        except CancelledError:
            if fut.done():
                return fut.result()
            fut.remove_done_callback(release)
            await _cancel_and_wait(fut)
            raise
        if fut.done():
            return fut.result()
        fut.remove_done_callback(release)
        await _cancel_and_wait(fut)
        try:
            return fut.result()
        except CancelledError:
            raise TimeoutError()
    finally:
        handle.cancel()


async def wait(fs, *, timeout=None, return_when=ALL_COMPLETED):
    if isinstance(fs, Future) or hasattr(fs, "throw"):
        raise TypeError("expect a list of futures, not %s" % type(fs).__name__)
    futures = set(fs)
    if not futures:
        raise ValueError("Set of Tasks/Futures is empty.")
    if return_when not in (FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED):
        raise ValueError("Invalid return_when value: %s" % return_when)
    for future in futures:
        if not isinstance(future, Future):
            raise TypeError("Passing coroutines is forbidden, use tasks explicitly.")
    loop = get_running_loop()
    waiter = Future(loop=loop)
    left = 0

    def ends(future):
        return return_when == FIRST_COMPLETED or (return_when == FIRST_EXCEPTION and future._state == "failed")

    def done(future):
        nonlocal left
        left -= 1
        if left <= 0 or ends(future):
            _finish(waiter)

    over = [f for f in futures if f.done()]
    if len(over) < len(futures) and not any(ends(f) for f in over):
        handle = None if timeout is None else loop.call_later(timeout, _finish, waiter)
        for future in futures:
            if not future.done():
                left += 1
                future.add_done_callback(done)
        try:
            await waiter
        finally:
            if handle is not None:
                handle.cancel()
            for future in futures:
                if not future.done():
                    future.remove_done_callback(done)
    finished = {f for f in futures if f.done()}
    return finished, futures - finished


def as_completed(fs, *, timeout=None):
    from asyncio.queues import Queue

    loop = get_event_loop()
    done = Queue()
    left = [ensure_future(f, loop=loop) for f in set(fs)] if not isinstance(fs, list) else []
    if not left:
        left = [ensure_future(f, loop=loop) for f in fs]
    count = len(left)
    handle = None

    def finished(future):
        if future in left:
            left.remove(future)
            done.put_nowait(future)
            if not left and handle is not None:
                handle.cancel()

    def late():
        for future in left:
            future.remove_done_callback(finished)
            done.put_nowait(None)
        left.clear()

    for future in list(left):
        future.add_done_callback(finished)
    if timeout is not None:
        handle = loop.call_later(timeout, late)

    async def next_one():
        future = await done.get()
        if future is None:
            raise TimeoutError()
        return future.result()

    for _ in range(count):
        yield next_one()


def shield(arg):
    inner = ensure_future(arg)
    if inner.done():
        return inner
    outer = Future(loop=inner._loop)

    def done(inner):
        if outer.done():
            return
        if inner.cancelled():
            outer.cancel()
        else:
            outer._settle(inner._state, inner._value)

    inner.add_done_callback(done)
    return outer


async def to_thread(func, *args, **kwargs):
    """There are no threads: func runs at once, but for a host function that is waited for, beside which others go on."""
    value = func(*args, **kwargs)
    return await value if isinstance(value, Future) else value


class Timeout:
    def __init__(self, when):
        self._when = when
        self._handle = self._task = None
        self._expired = False

    def when(self):
        return self._when

    def expired(self):
        return self._expired

    def reschedule(self, when):
        self._when = when
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if when is not None:
            self._handle = get_running_loop().call_at(when, self._expire)

    def _expire(self):
        self._expired = True
        self._handle = None
        self._task.cancel()

    async def __aenter__(self):
        self._task = current_task()
        if self._task is None:
            raise RuntimeError("Timeout should be used inside a task")
        self._cancels = self._task.cancelling()
        self.reschedule(self._when)
        return self

    async def __aexit__(self, kind, error, traceback):
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if self._expired and self._task.uncancel() <= self._cancels and kind is CancelledError:
            raise TimeoutError()


def timeout(delay):
    return Timeout(None if delay is None else get_running_loop().time() + delay)


def timeout_at(when):
    return Timeout(when)


if hasattr(builtins, "ExceptionGroup"):
    ExceptionGroup = builtins.ExceptionGroup
else:
    from _errors import ExceptionGroup


class TaskGroup:
    def __init__(self):
        self._tasks = []
        self._errors = []
        self._entered = self._exiting = self._aborting = self._asked_parent = False
        self._waiter = None

    async def __aenter__(self):
        if self._entered:
            raise RuntimeError("TaskGroup has already been entered")
        self._entered = True
        self._parent = current_task()
        self._loop = get_running_loop()
        return self

    def create_task(self, coro, *, name=None, context=None):
        if not self._entered:
            raise RuntimeError("TaskGroup has not been entered")
        if self._exiting and not self._tasks:
            raise RuntimeError("TaskGroup is finished")
        task = Task(coro, loop=self._loop, name=name)
        self._tasks.append(task)
        task.add_done_callback(self._done)
        return task

    def _abort(self):
        self._aborting = True
        for task in self._tasks:
            if not task.done():
                task.cancel()

    def _done(self, task):
        self._tasks.remove(task)
        if self._waiter is not None and not self._tasks:
            _finish(self._waiter)
        if task.cancelled() or task._state != "failed":
            return
        self._errors.append(task._value)
        if self._parent.done():
            return
        if not self._aborting and not self._asked_parent:
            self._abort()
            self._asked_parent = True
            self._parent.cancel()

    async def __aexit__(self, kind, error, traceback):
        self._exiting = True
        cancelled = None
        if kind is not None and issubclass(kind, CancelledError):
            cancelled = error
        if self._asked_parent and self._parent.uncancel() == 0:
            cancelled = None
        if kind is not None and not self._aborting:
            self._abort()
        while self._tasks:
            self._waiter = Future(loop=self._loop)
            try:
                await self._waiter
            except CancelledError as reason:
                if not self._aborting:
                    cancelled = reason
                    self._abort()
            self._waiter = None
        if cancelled is not None and not self._errors:
            raise cancelled
        if kind is not None and not issubclass(kind, CancelledError):
            self._errors.append(error)
        if self._errors:
            if self._asked_parent and self._parent.cancelling():
                self._parent.uncancel()
            self._parent._must_cancel = False
            raise ExceptionGroup("unhandled errors in a TaskGroup", self._errors)
