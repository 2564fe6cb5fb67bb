import { z } from "zod";
import { GatewayError } from "../../../core/errors.ts";
import { readPeriod } from "../read-period.ts";
import { defineRoute } from "../route.ts";
import { experimentList, experimentReport, showExperimentReport } from "../schemas/experiments.ts";
import { withinTenant } from "../within-tenant.ts";

const tag = "experiments";

const periodQuery = z.strictObject({
  since: z.string().optional().describe("Only calls that began then or later: a moment, or `7d`."),
  until: z.string().optional().describe("Only calls that began before."),
});

export const experimentRoutes = [
  defineRoute({
    method: "get",
    path: "/experiments",
    operationId: "listExperiments",
    tag,
    summary: "List experiments with their arms, and shadows with what they came to",
    status: 200,
    response: experimentList,
    errors: ["storage_unavailable"],
    handle: async ({ caller }, { experiments }) => ({
      value: {
        data: experiments
          .list()
          .map((one) => ({ ...one, arms: one.arms.map((arm) => ({ ...arm, changes: [...arm.changes] })) })),
        shadows: caller.everywhere ? [...(await experiments.shadows())] : [],
      },
    }),
  }),
  defineRoute({
    method: "get",
    path: "/experiments/{name}",
    operationId: "showExperiment",
    tag,
    summary: "Show what an experiment came to: estimates, differences, verdict; it may be looked at any time",
    status: 200,
    query: periodQuery,
    response: experimentReport,
    errors: ["not_found", "storage_unavailable"],
    handle: async ({ param, query, caller }, { experiments, clock }) => {
      const period = readPeriod(query, clock.wall());
      const report = await experiments.report(param("name"), {
        ...(period.since === null ? {} : { since: period.since }),
        ...(period.until === null ? {} : { until: period.until }),
        ...withinTenant(caller),
      });
      if (report !== undefined) return { value: showExperimentReport(report, period) };
      throw new GatewayError("not_found", "There is no experiment of this name in the configuration.");
    },
  }),
];
