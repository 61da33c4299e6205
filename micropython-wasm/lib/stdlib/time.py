from utime import (
    gmtime as _gmtime, localtime as _localtime, mktime as _mktime, sleep, sleep_ms, sleep_us, ticks_add, ticks_cpu,
    ticks_diff, ticks_ms, ticks_us, time, time_ns,
)
from collections import namedtuple as _namedtuple

timezone = altzone = daylight = 0
tzname = ("UTC", "UTC")
_fields = _namedtuple("time.struct_time", "tm_year tm_mon tm_mday tm_hour tm_min tm_sec tm_wday tm_yday tm_isdst")


def struct_time(sequence):
    return _fields(*sequence)


def gmtime(secs=None):
    return _fields(*(tuple(_gmtime(*(() if secs is None else (int(secs),))))[:8] + (0,)))


localtime = gmtime


def mktime(t):
    return float(_mktime(tuple(t)[:8]))


_base = time_ns()


def monotonic():
    return (time_ns() - _base) / 1e9


def monotonic_ns():
    return time_ns() - _base


perf_counter = process_time = thread_time = monotonic
perf_counter_ns = process_time_ns = monotonic_ns


def strftime(format, t=None):
    import datetime

    t = gmtime() if t is None else t
    return datetime.datetime(*tuple(t)[:6]).strftime(format)


def strptime(string, format="%a %b %d %H:%M:%S %Y"):
    import datetime

    d = datetime.datetime.strptime(string, format)
    return _fields(d.year, d.month, d.day, d.hour, d.minute, d.second, d.weekday(), d.toordinal() - datetime.date(d.year, 1, 1).toordinal() + 1, -1)


def asctime(t=None):
    return strftime("%a %b %e %H:%M:%S %Y", t)


def ctime(secs=None):
    return asctime(gmtime(secs))
