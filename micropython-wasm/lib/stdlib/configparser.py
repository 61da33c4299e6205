DEFAULTSECT = "DEFAULT"
_STATES = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
_NONE = object()


class Error(Exception):
    pass


class NoSectionError(Error):
    def __init__(self, section):
        super().__init__("No section: %r" % (section,))
        self.section = section


class DuplicateSectionError(Error):
    def __init__(self, section, source=None, lineno=None):
        where = "While reading from %r [line %2d]: section %r" % (source, lineno, section) if source else "Section %r" % section
        super().__init__(where + " already exists")
        self.section = section


class DuplicateOptionError(Error):
    def __init__(self, section, option, source=None, lineno=None):
        super().__init__("While reading from %r [line %2d]: option %r in section %r already exists" % (source, lineno, option, section))


class NoOptionError(Error):
    def __init__(self, option, section):
        super().__init__("No option %r in section: %r" % (option, section))
        self.option = option
        self.section = section


class InterpolationError(Error):
    pass


class InterpolationMissingOptionError(InterpolationError):
    def __init__(self, option, section, rawval, reference):
        super().__init__(
            "Bad value substitution: option %r in section %r contains an interpolation key %r which is not a valid option name. Raw value: %r"
            % (option, section, reference, rawval)
        )


class ParsingError(Error):
    def __init__(self, source, lineno, line):
        super().__init__("Source contains parsing errors: %r\n\t[line %2d]: %r" % (source, lineno, line))


class MissingSectionHeaderError(ParsingError):
    def __init__(self, source, lineno, line):
        Error.__init__(self, "File contains no section headers.\nfile: %r, line: %d\n%r" % (source, lineno, line))


class SectionProxy:
    def __init__(self, parser, name):
        self.parser = parser
        self.name = name

    def __getitem__(self, key):
        if not self.parser.has_option(self.name, key):
            raise KeyError(key)
        return self.parser.get(self.name, key)

    def __setitem__(self, key, value):
        self.parser.set(self.name, key, value)

    def __delitem__(self, key):
        if not self.parser.remove_option(self.name, key):
            raise KeyError(key)

    def __contains__(self, key):
        return self.parser.has_option(self.name, key)

    def keys(self):
        return self.parser.options(self.name)

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self.keys())

    def values(self):
        return [self[key] for key in self.keys()]

    def items(self):
        return [(key, self[key]) for key in self.keys()]

    def get(self, option, fallback=None, *, raw=False):
        return self.parser.get(self.name, option, fallback=fallback, raw=raw)

    def getint(self, option, fallback=None):
        return self.parser.getint(self.name, option, fallback=fallback)

    def getfloat(self, option, fallback=None):
        return self.parser.getfloat(self.name, option, fallback=fallback)

    def getboolean(self, option, fallback=None):
        return self.parser.getboolean(self.name, option, fallback=fallback)

    def __repr__(self):
        return "<Section: %s>" % self.name


