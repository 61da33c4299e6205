import sys

SUPPRESS = "==SUPPRESS=="
REMAINDER = "..."
OPTIONAL, ZERO_OR_MORE, ONE_OR_MORE = "?", "*", "+"


class ArgumentError(Exception):
    pass


class ArgumentTypeError(Exception):
    pass


class HelpFormatter:
    pass


class RawDescriptionHelpFormatter(HelpFormatter):
    pass


class RawTextHelpFormatter(HelpFormatter):
    pass


class ArgumentDefaultsHelpFormatter(HelpFormatter):
    pass


class Namespace:
    def __init__(self, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)

    def __repr__(self):
        return "Namespace(%s)" % ", ".join(["%s=%r" % item for item in self.__dict__.items()])

    def __str__(self):
        return self.__repr__()

    def __eq__(self, other):
        return isinstance(other, Namespace) and self.__dict__ == other.__dict__

    def __contains__(self, name):
        return name in self.__dict__


class _Argument:
    def __init__(self, flags, options):
        self.flags = flags
        self.action = options.get("action", "store")
        self.nargs = options.get("nargs")
        self.const = options.get("const")
        self.type = options.get("type")
        self.choices = options.get("choices")
        self.required = options.get("required", False)
        self.help = options.get("help")
        self.version = options.get("version")
        takes = self.action in ("store", "append", "extend")
        if not takes:
            self.nargs = 0
        if self.action in ("store_true", "store_false"):
            self.const = self.action == "store_true"
            self.default = options.get("default", not self.const)
        else:
            self.default = options.get("default")
        long = [flag for flag in flags if flag.startswith("--")]
        dest = (long or flags)[0].lstrip("-").replace("-", "_") if flags[0].startswith("-") else flags[0]
        self.dest = options.get("dest", dest)
        self.is_option = flags[0].startswith("-")
        self.metavar = options.get("metavar") or (
            "{%s}" % ",".join([str(c) for c in self.choices])
            if self.choices is not None
            else self.dest.upper()
            if self.is_option
            else self.dest
        )

    def name(self):
        return "/".join(self.flags) if self.is_option else self.metavar

    def values(self):
        """The arguments as usage shows them."""
        m = self.metavar
        if self.nargs is None:
            return m
        if self.nargs == 0:
            return ""
        if isinstance(self.nargs, int):
            return " ".join([m] * self.nargs)
        return {"?": "[%s]", "*": "[%s ...]", "+": "%s [%s ...]", "...": "..."}[self.nargs] % (
            (m, m) if self.nargs == "+" else () if self.nargs == "..." else (m,)
        )


class _Group:
    def __init__(self, parser, title=None, description=None, exclusive=False, required=False):
        self._parser = parser
        self.title = title
        self.description = description
        self.exclusive = exclusive
        self.required = required
        self.arguments = []

    def add_argument(self, *flags, **options):
        argument = self._parser._make(flags, options)
        self.arguments.append(argument)
        return argument

    def add_mutually_exclusive_group(self, required=False):
        return self._parser.add_mutually_exclusive_group(required)


class _Subparsers:
    def __init__(self, parser, dest, required, options):
        self._parser = parser
        self.dest = dest
        self.required = required
        self.parsers = {}
        self.helps = {}
        self.title = options.get("title")
        self.metavar = options.get("metavar")

    def add_parser(self, name, **options):
        self.helps[name] = options.pop("help", None)
        aliases = options.pop("aliases", ())
        options.setdefault("prog", "%s %s" % (self._parser.prog, name))
        made = ArgumentParser(**options)
        for known in (name,) + tuple(aliases):
            self.parsers[known] = made
        return made


