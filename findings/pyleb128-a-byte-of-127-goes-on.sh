#!/usr/bin/env bash
# What:     uleb128 and sleb128 of 126, 127, −1 and −2, encoded and decoded again, and a stream of the bytes 7f 05.
# Version:  pyleb128 0.2.4 from PyPI.
# Expected: each number back, and 127 from the stream: a byte is the last when its top bit is clear (DWARF 5, section 7.6; WebAssembly, values/integers).
# Seen:     a byte is taken for the last only below 0x7f: 127 and −1 are an IndexError, the stream gives 767, and −2, encoded as 7e, is decoded as 126.
# Matters:  every count, size or offset whose last byte is 7f takes the byte behind it along, without an error; small negative numbers lose their sign.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check pyleb128==0.2.4
cat >seen.py <<'PY'
import io

from pyleb128 import sleb128, uleb128

seen = []
for kind, number in ((uleb128, 126), (uleb128, 127), (uleb128, 128), (sleb128, -1), (sleb128, -2), (sleb128, 2)):
    encoded = kind(number).encoded
    try:
        decoded = int(kind.decode(encoded))
    except IndexError:
        decoded = "IndexError"
    seen.append(f"{number} {encoded.hex()} {decoded}")
stream = io.BytesIO(b"\x7f\x05")
seen.append(f"stream {int(uleb128.decode_stream(stream))}, {stream.tell()} bytes")
print("; ".join(seen))
PY
seen=$(environment/bin/python seen.py)
expected='126 7e 126; 127 7f IndexError; 128 8001 128; -1 7f IndexError; -2 7e 126; 2 02 2; stream 767, 2 bytes'
echo "pyleb128 0.2.4, $(python3 --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
