import struct
b = bytes([1, 2, 255]) + b"abc\x00"
print(b, len(b), b[0], b[-1], b[1:4], list(b[:3]))
print(b"a,b".split(b","), b"x".join([b"1", b"2"]), b"abc".find(b"c"), b"ab" in b"cabd")
ba = bytearray(b"hello")
ba[0] = ord("J")
ba.append(33)
ba.extend(b"??")
print(ba, bytes(ba), ba[1:3], len(ba))
m = memoryview(ba)
m[1:3] = b"EL"
print(bytes(m[:5]))
print(struct.pack("<hIb", -2, 4000000000, -1), struct.calcsize("<hIb"))
print(struct.unpack("<hIb", struct.pack("<hIb", -2, 4000000000, -1)))
print(struct.pack(">H2s", 513, b"ok"), struct.unpack(">H2s", b"\x02\x01ok"))
print(struct.pack("<d", 1.5), struct.unpack("<f", struct.pack("<f", 0.25)))
print(struct.unpack_from("<q", b"\x00\x01\x02\x03\x04\x05\x06\x07\x08", 1))
print(bytes(5), bytearray(2), bytes("h\u00e9", "utf-8"), b"\x80" < b"\x81")
import binascii
print(binascii.hexlify(b"\x00\xffA"), binascii.unhexlify("00ff41"), binascii.crc32(b"hello"))
try:
    bytes([256])
except ValueError:
    print("ValueError")
try:
    b"\xff".decode()
except UnicodeError:
    print("UnicodeError")
