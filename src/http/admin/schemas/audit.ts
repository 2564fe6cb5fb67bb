import { z } from "zod";
import type { AuditReport, AuditRow } from "../../../core/ports/audit.ts";
import { named, showTime, time } from "./registry.ts";

const outcome = z
  .enum(["ok", "refused", "failed", "intended"])
  .describe("`intended`: about to be done; the row that names this one in `completes` says how it ended.");
const hash = z.string().describe("SHA-256 in hexadecimal.");

const change = z.strictObject({
  field: z.string(),
  before: z.string().nullable().describe("Null where it was not there."),
  after: z.string().nullable().describe("Null where it is not there any more."),
});

export const auditRow = named(
  "AuditRow",
  z.strictObject({
    sequence: z.int().describe("From 1, without gaps."),
    at: time,
    time: z.int().describe("The same in milliseconds since 1970, as it is hashed."),
    actor: z.string().describe("A key's id, or `local`, `open`, `environment`, `file`, `program`."),
    tenant: z.string(),
    action: z.string().describe("`key.create`, `provider.update`, `configuration.reload` …"),
    objectKind: z.string(),
    objectId: z.string().nullable(),
    outcome,
    code: z.string().nullable().describe("The error's code."),
    requestId: z.string().nullable(),
    remoteAddress: z.string().nullable(),
    completes: z.int().nullable().describe("The row `intended` whose end this one tells."),
    changes: z.array(change).describe("Secrets read `[secret]`."),
    previousHash: hash,
    hash,
  }),
);

export const auditList = named(
  "AuditList",
  z.strictObject({
    data: z.array(auditRow),
    next: z
      .string()
      .nullable()
      .describe("Give it as `before` (or as `after`, where that was given) for the page that follows."),
  }),
);

export const auditReport = named(
  "AuditReport",
  z.strictObject({
    ok: z.boolean(),
    rows: z.int().describe("Rows that hold, from the first one on."),
    from: z
      .strictObject({ sequence: z.int(), hash })
      .nullable()
      .describe("The last row that was pruned, as the newest `audit.prune` says; null where the rows begin with 1."),
    last: z.strictObject({ sequence: z.int(), hash }).nullable(),
    broken: z
      .strictObject({ sequence: z.int(), reason: z.string() })
      .nullable()
      .describe("The first row that does not hold, or that is missing."),
    head: z
      .strictObject({
        state: z.enum(["agrees", "behind", "ahead", "differs", "missing", "unreadable", "none"]),
        sequence: z.int().nullable(),
      })
      .describe("How the file `audit.head` stands to the rows; `behind` is no fault."),
    unfinished: z.array(z.int()).describe("Rows `intended` of which no later row says how they ended."),
  }),
);

const cursor = z
  .string()
  .regex(/^\d{1,15}$/, { error: "expected what an earlier page gave as 'next'" })
  .optional();
export const auditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: cursor.describe("What an earlier page gave as `next`; the newest rows come first."),
  after: cursor.describe("A row's sequence, 0 for the beginning: the rows that follow it, the oldest first."),
  since: z.string().max(40).optional().describe("A date, a moment or how long ago."),
  action: z.string().max(100).optional().describe("An action, or the first part of one: `key` stands for all of keys."),
  actor: z.string().max(200).optional(),
});

/** A text that somebody tampered with is shown as it is. */
const showChanges = (text: string): z.input<typeof change>[] => {
  try {
    const read = z.array(z.tuple([z.string(), z.string().nullable(), z.string().nullable()])).parse(JSON.parse(text));
    return read.map(([field, before, after]) => ({ field, before, after }));
  } catch {
    return [{ field: "(not readable)", before: null, after: text }];
  }
};

export const showAuditRow = ({ time: at, object, changes, ...row }: AuditRow): z.input<typeof auditRow> => ({
  ...row,
  at: showTime(Math.min(Math.max(at, 0), 8.64e15)),
  time: at,
  objectKind: object.kind,
  objectId: object.id,
  changes: showChanges(changes),
});

export const showAuditReport = (report: AuditReport): z.input<typeof auditReport> => ({
  ...report,
  unfinished: [...report.unfinished],
});
