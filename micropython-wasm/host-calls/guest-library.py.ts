// The guest's half of host calls and of taking a program's value: a Python module, imported
// from the guest's own file system when it is first needed.
//
// Frames on /dev/host:
//   guest → host  "C" [name, args, kwargs]  a call      each frame in one write
//                 "V" value                 the program's value; not answered
//                 "A" [true, value]         what a function of the guest's returned
//                 "A" [false, class, text]  or raised
//                 "c" [name, args, kwargs]  a call, made while an event loop runs
//                 "U"                       asks for a future that is done, and waits for one
//   host → guest  "R" value                 returned    each after its length in four bytes,
//                 "E" [class, message]      failed      little-endian
//                 "K" [number, args]        call the function with this number, and answer
//                 "I" [name, value]         a global of the main program's, of a run that is resumed with inputs; more follows
//                 "F" number                a future: the result comes as the answer to a "U", which is
//                                           "R" [number, true, value] or "R" [number, false, [class, message]],
//                                           with None for the number if no call is under way any more
// `name` is text, or [number, method] for an object of the host's.
//
// Encoding in Python is slow, so most values do not go this way: the host reads and builds
// them itself (guest-objects.ts). `_s` is a list that both sides know. The frames have its address:
//                 "P"       the interpreter's layout is to be learned; until it is, nothing below is answered
//                 "D" name  a call; arguments are in _s[0] and _s[1]
//                 "W"       the program's value is in _s[1]
//                 "N"       the bound method in _s[0] is to be the artifact's own function's, and of the frame in _s[1]
// The host puts a result that needs no memory into _s[0]. Otherwise it leaves that, and puts into _s[1]
//   False           it cannot read these arguments: use "C"
//   0               a frame is to be read
//   the size of the data of one object, the negative number of several, or, below all of those, that of an error's
//   message (GuestObjects.announceError), which is to be raised:
//                 "Z"       the sizes of all are to be written into the list in _s[0]
//                 "B"       blocks of these sizes are in _s[0]: the result is to be built of them
//   -1              the call has failed, and the message of its RuntimeError is where the spare block was, in _s[5]
// It answers "W" with True in _s[0], if it has read the value. Where it wants the value's repr first, it answers with
// the most characters of that, and "W" comes again behind
//                 "T" [length, text]  the repr, cut

import { MAX_VALUE_DEPTH } from "../values/python-value.js";
import { ERROR_CODE, IN_SPARE } from "./guest-objects.js";
import { SPARE } from "./object-memory.js";
import { SAMPLES_SOURCE } from "./object-samples.js";

/** Name of the module in the guest. */
export const GUEST_LIBRARY_NAME = "_escapement";
/** The device that frames go through. */
export const HOST_DEVICE_PATH = "/dev/host";
/** Bytes of the spare block: most messages fit, and need no second frame. */
const SPARE_BYTES = 112;

/** What a capability of the host's is to the guest; `bind` makes functions of its methods. */
export const HOST_OBJECT_SOURCE = `class HostObject:
    def __init__(self, number, names):
        self._number = number
        self._call = bind([number, ""])
        for name in names:
            if name:
                setattr(self, name, bind([number, name]))
    def __call__(self, *args, **kwargs):
        return self._call(*args, **kwargs)
`;

