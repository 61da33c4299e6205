// What WASI builds are given beside their own: an input() that raises EOFError at the end of stdin,
// and reads from it what sys.stdin reads; theirs returns "", and reads ahead.

export const EXTRAS_SOURCE = `
def _escapement_extras():
    import builtins
    def input(prompt=""):
        import sys
        sys.stdout.write(str(prompt))
        line = sys.stdin.readline()
        if not line:
            raise EOFError("EOF when reading a line")
        return line[:-1] if line[-1] == "\\n" else line
    builtins.input = input
_escapement_extras()
del _escapement_extras
`;
