// `escapement man`: the manual page, of the same commands, flags and texts that --help shows.
import type { Command, Option } from "commander";

/** Text as roff prints it: nothing in it is a request, hyphens can be searched and copied. */
function plain(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(['.])/gm, "\\&$1");
}

const bold = (text: string): string => `\\fB${plain(text)}\\fR`;

/** Flags in bold, their values in italics: `--fuel <count>`. */
function flags({ flags }: Option): string {
  return flags
    .split(/(<[^>]+>|\[[^\]]+\])/)
    .map((part) => (/^[<[]/.test(part) ? `\\fI${plain(part.slice(1, -1))}\\fR` : part.replace(/[^, ]+/g, bold)))
    .join("");
}

function about(command: Command, option: Option): string {
  return command.createHelp().optionDescription(option);
}

function commandLines(command: Command): string[] {
  const help = command.createHelp();
  const options = command.options.filter(({ hidden }) => !hidden);
  return [
    `.SS ${bold(`${command.parent!.name()} ${command.name()}`)} ${plain(command.usage())}`,
    plain(command.description()),
    ...help
      .visibleArguments(command)
      .flatMap((argument) => [".TP", `\\fI${plain(argument.name())}\\fR`, plain(help.argumentDescription(argument))]),
    ...options.flatMap((option) => [".TP", flags(option), plain(about(command, option))]),
  ];
}

/**
 * The page in roff.
 * @param status "Exit status:" and its lines, as --help has them
 */
export function manualPage(root: Command, version: string, status: string): string {
  const name = root.name();
  const [, ...statuses] = status.trim().split("\n");
  const rows = statuses.map((line) => /^ {2}(\d+) +(.*)$/.exec(line) ?? [line, "", line.trim()]);
  const lines = [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}"`,
    ".SH NAME",
    `${plain(name)} \\- ${plain(root.description().split("\n")[0]!)}`,
    ".SH SYNOPSIS",
    `${bold(name)} \\fIcommand\\fR [options] [arguments]`,
    ".SH COMMANDS",
    ...root.commands.flatMap(commandLines),
    ".SH EXIT STATUS",
    ...rows.flatMap(([, code, text]) => (code === "" ? [".PP", plain(text!)] : [".TP", bold(code!), plain(text!)])),
  ];
  return `${lines.join("\n")}\n`;
}
