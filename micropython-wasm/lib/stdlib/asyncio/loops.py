import sys
from utime import sleep_us as _sleep_us, time_ns as _time_ns
from uheapq import heappush as _heappush, heappop as _heappop
from asyncio.futures import CancelledError, Future, TimeoutError

_running = None
_current = None


def _generator():
    yield


_coroutine = type(_generator())


def iscoroutine(obj):
    return isinstance(obj, _coroutine)


class Handle:
    def __init__(self, callback, args, when=0):
        self._callback = callback
        self._args = args
        self._when = when
        self._cancelled = False

    def cancel(self):
        self._cancelled = True
        self._callback = self._args = None

    def cancelled(self):
        return self._cancelled

    def when(self):
        return self._when


class Task(Future):
    _count = 0

    def __init__(self, coro, *, loop=None, name=None, context=None):
        if not hasattr(coro, "throw"):
            raise TypeError("a coroutine was expected, got %r" % (coro,))
        Future.__init__(self, loop=loop)
        if name is None:
            Task._count += 1
            name = "Task-%d" % Task._count
        self._name = str(name)
        self._coro = coro
        self._waits_for = None
        self._must_cancel = False
        self._cancels = 0
        self._loop._tasks.append(self)
        self._loop.call_soon(self._step)

    def get_name(self):
        return self._name

    def set_name(self, name):
        self._name = str(name)

    def get_coro(self):
        return self._coro

    def set_result(self, result):
        raise RuntimeError("Task does not support set_result operation")

    def set_exception(self, exception):
        raise RuntimeError("Task does not support set_exception operation")

    def cancelling(self):
        return self._cancels

    def uncancel(self):
        if self._cancels > 0:
            self._cancels -= 1
        return self._cancels

    def cancel(self, msg=None):
        if self._state != "pending":
            return False
        self._cancels += 1
        self._cancel_message = msg
        # Whoever awaits a future is cancelled by way of it.
        if self._waits_for is not None and self._waits_for.cancel(msg):
            return True
        self._must_cancel = True
        return True

    def _step(self, error=None):
        global _current
        if self._state != "pending":
            return
        if self._must_cancel:
            if not isinstance(error, CancelledError):
                error = self._cancelled_error()
            self._must_cancel = False
        self._waits_for = None
        outer = _current
        _current = self
        try:
            if error is None:
                waits_for = self._coro.send(None)
            else:
                waits_for = self._coro.throw(error)
        except StopIteration as end:
            if self._must_cancel:
                self._must_cancel = False
                self._end("cancelled", None)
            else:
                self._end("finished", end.value)
            return
        except CancelledError:
            self._end("cancelled", None)
            return
        except (KeyboardInterrupt, SystemExit) as reason:
            self._end("failed", reason)
            raise
        except BaseException as reason:
            self._end("failed", reason)
            return
        finally:
            _current = outer
        if waits_for is None:
            self._loop.call_soon(self._step)
        elif isinstance(waits_for, Future) and waits_for is not self:
            waits_for.add_done_callback(self._wake)
            self._waits_for = waits_for
            if self._must_cancel and waits_for.cancel(self._cancel_message):
                self._must_cancel = False
        else:
            text = "Task cannot await on itself" if waits_for is self else "Task got bad yield: %r" % (waits_for,)
            self._loop.call_soon(self._step, RuntimeError(text))

    def _wake(self, future):
        if future._state == "failed":
            self._step(future._value)
        elif future._state == "cancelled":
            self._step(future._cancelled_error())
        else:
            self._step()

    def _end(self, state, value):
        self._loop._tasks.remove(self)
        self._settle(state, value)

    def __repr__(self):
        return Future.__repr__(self).replace("<Task ", "<Task name=%r " % self._name, 1)


class _HostFuture(Future):
    def cancel(self, msg=None):
        # What comes of the call is dropped.
        self._loop._host_calls.pop(self._number, None)
        return Future.cancel(self, msg)


class AbstractEventLoop:
    pass


