// What WASI builds are given beside their own: an input() that raises EOFError at the end of stdin,
// and reads from it what sys.stdin reads; theirs returns "", and reads ahead.

import { INPUT_SOURCE, READ_LINE } from "../interpreter/input-function.py.js";

export const EXTRAS_SOURCE = `
def _escapement_extras():
    import builtins
${INPUT_SOURCE}    builtins.input = ${READ_LINE}
_escapement_extras()
del _escapement_extras
`;
