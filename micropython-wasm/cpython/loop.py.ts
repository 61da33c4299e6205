// What runs in CPython for a session: one turn that never ends, which asks the host for the next program, and tells it
// how that ended. Reading the next program from the descriptor pauses the guest until there is one.
//
//   host → guest  length in four bytes, little-endian; flags in one; with WANTS_REPR the most characters of the value's
//                 repr, in four bytes; the program
//   guest → host  one write: "\0" ended well; "\1" a statement is not complete; else
//                 "<class name>\x04<message>\x04<traceback>"

import { LOOP_NAME } from "../wasi/loop.py.js";

/** Kept back, so that after a MemoryError there is room for a program that tidies up. */
const RESERVE_BYTES = 512 * 1024;
/** Flag of a program: the host wants the value of its last expression. */
export const WANTS_VALUE = 1;
/** Flag of a program: and its repr. */
export const WANTS_REPR = 2;
/** Flag of what is no program, but an order to the library (library.py.ts). */
export const IS_ORDER = 4;
/** Flag of what is typed at a prompt: reported as INCOMPLETE where more lines are to come. */
export const IS_STATEMENT = 8;
/** Report of a statement that is not complete: nothing has run. */
export const INCOMPLETE = 1;

export interface CPythonLoopOptions {
  /** Descriptor of the channel. */
  readonly channel: number;
  /** Where the guest starts. */
  readonly workingDirectory: string;
  readonly libraryPath: string;
  readonly libraryName: string;
}

/**
 * The loop keeps what it needs in locals: programs may do as they like with builtins and modules. `traceback` is
 * imported before the first program fails, and asyncio gets a loop that waits by the guest's clock, when it is imported:
 * this build has no pairs of sockets, by which the usual one is woken.
 */
export function cpythonLoopSource({ channel, workingDirectory, libraryPath, libraryName }: CPythonLoopOptions): string {
  return `
import sys
sys.dont_write_bytecode = True
sys.stdout.reconfigure(line_buffering=True)

def _wait_by_clock(module):
    import selectors, time
    class Waiting(selectors._BaseSelectorImpl):
        def select(self, timeout=None):
            if timeout is None:
                raise RuntimeError("nothing is left that could wake this event loop")
            if timeout > 0:
                time.sleep(timeout)
            return []
    base = module.BaseSelectorEventLoop
    begin = base.__init__
    def __init__(self, selector=None):
        begin(self, selector or Waiting())
    def nothing(self):
        pass
    base.__init__ = __init__
    base._make_self_pipe = base._close_self_pipe = base._write_to_self = nothing

class _AsyncioFinder:
    @classmethod
    def find_spec(cls, name, path=None, target=None, mend=_wait_by_clock):
        if name != "asyncio.selector_events":
            return None
        import importlib.machinery, sys
        sys.meta_path.remove(cls)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        found = spec.loader
        class Loader:
            def create_module(self, spec):
                return None
            def exec_module(self, module):
                found.exec_module(module)
                mend(module)
            def get_source(self, name):
                return found.get_source(name)
        spec.loader = Loader()
        return spec

sys.meta_path.insert(0, _AsyncioFinder)

def ${LOOP_NAME}(g):
    # _signal has SIGINT's handler, which raises KeyboardInterrupt.
    import _ast, _signal, os, sys, traceback
    sys.path[:] = ["", *sys.path, "${libraryPath}"]
    sys.argv[:] = [""]
    os.chdir("${workingDirectory}")
    from ${libraryName} import follow, give, statement
    names = g.copy()
    g.clear()
    for name in ("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtins__"):
        if name in names:
            g[name] = names[name]
    g["__name__"] = "__main__"
    names = name = None
    read, write, compiled, run, value_of = os.read, os.write, compile, exec, eval
    failures, kind, text, found = BaseException, type, str, sys.path_importer_cache
    format_exception, expression, wrapped = traceback.format_exception, _ast.Expr, _ast.Expression
    number, is_a, no_room, room = int.from_bytes, isinstance, MemoryError, bytearray
    reserve = room(${RESERVE_BYTES})
    out = (sys.stdout, sys.stderr)
    while True:
        h = read(${channel}, 5)
        n = number(h[:4], "little")
        c = read(${channel}, n)
        while len(c) < n:
            c += read(${channel}, n - len(c))
        for n in ("${workingDirectory}", "${libraryPath}"):
            # The host may have written there, and the clock stood still.
            n = found.get(n)
            if n is not None:
                n._path_mtime = -1
        if reserve is None:
            try:
                # Only where a program has made room for more than this.
                t = room(${4 * RESERVE_BYTES})
                t = None
                reserve = room(${RESERVE_BYTES})
            except no_room:
                pass
        m = 0
        if h[4] & ${WANTS_REPR}:
            m = number(c[:4], "little")
            c = c[4:]
        last = None
        t = b"\\0"
        try:
            if h[4] & ${IS_ORDER}:
                follow(c, g)
            elif h[4] & ${IS_STATEMENT}:
                c = statement(c)
                if is_a(c, failures):
                    raise c
                if c is None:
                    t = b"\\${INCOMPLETE}"
                else:
                    run(c, g)
            else:
                c = compiled(c, "<stdin>", "exec", ${0x400}, True)
                if h[4] & ${WANTS_VALUE} and c.body and kind(c.body[-1]) is expression:
                    last = wrapped(c.body.pop().value)
                if c.body or last is None:
                    run(compiled(c, "<stdin>", "exec", 0, True), g)
            c = None
            if last is not None:
                last = compiled(last, "<stdin>", "eval", 0, True)
                give(value_of(last, g), m)
        except failures as e:
            c = None
            if is_a(e, no_room):
                reserve = None
            t = b"MemoryError\\4\\4"
            try:
                t = kind(e).__name__
                try:
                    t += "\\4" + text(e) + "\\4"
                except Exception:
                    t += "\\4\\4"
                tb = e.__traceback__
                t += "".join(format_exception(kind(e), e, tb and tb.tb_next))
                t = t.encode("utf-8", "replace")
            except failures:
                if kind(t) is text:
                    t = t.encode("utf-8", "replace") + b"\\4\\4"
            tb = e = None
        last = None
        for n in out:
            try:
                n.flush()
            except failures:
                pass
        write(${channel}, t)
        t = n = None
${LOOP_NAME}(globals())
`;
}
