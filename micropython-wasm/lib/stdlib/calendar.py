import datetime as _datetime

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
January, February = 1, 2
day_name = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
day_abbr = [name[:3] for name in day_name]
month_name = ("_ January February March April May June July August September October November December").split()
month_name[0] = ""
month_abbr = [name[:3] for name in month_name]
_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class IllegalMonthError(ValueError):
    def __init__(self, month):
        super().__init__(month)
        self.month = month

    def __str__(self):
        return "bad month number %r; must be 1-12" % self.month


class IllegalWeekdayError(ValueError):
    pass


def isleap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def leapdays(y1, y2):
    y1 -= 1
    y2 -= 1
    return (y2 // 4 - y1 // 4) - (y2 // 100 - y1 // 100) + (y2 // 400 - y1 // 400)


def weekday(year, month, day):
    return _datetime.date(year, month, day).weekday()


def monthrange(year, month):
    if not 1 <= month <= 12:
        raise IllegalMonthError(month)
    return weekday(year, month, 1), _DAYS[month] + (month == 2 and isleap(year))


def timegm(tuple):
    year, month, day, hour, minute, second = tuple[:6]
    days = _datetime.date(year, month, 1).toordinal() - _datetime.date(1970, 1, 1).toordinal() + day - 1
    return ((days * 24 + hour) * 60 + minute) * 60 + second


class Calendar:
    def __init__(self, firstweekday=0):
        self.firstweekday = firstweekday

    def getfirstweekday(self):
        return self.firstweekday % 7

    def setfirstweekday(self, firstweekday):
        self.firstweekday = firstweekday

    def iterweekdays(self):
        for i in range(7):
            yield (self.firstweekday + i) % 7

    def itermonthdays(self, year, month):
        first, count = monthrange(year, month)
        before = (first - self.firstweekday) % 7
        for _ in range(before):
            yield 0
        for day in range(1, count + 1):
            yield day
        for _ in range(-(before + count) % 7):
            yield 0

    def itermonthdays2(self, year, month):
        for i, day in enumerate(self.itermonthdays(year, month), self.firstweekday):
            yield day, i % 7

    def itermonthdates(self, year, month):
        first, count = monthrange(year, month)
        before = (first - self.firstweekday) % 7
        start = _datetime.date(year, month, 1) - _datetime.timedelta(days=before)
        for i in range(before + count + -(before + count) % 7):
            yield start + _datetime.timedelta(days=i)

    def _weeks(self, days):
        days = list(days)
        return [days[i : i + 7] for i in range(0, len(days), 7)]

    def monthdayscalendar(self, year, month):
        return self._weeks(self.itermonthdays(year, month))

    def monthdays2calendar(self, year, month):
        return self._weeks(self.itermonthdays2(year, month))

    def monthdatescalendar(self, year, month):
        return self._weeks(self.itermonthdates(year, month))


def _centered(text, width):
    return __compat__.center(text, width)


class TextCalendar(Calendar):
    def formatweekday(self, day, width):
        return _centered((day_name if width >= 9 else day_abbr)[day][:width], width)

    def formatweekheader(self, width):
        return " ".join([self.formatweekday(day, width) for day in self.iterweekdays()])

    def formatday(self, day, weekday, width):
        return _centered("%2i" % day if day else "", width)

    def formatweek(self, week, width):
        return " ".join([self.formatday(day, weekday, width) for day, weekday in week])

    def formatmonthname(self, year, month, width, withyear=True):
        return _centered("%s %r" % (month_name[month], year) if withyear else month_name[month], width)

    def formatmonth(self, year, month, w=0, l=0):
        w, l = max(2, w), max(1, l)
        text = self.formatmonthname(year, month, 7 * (w + 1) - 1).rstrip() + "\n" * l
        text += self.formatweekheader(w).rstrip() + "\n" * l
        for week in self.monthdays2calendar(year, month):
            text += self.formatweek(week, w).rstrip() + "\n" * l
        return text

    def prmonth(self, year, month, w=0, l=0):
        print(self.formatmonth(year, month, w, l), end="")

    def formatyear(self, year, w=2, l=1, c=6, m=3):
        w, l, c = max(2, w), max(1, l), max(2, c)
        width = (w + 1) * 7 - 1
        between = " " * c
        out = [_centered(repr(year), width * m + c * (m - 1)).rstrip(), "\n" * l]
        header = self.formatweekheader(w)
        for first in range(1, 13, m):
            months = range(first, min(first + m, 13))
            out.append("\n" * l)
            out.append(between.join([self.formatmonthname(year, k, width, False) for k in months]).rstrip())
            out.append("\n" * l)
            out.append(between.join([_centered(header, width) for k in months]).rstrip())
            out.append("\n" * l)
            weeks = [self.monthdays2calendar(year, k) for k in months]
            for i in range(max([len(one) for one in weeks])):
                row = [_centered(self.formatweek(one[i], w) if i < len(one) else "", width) for one in weeks]
                out.append(between.join(row).rstrip() + "\n" * l)
        return "".join(out)


_calendar = TextCalendar()
monthcalendar = _calendar.monthdayscalendar
month = _calendar.formatmonth
prmonth = _calendar.prmonth
calendar = _calendar.formatyear
setfirstweekday = _calendar.setfirstweekday
firstweekday = _calendar.getfirstweekday


def prcal(year, w=0, l=0, c=6, m=3):
    print(_calendar.formatyear(year, w, l, c, m), end="")
