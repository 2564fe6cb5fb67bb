import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CliError, wrongUsage } from "../../cli-error.ts";
import type { CliContext } from "../../context.ts";
import { formatCount, formatMilliseconds, formatUsd } from "../../output/quantities.ts";
import { onOneLine } from "../../output/sanitise.ts";
import { request } from "../../request.ts";
import { formatShare, right } from "../decision-tables.ts";
import { readMoment } from "../moment.ts";

export interface BacktestFlags {
  readonly route?: string;
  readonly policy?: string;
  readonly constant?: string;
  readonly lambda?: string;
  readonly since: string;
}

const estimated = z.looseObject({ value: z.number(), lower: z.number(), upper: z.number() }).nullish();
type Estimated = z.output<typeof estimated>;
const line = z.looseObject({
  policy: z.string(),
  quality: estimated,
  costUsd: estimated,
  latencyMilliseconds: estimated,
  agreement: z.number(),
  effectiveCalls: z.number(),
});
type Line = z.output<typeof line>;
const reportSchema = z.looseObject({
  calls: z.number(),
  complete: z.boolean().catch(true),
  judged: z.number(),
  policy: line,
  today: line,
  bestConstant: line.nullish(),
  zeroRouter: line.nullish(),
  lifts: z.array(z.looseObject({ over: z.string(), quality: estimated, costUsd: estimated })),
  notes: z.array(z.string()).catch([]),
});
type Report = z.output<typeof reportSchema>;

/** What a file may say of a policy. */
const policySchema = z.union([
  z.strictObject({ constant: z.string().min(1) }),
  z.strictObject({ lambda: z.number().min(0) }),
]);
const mostBytes = 65_536;

const readPolicy = async (file: string): Promise<{ readonly constant?: string; readonly lambda?: number }> => {
  const unreadable = (cause?: unknown): CliError =>
    new CliError(
      "failure",
      "invalid_policy",
      `${onOneLine(file)} is no policy. It must be JSON: {"constant": "provider/model"} or {"lambda": 40}.`,
      cause,
    );
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new CliError("failure", "file_not_readable", `${onOneLine(file)} cannot be read.`, cause);
  });
  if (bytes.length > mostBytes) throw unreadable();
  try {
    return policySchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch (cause) {
    throw unreadable(cause);
  }
};

const numberOf = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw wrongUsage(`--lambda takes a number of 0 or more, not '${text}'.`);
  return value;
};

const policyOf = async ({ policy, constant, lambda }: BacktestFlags) => {
  if ([policy, constant, lambda].filter((one) => one !== undefined).length !== 1)
    throw wrongUsage("Name one policy: --policy, --constant or --lambda.");
  if (policy !== undefined) return readPolicy(policy);
  return constant === undefined ? { lambda: numberOf(lambda ?? "") } : { constant };
};

const withInterval = (estimate: Estimated, format: (value: number) => string): string =>
  estimate === null || estimate === undefined
    ? "–"
    : `${format(estimate.value)} (${format(estimate.lower)} to ${format(estimate.upper)})`;

const cells = (name: string, one: Line): readonly string[] => [
  name,
  one.policy,
  withInterval(one.quality, formatShare),
  withInterval(one.costUsd, formatUsd),
  withInterval(one.latencyMilliseconds, formatMilliseconds),
  formatShare(one.agreement),
  formatCount(one.effectiveCalls),
];

const signed = (format: (value: number) => string) => (value: number) =>
  `${value < 0 ? "−" : "+"}${format(Math.abs(value))}`;

const tellReport = (report: Report, { table, style }: CliContext): string => {
  const { policy, today, bestConstant, zeroRouter, lifts, notes } = report;
  const lines: readonly (readonly [string, Line | null | undefined])[] = [
    ["judged", policy],
    ["today", today],
    ["best single", bestConstant],
    ["zero router", zeroRouter],
  ];
  const rows = table({
    columns: [
      { title: "" },
      { title: "POLICY" },
      ...["GOOD", "COST PER CALL", "LATENCY", "SAME", "EFFECTIVE CALLS"].map(right),
    ],
    rows: lines.flatMap(([name, one]) => (one === null || one === undefined ? [] : [cells(name, one)])),
    empty: "",
  });
  const differences = lifts.map(
    ({ over, quality, costUsd }) =>
      `Against ${onOneLine(over)}: ${withInterval(quality, signed(formatShare))} good, ${withInterval(costUsd, signed(formatUsd))} per call.`,
  );
  const head = `${style("bold", `${formatCount(report.calls)} calls`)}${report.complete ? "" : ", the newest"}, ${formatCount(report.judged)} of them judged.`;
  return `${rows}\n${[head, ...differences, ...notes.map(onOneLine)].join("\n")}\n`;
};

/** Judges a policy by the recorded calls of a route. */
export const backtestPolicy = async (context: CliContext, flags: BacktestFlags): Promise<void> => {
  if (flags.route === undefined) throw wrongUsage("--route is missing: the route whose calls are looked at.");
  const { constant, lambda } = { constant: undefined, lambda: undefined, ...(await policyOf(flags)) };
  const since = readMoment("--since", flags.since, { now: context.system.now(), direction: "back" });
  const report = await context.withClient((client) =>
    request(client, {
      path: "/admin/v1/decisions/backtest",
      query: { route: flags.route, since, constant, lambda },
      schema: reportSchema,
    }),
  );
  context.print(report, () => tellReport(report, context));
};
