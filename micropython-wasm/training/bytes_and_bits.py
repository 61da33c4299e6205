import struct, binascii
def crc32(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
def run_lengths(data):
    out = bytearray()
    i = 0
    while i < len(data):
        j = i
        while j < len(data) and data[j] == data[i] and j - i < 255:
            j += 1
        out.extend(bytes([j - i, data[i]]))
        i = j
    return bytes(out)
data = bytes(i // 9 % 7 for i in range(300))
packed = run_lengths(data)
print(len(packed), hex(crc32(data)), packed[:8], binascii.hexlify(packed[:6]))
header = struct.pack("<IHBf", 0xDEADBEEF, 513, 7, 1.5)
print(header, struct.unpack("<IHBf", header), struct.calcsize(">qd"), int.from_bytes(header[:4], "little"), (258).to_bytes(2, "big"))
def popcount(n):
    count = 0
    while n:
        n &= n - 1
        count += 1
    return count
print(sum(popcount(i) for i in range(512)), [i ^ i >> 1 for i in range(12)])
def xorshift(state, n):
    out = []
    for _ in range(n):
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        out.append(state)
    return out
print(xorshift(2463534242, 200)[-1], sum(x & 255 for x in xorshift(1, 200)))
view = memoryview(bytearray(b"hello world"))
view[0:5] = b"HELLO"
print(bytes(view), bytes(view[6:]), b"a,b".split(b","), b"abc".find(b"c"), b"%d" % 5 if False else b"", "text".encode("utf-8").decode(), list(b"xyz"), bytearray(3))
