import { z } from "zod";
import type { JsonObject } from "../../../core/json.ts";
import type { PolicyAct, PolicyStatus } from "../../../core/ports/policies.ts";
import type { AdminDependencies } from "../dependencies.ts";
import { type AdminInput, type AdminRouteDefinition, defineRoute } from "../route.ts";
import { policyResponse, promotePolicyBody, rollBackPolicyBody, showPolicy } from "../schemas/policies.ts";

/** What the audit log tells of a policy: which state serves. */
const fieldsOf = ({ served, canary }: PolicyStatus): JsonObject => ({
  served,
  canary: canary === null ? null : { share: canary.share, minCalls: canary.minCalls },
});

interface ActRoute<Body extends z.ZodType> {
  readonly kind: PolicyAct["kind"];
  readonly summary: string;
  readonly body: Body;
  readonly read: (body: z.output<Body>) => PolicyAct;
}

const actRoute = <Body extends z.ZodType>({ kind, summary, body, read }: ActRoute<Body>): AdminRouteDefinition =>
  defineRoute({
    method: "post",
    path: `/routes/{name}/policy/${kind}`,
    operationId: `${kind}Policy`,
    tag: "system",
    summary,
    status: 200,
    bodyOptional: true,
    body,
    audit: {
      action: `policy.${kind}`,
      order: "ahead",
      object: (param) => ({ kind: "policy", id: param("name") }),
    },
    response: policyResponse,
    errors: ["not_found", "storage_unavailable"],
    handle: async (input: AdminInput<unknown, z.output<Body>>, { policies }: AdminDependencies) => {
      const route = input.param("name");
      const before = await policies.status(route);
      const after = await policies.act(route, read(input.body));
      input.act.note({ before: fieldsOf(before), after: fieldsOf(after) });
      return { value: showPolicy(after) };
    },
  });

const nothing = z.strictObject({});

export const policyRoutes: readonly AdminRouteDefinition[] = [
  defineRoute({
    method: "get",
    path: "/routes/{name}/policy",
    operationId: "showPolicy",
    tag: "system",
    summary: "Show what a route that learns has learned, whether it serves, and the versions to go back to",
    status: 200,
    response: policyResponse,
    errors: ["not_found", "storage_unavailable"],
    handle: async ({ param }, { policies }) => ({ value: showPolicy(await policies.status(param("name"))) }),
  }),
  actRoute({
    kind: "freeze",
    summary: "Hold a route at what it has learned so far",
    body: nothing,
    read: () => ({ kind: "freeze" }),
  }),
  actRoute({
    kind: "unfreeze",
    summary: "Let what a route has learned since serve again",
    body: nothing,
    read: () => ({ kind: "unfreeze" }),
  }),
  actRoute({
    kind: "rollback",
    summary: "Hold a route at an earlier version of what it has learned",
    body: rollBackPolicyBody,
    read: ({ version }) => ({ kind: "rollback", version }),
  }),
  actRoute({
    kind: "promote",
    summary: "Let what is newest serve, for a share of the calls first where one is given",
    body: promotePolicyBody,
    read: ({ share, minCalls }) => ({ kind: "promote", canary: share === undefined ? undefined : { share, minCalls } }),
  }),
];
