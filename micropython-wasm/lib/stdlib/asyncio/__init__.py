# An event loop on the guest's clock. A coroutine is a generator, and `await x` takes what iter(x) gives: a Future
# yields itself to the task, which goes on when the future is done.
#
# Host functions that return promises give futures while the loop runs: `_escapement` asks the host for the calls that
# are settled when no task can go on. A host call takes no time on the guest's clock, so that timers wait for it.

from asyncio.futures import (
    ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, CancelledError, Future, InvalidStateError, TimeoutError, isfuture,
)
from asyncio.loops import (
    AbstractEventLoop, Runner, Task, all_tasks, create_task, current_task, ensure_future, get_event_loop,
    get_running_loop, new_event_loop, run, set_event_loop, sleep, iscoroutine,
)

_LATE = {
    "waits": "as_completed gather shield timeout timeout_at to_thread wait wait_for TaskGroup",
    "locks": "Barrier BoundedSemaphore BrokenBarrierError Condition Event Lock Semaphore",
    "queues": "LifoQueue PriorityQueue Queue QueueEmpty QueueFull",
}


def __getattr__(name):
    # Modules are imported when something of them is first asked for: each costs a program that does not need it.
    for module, names in _LATE.items():
        if name in names.split():
            value = getattr(__import__("asyncio." + module, None, None, (name,)), name)
            globals()[name] = value
            return value
    raise AttributeError("module 'asyncio' has no attribute '%s'" % name)
