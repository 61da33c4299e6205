QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE = range(4)


class Error(Exception):
    pass


class Dialect:
    delimiter = ","
    quotechar = '"'
    doublequote = True
    escapechar = None
    lineterminator = "\r\n"
    quoting = QUOTE_MINIMAL
    skipinitialspace = False
    strict = False


class excel(Dialect):
    pass


class excel_tab(Dialect):
    delimiter = "\t"


class unix_dialect(Dialect):
    quoting = QUOTE_ALL
    lineterminator = "\n"


_dialects = {"excel": excel, "excel-tab": excel_tab, "unix": unix_dialect}


def register_dialect(name, dialect=excel, **fmtparams):
    _dialects[name] = _made(dialect, fmtparams)


def get_dialect(name):
    return _made(name, {})


def list_dialects():
    return list(_dialects)


def field_size_limit(limit=None):
    return 131072


def _made(dialect, params):
    if isinstance(dialect, str):
        if dialect not in _dialects:
            raise Error("unknown dialect")
        dialect = _dialects[dialect]
    d = Dialect()
    for name in ("delimiter", "quotechar", "doublequote", "escapechar", "lineterminator", "quoting", "skipinitialspace", "strict"):
        setattr(d, name, params.get(name, getattr(dialect, name)))
    for name in params:
        if not hasattr(d, name):
            raise TypeError("this function got an unexpected keyword argument '%s'" % name)
    if not isinstance(d.delimiter, str) or len(d.delimiter) != 1:
        raise TypeError('"delimiter" must be a 1-character string')
    return d


class reader:
    def __init__(self, csvfile, dialect="excel", **fmtparams):
        self._lines = iter(csvfile)
        self.dialect = _made(dialect, fmtparams)
        self.line_num = 0

    def __iter__(self):
        return self

    def __next__(self):
        d = self.dialect
        delimiter, quote, escape = d.delimiter, d.quotechar, d.escapechar
        fields = []
        field = []
        quoted = inside = False
        line = next(self._lines)
        self.line_num += 1
        if quote not in line and escape is None and not d.skipinitialspace and d.quoting != QUOTE_NONNUMERIC:
            line = line.rstrip("\r\n")
            return line.split(delimiter) if line else []
        started = False
        while True:
            i = 0
            n = len(line)
            while i < n:
                c = line[i]
                i += 1
                if inside:
                    if c == escape and escape is not None and i < n:
                        field.append(line[i])
                        i += 1
                    elif c == quote:
                        if d.doublequote and line[i : i + 1] == quote:
                            field.append(c)
                            i += 1
                        else:
                            inside = False
                    else:
                        field.append(c)
                elif c == "\r" or c == "\n":
                    break
                elif c == delimiter:
                    fields.append(self._field(field, quoted))
                    field = []
                    quoted = False
                    started = True
                elif c == quote and not field and not quoted and d.quoting != QUOTE_NONE:
                    inside = quoted = started = True
                elif c == escape and escape is not None and i < n:
                    field.append(line[i])
                    i += 1
                    started = True
                elif c == " " and d.skipinitialspace and not field and not quoted:
                    pass
                else:
                    field.append(c)
                    started = True
            if not inside:
                break
            try:
                line = next(self._lines)
            except StopIteration:
                if d.strict:
                    raise Error("unexpected end of data")
                break
            self.line_num += 1
        if not started and not fields and not field:
            return []
        fields.append(self._field(field, quoted))
        return fields

    def _field(self, field, quoted):
        text = "".join(field)
        return float(text) if self.dialect.quoting == QUOTE_NONNUMERIC and not quoted else text


class writer:
    def __init__(self, csvfile, dialect="excel", **fmtparams):
        self._write = csvfile.write
        self.dialect = _made(dialect, fmtparams)

    def writerow(self, row):
        d = self.dialect
        row = list(row)
        out = []
        for x in row:
            if x is None:
                text = ""
            elif isinstance(x, float):
                text = repr(x)
            else:
                text = str(x)
            quote = d.quoting == QUOTE_ALL or (d.quoting == QUOTE_NONNUMERIC and not isinstance(x, (int, float)))
            if not quote and d.quoting != QUOTE_NONE:
                quote = (
                    d.delimiter in text
                    or (d.quotechar is not None and d.quotechar in text)
                    or "\n" in text
                    or "\r" in text
                    or (text == "" and len(row) == 1)
                )
            if quote:
                q = d.quotechar
                text = q + text.replace(q, q + q if d.doublequote else (d.escapechar or "") + q) + q
            elif d.quoting == QUOTE_NONE:
                for c in (d.escapechar, d.delimiter, d.quotechar, "\n", "\r"):
                    if c and c in text:
                        if d.escapechar is None:
                            raise Error("need to escape, but no escapechar set")
                        text = text.replace(c, d.escapechar + c)
            out.append(text)
        return self._write(d.delimiter.join(out) + d.lineterminator)

    def writerows(self, rows):
        for row in rows:
            self.writerow(row)


class DictReader:
    def __init__(self, f, fieldnames=None, restkey=None, restval=None, dialect="excel", *args, **kwds):
        self.reader = reader(f, dialect, *args, **kwds)
        self._names = None if fieldnames is None else list(fieldnames)
        self.restkey = restkey
        self.restval = restval

    @property
    def fieldnames(self):
        if self._names is None:
            try:
                self._names = next(self.reader)
            except StopIteration:
                pass
        return self._names

    @property
    def line_num(self):
        return self.reader.line_num

    def __iter__(self):
        return self

    def __next__(self):
        names = self.fieldnames
        row = next(self.reader)
        while row == []:
            row = next(self.reader)
        d = {}
        n = len(row)
        for i, name in enumerate(names):
            d[name] = row[i] if i < n else self.restval
        if n > len(names):
            d[self.restkey] = row[len(names) :]
        return d


class DictWriter:
    def __init__(self, f, fieldnames, restval="", extrasaction="raise", dialect="excel", *args, **kwds):
        self.fieldnames = fieldnames
        self.restval = restval
        self.extrasaction = extrasaction
        self.writer = writer(f, dialect, *args, **kwds)

    def writeheader(self):
        return self.writer.writerow(self.fieldnames)

    def writerow(self, rowdict):
        if self.extrasaction == "raise":
            wrong = [k for k in rowdict if k not in self.fieldnames]
            if wrong:
                raise ValueError("dict contains fields not in fieldnames: " + ", ".join([repr(x) for x in wrong]))
        return self.writer.writerow([rowdict.get(k, self.restval) for k in self.fieldnames])

    def writerows(self, rowdicts):
        for row in rowdicts:
            self.writerow(row)
