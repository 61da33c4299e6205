"""Runs each program of a JSON list in standard input, in a process and an empty directory of its own, and prints a JSON
list of what they print. The processes are forks of this one: Python starts once."""
import json, os, shutil, sys, tempfile


def run(program):
    """As `python3 -c` has it: a module __main__ with nothing in it."""
    code, module, builtins = compile(program, "<string>", "exec"), globals(), __builtins__
    module.clear()
    module.update({"__name__": "__main__", "__builtins__": builtins})
    exec(code, module)


programs = json.load(sys.stdin)
outputs = []
null = os.open(os.devnull, os.O_RDONLY)
for program in programs:
    directory, output = tempfile.mkdtemp(), tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        os.dup2(null, 0)
        os.dup2(output.fileno(), 1)
        os.chdir(directory)
        sys.stdin = open(0)
        break
    os.waitpid(child, 0)
    output.seek(0)
    outputs.append(output.read().decode())
    output.close()
    shutil.rmtree(directory)
else:
    child = None
if child == 0:
    run(program)
else:
    print(json.dumps(outputs))
