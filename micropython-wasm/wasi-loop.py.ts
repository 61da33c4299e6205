// What runs in a WASI build of MicroPython for a session: a loop that asks the host for the
// next program, and tells it how the program ended. Reading the next program from the
// descriptor pauses the guest until there is one.
//
//   host → guest  length in four bytes, little-endian; flags in one; the program
//   guest → host  one write: "\0" ended well; else "<class name>\x04<traceback>"

/** Flag: the program stores the value of its last expression, and the host wants it. */
export const TAKES_VALUE = 1;

/** Name of the loop's function; its frame is in every traceback. */
export const LOOP_NAME = "_escapement_loop";

export interface LoopOptions {
  /** Descriptor of the channel. */
  readonly channel: number;
  /** Where the guest starts. */
  readonly workingDirectory: string;
  readonly libraryPath: string;
  readonly libraryName: string;
}

export function loopSource({ channel, workingDirectory, libraryPath, libraryName }: LoopOptions): string {
  // What the loop needs is kept in locals: the program may do as it likes with builtins and modules.
  return `
def ${LOOP_NAME}(g):
    del g["${LOOP_NAME}"]
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
    value = None
    while True:
        n = f.read(5)
        try:
            c = compiled(f.read(n[0] | n[1] << 8 | n[2] << 16 | n[3] << 24), "<stdin>", "exec")
            run(c, g)
            c = None
            if n[4]:
                if value is None:
                    value = load("${libraryName}").value
                value()
            t = b"\\0"
        except failures as e:
            c = None
            t = kind(e).__name__ + "\\x04"
            try:
                s = text()
                print_exception(e, s)
                t += s.getvalue()
            except failures:
                pass
            t = t.encode()
            e = s = None
        f.write(t)
        t = None
${LOOP_NAME}(globals())
`;
}