class EventLoop(AbstractEventLoop):
    def __init__(self):
        self._ready = []
        self._timers = []
        self._tasks = []
        self._host_calls = {}
        self._count = 0
        self._stopping = False
        self._closed = False

    def time(self):
        return _time_ns() / 1e9

    def is_running(self):
        return _running is self

    def is_closed(self):
        return self._closed

    def close(self):
        if _running is self:
            raise RuntimeError("Cannot close a running event loop")
        self._closed = True

    def stop(self):
        self._stopping = True

    def get_debug(self):
        return False

    def set_debug(self, enabled):
        pass

    def call_soon(self, callback, *args, context=None):
        if self._closed:
            raise RuntimeError("Event loop is closed")
        handle = Handle(callback, args)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self.time() + delay, callback, *args)

    def call_at(self, when, callback, *args, context=None):
        if self._closed:
            raise RuntimeError("Event loop is closed")
        handle = Handle(callback, args, when)
        self._count += 1
        _heappush(self._timers, (when, self._count, handle))
        return handle

    def create_future(self):
        return Future(loop=self)

    def create_task(self, coro, *, name=None, context=None):
        return Task(coro, loop=self, name=name)

    def run_in_executor(self, executor, func, *args):
        from asyncio.waits import to_thread

        return self.create_task(to_thread(func, *args))

    async def shutdown_asyncgens(self):
        pass

    shutdown_default_executor = shutdown_asyncgens

    def run_forever(self):
        self._run(None)

    def run_until_complete(self, future):
        future = ensure_future(future, loop=self)
        self._run(future)
        if not future.done():
            raise RuntimeError("Event loop stopped before Future completed.")
        return future.result()

    def _run(self, future):
        global _running
        if self._closed:
            raise RuntimeError("Event loop is closed")
        if _running is not None:
            raise RuntimeError("This event loop is already running")
        host = sys.modules.get("_escapement")
        if host is not None:
            host.later(self._host_future)
        _running = self
        self._stopping = False
        try:
            while not self._stopping and (future is None or future._state == "pending"):
                self._turn(host)
        finally:
            _running = None
            if host is not None:
                host.later(None)

    def _turn(self, host):
        timers = self._timers
        while timers and timers[0][2]._cancelled:
            _heappop(timers)
        if timers:
            if not self._ready and not self._host_calls:
                wait = timers[0][0] - self.time()
                if wait > 0:
                    _sleep_us(int(wait * 1e6) + 1)
            now = self.time()
            while timers and timers[0][0] <= now:
                self._ready.append(_heappop(timers)[2])
        if not self._ready:
            if self._host_calls:
                self._take(host.settled())
            elif not timers:
                raise RuntimeError("every task of the event loop waits for something that cannot happen")
        batch = self._ready
        self._ready = []
        done = 0
        try:
            for handle in batch:
                done += 1
                if not handle._cancelled:
                    handle._callback(*handle._args)
        finally:
            if done < len(batch):
                self._ready = batch[done:] + self._ready

    def _host_future(self, number):
        future = _HostFuture(loop=self)
        future._number = number
        self._host_calls[number] = future
        return future

    def _take(self, settled):
        number, succeeded, value = settled
        if number is None:
            # The run that made these calls is over.
            futures = list(self._host_calls.values())
            self._host_calls.clear()
            for future in futures:
                future.set_exception(RuntimeError(value))
            return
        future = self._host_calls.pop(number, None)
        if future is None:
            return
        if succeeded:
            future.set_result(value)
        else:
            future.set_exception((ValueError if value[0] == "ValueError" else RuntimeError)(value[1]))


_loop = None


def get_running_loop():
    if _running is None:
        raise RuntimeError("no running event loop")
    return _running


def get_event_loop():
    global _loop
    if _running is not None:
        return _running
    if _loop is None or _loop._closed:
        _loop = EventLoop()
    return _loop


def new_event_loop():
    return EventLoop()


def set_event_loop(loop):
    global _loop
    _loop = loop


def ensure_future(awaitable, *, loop=None):
    if isinstance(awaitable, Future):
        return awaitable
    if not hasattr(awaitable, "throw"):
        if not hasattr(awaitable, "__iter__") or isinstance(awaitable, (str, list, tuple, dict, set)):
            raise TypeError("An asyncio.Future, a coroutine or an awaitable is required")
        awaitable = _awaited(awaitable)
    return Task(awaitable, loop=get_event_loop() if loop is None else loop)


async def _awaited(awaitable):
    return await awaitable


def create_task(coro, *, name=None, context=None):
    return Task(coro, loop=get_running_loop(), name=name)


def current_task(loop=None):
    return _current


def all_tasks(loop=None):
    return set(get_running_loop()._tasks if loop is None else loop._tasks)


def _turn():
    yield


async def sleep(delay, result=None):
    if delay <= 0:
        await _turn()
        return result
    loop = get_running_loop()
    future = Future(loop=loop)
    handle = loop.call_later(delay, _finish, future)
    try:
        await future
    finally:
        handle.cancel()
    return result


def _finish(future):
    if future._state == "pending":
        future.set_result(None)


class Runner:
    def __init__(self, *, debug=None, loop_factory=None):
        self._factory = loop_factory
        self._loop = None

    def __enter__(self):
        self.get_loop()
        return self

    def __exit__(self, *exception):
        self.close()

    def get_loop(self):
        if self._loop is None:
            self._loop = (self._factory or EventLoop)()
        return self._loop

    def run(self, coro, *, context=None):
        if _running is not None:
            raise RuntimeError("Runner.run() cannot be called from a running event loop")
        if not hasattr(coro, "throw"):
            raise ValueError("a coroutine was expected, got %r" % (coro,))
        return self.get_loop().run_until_complete(Task(coro, loop=self.get_loop()))

    def close(self):
        loop = self._loop
        if loop is None or loop._closed:
            return
        # What is left is cancelled, and ends.
        tasks = list(loop._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            while not task.done():
                loop._run(task)
        loop.close()


def run(main, *, debug=None):
    if _running is not None:
        raise RuntimeError("asyncio.run() cannot be called from a running event loop")
    if not hasattr(main, "throw"):
        raise ValueError("a coroutine was expected, got %r" % (main,))
    runner = Runner()
    try:
        return runner.run(main)
    finally:
        runner.close()
