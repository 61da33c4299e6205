import struct as _struct
from uhashlib import sha256 as _sha256

algorithms_available = algorithms_guaranteed = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}


class _Hash:
    block_size = 64

    def __init__(self, data=b""):
        self._data = bytearray()
        self.update(data)

    def update(self, data):
        if isinstance(data, str):
            raise TypeError("Strings must be encoded before hashing")
        self._data.extend(data)

    def hexdigest(self):
        return self.digest().hex()

    def copy(self):
        return type(self)(self._data)

    def _padded(self, order, size=8):
        d = bytes(self._data)
        n = len(d)
        block = self.block_size
        pad = b"\x80" + b"\0" * ((-n - 1 - size) % block)
        count = _struct.pack(order + "Q", n * 8)
        return d + pad + (b"\0" * (size - 8) + count if order == ">" else count)


class _Sha256(_Hash):
    name = "sha256"
    digest_size = 32

    def digest(self):
        return _sha256(bytes(self._data)).digest()


_S = (7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21)
_K = []


class _Md5(_Hash):
    name = "md5"
    digest_size = 16

    def digest(self):
        if not _K:
            from math import sin

            for i in range(64):
                _K.append(int(abs(sin(i + 1)) * 4294967296))
        M = 0xFFFFFFFF
        state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
        data = self._padded("<")
        for at in range(0, len(data), 64):
            w = _struct.unpack_from("<16I", data, at)
            a, b, c, d = state
            for i in range(64):
                r = i >> 4
                if r == 0:
                    f = d ^ (b & (c ^ d))
                    g = i
                elif r == 1:
                    f = c ^ (d & (b ^ c))
                    g = (5 * i + 1) & 15
                elif r == 2:
                    f = b ^ c ^ d
                    g = (3 * i + 5) & 15
                else:
                    f = c ^ (b | (M ^ d))
                    g = (7 * i) & 15
                f = (f + a + _K[i] + w[g]) & M
                s = _S[r * 4 + (i & 3)]
                a, d, c = d, c, b
                b = (b + ((f << s | f >> (32 - s)) & M)) & M
            state = [(x + y) & M for x, y in zip(state, (a, b, c, d))]
        return _struct.pack("<4I", *state)


class _Sha1(_Hash):
    name = "sha1"
    digest_size = 20

    def digest(self):
        M = 0xFFFFFFFF
        state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
        data = self._padded(">")
        for at in range(0, len(data), 64):
            w = list(_struct.unpack_from(">16I", data, at))
            for i in range(16, 80):
                x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]
                w.append((x << 1 | x >> 31) & M)
            a, b, c, d, e = state
            for i in range(80):
                if i < 20:
                    f = (d ^ (b & (c ^ d))) + 0x5A827999
                elif i < 40:
                    f = (b ^ c ^ d) + 0x6ED9EBA1
                elif i < 60:
                    f = ((b & c) | (d & (b | c))) + 0x8F1BBCDC
                else:
                    f = (b ^ c ^ d) + 0xCA62C1D6
                f = ((a << 5 | a >> 27) + f + e + w[i]) & M
                a, b, c, d, e = f, a, (b << 30 | b >> 2) & M, c, d
            state = [(x + y) & M for x, y in zip(state, (a, b, c, d, e))]
        return _struct.pack(">5I", *state)


# The constants of SHA-2 are the first bits of the fractional parts of roots of the primes.
def _primes(n):
    found = []
    p = 2
    while len(found) < n:
        if all([p % q for q in found]):
            found.append(p)
        p += 1
    return found


def _root(n, k, bits):
    """The first bits of the fractional part of the k-th root of n."""
    target = n << (k * bits)
    x = 1 << (bits + 4)
    while True:
        y = ((k - 1) * x + target // x ** (k - 1)) // k
        if y >= x:
            return x & ((1 << bits) - 1)
        x = y


_K512 = []
_I384 = (
    0xCBBB9D5DC1059ED8, 0x629A292A367CD507, 0x9159015A3070DD17, 0x152FECD8F70E5939,
    0x67332667FFC00B31, 0x8EB44A8768581511, 0xDB0C2E0D64F98FA7, 0x47B5481DBEFA4FA4,
)


class _Sha512(_Hash):
    name = "sha512"
    digest_size = 64
    block_size = 128

    def _start(self):
        return [_root(p, 2, 64) for p in _primes(8)]

    def digest(self):
        if not _K512:
            _K512.extend([_root(p, 3, 64) for p in _primes(80)])
        M = 0xFFFFFFFFFFFFFFFF
        state = list(self._start())
        data = self._padded(">", 16)
        turn = lambda x, n: (x >> n | x << (64 - n)) & M
        for at in range(0, len(data), 128):
            w = list(_struct.unpack_from(">16Q", data, at))
            for i in range(16, 80):
                x, y = w[i - 15], w[i - 2]
                s0 = turn(x, 1) ^ turn(x, 8) ^ x >> 7
                s1 = turn(y, 19) ^ turn(y, 61) ^ y >> 6
                w.append((w[i - 16] + s0 + w[i - 7] + s1) & M)
            a, b, c, d, e, f, g, h = state
            for i in range(80):
                s1 = turn(e, 14) ^ turn(e, 18) ^ turn(e, 41)
                t1 = h + s1 + (g ^ (e & (f ^ g))) + _K512[i] + w[i]
                s0 = turn(a, 28) ^ turn(a, 34) ^ turn(a, 39)
                t2 = s0 + ((a & b) | (c & (a | b)))
                a, b, c, d, e, f, g, h = (t1 + t2) & M, a, b, c, (d + t1) & M, e, f, g
            state = [(x + y) & M for x, y in zip(state, (a, b, c, d, e, f, g, h))]
        return _struct.pack(">8Q", *state)[: self.digest_size]


class _Sha384(_Sha512):
    name = "sha384"
    digest_size = 48

    def _start(self):
        return _I384


_NAMES = {"md5": _Md5, "sha1": _Sha1, "sha256": _Sha256, "sha512": _Sha512, "sha384": _Sha384}


def new(name, data=b"", **kwargs):
    made = _NAMES.get(name.lower().replace("-", ""))
    if made is None:
        raise ValueError("unsupported hash type " + name)
    return made(data)


def md5(data=b"", **kwargs):
    return _Md5(data)


def sha1(data=b"", **kwargs):
    return _Sha1(data)


def sha256(data=b"", **kwargs):
    return _Sha256(data)


def sha512(data=b"", **kwargs):
    return _Sha512(data)


def sha384(data=b"", **kwargs):
    return _Sha384(data)


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    import hmac

    made = lambda data=b"": new(hash_name, data)
    size = made().digest_size
    dklen = size if dklen is None else dklen
    out = b""
    i = 0
    while len(out) < dklen:
        i += 1
        u = hmac.new(password, salt + _struct.pack(">I", i), made).digest()
        t = int.from_bytes(u, "big")
        for _ in range(iterations - 1):
            u = hmac.new(password, u, made).digest()
            t ^= int.from_bytes(u, "big")
        out += t.to_bytes(size, "big")
    return out[:dklen]
