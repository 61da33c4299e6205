# What numpy gives for the programs of ulab-numpy.json: `python3 ulab-numpy.py`, with numpy and scipy installed, writes it
# into that file. It was last run with numpy 2.4.6 and scipy 1.17.1, on CPython 3.11.
import json
import pathlib

import numpy as np
import scipy
import scipy.linalg
import scipy.optimize
import scipy.signal
import scipy.special

FILE = pathlib.Path(__file__).with_suffix(".json")
# Names that are numpy's own, where ulab has others.
NAMES = {"dtype=np.complex)": ")", "np.trapz(": "np.trapezoid(", "dtype=np.float)": "dtype=float)"}


def plain(value):
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, complex):
        return [value.real, value.imag]
    if isinstance(value, bytes):
        return list(value)
    return value.item() if isinstance(value, np.generic) else value


def numpys(code):
    for ours, theirs in NAMES.items():
        code = code.replace(", " + ours if ours[0] == "d" else ours, ", " + theirs if theirs[0] == "d" else theirs)
    names = {"np": np, "scipy": scipy, "a": np.array([3.0, 1.0, 2.0]), "b": np.array([1.0, 2.0, 4.0])}
    names |= {"i": np.array([3, 1, 2], dtype=np.uint8), "m": np.array([[4.0, 1.0], [1.0, 3.0]])}
    try:
        return plain(eval(code, names))
    except Exception as error:
        return {"raises": type(error).__name__}


rows = [{**row, "numpy": numpys(row["code"])} for row in json.loads(FILE.read_text())]
FILE.write_text("[\n" + ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")
