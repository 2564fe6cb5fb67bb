import { open, readFile } from "node:fs/promises";
import { z } from "zod";
import { modelFileMagic } from "../../../routing/learned/model-file/format.ts";
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
  readonly keep?: string;
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

type Policy =
  | { readonly kind: "named"; readonly query: { readonly constant?: string; readonly lambda?: number } }
  | {
      readonly kind: "model";
      readonly file: string;
      readonly aim: { readonly keep: number } | { readonly lambda: number };
    };

/** A model file begins with its own mark, and JSON with a bracket. */
const isModelFile = async (file: string): Promise<boolean> => {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(modelFileMagic.length), 0, modelFileMagic.length, 0);
    return buffer.toString("latin1", 0, bytesRead) === modelFileMagic;
  } finally {
    await handle.close();
  }
};

const usualKeep = 0.99;
const aimOf = ({ keep, lambda }: BacktestFlags) => {
  if (lambda === undefined) return { keep: keep === undefined ? usualKeep : shareOf(keep) };
  if (keep !== undefined) throw wrongUsage("--keep and --lambda say the same thing in two ways. Give one.");
  return { lambda: numberOf(lambda) };
};
const shareOf = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && value <= 1))
    throw wrongUsage(`--keep takes a share, 0.98 say, not '${text}'.`);
  return value;
};

const policyOf = async (flags: BacktestFlags): Promise<Policy> => {
  const { policy, constant, lambda, keep } = flags;
  if (policy !== undefined && constant === undefined && (await isModelFile(policy)))
    return { kind: "model", file: policy, aim: aimOf(flags) };
  if (keep !== undefined) throw wrongUsage("--keep goes with a model file: --policy.");
  if ([policy, constant, lambda].filter((one) => one !== undefined).length !== 1)
    throw wrongUsage("Name one policy: --policy, --constant or --lambda.");
  if (policy !== undefined) return { kind: "named", query: await readPolicy(policy) };
  return { kind: "named", query: constant === undefined ? { lambda: numberOf(lambda ?? "") } : { constant } };
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

/** Named ones by whichever gateway is meant; a model file by the data folder of this machine. */
const judge = async (
  policy: Policy,
  { route, since }: { readonly route: string; readonly since: string | undefined },
  { withClient, roles, localOptions, options }: CliContext,
): Promise<Report> => {
  if (policy.kind === "named")
    return withClient((client) =>
      request(client, {
        path: "/admin/v1/decisions/backtest",
        query: { route, since, ...policy.query },
        schema: reportSchema,
      }),
    );
  if (options.url !== undefined)
    throw wrongUsage("A model file is judged by the data folder of this machine (--data), not at an address.");
  const { file, aim } = policy;
  const query = { route, ...(since === undefined ? {} : { since: Date.parse(since) }) };
  return reportSchema.parse(await roles.backtestModel({ local: localOptions, file, aim, query }));
};

/** Judges a policy by the recorded calls of a route. */
export const backtestPolicy = async (context: CliContext, flags: BacktestFlags): Promise<void> => {
  if (flags.route === undefined) throw wrongUsage("--route is missing: the route whose calls are looked at.");
  const policy = await policyOf(flags);
  const since = readMoment("--since", flags.since, { now: context.system.now(), direction: "back" });
  const report = await judge(policy, { route: flags.route, since }, context);
  context.print(report, () => tellReport(report, context));
};
