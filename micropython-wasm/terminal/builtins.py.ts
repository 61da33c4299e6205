// What MicroPython's prompt has in Python: input(), exit(), help(), which is also the text of `:help`.
import { HELP as COMMANDS } from "./commands.js";

export const HELP = `${COMMANDS}Ctrl-C interrupts, Ctrl-D leaves, Ctrl-E is paste mode.`;

/** Name of the host function that input() calls. */
export const READ_LINE = "_repl_read_line";

/** What MicroPython has not, or not for a terminal; ends in the addresses of the types that matter when the user leaves. */
export const BUILTINS_SOURCE = `
import builtins, sys
def _f(read_line):
    import sys
    def input(prompt=""):
        sys.stdout.write(str(prompt))
        line = read_line()
        if line is None:
            raise EOFError()
        return line
    return input
builtins.input = _f(${READ_LINE})
builtins.exit = builtins.quit = sys.exit
def _h(of, text):
    def help(*args):
        if args:
            of(*args)
        else:
            print(text)
    return help
builtins.help = _h(help, ${JSON.stringify(`help(x) lists what x has. At the prompt:
${HELP}`)})
del builtins, sys, _f, _h, ${READ_LINE}
[id(SystemExit), id(tuple)]
`;

export const PROMPTS_SOURCE = `[__import__("sys").ps1, __import__("sys").ps2]`;
