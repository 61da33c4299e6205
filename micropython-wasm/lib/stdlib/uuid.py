# Random numbers are the sandbox's: the same seed gives the same ones.
class UUID:
    def __init__(self, hex=None, bytes=None, int=None, version=None):
        if hex is not None:
            digits = hex.replace("urn:", "").replace("uuid:", "").strip("{}").replace("-", "")
            if len(digits) != 32:
                raise ValueError("badly formed hexadecimal UUID string")
            value = 0
            for c in digits:
                value = value * 16 + "0123456789abcdef".index(c.lower())
        elif bytes is not None:
            if len(bytes) != 16:
                raise ValueError("bytes is not a 16-char string")
            value = 0
            for b in bytes:
                value = value << 8 | b
        else:
            value = int
        if version is not None:
            value = value & ~(0xC000 << 48) | 0x8000 << 48
            value = value & ~(0xF000 << 64) | version << 76
        self.int = value

    @property
    def bytes(self):
        return self.int.to_bytes(16, "big")

    @property
    def hex(self):
        h = "%x" % self.int
        return "0" * (32 - len(h)) + h

    @property
    def version(self):
        return self.int >> 76 & 15 if self.int >> 62 & 3 == 2 else None

    @property
    def urn(self):
        return "urn:uuid:" + str(self)

    @property
    def variant(self):
        return "specified in RFC 4122"

    def __str__(self):
        h = self.hex
        return "%s-%s-%s-%s-%s" % (h[:8], h[8:12], h[12:16], h[16:20], h[20:])

    def __repr__(self):
        return "UUID('%s')" % str(self)

    def __int__(self):
        return self.int

    def __eq__(self, other):
        return isinstance(other, UUID) and self.int == other.int

    def __lt__(self, other):
        return self.int < other.int

    def __hash__(self):
        return hash(self.int)


def uuid4():
    from random import getrandbits

    return UUID(int=getrandbits(128), version=4)


def uuid1(node=None, clock_seq=None):
    import time
    from random import getrandbits

    t = time.time_ns() // 100 + 0x01B21DD213814000
    seq = getrandbits(14) if clock_seq is None else clock_seq
    node = getrandbits(48) | 1 << 40 if node is None else node
    value = (t & 0xFFFFFFFF) << 96 | (t >> 32 & 0xFFFF) << 80 | (t >> 48 & 0xFFF) << 64 | seq << 48 | node
    return UUID(int=value, version=1)


def uuid3(namespace, name):
    from hashlib import md5

    return UUID(bytes=md5(namespace.bytes + name.encode()).digest(), version=3)


def uuid5(namespace, name):
    from hashlib import sha1

    return UUID(bytes=sha1(namespace.bytes + name.encode()).digest()[:16], version=5)


NAMESPACE_DNS = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
NAMESPACE_URL = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
NAMESPACE_OID = UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
NAMESPACE_X500 = UUID("6ba7b814-9dad-11d1-80b4-00c04fd430c8")
