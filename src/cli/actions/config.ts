import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { formatCount } from "../output/quantities.ts";

/** Loads the configuration and says that it is valid; what is wrong with it is thrown by the loader, all at once. */
export const validateConfiguration = async (context: CliContext, file: string | undefined): Promise<void> => {
  const { roles, localOptions, print } = context;
  const report = await roles.loadConfiguration(file === undefined ? localOptions : { ...localOptions, config: file });
  const { providers, routes } = report;
  print({ valid: true, file: report.file, providers: providers.map(({ name }) => name), routes }, () => {
    const counts = `${formatCount(providers.length)} providers, ${formatCount(routes.length)} routes`;
    return `${report.file ?? "no file (defaults and environment)"}: valid (${counts})\n`;
  });
};

const isBelow = (path: string, start: string): boolean =>
  path === start || (path.startsWith(start) && /[.[]/.test(path.charAt(start.length)));

const show = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Every effective value of the configuration with its source. */
export const explainConfiguration = async (context: CliContext, start: string | undefined): Promise<void> => {
  const { roles, localOptions, print, table } = context;
  const { file, entries: all } = await roles.loadConfiguration(localOptions);
  const entries = start === undefined ? all : all.filter(({ path }) => isBelow(path, start));
  if (entries.length === 0 && start !== undefined)
    throw new CliError(
      "failure",
      "not_found",
      `No value is set at '${start}'. \`config explain\` without it lists all.`,
    );
  print({ file, data: entries }, () =>
    table({
      columns: [{ title: "KEY" }, { title: "VALUE" }, { title: "SOURCE" }],
      rows: entries.map(({ path, value, source, reference }) => [
        path,
        show(value),
        reference === undefined ? source : `${source} → ${reference}`,
      ]),
      empty: "The configuration is empty.",
    }),
  );
};
