// CPython's half of host calls, of taking a program's value, of what sessions begin with (follow) and of terminals
// (statement, complete): the frames of host-calls/guest-library.py.ts that hold values ("C", "V", "A"). Objects that the
// host reads in memory are MicroPython's only.

import { HOST_DEVICE_PATH, HOST_OBJECT_SOURCE } from "../host-calls/guest-library.py.js";
import { MAX_VALUE_DEPTH } from "../values/python-value.js";

/** @param maxBytes size limit of a frame */
export function cpythonLibrarySource(maxBytes: number): string {
  return `
import struct, sys
from __main__ import __dict__ as _globals
_file = open("${HOST_DEVICE_PATH}", "r+b", buffering=0)
_write = _file.write
_read = _file.read
_head = struct.Struct("<BI").pack
_size = struct.Struct("<I").unpack_from
_double = struct.Struct("<d")
_functions = []
_constants = {78: None, 84: True, 70: False}

${HOST_OBJECT_SOURCE}
def _text(kind, data):
    return _head(kind, len(data)) + data

def _encode(value, depth, strict):
    if depth > ${MAX_VALUE_DEPTH}:
        raise ValueError("value nested too deeply")
    if value is None:
        return b"N"
    if value is True:
        return b"T"
    if value is False:
        return b"F"
    if isinstance(value, float):
        return b"f" + _double.pack(value)
    if isinstance(value, int):
        return _text(105, b"%x" % value)
    if isinstance(value, str):
        return _text(115, value.encode())
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _text(98, bytes(value))
    if isinstance(value, dict):
        return _head(100, len(value)) + b"".join(
            [_encode(x, depth + 1, strict) for item in value.items() for x in item])
    if isinstance(value, (list, tuple)):
        return _head(108, len(value)) + b"".join([_encode(x, depth + 1, strict) for x in value])
    if isinstance(value, (set, frozenset)):
        return _head(101, len(value)) + b"".join([_encode(x, depth + 1, strict) for x in value])
    if isinstance(value, HostObject):
        return _head(104, value._number)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return _encode(value.tolist(), depth, strict)
    if not strict:
        return _text(111, type(value).__name__.encode())
    if callable(value):
        _functions.append(value)
        return _head(99, len(_functions) - 1)
    raise TypeError("cannot pass " + type(value).__name__ + " to the host")

def _decode(data, at):
    kind = data[at]
    at += 1
    if kind in _constants:
        return _constants[kind], at
    if kind == 102:
        return _double.unpack_from(data, at)[0], at + 8
    count = _size(data, at)[0]
    at += 4
    if kind == 115:
        return data[at:at + count].decode(), at + count
    if kind == 105:
        return int(data[at:at + count], 16), at + count
    if kind == 98:
        return data[at:at + count], at + count
    if kind == 99:
        return _functions[count], at
    items = []
    for _ in range(1 if kind == 104 else 2 * count if kind == 100 else count):
        item, at = _decode(data, at)
        items.append(item)
    if kind == 104:
        return HostObject(count, item), at
    if kind == 100:
        return dict(zip(items[::2], items[1::2])), at
    return set(items) if kind == 101 else items, at

def _send(frame):
    if len(frame) > ${maxBytes}:
        raise ValueError("value larger than ${maxBytes} bytes")
    _write(frame)

def _receive(count):
    data = _read(count)
    while len(data) < count:
        data += _read(count - len(data))
    return data

def _call(name, args, kwargs):
    known = len(_functions)
    try:
        _send(b"".join((b"Cl\\3\\0\\0\\0", name, _encode(args, 1, True), _encode(kwargs, 1, True))))
        while True:
            data = _receive(_size(_receive(4))[0])
            value = _decode(data, 1)[0]
            if data[0] == 82:
                return value
            if data[0] == 73:
                _globals[value[0]] = value[1]
                continue
            if data[0] != 75:
                raise (ValueError if value[0] == "ValueError" else RuntimeError)(value[1])
            try:
                answer = b"A" + _encode([True, _functions[value[0]](*value[1])], 0, True)
                _send(answer)
            except Exception as error:
                _send(b"A" + _encode([False, type(error).__name__, str(error)[:4096]], 0, True))
    finally:
        del _functions[known:]

def bind(name):
    encoded = _encode(name, 0, True)
    def call(*args, **kwargs):
        return _call(encoded, args, kwargs)
    return call

def call(name, args, kwargs):
    return bind(name)(*args, **kwargs)

def follow(order, names):
    argv, seeds, functions = _decode(order, 0)[0]
    if argv is not None:
        sys.argv[:] = argv
    if seeds:
        for name in ("random", "numpy.random"):
            module = sys.modules.get(name)
            if module is not None:
                module.seed()
    for name in functions:
        names[name] = bind(name)

_statement = None

def statement(source):
    global _statement
    try:
        if _statement is None:
            from codeop import CommandCompiler
            _statement = CommandCompiler()
        return _statement(source.decode(), "<stdin>", "single")
    except BaseException as error:
        return error.with_traceback(None)

def complete(text, names):
    import builtins
    *path, last = text.split(".")
    if path:
        found = names[path[0]] if path[0] in names else getattr(builtins, path[0])
        for name in path[1:]:
            found = getattr(found, name)
        found = dir(found)
    else:
        import keyword
        found = {*names, *dir(builtins), *keyword.kwlist}
    path = "".join([name + "." for name in path])
    return sorted([path + name for name in found if name.startswith(last) and (last or name[0] != "_")])[:200]

def give(value, limit):
    if limit and value is not None:
        try:
            text = repr(value)
        except Exception:
            text = "<" + type(value).__name__ + " object>"
        shown = text[:limit].encode("utf-8", "backslashreplace").decode()
        _write(b"T" + _encode([len(text), shown], 0, False))
    try:
        _send(b"V" + _encode(value, 0, False))
    except Exception:
        # Too large, too deep, or its methods fail: its class is all there is to tell.
        _write(b"V" + _text(111, type(value).__name__.encode()))
`;
}
