import { z } from "zod";
import type { CliContext } from "../context.ts";
import { formatTime, formatUsd } from "../output/quantities.ts";
import { request } from "../request.ts";

const standingSchema = z.looseObject({
  budget: z.number(),
  scope: z.string(),
  subject: z.string(),
  per: z.string(),
  ends: z.string().nullable(),
  limitUsd: z.number(),
  spentUsd: z.number(),
  heldUsd: z.number(),
  leftUsd: z.number(),
  forecastUsd: z.number().nullable(),
  runsOutAt: z.string().nullable(),
});
const pageSchema = z.looseObject({ data: z.array(standingSchema), next: z.string().nullable() });
type Standing = z.output<typeof standingSchema>;

const moment = (text: string | null): string => formatTime(text === null ? null : Date.parse(text));

const percent = ({ spentUsd, limitUsd }: Standing): string =>
  limitUsd === 0 ? "–" : `${Math.floor((spentUsd / limitUsd) * 100)} %`;

const cells = (standing: Standing): readonly string[] => [
  standing.scope,
  standing.subject === "" ? "–" : standing.subject,
  standing.per,
  formatUsd(standing.limitUsd),
  formatUsd(standing.spentUsd),
  percent(standing),
  formatUsd(standing.heldUsd),
  formatUsd(standing.leftUsd),
  formatUsd(standing.forecastUsd),
  moment(standing.runsOutAt),
  moment(standing.ends),
];

/** Every budget with each of its subjects. */
export const showBudgets = async ({ print, table, withClient, style }: CliContext): Promise<void> => {
  const data = await withClient(async (client) => {
    const all: Standing[] = [];
    let after: string | null | undefined;
    do {
      const query: Record<string, string> = { limit: "500", ...(after == null ? {} : { after }) };
      const page = await request(client, { path: "/admin/v1/budgets", query, schema: pageSchema });
      all.push(...page.data);
      after = page.next;
    } while (after !== null);
    return all;
  });
  const right = (title: string) => ({ title, align: "right" }) as const;
  print({ data }, () =>
    table({
      columns: [
        { title: "SCOPE" },
        { title: "SUBJECT" },
        { title: "PER" },
        ...["LIMIT", "SPENT", "SHARE", "HELD", "LEFT", "FORECAST"].map(right),
        { title: "RUNS OUT" },
        { title: "ENDS" },
      ],
      rows: data.map(cells),
      empty: style("dim", "No budgets are configured. docs/budgets.md tells how."),
    }),
  );
};
