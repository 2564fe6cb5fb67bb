import { z } from "zod";
import { wrongUsage } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { formatCount } from "../output/quantities.ts";
import { onOneLine } from "../output/sanitise.ts";
import type { StyleName } from "../output/style.ts";
import { request } from "../request.ts";
import { readMoment } from "./moment.ts";

const text = z.string().nullable().catch(null);
const rowSchema = z.looseObject({
  sequence: z.int(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  objectKind: z.string(),
  objectId: text,
  outcome: z.string(),
  code: text,
  changes: z.array(z.object({ field: z.string(), before: text, after: text })).catch([]),
});
const pageSchema = z.looseObject({ data: z.array(rowSchema), next: z.string().nullable() });
type Row = z.output<typeof rowSchema>;

const reportSchema = z.looseObject({
  ok: z.boolean(),
  rows: z.int(),
  from: z.object({ sequence: z.int(), hash: z.string() }).nullable().catch(null),
  last: z.object({ sequence: z.int(), hash: z.string() }).nullable(),
  broken: z.object({ sequence: z.int(), reason: z.string() }).nullable(),
  head: z.object({ state: z.string(), sequence: z.int().nullable() }),
  unfinished: z.array(z.int()),
});
type Report = z.output<typeof reportSchema>;

export interface ListAuditFlags {
  readonly since?: string;
  readonly action?: string;
  readonly actor?: string;
  readonly limit: string;
}

const mostAtOnce = 500;
const styles: Readonly<Record<string, StyleName>> = { ok: "green", refused: "yellow", failed: "red", intended: "dim" };

const change = ({ field, before, after }: Row["changes"][number]): string => {
  if (before === null) return `${field}: ${after}`;
  return after === null ? `${field} gone` : `${field}: ${before} → ${after}`;
};

const cells = (row: Row) => [
  String(row.sequence),
  row.at.slice(0, 19).replace("T", " "),
  row.actor,
  row.action,
  row.objectId ?? "–",
  { text: row.code ?? row.outcome, style: styles[row.outcome] ?? "dim" } as const,
  row.changes.map(change).join(", "),
];

const readLimit = (limit: string): number => {
  const number = Number(limit);
  if (Number.isInteger(number) && number >= 1 && number <= mostAtOnce) return number;
  throw wrongUsage(`--limit takes a number from 1 to ${mostAtOnce}; got '${limit}'. For all of them: audit export`);
};

export const listAudit = async (context: CliContext, flags: ListAuditFlags): Promise<void> => {
  const { system, withClient, print, table, style, note } = context;
  const since = readMoment("--since", flags.since, { now: system.now(), direction: "back" });
  const { action, actor } = flags;
  const query = { since, action, actor, limit: readLimit(flags.limit) };
  const page = await withClient((client) => request(client, { path: "/admin/v1/audit", query, schema: pageSchema }));
  print(page, () =>
    table({
      columns: ["ROW", "TIME", "ACTOR", "ACTION", "OBJECT", "OUTCOME", "CHANGES"].map((title) => ({ title })),
      rows: page.data.map(cells),
      empty: style("dim", "No acts."),
    }),
  );
  if (page.next !== null) note("There are more: give a higher --limit, or `intellirouter audit export`.");
};

/** A gateway elsewhere is asked; here the data folder is read without one, which need not be trusted then. */
const readReport = ({ system, options, withClient, roles, localOptions }: CliContext): Promise<Report> => {
  const isElsewhere = (options.url ?? system.environment["INTELLIROUTER_URL"] ?? "") !== "";
  if (!isElsewhere) return roles.verifyAudit(localOptions).then((report) => reportSchema.parse(report));
  return withClient((client) => request(client, { path: "/admin/v1/audit/verify", schema: reportSchema }));
};

const remarks = ({ head, from, last, unfinished }: Report): readonly string[] => [
  ...(from === null
    ? []
    : [
        `Rows up to ${from.sequence} were pruned, and the newest row that tells of it agrees: verified from row ${from.sequence + 1}.`,
      ]),
  ...(head.state === "behind"
    ? [`audit.head names row ${head.sequence}: what follows it would not be missed, were it taken away.`]
    : []),
  ...(unfinished.length > 0
    ? [
        `Of ${formatCount(unfinished.length)} acts it is not known how they ended: row ${unfinished.slice(0, 20).join(", ")}.`,
      ]
    : []),
  ...(last === null ? [] : [`The newest row is ${last.sequence}, its hash ${last.hash}.`]),
];

/** Walks the chain, and fails where it does not hold. */
export const verifyAudit = async (context: CliContext): Promise<void> => {
  const { print, style, fail } = context;
  const report = await readReport(context);
  const { ok, rows, broken } = report;
  print(report, () => {
    const verdict = ok
      ? style("green", `All ${formatCount(rows)} rows hold.`)
      : style("red", `Broken at row ${broken?.sequence}: ${onOneLine(broken?.reason ?? "")}`);
    return [...remarks(report), verdict].map((line) => `${line}\n`).join("");
  });
  if (!ok) fail();
};

/** Every row as the API gives it, one a line; `--json` changes nothing of it. */
export const exportAudit = async (context: CliContext, flags: { readonly since?: string }): Promise<void> => {
  const { system, withClient } = context;
  const since = readMoment("--since", flags.since, { now: system.now(), direction: "back" });
  await withClient(async (client) => {
    for (let after: string | null = "0"; after !== null; ) {
      const query: Record<string, string | number | undefined> = { after, since, limit: mostAtOnce };
      const page: z.output<typeof pageSchema> = await request(client, {
        path: "/admin/v1/audit",
        query,
        schema: pageSchema,
      });
      for (const row of page.data) system.stdout.write(`${JSON.stringify(row)}\n`);
      after = page.next;
    }
  });
};
