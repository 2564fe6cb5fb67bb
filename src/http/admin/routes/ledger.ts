import { z } from "zod";
import { GatewayError } from "../../../core/errors.ts";
import { given } from "../given.ts";
import { listCalls, readCursor } from "../list-calls.ts";
import { readPeriod } from "../read-period.ts";
import { defineRoute } from "../route.ts";
import { callDetail, callList, outcome, showCall, showCallDetail } from "../schemas/calls.ts";
import { showOptionalTime } from "../schemas/registry.ts";
import { showUsageRow, usageQuery, usageResponse } from "../schemas/usage.ts";
import { isVisible, withinTenant } from "../within-tenant.ts";

const tag = "ledger";

const callQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: z.string().max(300).optional().describe("What an earlier page gave as `next`."),
  model: z.string().optional().describe("Only calls that this model answered."),
  key: z.string().optional().describe("Only calls with the key of this id."),
  route: z.string().optional().describe("Only calls of this route."),
  outcome: outcome.optional(),
});

export const ledgerRoutes = [
  defineRoute({
    method: "get",
    path: "/calls",
    operationId: "listCalls",
    tag,
    summary: "List calls, newest first",
    status: 200,
    query: callQuery,
    response: callList,
    errors: [],
    handle: async ({ query, caller }, { ledger }) => {
      const before = query.before === undefined ? undefined : readCursor(query.before);
      const filter = given({ model: query.model, keyId: query.key, route: query.route });
      const { calls, next } = await listCalls(ledger, {
        ...filter,
        ...withinTenant(caller),
        limit: query.limit,
        before,
        outcome: query.outcome,
      });
      return { value: { data: calls.map(showCall), next } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/calls/{id}",
    operationId: "showCall",
    tag,
    summary: "Show a call with its attempts and the decision that led to them",
    status: 200,
    response: callDetail,
    errors: ["not_found"],
    handle: async ({ param, caller }, { ledger }) => {
      const call = await ledger.callById(param("id"));
      if (call !== undefined && isVisible(caller, call)) return { value: showCallDetail(call) };
      throw new GatewayError("not_found", "There is no settled call with this id. A call is listed once it has ended.");
    },
  }),
  defineRoute({
    method: "get",
    path: "/usage",
    operationId: "showUsage",
    tag,
    summary: "Sum up calls, tokens and cost by model, key, day, provider, route or tenant",
    status: 200,
    query: usageQuery,
    response: usageResponse,
    errors: [],
    handle: async ({ query, caller }, { ledger, clock }) => {
      const { since, until } = readPeriod(query, clock.wall());
      const range = given({ since: since ?? undefined, until: until ?? undefined });
      const rows = await ledger.usage({ ...range, ...withinTenant(caller), groupBy: query.by });
      const bounds = { since: showOptionalTime(since), until: showOptionalTime(until) };
      return { value: { by: query.by, ...bounds, data: rows.map(showUsageRow) } };
    },
  }),
];
