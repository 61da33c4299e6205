// What runs in a WASI build of MicroPython for a session: a loop that asks the host for the
// next program, and tells it how the program ended. Reading the next program from the
// descriptor pauses the guest until there is one.
//
//   host → guest  length in four bytes, little-endian; flags in one; the program
//   guest → host  one write: "\0" ended well; else "<class name>\x04<traceback>"
//
// The build of the PyPI package keeps pointers where its collector does not look: in locals of
// WebAssembly. What is only reachable from a function that is running may be freed under it.
// So the collector runs between programs, and the loop is a generator that a module refers
// to: then its frame is where the collector finds it. That frame is never left.

/** Flags of a program. */
export const FLAG = {
  /** It stores the value of its last expression, and the host wants it. */
  value: 1,
  /** The collector is to run first. */
  collect: 2,
} as const;

/** Name of the loop's function; its frame is in every traceback. */
export const LOOP_NAME = "_escapement_loop";

export interface LoopOptions {
  /** Descriptor of the channel. */
  readonly channel: number;
  /** Where the guest starts. */
  readonly workingDirectory: string;
  readonly libraryPath: string;
  readonly libraryName: string;
  /** Kept back, so that after a MemoryError there is room for a program that tidies up. */
  readonly reserveBytes: number;
  /** Whether the collector may run during a program. */
  readonly collects: boolean;
}

export function loopSource(options: LoopOptions): string {
  const { channel, workingDirectory, libraryPath, libraryName, reserveBytes, collects } = options;
  // What the loop needs is kept in locals: the program may do as it likes with builtins and modules. It
  // takes no memory outside of the `try`: the heap may be full.
  return `
import gc
gc.disable()
def ${LOOP_NAME}(g, gc):
    import sys
    sys.path[:] = []
    import io, os
    sys.path[:] = ["", ".frozen", "${libraryPath}"]
    os.chdir("${workingDirectory}")
    f = open(${channel}, "r+b")
    run = exec
    compiled = compile
    failures = BaseException
    print_exception = sys.print_exception
    text = io.StringIO
    kind = type
    load = __import__
    collect = gc.collect
    value = None
    ${collects ? "gc.enable()" : "pass"}
    room = bytearray
    is_a = isinstance
    memory_error = MemoryError
    n = room(5)
    reserve = room(${reserveBytes})
    while True:
        f.readinto(n)
        try:
            if n[4] & ${FLAG.collect}:
                collect()
                if reserve is None:
                    try:
                        c = room(${4 * reserveBytes})
                        c = None
                        collect()
                        reserve = room(${reserveBytes})
                    except memory_error:
                        pass
            c = n[0] | n[1] << 8 | n[2] << 16 | n[3] << 24
            if c:
                c = f.read(c)
                c = compiled(c, "<stdin>", "exec")
                run(c, g)
                c = None
            if n[4] & ${FLAG.value}:
                if value is None:
                    value = load("${libraryName}").value
                value()
            t = b"\\0"
        except failures as e:
            c = None
            if is_a(e, memory_error):
                reserve = None
            t = b"MemoryError\\x04MemoryError\\n"
            try:
                t = (kind(e).__name__ + "\\x04").encode()
                s = text()
                print_exception(e, s)
                t += s.getvalue().encode()
            except failures:
                pass
            e = s = None
        f.write(t)
        t = None
    yield
import sys
sys.modules["${LOOP_NAME}"] = sys = ${LOOP_NAME}(globals(), gc)
del ${LOOP_NAME}, gc, sys
next(__import__("${LOOP_NAME}"))
`;
}
