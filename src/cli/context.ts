import { type ApiClient, connect } from "./connect.ts";
import { formatJson } from "./output/json.ts";
import { type Style, styleFor, usesColour } from "./output/style.ts";
import { type Cell, type Column, formatTable } from "./output/table.ts";
import type { CliRoles, LocalOptions } from "./roles.ts";
import type { CliSystem } from "./system.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly url?: string;
  readonly apiKey?: string;
  readonly config?: string;
  readonly data?: string;
  /** False after `--no-color`. */
  readonly color?: boolean;
}

export interface Rows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said instead of a table without rows. */
  readonly empty: string;
}

/** What an action works with. */
export interface CliContext {
  readonly system: CliSystem;
  readonly options: GlobalOptions;
  readonly roles: CliRoles;
  /** Whether standard output may be coloured. */
  readonly colour: "colour" | "plain";
  readonly style: Style;
  readonly localOptions: LocalOptions;
  /** The command's one result: the document with `--json`, else the text for people. */
  print(document: unknown, people: () => string): void;
  /** A table for {@link print}, as wide as the terminal. */
  table(rows: Rows): string;
  /** A remark beside the result, on standard error. */
  note(text: string): void;
  /** Ends with the exit code of a failure, though the command's result was shown. */
  fail(): void;
  /** Runs `work` with a client, which is closed afterwards. */
  withClient<Result>(work: (client: ApiClient) => Promise<Result>): Promise<Result>;
}

export interface ContextOptions {
  readonly system: CliSystem;
  readonly options: GlobalOptions;
  readonly roles: CliRoles;
  fail(): void;
}

/** An environment in which `--no-color` was given too. */
const colourEnvironment = ({ system, options }: ContextOptions): Readonly<Record<string, string | undefined>> =>
  options.color === false ? { ...system.environment, NO_COLOR: "1" } : system.environment;

export const makeContext = (given: ContextOptions): CliContext => {
  const { system, options, roles } = given;
  const { stdout, stderr } = system;
  const colour = usesColour(colourEnvironment(given), stdout) ? "colour" : "plain";
  const style = styleFor(colour);
  const localOptions: LocalOptions = {
    environment: system.environment,
    workingDirectory: system.workingDirectory,
    flags: [],
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(options.data === undefined ? {} : { data: options.data }),
  };
  return {
    ...given,
    colour,
    style,
    localOptions,
    print: (document, people) => stdout.write(options.json === true ? formatJson(document) : people()),
    table: ({ columns, rows, empty }) =>
      rows.length === 0
        ? `${empty}\n`
        : formatTable({ columns, rows, style, width: stdout.isTerminal ? stdout.columns : Number.POSITIVE_INFINITY }),
    note: (text) => stderr.write(`${text}\n`),
    withClient: async (work) => {
      const client = await connect({ system, roles, localOptions, url: options.url, apiKey: options.apiKey });
      try {
        return await work(client);
      } finally {
        await client.close();
      }
    },
  };
};
