import type { ConfigurationProblem } from "../config/problem.ts";
import { type ExitName, exitCodes } from "./exit-codes.ts";

/** A failure that a command shows as one readable line: what happened, and what to do. */
export class CliError extends Error {
  override readonly name = "CliError";

  constructor(
    readonly exit: ExitName,
    /** Stable name for `--json`: the gateway's own error code where it gave one. */
    readonly code: string,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

export const wrongUsage = (message: string): CliError => new CliError("usage", "wrong_usage", message);

/** How a failure is shown. */
export interface Failure {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly problems?: readonly ConfigurationProblem[];
}

const textField = (thrown: unknown, field: string): string | undefined => {
  const value = (thrown as Readonly<Record<string, unknown>> | null)?.[field];
  return typeof value === "string" ? value : undefined;
};

const permissionCodes: ReadonlySet<string> = new Set(["permission_denied", "invalid_api_key", "missing_api_key"]);

/**
 * Any thrown value as a failure to show. Errors of other rooms are told by their names, so that the command line need
 * not load those rooms to fail.
 */
export const toFailure = (thrown: unknown): Failure => {
  if (thrown instanceof CliError)
    return { exitCode: exitCodes[thrown.exit], code: thrown.code, message: thrown.message };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = textField(thrown, "code");
  switch (textField(thrown, "name")) {
    case "ConfigurationError": {
      const { problems } = thrown as { readonly problems?: readonly ConfigurationProblem[] };
      const list = problems === undefined ? {} : { problems };
      return { exitCode: exitCodes.configuration, code: "invalid_configuration", message, ...list };
    }
    case "GatewayError": {
      const exit = code !== undefined && permissionCodes.has(code) ? "notPermitted" : "failure";
      return { exitCode: exitCodes[exit], code: code ?? "internal_error", message };
    }
    case "ListenError":
      return { exitCode: exitCodes.failure, code: "cannot_listen", message };
    case "DataFolderError":
      return { exitCode: exitCodes.failure, code: "data_folder_unusable", message };
    default:
      return code === "EACCES" || code === "EPERM"
        ? { exitCode: exitCodes.notPermitted, code: "not_permitted", message }
        : { exitCode: exitCodes.failure, code: "failure", message };
  }
};
