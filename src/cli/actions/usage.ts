import { z } from "zod";
import type { CliContext } from "../context.ts";
import { formatCount, formatUsd } from "../output/quantities.ts";
import { request } from "../request.ts";
import { readMoment } from "./moment.ts";

export interface UsageFlags {
  readonly by: string;
  readonly since: string;
  readonly until?: string;
}

const count = z.number().catch(0);
const rowSchema = z.looseObject({
  group: z.string().nullable(),
  calls: count,
  attempts: count,
  failures: count,
  inputTokens: count,
  outputTokens: count,
  costUsd: count,
  chargeUsd: count,
  estimatedUsd: count,
  unpricedAttempts: count,
});
const usageSchema = z.looseObject({ data: z.array(rowSchema) });
type UsageRow = z.output<typeof rowSchema>;

const sum = (rows: readonly UsageRow[], field: (row: UsageRow) => number): number =>
  rows.reduce((total, row) => total + field(row), 0);

const cells = (row: UsageRow, name: string): readonly string[] => [
  name,
  formatCount(row.calls),
  formatCount(row.failures),
  formatCount(row.inputTokens),
  formatCount(row.outputTokens),
  formatUsd(row.costUsd),
  formatUsd(row.chargeUsd),
  row.costUsd === 0 ? "–" : `${formatCount((row.estimatedUsd / row.costUsd) * 100)} %`,
  formatCount(row.unpricedAttempts),
];

// By model and by provider a call that fell back stands in two groups, so calls would be counted twice in a total.
const overlapping: ReadonlySet<string> = new Set(["model", "provider"]);

const totalCells = (rows: readonly UsageRow[], by: string): readonly string[] => {
  const total: UsageRow = {
    group: null,
    calls: sum(rows, ({ calls }) => calls),
    attempts: sum(rows, ({ attempts }) => attempts),
    failures: sum(rows, ({ failures }) => failures),
    inputTokens: sum(rows, ({ inputTokens }) => inputTokens),
    outputTokens: sum(rows, ({ outputTokens }) => outputTokens),
    costUsd: sum(rows, ({ costUsd }) => costUsd),
    chargeUsd: sum(rows, ({ chargeUsd }) => chargeUsd),
    estimatedUsd: sum(rows, ({ estimatedUsd }) => estimatedUsd),
    unpricedAttempts: sum(rows, ({ unpricedAttempts }) => unpricedAttempts),
  };
  const row = cells(total, "total");
  return overlapping.has(by) ? row.with(1, "") : row;
};

/** Calls, tokens and cost by group. */
export const showUsage = async (context: CliContext, { by, ...flags }: UsageFlags): Promise<void> => {
  const { system, print, table, note, withClient, style } = context;
  const reading = { now: system.now(), direction: "back" } as const;
  const since = readMoment("--since", flags.since, reading);
  const until = readMoment("--until", flags.until, reading);
  const usage = await withClient((client) =>
    request(client, { path: "/admin/v1/usage", query: { by, since, until }, schema: usageSchema }),
  );
  const right = (title: string) => ({ title, align: "right" }) as const;
  print(usage, () =>
    table({
      columns: [
        { title: by.toUpperCase() },
        ...["CALLS", "FAILED", "INPUT", "OUTPUT", "COST", "CHARGED", "ESTIMATED", "UNPRICED"].map((title) =>
          right(title),
        ),
      ],
      rows: [
        ...usage.data.map((row) => cells(row, row.group ?? "–")),
        ...(usage.data.length > 1
          ? [totalCells(usage.data, by).map((text) => ({ text, style: "bold" as const }))]
          : []),
      ],
      empty: style("dim", `No calls since ${flags.since}.`),
    }),
  );
  const unpriced = sum(usage.data, ({ unpricedAttempts }) => unpricedAttempts);
  if (unpriced > 0) note(missingPrices(unpriced));
};

const missingPrices = (attempts: number): string =>
  `${formatCount(attempts)} attempts went to models without a price: what they cost is not in these sums. ` +
  "Give the models a price (0 where they are free); docs/billing.md tells how.";
