import { CommanderError } from "commander";
import { type Failure, toFailure } from "./cli-error.ts";
import { type GlobalOptions, makeContext } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";
import { formatJson } from "./output/json.ts";
import { withoutControls } from "./output/sanitise.ts";
import { styleFor, usesColour } from "./output/style.ts";
import { buildProgram } from "./program.ts";
import type { CliRoles } from "./roles.ts";
import type { CliSystem } from "./system.ts";

export interface CommandLine {
  /** Without the program's own name. */
  readonly argv: readonly string[];
  readonly system: CliSystem;
  readonly roles: CliRoles;
}

const helpWidth = 100;

/** A mistake on the command line, as commander words it. */
const usageFailure = (error: CommanderError): Failure => ({
  exitCode: exitCodes.usage,
  code: "wrong_usage",
  message: error.message.replace(/^error: /, "").replace(/\n/g, " "),
});

const showFailure = (failure: Failure, { argv, system }: CommandLine): void => {
  const { code, message, problems } = failure;
  if (argv.includes("--json")) {
    const error = problems === undefined ? { code, message } : { code, message, problems };
    system.stdout.write(formatJson({ error }));
    return;
  }
  const style = styleFor(usesColour(system.environment, system.stderr) ? "colour" : "plain");
  const hint = failure.exitCode === exitCodes.usage ? "\nAdd --help to see how it is used." : "";
  system.stderr.write(`${style("red", "error:")} ${withoutControls(message)}${hint}\n`);
};

/** Shows the cause of a failure nobody foresaw, where more was asked for. */
const showCause = (thrown: unknown, { system }: CommandLine): void => {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  if (cause instanceof Error) system.stderr.write(`${withoutControls(cause.stack ?? cause.message)}\n`);
};

/** Carries out one command line. Never throws; gives the exit code. */
export const runCommandLine = async (line: CommandLine): Promise<number> => {
  const { argv, system, roles } = line;
  let exitCode: number = exitCodes.ok;
  const fail = (): void => {
    exitCode = exitCodes.failure;
  };
  const program = buildProgram({
    run: (action) => action(makeContext({ system, roles, options: program.opts<GlobalOptions>(), fail })),
    output: {
      write: (text) => system.stdout.write(text),
      writeError: (text) => system.stderr.write(text),
      columns: system.stdout.isTerminal ? Math.min(system.stdout.columns, helpWidth) : helpWidth,
    },
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return exitCodes.ok;
      // Help that was shown because a command is missing says it all.
      if (thrown.code === "commander.help" && !argv.includes("--json")) return exitCodes.usage;
      const failure = usageFailure(thrown);
      showFailure(thrown.code === "commander.help" ? { ...failure, message: "A command is missing." } : failure, line);
      return exitCodes.usage;
    }
    const failure = toFailure(thrown);
    showFailure(failure, line);
    if (argv.some((word) => word === "--verbose" || word === "-v")) showCause(thrown, line);
    return failure.exitCode;
  }
};
