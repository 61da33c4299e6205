// An input() for builds whose own is of no use here: it reads what sys.stdin reads, and ends with it.

/** Name of the function: tracebacks leave it out, since on CPython input() has no frame. */
export const READ_LINE = "_escapement_read_line";

/** Lines of a function's body, in which `builtins` is imported. */
export const INPUT_SOURCE = `    def ${READ_LINE}(prompt=""):
        import sys
        sys.stdout.write(str(prompt))
        line = sys.stdin.readline()
        if not line:
            raise EOFError("EOF when reading a line")
        return line[:-1] if line[-1] == "\\n" else line
`;
