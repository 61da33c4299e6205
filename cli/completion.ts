// `escapement completion SHELL`: a script for the shell, of the same commands and flags that --help shows.
import type { Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface Flag {
  /** With its hyphens. */
  readonly names: readonly string[];
  readonly about: string;
  /** What its value is; undefined if it takes none. */
  readonly value: { readonly name: string; readonly choices: readonly string[]; readonly isFile: boolean } | undefined;
}

interface Subcommand {
  readonly name: string;
  readonly about: string;
  readonly flags: readonly Flag[];
  /** What its arguments are, where there are only so many; files otherwise. */
  readonly choices: readonly string[];
}

/** Placeholders of values that are files of this machine. */
const FILES = /^(file|path|host::guest)$/;

export function completionScript(root: Command, shell: Shell): string {
  const name = root.name();
  const commands = root.commands.map(subcommandOf);
  const lines = { bash, zsh, fish }[shell](name, commands);
  return `${lines.join("\n")}\n`;
}

function subcommandOf(command: Command): Subcommand {
  const options = command.options.filter(({ hidden }) => !hidden).map(flagOf);
  const help: Flag = { names: ["-h", "--help"], about: "display help for command", value: undefined };
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return { name: command.name(), about: command.description(), flags: [...options, help], choices };
}

function flagOf({ short, long, description, flags, argChoices }: Option): Flag {
  const [, name] = /<([^>]+)>/.exec(flags) ?? [];
  const names = [short, long].filter((flag) => flag !== undefined);
  const value = name === undefined ? undefined : { name, choices: argChoices ?? [], isFile: FILES.test(name) };
  return { names, about: description, value };
}

/** A shell's text in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// ---- bash ----

function bash(name: string, commands: readonly Subcommand[]): string[] {
  const words = (list: readonly string[]) => quoted(list.join(" "));
  /** The word at an index of the line. */
  const typed = (index: string) => `"\${COMP_WORDS[${index}]}"`;
  const cases = commands.flatMap(({ name: command, flags, choices }) => [
    `    ${command})`,
    '      case "$before" in',
    ...flags.flatMap(({ names, value }) =>
      value === undefined ? [] : [`        ${names.join("|")}) ${bashValue(value)}; return ;;`],
    ),
    "      esac",
    `      flags=${words(flags.flatMap(({ names }) => names))}`,
    ...(choices.length === 0 ? [] : [`      words=${words(choices)}`]),
    "      ;;",
  ]);
  return [
    `# Completion of ${name} in bash: source <(${name} completion bash)`,
    `_${name}() {`,
    `  local word=${typed("COMP_CWORD")} before=${typed("COMP_CWORD-1")} flags="" words=""`,
    "  COMPREPLY=()",
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W ${words([...commands.map((command) => command.name), "--help", "--version"])} -- "$word"))`,
    "    return",
    "  fi",
    `  case ${typed("1")} in`,
    ...cases,
    "  esac",
    '  case "$word" in',
    '    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;',
    '    *) if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$word"))',
    '       else COMPREPLY=($(compgen -f -- "$word")); fi ;;',
    "  esac",
    "}",
    `complete -o filenames -F _${name} ${name}`,
  ];
}

function bashValue({ choices, isFile }: NonNullable<Flag["value"]>): string {
  if (choices.length > 0) return `COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$word"))`;
  return isFile ? 'COMPREPLY=($(compgen -f -- "$word"))' : ":";
}

// ---- zsh ----

function zsh(name: string, commands: readonly Subcommand[]): string[] {
  /** What `_arguments` takes for a mark of its own. */
  const plain = (text: string) => text.replaceAll(/[[\]:\\]/g, "\\$&");
  const specs = ({ flags, choices }: Subcommand) => [
    ...flags.flatMap(({ names, about, value }) =>
      names.map((flag) => quoted(`*${flag}[${plain(about)}]${value === undefined ? "" : zshValue(value)}`)),
    ),
    quoted(choices.length === 0 ? "*:file:_files" : `1:name:(${choices.join(" ")})`),
  ];
  return [
    `#compdef ${name}`,
    `# Completion of ${name} in zsh: source <(${name} completion zsh), or save it as _${name} in a folder of $fpath.`,
    `_${name}() {`,
    "  local -a commands",
    "  commands=(",
    ...commands.map((command) => `    ${quoted(`${command.name}:${plain(command.about)}`)}`),
    "  )",
    "  if (( CURRENT == 2 )); then",
    "    _describe command commands",
    "    return",
    "  fi",
    "  local command=$words[2]",
    "  shift words",
    "  (( CURRENT-- ))",
    "  case $command in",
    ...commands.map((command) => `    ${command.name}) _arguments -s -S ${specs(command).join(" ")} ;;`),
    "  esac",
    "}",
    `if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${name}; fi`,
  ];
}

function zshValue({ name, choices, isFile }: NonNullable<Flag["value"]>): string {
  const what = name.replaceAll(":", "\\:");
  return `:${what}:${choices.length > 0 ? `(${choices.join(" ")})` : isFile ? "_files" : " "}`;
}

// ---- fish ----

function fish(name: string, commands: readonly Subcommand[]): string[] {
  const when = (command: string) => `-n ${quoted(`__fish_seen_subcommand_from ${command}`)}`;
  return [
    `# Completion of ${name} in fish: ${name} completion fish | source`,
    ...commands.map(
      (command) => `complete -c ${name} -f -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.about)}`,
    ),
    ...commands.flatMap(({ name: command, flags, choices }) => [
      ...flags.map(({ names, about, value }) => {
        const spelt = names.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        return ["complete -c", name, when(command), ...spelt, ...fishValue(value), "-d", quoted(about)].join(" ");
      }),
      ...(choices.length === 0 ? [] : [`complete -c ${name} -f ${when(command)} -a ${quoted(choices.join(" "))}`]),
    ]),
  ];
}

function fishValue(value: Flag["value"]): string[] {
  if (value === undefined) return [];
  if (value.choices.length > 0) return ["-x", "-a", quoted(value.choices.join(" "))];
  return value.isFile ? ["-r", "-F"] : ["-x"];
}
