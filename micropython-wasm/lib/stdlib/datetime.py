# The classes are those of MicroPython's own module, with the methods that it lacks.
import sys as _sys

_path = _sys.path[:]
_sys.path[:] = [".frozen"]
_own = _sys.modules.pop("datetime", None)
import datetime as _frozen

_sys.path[:] = _path
if _own is not None:
    _sys.modules["datetime"] = _own
date, time, datetime, timedelta, timezone, tzinfo = (
    _frozen.date,
    _frozen.time,
    _frozen.datetime,
    _frozen.timedelta,
    _frozen.timezone,
    _frozen.tzinfo,
)
MINYEAR, MAXYEAR = 1, 9999
UTC = timezone.utc
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)


def _offset(d):
    """utcoffset in seconds; None if there is none."""
    o = d.utcoffset() if hasattr(d, "utcoffset") else None
    return None if o is None else int(o.total_seconds())


def _zone(d, colon):
    s = _offset(d)
    if s is None:
        return ""
    sign = "-" if s < 0 else "+"
    s = abs(s)
    text = "%s%02d%s%02d" % (sign, s // 3600, colon, s // 60 % 60)
    return text + (colon + "%02d" % (s % 60) if s % 60 else "")


def _yday(d):
    return d.toordinal() - date(d.year, 1, 1).toordinal() + 1


def _strftime(d, format):
    get = lambda name: getattr(d, name, 0)
    out = []
    i = 0
    n = len(format)
    while i < n:
        c = format[i]
        i += 1
        if c != "%" or i == n:
            out.append(c)
            continue
        c = format[i]
        i += 1
        pad = True
        if c == "-" and i < n:
            pad = False
            c = format[i]
            i += 1
        two = "%02d" if pad else "%d"
        if c == "Y":
            out.append("%04d" % d.year if d.year >= 1000 else str(d.year))
        elif c == "y":
            out.append(two % (d.year % 100))
        elif c == "m":
            out.append(two % d.month)
        elif c == "d":
            out.append(two % d.day)
        elif c == "e":
            out.append("%2d" % d.day)
        elif c == "H":
            out.append(two % get("hour"))
        elif c == "I":
            out.append(two % ((get("hour") + 11) % 12 + 1))
        elif c == "M":
            out.append(two % get("minute"))
        elif c == "S":
            out.append(two % get("second"))
        elif c == "f":
            out.append("%06d" % get("microsecond"))
        elif c == "p":
            out.append("AM" if get("hour") < 12 else "PM")
        elif c == "A":
            out.append(_DAYS[d.weekday()])
        elif c == "a":
            out.append(_DAYS[d.weekday()][:3])
        elif c == "B":
            out.append(_MONTHS[d.month - 1])
        elif c == "b" or c == "h":
            out.append(_MONTHS[d.month - 1][:3])
        elif c == "j":
            out.append(("%03d" if pad else "%d") % _yday(d))
        elif c == "w":
            out.append(str((d.weekday() + 1) % 7))
        elif c == "u":
            out.append(str(d.weekday() + 1))
        elif c == "U":
            out.append("%02d" % ((_yday(d) + 6 - (d.weekday() + 1) % 7) // 7))
        elif c == "W":
            out.append("%02d" % ((_yday(d) + 6 - d.weekday()) // 7))
        elif c == "V":
            out.append("%02d" % _isocalendar(d)[1])
        elif c == "G":
            out.append("%04d" % _isocalendar(d)[0])
        elif c == "z":
            out.append(_zone(d, ""))
        elif c == "Z":
            out.append("" if _offset(d) is None else d.tzname())
        elif c == "F":
            out.append(_strftime(d, "%Y-%m-%d"))
        elif c == "T" or c == "X":
            out.append(_strftime(d, "%H:%M:%S"))
        elif c == "D" or c == "x":
            out.append(_strftime(d, "%m/%d/%y"))
        elif c == "R":
            out.append(_strftime(d, "%H:%M"))
        elif c == "r":
            out.append(_strftime(d, "%I:%M:%S %p"))
        elif c == "c":
            out.append(_strftime(d, "%a %b %e %H:%M:%S %Y"))
        elif c == "s":
            out.append(str(int(d.timestamp())))
        elif c == "n":
            out.append("\n")
        elif c == "t":
            out.append("\t")
        elif c == "%":
            out.append("%")
        else:
            out.append("%" + c)
    return "".join(out)


def _isocalendar(d):
    day = d.weekday() + 1
    thursday = d.toordinal() + 4 - day
    year = date.fromordinal(thursday).year
    return (year, (thursday - date(year, 1, 1).toordinal()) // 7 + 1, day)


def _time_tuple(d):
    from collections import namedtuple

    names = "tm_year tm_mon tm_mday tm_hour tm_min tm_sec tm_wday tm_yday tm_isdst"
    clock = (d.hour, d.minute, d.second) if hasattr(d, "hour") else (0, 0, 0)
    fields = (d.year, d.month, d.day) + clock + (d.weekday(), _yday(d), -1)
    return namedtuple("time.struct_time", names)(*fields)


def _iso_tuple(d):
    from collections import namedtuple

    return namedtuple("datetime.IsoCalendarDate", "year week weekday")(*_isocalendar(d))


def _mismatch(text, format):
    raise ValueError("time data %r does not match format %r" % (text, format))


def _strptime(text, format):
    year, month, day, hour, minute, second, micro = 1900, 1, 1, 0, 0, 0, 0
    pm = zone = yday = None
    at = 0
    i = 0
    while i < len(format):
        c = format[i]
        i += 1
        if c.isspace():
            while text[at : at + 1].isspace():
                at += 1
            continue
        if c != "%":
            if text[at : at + 1] != c:
                _mismatch(text, format)
            at += 1
            continue
        c = format[i]
        i += 1
        for short, full in (("F", "%Y-%m-%d"), ("T", "%H:%M:%S"), ("D", "%m/%d/%y"), ("R", "%H:%M")):
            if c == short:
                format = full + format[i:]
                i = 0
                break
        else:
            if c in "aAbBhp":
                names = _DAYS if c in "aA" else ("AM", "PM") if c == "p" else _MONTHS
                low = text[at:].lower()
                for k, name in enumerate(names):
                    name = name.lower() if c in "ABp" else name[:3].lower()
                    if low.startswith(name):
                        at += len(name)
                        break
                else:
                    _mismatch(text, format)
                if c == "p":
                    pm = k == 1
                elif c not in "aA":
                    month = k + 1
                continue
            if c == "%":
                if text[at : at + 1] != "%":
                    _mismatch(text, format)
                at += 1
                continue
            if c == "z":
                rest = text[at:]
                if rest[:1] == "Z":
                    zone, at = timezone.utc, at + 1
                    continue
                if rest[:1] not in ("+", "-") or not rest:
                    _mismatch(text, format)
                digits = rest[1:].replace(":", "")[:4]
                if len(digits) != 4 or not digits.isdigit():
                    _mismatch(text, format)
                s = int(digits[:2]) * 3600 + int(digits[2:]) * 60
                zone = timezone(timedelta(seconds=-s if rest[0] == "-" else s))
                at += 6 if rest[3:4] == ":" else 5
                continue
            if c == "Z":
                for name in ("UTC", "GMT"):
                    if text[at : at + 3] == name:
                        at += 3
                continue
            most = {"Y": 4, "f": 6, "j": 3, "w": 1}.get(c, 2)
            end = at
            while end < len(text) and end - at < most and text[end].isdigit():
                end += 1
            if end == at or (c == "Y" and end - at < 4):
                _mismatch(text, format)
            n = int(text[at:end])
            low, high = {"m": (1, 12), "d": (1, 31), "H": (0, 23), "I": (1, 12), "M": (0, 59), "S": (0, 61)}.get(c, (0, 999999))
            if not low <= n <= high:
                _mismatch(text, format)
            if c == "Y":
                year = n
            elif c == "y":
                year = n + (2000 if n < 69 else 1900)
            elif c == "m":
                month = n
            elif c == "d" or c == "e":
                day = n
            elif c == "H" or c == "I":
                hour = n
            elif c == "M":
                minute = n
            elif c == "S":
                second = n
            elif c == "f":
                micro = n * 10 ** (6 - (end - at))
            elif c == "j":
                yday = n
            elif c not in "wuUW":
                raise ValueError("'%s' is a bad directive in format '%s'" % (c, format))
            at = end
    if at != len(text):
        raise ValueError("unconverted data remains: " + text[at:])
    if pm is not None:
        hour = hour % 12 + (12 if pm else 0)
    try:
        d = datetime(year, month, day, hour, minute, second, micro, zone)
    except ValueError:
        raise ValueError("day is out of range for month")
    return d if yday is None else d.replace(month=1, day=1) + timedelta(days=yday - 1)


def _ctime(d):
    return _strftime(d, "%a %b %e %H:%M:%S %Y")


for _class in (date, datetime, time):
    _class.strftime = _strftime
    _class.__format__ = lambda self, spec: _strftime(self, spec) if spec else str(self)
for _class in (date, datetime):
    _class.isocalendar = _iso_tuple
    _class.timetuple = _time_tuple
    _class.ctime = _ctime
datetime.strptime = staticmethod(_strptime)
if not hasattr(datetime, "utcnow"):
    datetime.utcnow = staticmethod(lambda: datetime.now(timezone.utc).replace(tzinfo=None))
if not hasattr(datetime, "utcfromtimestamp"):
    datetime.utcfromtimestamp = staticmethod(lambda t: datetime.fromtimestamp(t, timezone.utc).replace(tzinfo=None))


def _repr(d):
    parts = [d.year, d.month, d.day, d.hour, d.minute]
    if d.second or d.microsecond:
        parts.append(d.second)
    if d.microsecond:
        parts.append(d.microsecond)
    text = ", ".join([str(p) for p in parts])
    if d.tzinfo is not None:
        text += ", tzinfo=" + ("datetime.timezone.utc" if d.tzinfo is timezone.utc else repr(d.tzinfo))
    return "datetime.datetime(%s)" % text


def _delta_parts(t):
    us = int(round(t.total_seconds() * 1000000))
    days, us = divmod(us, 86400000000)
    return (days,) + divmod(us, 1000000)


def _delta_repr(t):
    days, seconds, us = _delta_parts(t)
    parts = []
    for name, n in (("days", days), ("seconds", seconds), ("microseconds", us)):
        if n:
            parts.append("%s=%d" % (name, n))
    return "datetime.timedelta(%s)" % (", ".join(parts) or "0")


def _delta_str(t):
    days, seconds, us = _delta_parts(t)
    text = "%d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)
    if days:
        text = "%d day%s, %s" % (days, "" if abs(days) == 1 else "s", text)
    return text + (".%06d" % us if us else "")


datetime.__repr__ = _repr
timedelta.__repr__ = _delta_repr
timedelta.__str__ = _delta_str
