import os
with open("a.txt", "w") as f:
    print(f.write("line one\nline two\nline three\n"))
with open("a.txt") as f:
    print(f.read(4), repr(f.readline()), f.readlines())
with open("a.txt") as f:
    print([line.strip() for line in f])
with open("a.txt", "a") as f:
    f.write("appended\n")
print(open("a.txt").read().count("\n"), os.stat("a.txt")[6])
with open("b.bin", "wb") as f:
    f.write(bytes(range(256)) * 10)
with open("b.bin", "rb") as f:
    f.seek(255); print(f.read(3), f.tell()); f.seek(-2, 2); print(f.read())
with open("b.bin", "r+b") as f:
    f.seek(1000); f.write(b"HELLO"); f.seek(998); print(f.read(9))
os.mkdir("dir"); os.mkdir("dir/sub")
open("dir/x", "w").close(); open("dir/sub/y", "w").close()
print(sorted(os.listdir("dir")), sorted(os.listdir()))
os.rename("dir/x", "dir/sub/z"); print(sorted(os.listdir("dir/sub")), os.listdir("dir"))
for bad in (lambda: open("nope"), lambda: os.rmdir("dir"), lambda: os.mkdir("dir"), lambda: os.remove("nope"),
            lambda: open("a.txt/b"), lambda: os.listdir("a.txt"), lambda: open("dir", "w"), lambda: os.rename("nope", "x"),
            lambda: os.chdir("a.txt"), lambda: os.rename("dir", "dir/sub/inside")):
    try:
        bad(); print("no error")
    except OSError as e:
        print("OSError", e.errno)
here = os.getcwd()
os.chdir("dir/sub"); print(os.getcwd()[len(here):], sorted(os.listdir(".")), sorted(os.listdir("..")))
os.remove("y"); os.remove("./z"); os.chdir("../.."); os.rmdir("dir/sub"); os.rmdir("dir/")
print(os.getcwd() == here, sorted(os.listdir()))
f = open("gone", "w+"); f.write("still here"); os.remove("gone"); f.seek(0); print(f.read()); f.close()
try:
    f.read()
except (ValueError, OSError):
    print("closed")
with open("sparse", "wb") as f:
    f.seek(100); f.write(b"x")
data = open("sparse", "rb").read(); print(len(data), data[:3], data[-1:])
with open("u.txt", "w") as f: f.write("h\u00e9llo \u20ac\n")
print(open("u.txt").read(), os.stat("u.txt")[6], os.path.exists("u.txt"), os.path.exists("zzz"), os.path.join("a", "b"))
with open("mod_under_test.py", "w") as f: f.write("VALUE = 42\ndef double(x): return x * 2\n")
import sys
sys.path.insert(0, os.getcwd())
import mod_under_test
print(mod_under_test.VALUE, mod_under_test.double(4))
