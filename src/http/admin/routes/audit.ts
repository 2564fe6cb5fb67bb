import { GatewayError } from "../../../core/errors.ts";
import { parseMoment } from "../parse-moment.ts";
import { defineRoute } from "../route.ts";
import { auditList, auditQuery, auditReport, showAuditReport, showAuditRow } from "../schemas/audit.ts";
import { withinTenant } from "../within-tenant.ts";

const tag = "audit";

export const auditRoutes = [
  defineRoute({
    method: "get",
    path: "/audit",
    operationId: "listAuditRows",
    tag,
    summary: "List administrative acts, newest first; with `after`, oldest first",
    status: 200,
    query: auditQuery,
    response: auditList,
    errors: [],
    handle: async ({ query, caller }, { audit, clock }) => {
      const { limit, before, after, since, action, actor } = query;
      if (before !== undefined && after !== undefined)
        throw new GatewayError("invalid_value", "Invalid value for 'after': give 'before' or 'after', not both.", {
          param: "after",
        });
      const filter = {
        ...withinTenant(caller),
        action,
        actor,
        since: since === undefined ? undefined : parseMoment(since, { param: "since", now: clock.wall() }),
      };
      const range =
        after === undefined ? { before: before === undefined ? undefined : Number(before) } : { after: Number(after) };
      // One more than is shown tells whether there are more.
      const rows = audit.list({ ...filter, ...range, limit: limit + 1 });
      const shown = rows.slice(0, limit);
      const next = rows.length > limit ? String(shown.at(-1)?.sequence) : null;
      return { value: { data: shown.map(showAuditRow), next } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/audit/verify",
    operationId: "verifyAudit",
    tag,
    summary: "Walk the chain of the audit log; a chain that is broken is a result, not an error",
    status: 200,
    response: auditReport,
    errors: [],
    handle: async (_, { audit }) => ({ value: showAuditReport(await audit.verify()) }),
  }),
];