class RawConfigParser:
    _interpolates = False
    BOOLEAN_STATES = _STATES

    def __init__(self, defaults=None, allow_no_value=False, *, delimiters=("=", ":"), comment_prefixes=("#", ";"),
                 inline_comment_prefixes=None, strict=True, default_section=DEFAULTSECT, interpolation=_NONE, **rest):
        self._delimiters = delimiters
        self._comments = comment_prefixes
        self._inline = inline_comment_prefixes or ()
        self._strict = strict
        self._no_value = allow_no_value
        self.default_section = default_section
        if interpolation is None:
            self._interpolates = False
        self._defaults = {}
        self._sections = {}
        for key, value in (defaults or {}).items():
            self._defaults[self.optionxform(key)] = str(value)

    def optionxform(self, option):
        return option.lower()

    def defaults(self):
        return self._defaults

    def sections(self):
        return list(self._sections)

    def has_section(self, section):
        return section in self._sections

    def add_section(self, section):
        if section == self.default_section:
            raise ValueError("Invalid section name: %r" % section)
        if section in self._sections:
            raise DuplicateSectionError(section)
        self._sections[section] = {}

    def _section(self, section):
        if section == self.default_section:
            return self._defaults
        if section not in self._sections:
            raise NoSectionError(section)
        return self._sections[section]

    def options(self, section):
        keys = list(self._section(section))
        return keys + [key for key in self._defaults if key not in keys]

    def has_option(self, section, option):
        if section != self.default_section and section not in self._sections:
            return False
        option = self.optionxform(option)
        return option in self._section(section) or option in self._defaults

    def read(self, filenames, encoding=None):
        if isinstance(filenames, str) or not hasattr(filenames, "__iter__"):
            filenames = [filenames]
        done = []
        for name in filenames:
            try:
                f = open(str(name))
            except OSError:
                continue
            self.read_string(f.read(), str(name))
            f.close()
            done.append(name)
        return done

    def read_file(self, f, source=None):
        self.read_string("".join(list(f)), source or getattr(f, "name", "<???>"))

    def read_dict(self, dictionary, source="<dict>"):
        for section, values in dictionary.items():
            if section != self.default_section and section not in self._sections:
                self.add_section(section)
            for key, value in values.items():
                self._section(section)[self.optionxform(key)] = None if value is None else str(value)

    def read_string(self, string, source="<string>"):
        current = None
        name = None
        option = None
        indent = 0
        seen = set()
        for number, line in enumerate(string.split("\n"), 1):
            text = line.strip()
            if not text:
                if option is not None and current[option] is not None:
                    current[option] += "\n"
                continue
            if text[0] in self._comments:
                continue
            for mark in self._inline:
                at = text.find(mark)
                while at > 0 and not text[at - 1].isspace():
                    at = text.find(mark, at + 1)
                if at > 0:
                    text = text[:at].rstrip()
            deep = len(line) - len(line.lstrip())
            if option is not None and deep > indent and current[option] is not None:
                current[option] += "\n" + text
                continue
            indent = deep
            if text[0] == "[" and "]" in text:
                name = text[1 : text.rfind("]")]
                if name == self.default_section:
                    current = self._defaults
                elif name in self._sections:
                    if self._strict and name in seen:
                        raise DuplicateSectionError(name, source, number)
                    current = self._sections[name]
                else:
                    current = self._sections[name] = {}
                seen.add(name)
                option = None
                continue
            if current is None:
                raise MissingSectionHeaderError(source, number, line + "\n")
            at = -1
            for mark in self._delimiters:
                i = text.find(mark)
                if i >= 0 and (at < 0 or i < at):
                    at = i
            if at < 0:
                if not self._no_value:
                    raise ParsingError(source, number, line + "\n")
                option = self.optionxform(text)
                current[option] = None
                continue
            option = self.optionxform(text[:at].rstrip())
            if self._strict and (name, option) in seen:
                raise DuplicateOptionError(name, option, source, number)
            seen.add((name, option))
            current[option] = text[at + 1 :].strip()
        for values in [self._defaults] + list(self._sections.values()):
            for key in values:
                if values[key] is not None:
                    values[key] = values[key].rstrip("\n")

    def get(self, section, option, *, raw=False, vars=None, fallback=_NONE):
        try:
            values = self._section(section)
        except NoSectionError:
            if fallback is _NONE:
                raise
            return fallback
        key = self.optionxform(option)
        if vars and key in vars:
            value = vars[key]
        elif key in values:
            value = values[key]
        elif key in self._defaults:
            value = self._defaults[key]
        elif fallback is _NONE:
            raise NoOptionError(option, section)
        else:
            return fallback
        if raw or not self._interpolates or value is None:
            return value
        return self._expanded(section, option, value, vars, 0)

    def _expanded(self, section, option, value, vars, depth):
        if "%" not in value:
            return value
        if depth > 10:
            raise InterpolationError("Value interpolation too deeply recursive: %r" % option)
        out = ""
        rest = value
        while rest:
            at = rest.find("%")
            if at < 0:
                return out + rest
            out += rest[:at]
            rest = rest[at:]
            if rest[:2] == "%%":
                out += "%"
                rest = rest[2:]
            elif rest[:2] == "%(" and ")s" in rest:
                end = rest.find(")s")
                name = self.optionxform(rest[2:end])
                if not self.has_option(section, name) and not (vars and name in vars):
                    raise InterpolationMissingOptionError(option, section, value, name)
                out += self._expanded(section, name, self.get(section, name, raw=True, vars=vars), vars, depth + 1)
                rest = rest[end + 2 :]
            else:
                raise InterpolationError("'%%' must be followed by '%%' or '(', found: %r" % rest)
        return out

    def _converted(self, section, option, convert, kwargs):
        fallback = kwargs.get("fallback", _NONE)
        value = self.get(section, option, **kwargs)
        return value if value is fallback else convert(value)

    def getint(self, section, option, **kwargs):
        return self._converted(section, option, int, kwargs)

    def getfloat(self, section, option, **kwargs):
        return self._converted(section, option, float, kwargs)

    def getboolean(self, section, option, **kwargs):
        return self._converted(section, option, self._boolean, kwargs)

    def _boolean(self, value):
        if value.lower() not in _STATES:
            raise ValueError("Not a boolean: %s" % value)
        return _STATES[value.lower()]

    def items(self, section=_NONE, raw=False, vars=None):
        if section is _NONE:
            return [(name, self[name]) for name in self]
        return [(key, self.get(section, key, raw=raw, vars=vars)) for key in self.options(section)]

    def set(self, section, option, value=None):
        if self._interpolates and not isinstance(value, str) and value is not None:
            raise TypeError("option values must be strings")
        self._section(section)[self.optionxform(option)] = value

    def remove_option(self, section, option):
        return self._section(section).pop(self.optionxform(option), _NONE) is not _NONE

    def remove_section(self, section):
        return self._sections.pop(section, None) is not None

    def write(self, fp, space_around_delimiters=True):
        mark = " = " if space_around_delimiters else "="
        groups = [(self.default_section, self._defaults)] if self._defaults else []
        for name, values in groups + list(self._sections.items()):
            fp.write("[%s]\n" % name)
            for key, value in values.items():
                fp.write(key + ("" if value is None else mark + str(value).replace("\n", "\n\t")) + "\n")
            fp.write("\n")

    def __getitem__(self, key):
        if key != self.default_section and key not in self._sections:
            raise KeyError(key)
        return SectionProxy(self, key)

    def __setitem__(self, key, value):
        if key == self.default_section:
            self._defaults.clear()
        else:
            self._sections[key] = {}
        self.read_dict({key: value})

    def __delitem__(self, key):
        if not self.remove_section(key):
            raise KeyError(key)

    def __contains__(self, key):
        return key == self.default_section or key in self._sections

    def __iter__(self):
        return iter([self.default_section] + list(self._sections))

    def __len__(self):
        return len(self._sections) + 1


class ConfigParser(RawConfigParser):
    _interpolates = True


SafeConfigParser = ConfigParser
