class ContextDecorator:
    def __call__(self, func):
        def wrapper(*args, **kwargs):
            with self:
                return func(*args, **kwargs)

        return wrapper


class AbstractContextManager:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return None


class _Generated(ContextDecorator):
    def __init__(self, func, args, kwargs):
        self._make = lambda: func(*args, **kwargs)

    def __enter__(self):
        self.gen = self._make()
        try:
            return next(self.gen)
        except StopIteration:
            raise RuntimeError("generator didn't yield")

    def __exit__(self, typ, value, traceback):
        if typ is None:
            try:
                next(self.gen)
            except StopIteration:
                return False
            raise RuntimeError("generator didn't stop")
        if value is None:
            value = typ()
        try:
            self.gen.throw(value)
        except StopIteration:
            return True
        except BaseException as e:
            if e is value:
                return False
            raise
        raise RuntimeError("generator didn't stop after throw()")


def contextmanager(func):
    return lambda *args, **kwargs: _Generated(func, args, kwargs)


class closing:
    def __init__(self, thing):
        self.thing = thing

    def __enter__(self):
        return self.thing

    def __exit__(self, *exc):
        self.thing.close()


class suppress:
    def __init__(self, *exceptions):
        self._exceptions = exceptions

    def __enter__(self):
        pass

    def __exit__(self, typ, value, traceback):
        return typ is not None and issubclass(typ, self._exceptions)


class nullcontext:
    def __init__(self, enter_result=None):
        self.enter_result = enter_result

    def __enter__(self):
        return self.enter_result

    def __exit__(self, *exc):
        pass


# What print() writes to is not sys.stdout's to change here: programs' calls of print() look at this (compat/).
class redirect_stdout:
    def __init__(self, new_target):
        self._new = new_target

    def __enter__(self):
        import builtins

        self._old = builtins.print
        old, new = self._old, self._new

        def print(*args, **kwargs):
            if "file" not in kwargs:
                kwargs["file"] = new
            old(*args, **kwargs)

        builtins.print = print
        return new

    def __exit__(self, *exc):
        import builtins

        builtins.print = self._old


redirect_stderr = nullcontext


class ExitStack:
    def __init__(self):
        self._calls = []

    def __enter__(self):
        return self

    def enter_context(self, cm):
        result = cm.__enter__()
        self._calls.append(cm.__exit__)
        return result

    def push(self, exit):
        self._calls.append(exit.__exit__ if hasattr(exit, "__exit__") else exit)
        return exit

    def callback(self, callback, *args, **kwds):
        self._calls.append(lambda *exc: callback(*args, **kwds) and None)
        return callback

    def pop_all(self):
        other = ExitStack()
        other._calls, self._calls = self._calls, []
        return other

    def close(self):
        self.__exit__(None, None, None)

    def __exit__(self, typ, value, traceback):
        failed = False
        quiet = False
        while self._calls:
            try:
                if self._calls.pop()(typ, value, traceback):
                    quiet = True
                    failed = False
                    typ = value = traceback = None
            except BaseException as e:
                failed = True
                typ, value, traceback = type(e), e, None
        if failed:
            raise value
        return quiet


class _AsyncManager:
    def __init__(self, steps):
        self._steps = steps

    async def __aenter__(self):
        try:
            return await self._steps.__anext__()
        except StopAsyncIteration:
            raise RuntimeError("generator didn't yield")

    async def __aexit__(self, kind, error, traceback):
        if kind is None:
            try:
                await self._steps.__anext__()
            except StopAsyncIteration:
                return False
            raise RuntimeError("generator didn't stop")
        try:
            await self._steps.athrow(error)
        except StopAsyncIteration:
            return True
        except BaseException as raised:
            if raised is error:
                return False
            raise
        raise RuntimeError("generator didn't stop after athrow()")


def asynccontextmanager(function):
    return lambda *args, **kwargs: _AsyncManager(function(*args, **kwargs))


class aclosing:
    def __init__(self, thing):
        self._thing = thing

    async def __aenter__(self):
        return self._thing

    async def __aexit__(self, *exception):
        await self._thing.aclose()