class ArgumentParser:
    def __init__(self, prog=None, usage=None, description=None, epilog=None, add_help=True, exit_on_error=True, **options):
        self.prog = prog if prog is not None else (sys.argv[0].split("/")[-1] if sys.argv and sys.argv[0] else "program")
        self.usage = usage
        self.description = description
        self.epilog = epilog
        self.exit_on_error = exit_on_error
        self._arguments = []
        self._groups = []
        self._defaults = {}
        self._subparsers = None
        for parent in options.get("parents", ()):
            self._arguments.extend([a for a in parent._arguments if a.action != "help"])
        if add_help:
            self.add_argument("-h", "--help", action="help", help="show this help message and exit")

    def _make(self, flags, options):
        argument = _Argument(flags if flags else (options["dest"],), options)
        self._arguments.append(argument)
        return argument

    def add_argument(self, *flags, **options):
        return self._make(flags, options)

    def add_argument_group(self, title=None, description=None):
        group = _Group(self, title, description)
        self._groups.append(group)
        return group

    def add_mutually_exclusive_group(self, required=False):
        group = _Group(self, exclusive=True, required=required)
        self._groups.append(group)
        return group

    def add_subparsers(self, dest=None, required=False, **options):
        self._subparsers = _Subparsers(self, dest, required, options)
        return self._subparsers

    def set_defaults(self, **defaults):
        self._defaults.update(defaults)

    def get_default(self, dest):
        for argument in self._arguments:
            if argument.dest == dest and argument.default is not None:
                return argument.default
        return self._defaults.get(dest)

    # ---- parsing ----

    def parse_args(self, args=None, namespace=None):
        found, rest = self.parse_known_args(args, namespace)
        if rest:
            self.error("unrecognized arguments: " + " ".join(rest))
        return found

    def parse_known_args(self, args=None, namespace=None):
        args = list(sys.argv[1:] if args is None else args)
        found = Namespace() if namespace is None else namespace
        for argument in self._arguments:
            if argument.action not in ("help", "version") and argument.default != SUPPRESS:
                if not hasattr(found, argument.dest):
                    setattr(found, argument.dest, argument.default)
        for name, value in self._defaults.items():
            if not hasattr(found, name) or getattr(found, name) is None:
                setattr(found, name, value)
        if self._subparsers is not None and self._subparsers.dest and not hasattr(found, self._subparsers.dest):
            setattr(found, self._subparsers.dest, None)
        try:
            return found, self._parse(args, found)
        except ArgumentError as error:
            if not self.exit_on_error:
                raise
            self.error(str(error))

    def _parse(self, args, found):
        seen = []
        extras = []
        loose = []
        i = 0
        while i < len(args):
            arg = args[i]
            i += 1
            if arg == "--":
                loose.extend(args[i:])
                break
            if self._subparsers is not None and not self._is_flag(arg) and len(loose) >= self._fixed():
                return self._sub(arg, args[i:], found, seen, loose, extras)
            if not self._is_flag(arg):
                loose.append(arg)
                continue
            option, value = self._option(arg)
            if option is None:
                extras.append(arg)
                continue
            seen.append(option)
            if option.nargs == 0 and value is not None and not arg.startswith("--"):
                # Several short flags in one.
                args.insert(i, "-" + value)
                value = None
            if option.nargs == 0:
                if value is not None:
                    raise ArgumentError("argument %s: ignored explicit argument %r" % (option.name(), value))
                self._act(option, [], found)
                continue
            taken = [value] if value is not None else []
            if value is None:
                most = self._most(option)
                while i < len(args) and len(taken) < most and (option.nargs == "..." or not self._is_flag(args[i])) and args[i] != "--":
                    taken.append(args[i])
                    i += 1
            self._act(option, self._counted(option, taken), found)
        self._positionals(loose, found, seen, extras)
        self._finish(found, seen)
        if self._subparsers is not None and self._subparsers.required:
            raise ArgumentError("the following arguments are required: %s" % (self._subparsers.dest or "{%s}" % ",".join(self._subparsers.parsers)))
        return extras

    def _sub(self, name, rest, found, seen, loose, extras):
        subparsers = self._subparsers
        if name not in subparsers.parsers:
            raise ArgumentError(
                "argument %s: invalid choice: %r (choose from %s)"
                % (subparsers.dest or "{%s}" % ",".join(subparsers.parsers), name, ", ".join([repr(known) for known in subparsers.parsers]))
            )
        self._positionals(loose, found, seen, extras)
        self._finish(found, seen)
        if subparsers.dest:
            setattr(found, subparsers.dest, name)
        return extras + subparsers.parsers[name].parse_known_args(rest, found)[1]

    def _fixed(self):
        return sum([1 if a.nargs is None else a.nargs for a in self._arguments if not a.is_option and (a.nargs is None or isinstance(a.nargs, int))])

    def _is_flag(self, arg):
        if len(arg) < 2 or arg[0] != "-":
            return False
        try:
            float(arg)
            return any([flag[1:2].isdigit() for a in self._arguments for flag in a.flags])
        except ValueError:
            return " " not in arg

    def _option(self, arg):
        name, equals, value = arg.partition("=")
        for option in self._arguments:
            if name in option.flags and option.is_option:
                return option, value if equals else None
        if arg.startswith("--"):
            near = [o for o in self._arguments if any([flag.startswith(name) for flag in o.flags])]
            if len(near) > 1:
                flags = [flag for o in near for flag in o.flags if flag.startswith(name)]
                raise ArgumentError("ambiguous option: %s could match %s" % (arg, ", ".join(flags)))
            return (near[0], value if equals else None) if near else (None, None)
        for option in self._arguments:
            if arg[:2] in option.flags:
                return option, arg[2:].lstrip("=") if option.nargs != 0 else arg[2:]
        return None, None

    def _most(self, argument):
        nargs = argument.nargs
        return 1 if nargs is None or nargs == "?" else nargs if isinstance(nargs, int) else 1 << 20

    def _counted(self, argument, taken):
        nargs = argument.nargs
        if nargs is None and not taken:
            raise ArgumentError("argument %s: expected one argument" % argument.name())
        if nargs == "+" and not taken:
            raise ArgumentError("argument %s: expected at least one argument" % argument.name())
        if isinstance(nargs, int) and len(taken) != nargs:
            raise ArgumentError("argument %s: expected %d argument%s" % (argument.name(), nargs, "" if nargs == 1 else "s"))
        return taken

    def _positionals(self, loose, found, seen, extras):
        waiting = [a for a in self._arguments if not a.is_option]
        for n, argument in enumerate(waiting):
            after = sum([self._least(a) for a in waiting[n + 1 :]])
            count = min(self._most(argument), max(0, len(loose) - after))
            if count < self._least(argument):
                continue
            taken, loose[:count] = loose[:count], []
            seen.append(argument)
            if taken or argument.nargs not in ("?", "*"):
                self._act(argument, taken, found)
            elif argument.nargs == "*" and argument.default is None:
                setattr(found, argument.dest, [])
        extras.extend(loose)

    def _least(self, argument):
        nargs = argument.nargs
        return 1 if nargs is None or nargs == "+" else nargs if isinstance(nargs, int) else 0

    def _finish(self, found, seen):
        missing = [a.name() for a in self._arguments if a not in seen and (a.required or (not a.is_option and self._least(a)))]
        if missing:
            raise ArgumentError("the following arguments are required: " + ", ".join(missing))
        for group in self._groups:
            if not group.exclusive:
                continue
            used = [a for a in group.arguments if a in seen]
            if len(used) > 1:
                raise ArgumentError("argument %s: not allowed with argument %s" % (used[1].name(), used[0].name()))
            if group.required and not used:
                raise ArgumentError("one of the arguments %s is required" % " ".join([a.name() for a in group.arguments]))
        for argument in self._arguments:
            if argument not in seen and isinstance(argument.default, str) and getattr(found, argument.dest, None) == argument.default:
                setattr(found, argument.dest, self._value(argument, argument.default))

    def _value(self, argument, text):
        value = text
        if argument.type is not None:
            try:
                value = argument.type(text)
            except ArgumentTypeError as error:
                raise ArgumentError("argument %s: %s" % (argument.name(), error))
            except (TypeError, ValueError):
                kind = getattr(argument.type, "__name__", repr(argument.type))
                raise ArgumentError("argument %s: invalid %s value: %r" % (argument.name(), kind, text))
        if argument.choices is not None and value not in argument.choices:
            choices = ", ".join([repr(choice) for choice in argument.choices])
            raise ArgumentError("argument %s: invalid choice: %r (choose from %s)" % (argument.name(), value, choices))
        return value

    def _act(self, argument, taken, found):
        action = argument.action
        dest = argument.dest
        if action == "help":
            self.print_help()
            self.exit()
        elif action == "version":
            print(argument.version)
            self.exit()
        elif action in ("store_true", "store_false", "store_const"):
            setattr(found, dest, argument.const)
        elif action == "count":
            setattr(found, dest, (getattr(found, dest, None) or 0) + 1)
        elif action == "append_const":
            setattr(found, dest, list(getattr(found, dest, None) or []) + [argument.const])
        else:
            values = [self._value(argument, text) for text in taken]
            if argument.nargs is None or argument.nargs == "?":
                value = values[0] if values else argument.const
            else:
                value = values
            if action == "append":
                value = list(getattr(found, dest, None) or []) + [value]
            elif action == "extend":
                value = list(getattr(found, dest, None) or []) + value
            setattr(found, dest, value)

    # ---- help ----

    def format_usage(self):
        if self.usage is not None:
            return "usage: %s\n" % self.usage
        parts = []
        for a in self._arguments:
            if a.help == SUPPRESS or not a.is_option:
                continue
            text = (a.flags[0] + " " + a.values()).strip()
            group = [g for g in self._groups if g.exclusive and a in g.arguments]
            if group and a is not group[0].arguments[0]:
                parts[-1] = "%s | %s%s" % (parts[-1][:-1], text, parts[-1][-1])
            elif group:
                parts.append(("(%s)" if group[0].required else "[%s]") % text)
            else:
                parts.append(text if a.required else "[%s]" % text)
        for a in self._arguments:
            if a.help != SUPPRESS and not a.is_option:
                parts.append(a.values())
        if self._subparsers is not None:
            parts.append("%s ..." % (self._subparsers.metavar or "{%s}" % ",".join(self._subparsers.parsers)))
        return ("usage: %s %s" % (self.prog, " ".join(parts))).rstrip() + "\n"

    def format_help(self):
        out = [self.format_usage()]
        if self.description:
            out.append("\n%s\n" % self.description)
        grouped = [a for g in self._groups if not g.exclusive for a in g.arguments]
        sections = [
            ("positional arguments", [a for a in self._arguments if not a.is_option and a not in grouped]),
            ("options", [a for a in self._arguments if a.is_option and a not in grouped]),
        ] + [(g.title, g.arguments) for g in self._groups if not g.exclusive]
        for title, arguments in sections:
            shown = [a for a in arguments if a.help != SUPPRESS]
            if not shown:
                continue
            out.append("\n%s:\n" % title)
            for a in shown:
                left = ", ".join([(flag + " " + a.values()).strip() for flag in a.flags]) if a.is_option else a.metavar
                text = (a.help or "").replace("%(default)s", str(a.default)).replace("%(prog)s", self.prog).replace("%%", "%")
                if not text:
                    out.append("  %s\n" % left)
                elif len(left) <= 20:
                    out.append("  %s%s%s\n" % (left, " " * (22 - len(left)), text))
                else:
                    out.append("  %s\n%s%s\n" % (left, " " * 24, text))
        if self.epilog:
            out.append("\n%s\n" % self.epilog)
        return "".join(out)

    def print_usage(self, file=None):
        (file or sys.stdout).write(self.format_usage())

    def print_help(self, file=None):
        (file or sys.stdout).write(self.format_help())

    def exit(self, status=0, message=None):
        if message:
            sys.stderr.write(message)
        sys.exit(status)

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(2, "%s: error: %s\n" % (self.prog, message))
