// The guest's half of host calls and of taking a program's value: a Python module, imported
// from the guest's own file system when it is first needed.
//
// Frames on /dev/host:
//   guest → host  "C" [name, args, kwargs]  a call      each frame in one write
//                 "V" value                 the program's value; not answered
//                 "A" [true, value]         what a function of the guest's returned
//                 "A" [false, class, text]  or raised
//   host → guest  "R" value                 returned    each after its length in four bytes,
//                 "E" [class, message]      failed      little-endian
//                 "K" [number, args]        call the function with this number, and answer
// `name` is text, or [number, method] for an object of the host's.
//
// Encoding in Python is slow, so most values do not go this way: the host reads and builds
// them itself (guest-objects.ts). `_s` is a list that both sides know. The frames have its address:
//                 "P"       the interpreter's layout is to be learned; until it is, nothing below is answered
//                 "D" name  a call; arguments are in _s[0] and _s[1]
//                 "W"       the program's value is in _s[1]
// The host puts a result that needs no memory into _s[0]. Otherwise it leaves that, and puts into _s[1]
//   False           it cannot read these arguments: use "C"
//   0               a frame is to be read
//   the size of the data of one object, or the negative number of several:
//                 "Z"       the sizes of all are to be written into the list in _s[0]
//                 "B"       blocks of these sizes are in _s[0]: the result is to be built of them
// It answers "W" with True in _s[0], if it has read the value.

import { SAMPLES_SOURCE } from "./guest-objects.js";
import { MAX_VALUE_DEPTH } from "./python-value.js";

/** Name of the module in the guest. */
export const GUEST_LIBRARY_NAME = "_escapement";
/** The device that frames go through. */
export const HOST_DEVICE_PATH = "/dev/host";

/** @param maxBytes size limit of a frame */
export function guestLibrarySource(maxBytes: number, valueName: string): string {
  return `
import struct, __main__
_f = open("${HOST_DEVICE_PATH}", "r+b")
_write = _f.write
_pack = struct.pack
_unpack = struct.unpack_from
_fns = []
_s = [None] * 4

def _frame(kind):
    return _pack("<BI", kind, id(_s))
_sizes = _frame(90)
_build = _frame(66)

class HostObject:
    def __init__(self, number, names):
        self._number = number
        self._call = bind([number, ""])
        for name in names:
            if name:
                setattr(self, name, bind([number, name]))
    def __call__(self, *args, **kwargs):
        return self._call(*args, **kwargs)

def _put(v, out, depth, strict):
    if depth > ${MAX_VALUE_DEPTH}:
        raise ValueError("value nested too deeply")
    if v is None:
        out.append(b"N")
    elif v is True:
        out.append(b"T")
    elif v is False:
        out.append(b"F")
    elif isinstance(v, int):
        v = ("%x" % v).encode()
        out.append(_pack("<BI", 105, len(v)))
        out.append(v)
    elif isinstance(v, float):
        out.append(_pack("<Bd", 102, v))
    elif isinstance(v, str):
        v = v.encode()
        out.append(_pack("<BI", 115, len(v)))
        out.append(v)
    elif isinstance(v, (bytes, bytearray)):
        out.append(_pack("<BI", 98, len(v)))
        out.append(bytes(v))
    elif isinstance(v, dict):
        v = list(v.items())
        out.append(_pack("<BI", 100, len(v)))
        for k, x in v:
            _put(k, out, depth + 1, strict)
            _put(x, out, depth + 1, strict)
    elif isinstance(v, (list, tuple, set, frozenset)):
        out.append(_pack("<BI", 108 if isinstance(v, list) else 116 if isinstance(v, tuple) else 101, len(v)))
        for x in v:
            _put(x, out, depth + 1, strict)
    elif isinstance(v, HostObject):
        out.append(_pack("<BI", 104, v._number))
    elif strict and callable(v):
        out.append(_pack("<BI", 99, len(_fns)))
        _fns.append(v)
    elif strict:
        raise TypeError("cannot pass " + type(v).__name__ + " to the host")
    else:
        v = type(v).__name__.encode()
        out.append(_pack("<BI", 111, len(v)))
        out.append(v)

def _get(b, p):
    t = b[p]
    p += 1
    if t == 78:
        return None, p
    if t == 84:
        return True, p
    if t == 70:
        return False, p
    if t == 102:
        return _unpack("<d", b, p)[0], p + 8
    n = _unpack("<I", b, p)[0]
    p += 4
    if t == 105:
        return int(str(b[p:p + n], "utf8"), 16), p + n
    if t == 115:
        return str(b[p:p + n], "utf8"), p + n
    if t == 98:
        return bytes(b[p:p + n]), p + n
    if t == 104:
        a, p = _get(b, p)
        return HostObject(n, a), p
    if t == 99:
        return _fns[n], p
    if t == 100:
        d = {}
        for _ in range(n):
            k, p = _get(b, p)
            d[k], p = _get(b, p)
        return d, p
    a = []
    for _ in range(n):
        x, p = _get(b, p)
        a.append(x)
    return (set(a) if t == 101 else a), p

def _send(out, values, depth, strict):
    for v in values:
        _put(v, out, depth, strict)
    b = b"".join(out)
    if len(b) > ${maxBytes}:
        raise ValueError("value larger than ${maxBytes} bytes")
    _write(b)

def _receive(s, n, frame, args, kwargs):
    if n < 0:
        s[0] = [0] * -n
        _write(_sizes)
        s[0] = list(map(bytearray, s[0]))
        _write(_build)
        return s[0]
    s[0] = s[1] = None
    known = len(_fns)
    try:
        if n is False:
            _send([b"Cl\\3\\0\\0\\0", frame[5:]], (args, kwargs), 1, True)
        while True:
            b = _f.read(_unpack("<I", _f.read(4), 0)[0])
            v = _get(b, 1)[0]
            if b[0] == 82:
                return v
            if b[0] != 75:
                raise (ValueError if v[0] == "ValueError" else RuntimeError)(v[1])
            try:
                _send([b"A"], ([True, _fns[v[0]](*v[1])],), 0, True)
            except Exception as e:
                _send([b"A"], ([False, type(e).__name__, str(e)[:4096]],), 0, True)
    finally:
        del _fns[known:]

# Not a closure: to call one with more than a few arguments takes memory from the heap and gives
# it back, and every later search for memory begins there.
class _Function:
    def __init__(self, name):
        out = [_frame(68)]
        _put(name, out, 0, True)
        self.frame = b"".join(out)
    def call(self, *args, **kwargs):
        s = _s
        s[0] = args
        s[1] = kwargs
        _write(self.frame)
        v = s[0]
        if v is not args:
            return v
        n = s[1]
        if n > 0:
            s[0] = bytearray(n)
            _write(_build)
            return s[0]
        return _receive(s, n, self.frame, args, kwargs)
    def encode(self, *args, **kwargs):
        return _receive(_s, False, self.frame, args, kwargs)

def bind(name):
    return _Function(name).call

def call(name, args, kwargs):
    return bind(name)(*args, **kwargs)

def value():
    v = __main__.__dict__.pop("${valueName}", None)
    _s[0] = None
    _s[1] = v
    _write(_frame(87))
    if _s[0]:
        return
    _s[1] = None
    try:
        _send([b"V"], (v,), 0, False)
    except Exception:
        # Too large, too deep, or its methods fail: its class is all there is to tell.
        v = type(v).__name__.encode()
        _write(b"Vo" + _pack("<I", len(v)) + v)

_s[2] = ${SAMPLES_SOURCE}
_write(_frame(80))
if not _s[3]:
    _Function.call = _Function.encode
`;
}