/** @param maxBytes size limit of a frame */
export function guestLibrarySource(maxBytes: number, valueName: string): string {
  return `
import struct, __main__
_f = open("${HOST_DEVICE_PATH}", "r+b")
_write = _f.write
_pack = struct.pack
_unpack = struct.unpack_from
_fns = []
_constants = {"N": None, "T": True, "F": False}
_s = [None] * ${SPARE} + [bytearray(${SPARE_BYTES})]
_future = None
_Error = RuntimeError
_block = bytearray

def _frame(kind):
    return _pack("<BI", kind, id(_s))
_sizes = _frame(90)
_build = _frame(66)
_native = _frame(78)
_taken = _frame(87)

${HOST_OBJECT_SOURCE}
def _put(v, out, depth, strict):
    if depth > ${MAX_VALUE_DEPTH}:
        raise ValueError("value nested too deeply")
    k = 0
    if v is None:
        v = b"N"
    elif isinstance(v, bool):
        v = b"T" if v else b"F"
    elif isinstance(v, float):
        v = _pack("<Bd", 102, v)
    elif isinstance(v, int):
        k = 105
        v = "%x" % v
    elif isinstance(v, str):
        k = 115
    elif isinstance(v, (bytes, bytearray)):
        k = 98
    elif isinstance(v, (dict, list, tuple, set, frozenset)):
        k = 100 if isinstance(v, dict) else 101 if isinstance(v, (set, frozenset)) else 108
        out.append(_pack("<BI", k, len(v)))
        for x in v.items() if k == 100 else v:
            for y in x if k == 100 else (x,):
                _put(y, out, depth + 1, strict)
        return
    elif isinstance(v, HostObject):
        v = _pack("<BI", 104, v._number)
    elif not strict:
        k = 111
        v = type(v).__name__
    elif callable(v):
        _fns.append(v)
        v = _pack("<BI", 99, len(_fns) - 1)
    else:
        raise TypeError("cannot pass " + type(v).__name__ + " to the host")
    if k:
        v = v.encode() if isinstance(v, str) else bytes(v)
        out.append(_pack("<BI", k, len(v)))
    out.append(v)

def _get(b, p):
    t = chr(b[p])
    p += 1
    if t in _constants:
        return _constants[t], p
    if t == "f":
        return _unpack("<d", b, p)[0], p + 8
    n = _unpack("<I", b, p)[0]
    p += 4
    if t in "isb":
        v = b[p:p + n]
        if t != "b":
            v = str(v, "utf8")
        return int(v, 16) if t == "i" else v, p + n
    if t == "c":
        return _fns[n], p
    v = []
    for _ in range(1 if t == "h" else 2 * n if t == "d" else n):
        x, p = _get(b, p)
        v.append(x)
    if t == "h":
        v = HostObject(n, x)
    elif t == "d":
        v = dict(zip(v[::2], v[1::2]))
    elif t == "e":
        v = set(v)
    return v, p

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
            _send([b"cl\\3\\0\\0\\0" if s[4] else b"Cl\\3\\0\\0\\0", frame[5:]], (args, kwargs), 1, True)
        while True:
            b = _f.read(_unpack("<I", _f.read(4), 0)[0])
            v = _get(b, 1)[0]
            if b[0] == 82:
                return v
            if b[0] == 70:
                return _future(v)
            if b[0] == 73:
                setattr(__main__, v[0], v[1])
                continue
            if b[0] != 75:
                raise (ValueError if v[0] == "ValueError" else RuntimeError)(v[1])
            try:
                _send([b"A"], ([True, _fns[v[0]](*v[1])],), 0, True)
            except Exception as e:
                _send([b"A"], ([False, type(e).__name__, str(e)[:4096]],), 0, True)
    finally:
        del _fns[known:]

# For an event loop that runs: what makes a future of a number; None when it does not run any more.
def later(make):
    global _future
    _future = make
    _s[4] = make is not None or None

def settled():
    _write(b"U")
    while True:
        b = _f.read(_unpack("<I", _f.read(4), 0)[0])
        v = _get(b, 1)[0]
        if b[0] != 73:
            break
        setattr(__main__, v[0], v[1])
    if b[0] != 82:
        raise RuntimeError(v[1])
    return v

# Takes a result that needs memory, or an error.
def _after(frame, args=None, kwargs=None):
    s = _s
    n = s[1]
    if n > 0:
        s[0] = _block(n)
        _write(_build)
        return s[0]
    if n == ${IN_SPARE}:
        v = s[${SPARE}]
        s[${SPARE}] = _block(${SPARE_BYTES})
        s[0] = None
        raise _Error(v)
    if n > -${ERROR_CODE}:
        return _receive(s, n, frame, args, kwargs)
    n = -${ERROR_CODE} - n
    s[0] = bytearray(n >> 1 or 1)
    _write(_build)
    v = s[0]
    s[0] = s[1] = None
    raise (ValueError if n & 1 else RuntimeError)(v)

def _slow(frame, *args, **kwargs):
    s = _s
    s[0] = args
    s[1] = kwargs
    _write(frame)
    v = s[0]
    return v if v is not args else _after(frame, args, kwargs)

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
        return _after(self.frame, args, kwargs)
    def encode(self, *args, **kwargs):
        return _receive(_s, False, self.frame, args, kwargs)

def bind(name):
    f = _Function(name)
    v = f.call
    _s[0] = v
    _s[1] = f.frame
    _write(_native)
    _s[0] = _s[1] = None
    return v

def call(name, args, kwargs):
    return bind(name)(*args, **kwargs)

def value():
    v = __main__.__dict__.pop("${valueName}", None)
    _s[0] = None
    _s[1] = v
    _write(_taken)
    n = _s[0]
    if n and n is not True:
        try:
            t = repr(v)
        except Exception:
            t = "<" + type(v).__name__ + " object>"
        _send([b"T"], ([len(t), t[:n]],), 0, False)
        _s[0] = None
        _write(_taken)
    if _s[0]:
        return
    _s[1] = None
    try:
        _send([b"V"], (v,), 0, False)
    except Exception:
        # Too large, too deep, or its methods fail: its class is all there is to tell.
        v = type(v).__name__.encode()
        _write(b"Vo" + _pack("<I", len(v)) + v)

_s.append(_slow)
_s.append(_after)
_s[2] = ${SAMPLES_SOURCE}
_write(_frame(80))
if not _s[3]:
    _Function.call = _Function.encode
`;
}
