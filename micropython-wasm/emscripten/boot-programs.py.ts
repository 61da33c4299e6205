// Programs that the artifact's interpreter runs before the guest's: what the build lacks, and where modules are.

import { COMPAT } from "../compat/names.js";
import { INPUT_SOURCE, READ_LINE } from "../interpreter/input-function.py.js";
import { WORKING_DIRECTORY } from "../world/environment.js";

/**
 * What the artifact lacks: os.urandom(), and an input() that returns, for its own polls a console
 * that is not there. Compiling this costs several times what the rest of the boot does, so it is
 * done when a program may need it: when it names them, or has ways to run text that does.
 */
export const EXTRAS_SOURCE = `
def _escapement_extras():
    import builtins, os
${INPUT_SOURCE}    def urandom(n):
        if n < 0:
            raise ValueError("negative argument not allowed")
        with open("/dev/urandom", "rb") as f:
            return f.read(n)
    builtins.input = ${READ_LINE}
    os.urandom = urandom
_escapement_extras()
del _escapement_extras
`;
/** Has the module behind `__compat__` imported, and leaves no name and nothing to be collected. */
export const COMPAT_SOURCE = `${COMPAT}.mkdict\n__import__("gc").collect()`;

export const MAY_NEED_EXTRAS = /\b(?:input|urandom|exec|eval|compile|builtins|__import__)\b/;

/**
 * Where modules are looked for (mounting the image has changed the directory, too): the library comes before the
 * modules that are frozen into the artifact. `__compat__` is what compat/ has programs call; the module behind it is
 * imported when something of it is first used.
 */
export const LIBRARY_SOURCE = `
import sys, builtins, uos as os
os.chdir("${WORKING_DIRECTORY}")
sys.path[:] = ["", "/rom/lib", ".frozen", "/lib"]
class _Late:
    def __getattr__(self, name):
        import _compat, builtins
        builtins.__compat__ = _compat
        return getattr(_compat, name)
builtins.__compat__ = _Late()
del sys, builtins, os, _Late
`;
