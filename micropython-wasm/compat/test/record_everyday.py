# Writes everyday-programs.json: what CPython prints for each program of everyday-programs.txt. Run by CPython 3.11:
#   python3.11 record_everyday.py
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

assert sys.version_info[:2] == (3, 11), "expectations come from CPython 3.11"
here = Path(__file__).parent
expected = {}
for part in re.split(r"^### ", (here / "everyday-programs.txt").read_text(), flags=re.M)[1:]:
    name, source = part.split("\n", 1)
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([sys.executable, "-I", "-c", source], cwd=folder, capture_output=True, text=True, check=True, input="")
    expected[name] = run.stdout
(here / "everyday-programs.json").write_text(json.dumps(expected, indent=2, ensure_ascii=False) + "\n")
