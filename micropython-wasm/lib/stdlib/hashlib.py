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


# The constants of SHA-512 are the first 64 bits of the fractional parts of the primes' cube roots, and of the first eight
# primes' square roots.
_ROOTS = (
    "428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc3956c25bf348b53859f111f1b605d019923f82a4af194f9b"
    "ab1c5ed5da6d8118d807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e272be5d74f27b896f80deb1fe3b1696b1"
    "9bdc06a725c71235c19bf174cf692694e49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc77ac9c652de92c6f592b0275"
    "4a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5983e5152ee66dfaba831c66d2db43210b00327c898fb213fbf597fc7beef0ee4"
    "c6e00bf33da88fc2d5a79147930aa72506ca6351e003826f142929670a0e6e7027b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed"
    "53380d139d95b3df650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353ba2bfe8a14cf10364a81a664bbc423001"
    "c24b8b70d0f89791c76c51a30654be30d192e819d6ef5218d69906245565a910f40e35855771202a106aa07032bbd1b819a4c116b8d2d0c8"
    "1e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373682e6ff3d6b2b8a3"
    "748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915"
    "c67178f2e372532bca273eceea26619cd186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed17806f067aa72176fba0a637dc5a2c898a6"
    "113f9804bef90dae1b710b35131c471b28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c4cc5d4becb3e42b6"
    "597f299cfc657e2a5fcb6fab3ad6faec6c44198c4a475817"
)
_SQUARES = "6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179"


def _words(text):
    data = bytes.fromhex(text)
    return _struct.unpack(">%dQ" % (len(data) // 8), data)


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
        return _words(_SQUARES)

    def digest(self):
        if not _K512:
            _K512.extend(_words(_ROOTS))
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
