# Runs a command in a pseudo-terminal of its own: what comes in is typed, what it shows goes out. Standard error
# tells the command's process id first, and at the end whether the terminal's modes are what they were.
# The terminal is hung up when this process's own input ends before the command does.
import os
import pty
import select
import sys
import termios

command, terminal = pty.fork()
if command == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
modes = termios.tcgetattr(terminal)
print(command, file=sys.stderr, flush=True)
while True:
    ready, _, _ = select.select([0, terminal], [], [])
    if terminal in ready:
        try:
            shown = os.read(terminal, 65536)
        except OSError:  # Linux: nobody has the other side open any more.
            shown = b""
        if not shown:
            break
        os.write(1, shown)
    if 0 in ready:
        typed = os.read(0, 65536)
        if not typed:
            break
        os.write(terminal, typed)
try:
    print("as it was" if termios.tcgetattr(terminal) == modes else "changed", file=sys.stderr, flush=True)
except termios.error:
    pass
os.close(terminal)
_, status = os.waitpid(command, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
