import type { Command } from "commander";
import { type CompletedCommand, type CompletedOption, describeTree } from "./describe-tree.ts";

export type Shell = "bash" | "zsh" | "fish";

/** Text as one word of any of the three shells: fish alone reads backslashes between single quotes. */
const quote = (text: string, shell: Shell): string =>
  shell === "fish" ? `'${text.replace(/[\\']/g, "\\$&")}'` : `'${text.replaceAll("'", "'\\''")}'`;

const identifier = (name: string): string => `_${name.replace(/[^A-Za-z0-9_]/g, "_")}`;
const pathText = ({ path }: CompletedCommand): string => path.join(" ");

const wordsAfter = ({ subcommands, options, choices }: CompletedCommand): readonly string[] => [
  ...subcommands.map(({ name }) => name),
  ...choices,
  ...options.flatMap(({ names }) => names),
];

/** Options whose value is one of a few words. */
const withChoices = (tree: readonly CompletedCommand[]): readonly (readonly [CompletedCommand, CompletedOption])[] =>
  tree.flatMap((command) =>
    command.options.flatMap((option) => (option.choices.length > 0 ? [[command, option] as const] : [])),
  );

const bashScript = (name: string, tree: readonly CompletedCommand[]): string => {
  const steps = tree
    .filter(({ path }) => path.length > 0)
    .map((command) => `      ${quote(pathText(command), "bash")}) path="$next" ;;`);
  const values = withChoices(tree).flatMap(([command, option]) =>
    option.names.map(
      (one) =>
        `    ${quote(`${pathText(command)}|${one}`, "bash")}) words=${quote(option.choices.join(" "), "bash")} ;;`,
    ),
  );
  const words = tree.map(
    (command) => `      ${quote(pathText(command), "bash")}) words=${quote(wordsAfter(command).join(" "), "bash")} ;;`,
  );
  return `# bash completion of ${name}
${identifier(name)}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" path='' next words='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    next="\${path:+$path }\${COMP_WORDS[index]}"
    case "$next" in
${steps.join("\n")}
    esac
  done
  case "$path|$previous" in
${values.join("\n")}
  esac
  if [ -z "$words" ]; then
    case "$path" in
${words.join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F ${identifier(name)} ${name}
`;
};

/** zsh splits a description from its word at the first colon. */
const zshEntry = (word: string, description: string): string =>
  quote(`${word.replaceAll(":", "\\:")}:${description.replaceAll(":", "\\:")}`, "zsh");

const zshEntries = ({ subcommands, options, choices }: CompletedCommand): string =>
  [
    ...subcommands.map(({ name, description }) => zshEntry(name, description)),
    ...choices.map((choice) => zshEntry(choice, "")),
    ...options.flatMap(({ names, description }) => names.map((one) => zshEntry(one, description))),
  ].join(" ");

const zshScript = (name: string, tree: readonly CompletedCommand[]): string => {
  const steps = tree
    .filter(({ path }) => path.length > 0)
    .map((command) => `      ${quote(pathText(command), "zsh")}) route="$next" ;;`);
  const values = withChoices(tree).flatMap(([command, option]) =>
    option.names.map(
      (one) => `    ${quote(`${pathText(command)}|${one}`, "zsh")}) compadd -- ${option.choices.join(" ")}; return ;;`,
    ),
  );
  const entries = tree.map((command) => `    ${quote(pathText(command), "zsh")}) entries=(${zshEntries(command)}) ;;`);
  return `#compdef ${name}
${identifier(name)}() {
  local route='' next word
  local -a entries
  for word in "\${(@)words[2,CURRENT-1]}"; do
    next="\${route:+$route }$word"
    case "$next" in
${steps.join("\n")}
    esac
  done
  case "$route|\${words[CURRENT-1]}" in
${values.join("\n")}
  esac
  case "$route" in
${entries.join("\n")}
  esac
  _describe '${name}' entries || _files
}
if [ "$funcstack[1]" = '${identifier(name)}' ]; then
  ${identifier(name)} "$@"
else
  compdef ${identifier(name)} ${name}
fi
`;
};

const fishOption = ({ names, description, takesValue, choices }: CompletedOption): string => {
  const flags = names.map((one) => (one.startsWith("--") ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`)).join(" ");
  const value = choices.length > 0 ? ` -x -a ${quote(choices.join(" "), "fish")}` : takesValue ? " -r" : "";
  return `${flags}${value} -d ${quote(description, "fish")}`;
};

const fishScript = (name: string, tree: readonly CompletedCommand[]): string => {
  const at = `_${identifier(name)}_at`;
  const paths = tree.filter(({ path }) => path.length > 0).map((command) => quote(pathText(command), "fish"));
  const lines = tree.flatMap((command) => {
    const start = `complete -c ${name} -n ${quote(`${at} ${quote(pathText(command), "fish")}`, "fish")}`;
    return [
      ...command.subcommands.map(
        (sub) => `${start} -f -a ${quote(sub.name, "fish")} -d ${quote(sub.description, "fish")}`,
      ),
      ...command.choices.map((choice) => `${start} -f -a ${quote(choice, "fish")}`),
      ...command.options.map((option) => `${start} ${fishOption(option)}`),
    ];
  });
  return `# fish completion of ${name}
function ${at}
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$path $word")
    contains -- "$next" ${paths.join(" ")}; and set path $next
  end
  test "$path" = "$argv[1]"
end
${lines.join("\n")}
`;
};

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** The completion script of a shell, made from the tree of commands. */
export const completionScript = (shell: Shell, program: Command): string =>
  scripts[shell](program.name(), describeTree(program));
