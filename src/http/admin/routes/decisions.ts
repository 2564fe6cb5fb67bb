import { z } from "zod";
import type { Caller } from "../../../core/caller.ts";
import { GatewayError } from "../../../core/errors.ts";
import type { BacktestedPolicy } from "../../../core/ports/backtest.ts";
import type { AdminDependencies } from "../dependencies.ts";
import { given } from "../given.ts";
import { readCursor, writeCursor } from "../list-calls.ts";
import { parseMoment } from "../parse-moment.ts";
import { defineRoute } from "../route.ts";
import { backtestResponse, showBacktest } from "../schemas/backtest.ts";
import {
  decisionList,
  decisionResponse,
  forgottenResponse,
  showDecision,
  showListed,
  statisticsResponse,
} from "../schemas/decisions.ts";
import { showOptionalTime } from "../schemas/registry.ts";
import { sumDecisions } from "../sum-decisions.ts";
import { isVisible, withinTenant } from "../within-tenant.ts";

const tag = "routing";

const span = {
  route: z.string().max(300).optional().describe("Only decisions of this route."),
  since: z.string().max(60).optional().describe("A date, a moment, or how long ago (`24h`, `7d`)."),
  until: z.string().max(60).optional(),
};

const readSpan = (
  query: { readonly [Key in keyof typeof span]?: string | undefined },
  { clock }: Pick<AdminDependencies, "clock">,
) => {
  const now = clock.wall();
  const read = (param: "since" | "until"): number | undefined => {
    const text = query[param];
    return text === undefined ? undefined : parseMoment(text, { param, now });
  };
  const [since, until] = [read("since"), read("until")];
  if (since !== undefined && until !== undefined && since >= until)
    throw new GatewayError("invalid_value", "Invalid value for 'since': it must lie before 'until'.", {
      param: "since",
    });
  return given({ route: query.route, since, until });
};

/** The tenant that is meant. Throws `permission_denied` where it is not the caller's to act in. */
const tenantOf = ({ tenant, everywhere }: Caller, named: string | undefined): string => {
  if (named === undefined || named === tenant || everywhere) return named ?? tenant;
  throw new GatewayError(
    "permission_denied",
    "This key is bound to its tenant. Use one that is not, or leave it out.",
    {
      param: "tenant",
    },
  );
};

const policyOf = ({
  constant,
  lambda,
}: {
  readonly constant?: string | undefined;
  readonly lambda?: number | undefined;
}): BacktestedPolicy => {
  if (constant !== undefined && lambda === undefined) return { kind: "constant", target: constant };
  if (lambda !== undefined && constant === undefined) return { kind: "lambda", lambda };
  throw new GatewayError(
    "invalid_value",
    "Invalid value for 'lambda': name one policy, by 'constant' or by 'lambda'.",
    {
      param: "lambda",
    },
  );
};

export const decisionRoutes = [
  defineRoute({
    method: "get",
    path: "/decisions",
    operationId: "listDecisions",
    tag,
    summary: "List what policies that learn decided, newest first",
    status: 200,
    query: z.strictObject({
      ...span,
      limit: z.coerce.number().int().min(1).max(500).default(50),
      before: z.string().max(300).optional().describe("What an earlier page gave as `next`."),
    }),
    response: decisionList,
    errors: [],
    handle: async ({ query, caller }, dependencies) => {
      const { limit, before } = query;
      const calls = await dependencies.learning.judgedCalls({
        ...readSpan(query, dependencies),
        ...withinTenant(caller),
        limit: limit + 1,
        ...(before === undefined ? {} : { before: readCursor(before) }),
      });
      const shown = calls.slice(0, limit);
      const last = shown.at(-1);
      const next = calls.length > limit && last !== undefined ? writeCursor({ ...last, id: last.callId }) : null;
      return { value: { data: shown.map(showListed), next } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/decisions/statistics",
    operationId: "showDecisionStatistics",
    tag,
    summary: "Sum decisions up: what was chosen how often, what was expected, what came of it, what it saved",
    status: 200,
    query: z.strictObject(span),
    response: statisticsResponse,
    errors: [],
    handle: async ({ query, caller }, dependencies) => {
      const filter = readSpan(query, dependencies);
      const sums = await sumDecisions(dependencies.learning, { ...filter, ...withinTenant(caller) });
      const { since = null, until = null } = filter;
      return {
        value: {
          route: query.route ?? null,
          since: showOptionalTime(since),
          until: showOptionalTime(until),
          ...sums,
          actions: sums.actions.map((action) => ({ ...action })),
        },
      };
    },
  }),
  defineRoute({
    method: "get",
    path: "/decisions/backtest",
    operationId: "backtestPolicy",
    tag,
    summary:
      "Judge a policy by recorded calls: its cost and quality, against what was done, the best single target and the zero router",
    status: 200,
    query: z.strictObject({
      ...span,
      route: z.string().min(1).max(300).describe("Whose recorded calls."),
      constant: z.string().min(1).max(300).optional().describe("The policy: always this target."),
      lambda: z.coerce
        .number()
        .min(0)
        .max(1e12)
        .optional()
        .describe("The policy: what was expected, at another price; the quality (0–1) that a USD must buy."),
    }),
    response: backtestResponse,
    errors: [],
    handle: async ({ query, caller }, dependencies) => {
      const filter = { ...readSpan(query, dependencies), ...withinTenant(caller), route: query.route };
      return { value: showBacktest(await dependencies.backtest(filter, policyOf(query))) };
    },
  }),
  defineRoute({
    method: "get",
    path: "/decisions/{id}",
    operationId: "explainDecision",
    tag,
    summary: "Explain why a call went where it went, and what another choice would have given",
    status: 200,
    response: decisionResponse,
    errors: ["not_found"],
    handle: async ({ param, caller }, { ledger, learning }) => {
      const call = await ledger.callById(param("id"));
      if (call !== undefined && isVisible(caller, call))
        return { value: showDecision(call, await learning.feedbackOf(call.id)) };
      throw new GatewayError("not_found", "There is no settled call with this id. A call is listed once it has ended.");
    },
  }),
  defineRoute({
    method: "delete",
    path: "/learning/users/{user}",
    operationId: "forgetUser",
    tag,
    summary: "Forget what was learned from a user: features, feedback and whose calls they were",
    status: 200,
    query: z.strictObject({
      tenant: z.string().max(300).optional().describe("The user's tenant; the caller's own where it is left out."),
    }),
    response: forgottenResponse,
    errors: [],
    audit: {
      action: "learning.forget",
      order: "ahead",
      object: (param) => ({ kind: "learner", id: param("user") }),
    },
    handle: async ({ param, query, caller }, { learning }) => {
      const [tenant, user] = [tenantOf(caller, query.tenant), param("user")];
      return { value: { tenant, user, calls: await learning.forgetUser(tenant, user) } };
    },
  }),
];
