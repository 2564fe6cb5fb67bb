import type { CliContext } from "../context.ts";
import { formatCount, formatTime, formatUsd } from "../output/quantities.ts";
import { onOneLine } from "../output/sanitise.ts";
import { request } from "../request.ts";
import { listSchema, type ShownStatistics, statisticsSchema } from "./decision-schema.ts";
import { formatShare, right } from "./decision-tables.ts";
import { readMoment } from "./moment.ts";

export interface DecisionFlags {
  readonly route?: string;
  readonly since?: string;
}

const filterOf = ({ route, since }: DecisionFlags, { system }: CliContext) => ({
  route,
  since: readMoment("--since", since, { now: system.now(), direction: "back" }),
});

/** The newest decisions of policies that learn. */
export const listDecisions = async (
  context: CliContext,
  { limit, ...flags }: DecisionFlags & { readonly limit: string },
): Promise<void> => {
  const { print, table, withClient } = context;
  const query = { ...filterOf(flags, context), limit };
  const answer = await withClient((client) =>
    request(client, { path: "/admin/v1/decisions", query, schema: listSchema }),
  );
  print(answer, () =>
    table({
      columns: [
        ...["WHEN", "CALL", "ROUTE", "ACTION"].map((title) => ({ title })),
        ...["CONFIDENCE", "PROPENSITY", "COST", "REWARD"].map(right),
        { title: "" },
      ],
      rows: answer.data.map((one) => [
        formatTime(Date.parse(one.startedAt)),
        one.id,
        one.route,
        one.action,
        formatShare(one.confidence),
        formatShare(one.propensity),
        formatUsd(one.costUsd),
        formatShare(one.reward),
        [one.explored ? "explored" : "", one.outcome === "ok" ? "" : one.outcome].filter(Boolean).join(", "),
      ]),
      empty: "No policy that learns has decided anything here.",
    }),
  );
};

const tellStatistics = (sums: ShownStatistics, { table, style }: CliContext): string => {
  const { bestConstant: best } = sums;
  const rows = table({
    columns: [
      { title: "ACTION" },
      ...["CALLS", "SHARE", "EXPLORED", "COST", "EXPECTED GOOD", "JUDGED", "REWARD"].map(right),
    ],
    rows: sums.actions.map((one) => [
      one.action,
      formatCount(one.calls),
      formatShare(one.share),
      formatCount(one.explored),
      formatUsd(one.meanCostUsd),
      formatShare(one.meanExpectedQuality),
      formatCount(one.judged),
      formatShare(one.meanReward),
    ]),
    empty: "No policy that learns has decided anything here.",
  });
  const judged =
    sums.judged === 0
      ? "nobody has judged any of them"
      : `${formatCount(sums.judged)} were judged: ${formatShare(sums.judgedExpectedQuality)} good was expected of them, ${formatShare(sums.meanReward)} it was`;
  const saved =
    best === null || best === undefined
      ? []
      : [
          `Always ${onOneLine(best.action)}: ${formatShare(best.expectedQuality)} good, ${formatUsd(best.expectedCostUsd)}; expected saving against it ${formatUsd(best.savedUsd)} (${formatShare(best.savedShare)}).`,
        ];
  const lines = [
    "",
    `${style("bold", `${formatCount(sums.calls)} decisions`)}${sums.complete ? "" : ", the newest"}: ${formatShare(sums.expectedQuality)} good expected, ${judged}.`,
    `Cost ${formatUsd(sums.costUsd)}, expected ${formatUsd(sums.expectedCostUsd)}; ${formatShare(sums.explorationShare)} explored.`,
    ...saved,
  ];
  return `${rows}${lines.join("\n")}\n`;
};

/** What was chosen how often, what came of it, and what it saved. */
export const showDecisionStatistics = async (context: CliContext, flags: DecisionFlags): Promise<void> => {
  const query = filterOf(flags, context);
  const sums = await context.withClient((client) =>
    request(client, { path: "/admin/v1/decisions/statistics", query, schema: statisticsSchema }),
  );
  context.print(sums, () => tellStatistics(sums, context));
};
