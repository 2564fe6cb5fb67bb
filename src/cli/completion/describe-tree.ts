import type { Command } from "commander";

/** An option as a shell completes it. */
export interface CompletedOption {
  /** `-p`, `--port` */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** One command of the tree, and what may follow it. */
export interface CompletedCommand {
  /** The words that lead to it, aliases each with their own; empty for the program itself. */
  readonly path: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** Values that its arguments may have. */
  readonly choices: readonly string[];
}

const describeOptions = (command: Command): readonly CompletedOption[] =>
  command.options
    .filter(({ hidden }) => !hidden)
    .map((option) => ({
      names: [option.short, option.long].filter((name) => typeof name === "string"),
      description: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    }));

const helpOption: CompletedOption = {
  names: ["-h", "--help"],
  description: "display help for command",
  takesValue: false,
  choices: [],
};

const namesOf = (command: Command): readonly string[] => [command.name(), ...command.aliases()];

/** Every command of the tree, with the options of those above it. */
export const describeTree = (
  command: Command,
  path: readonly string[] = [],
  inherited: readonly CompletedOption[] = [helpOption],
): readonly CompletedCommand[] => {
  const own = describeOptions(command);
  const names = namesOf(command);
  const here: CompletedCommand = {
    path,
    subcommands: command.commands.flatMap((child) =>
      namesOf(child).map((name) => ({ name, description: child.description() })),
    ),
    options: [...own, ...inherited],
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
  // Of a default subcommand the options may follow at once.
  const [isDefault] = command.commands.filter(
    (child) => child.name() === "list" && names.length > 0 && path.length > 0,
  );
  const withDefault =
    isDefault === undefined ? here : { ...here, options: [...describeOptions(isDefault), ...here.options] };
  const below = command.commands.flatMap((child) =>
    namesOf(child).flatMap((name) => describeTree(child, [...path, name], here.options)),
  );
  return [withDefault, ...below];
};
