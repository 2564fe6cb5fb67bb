import { type FaultName, faultNames } from "../../chaos/faults.ts";
import { type ChaosReport, isBetrayal, survivedOf } from "../../chaos/report.ts";
import { nearest } from "../../core/nearest.ts";
import { wrongUsage } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { faultTitle, premises, rowCells, verdictText } from "./chaos-text.ts";

export interface ChaosFlags {
  readonly route?: readonly string[];
  readonly fault?: readonly string[];
  readonly seed?: string;
  readonly timeoutScale?: string;
  readonly whole?: boolean;
  readonly answers: ChaosReport["answers"];
}

const isFault = (name: string): name is FaultName => (faultNames as readonly string[]).includes(name);

const readFault = (name: string): FaultName => {
  if (isFault(name)) return name;
  const [like] = nearest(name, faultNames, 1);
  const hint = like === undefined ? "" : ` Did you mean '${like}'?`;
  throw wrongUsage(`--fault: there is no fault '${name}'.${hint} There are: ${faultNames.join(", ")}.`);
};

const readSeed = (text: string | undefined): number => {
  if (text === undefined) return Math.floor(Math.random() * 2 ** 31);
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw wrongUsage(`--seed: expected a whole number from 0 to 4294967295, got '${text}'.`);
};

const readScale = (text: string): number => {
  const scale = Number(text);
  if (text.trim() !== "" && scale > 0 && scale <= 1) return scale;
  throw wrongUsage(`--timeout-scale: expected a number above 0 and up to 1, got '${text}'.`);
};

const document = (report: ChaosReport) => ({
  ...report,
  routes: report.routes.map((route) => ({ ...route, ...survivedOf(route), verdict: verdictText(route) })),
});

/** Breaks stand-ins of the upstreams, and shows what clients get. Fails where one was misled or a call is not recorded. */
export const showChaos = async (context: CliContext, flags: ChaosFlags): Promise<void> => {
  const { roles, localOptions, print, table, style, note, fail, options } = context;
  const report = await roles.chaos({
    ...localOptions,
    routes: flags.route ?? [],
    faults: (flags.fault ?? []).map(readFault),
    seed: readSeed(flags.seed),
    form: flags.whole === true ? "whole" : "streamed",
    answers: flags.answers,
    ...(flags.timeoutScale === undefined ? {} : { timeoutScale: readScale(flags.timeoutScale) }),
  });
  const isVerbose = options.verbose === true;
  print(document(report), () => {
    const tables = report.routes.map((route) => {
      const rows = route.rows.map((row) => (isVerbose ? [...rowCells(row), faultTitle(row.fault)] : rowCells(row)));
      const columns = [
        { title: "FAULT", rigid: true as const },
        { title: "THE CLIENT GETS" },
        { title: "TRIES", align: "right" as const },
        { title: "TIME", align: "right" as const },
        { title: "CHARGE", align: "right" as const },
        ...(isVerbose ? [{ title: "MEANS" }] : []),
      ];
      const heading = `${style("bold", `Route '${route.route}'`)}: ${route.target} is broken\n`;
      return `${heading}${table({ columns, rows, empty: "" })}${verdictText(route)}\n\n`;
    });
    return `${tables.join("")}${premises(report)}\n`;
  });
  for (const one of report.notes) note(one);
  if (report.routes.some(({ rows }) => rows.some(isBetrayal))) fail();
};
