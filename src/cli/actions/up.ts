import type { Path } from "../../config/path.ts";
import { wrongUsage } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { withoutControls } from "../output/sanitise.ts";
import type { Discovered, Listening, LocalOptions } from "../roles.ts";

export interface UpFlags {
  readonly port?: string;
  readonly host?: string;
  readonly workers?: string;
  readonly role?: string;
  readonly set: readonly string[];
}

const tellDiscovered = ({ providers, example }: Discovered, { style }: CliContext): string =>
  [style("bold", "Providers"), ...providers, "", ...(example === null ? [] : ["Try it:", example, ""])]
    .map(withoutControls)
    .join("\n");

const readSetting = (text: string): LocalOptions["flags"][number] => {
  const equals = text.indexOf("=");
  const path = text.slice(0, Math.max(0, equals)).split(".");
  if (equals < 1 || path.includes(""))
    throw wrongUsage(`--set takes key=value, such as logging.level=debug; got '${text}'.`);
  return { flag: `--set ${path.join(".")}`, path, value: text.slice(equals + 1) };
};

const configurationFlags = (flags: UpFlags, { options }: CliContext): LocalOptions["flags"] => {
  const named: readonly (readonly [flag: string, path: Path, value: string | undefined])[] = [
    ["--port", ["server", "port"], flags.port],
    ["--host", ["server", "host"], flags.host],
    ["--workers", ["server", "workers"], flags.workers],
    ["--verbose", ["logging", "level"], options.verbose === true ? "debug" : undefined],
  ];
  const given = named.flatMap(([flag, path, value]) => (value === undefined ? [] : [{ flag, path, value }]));
  return [...given, ...flags.set.map(readSetting)];
};

const banner = (listening: Listening, { style }: CliContext): string =>
  [
    `${style("bold", "IntelliRouter")} listens on ${style("cyan", listening.url)}`,
    `  configuration  ${listening.configurationFile ?? "none (defaults and environment)"}`,
    `  data           ${listening.dataFolder}`,
    ...(listening.newAdminKey === undefined
      ? []
      : [
          `  admin key      ${style("bold", listening.newAdminKey)}`,
          "                 It is shown only now: keep it.",
        ]),
    ...listening.notices.map((notice) => `${style("yellow", "!")} ${notice}`),
    "Ctrl-C stops it.",
    "",
  ].join("\n");

/** Runs the gateway until it is told to stop. */
export const up = async (context: CliContext, flags: UpFlags): Promise<void> => {
  const { roles, localOptions, system, options } = context;
  await roles.up({
    ...localOptions,
    flags: configurationFlags(flags, context),
    ...(flags.role === undefined ? {} : { role: flags.role }),
    logs: options.json === true ? "stderr" : "stdout",
    onListening: (listening) => {
      if (options.json === true) context.print({ ...listening, pid: system.processId }, () => "");
      // Standard output belongs to the log.
      else system.stderr.write(banner(listening, context));
    },
    onDiscovered: (discovered) => {
      if (options.json !== true) system.stderr.write(tellDiscovered(discovered, context));
    },
  });
};
