import { GatewayError } from "../../../core/errors.ts";
import { configurationFields } from "../audited-object.ts";
import { defineRoute } from "../route.ts";
import { showTime } from "../schemas/registry.ts";
import { configurationResponse, reloadResponse, routeList, statusResponse } from "../schemas/system.ts";

const tag = "system";

export const systemRoutes = [
  defineRoute({
    method: "get",
    path: "/routes",
    operationId: "listRoutes",
    tag,
    summary: "List the routes: names that clients may send as model",
    status: 200,
    response: routeList,
    errors: [],
    handle: async (_, { registry }) => ({
      value: {
        data: registry.routes().map(({ name, kind, strategy, targets }) => ({
          name,
          kind,
          strategy,
          targets: targets.map(({ id, weight }) => ({ id, weight })),
        })),
      },
    }),
  }),
  defineRoute({
    method: "get",
    path: "/config",
    operationId: "explainConfiguration",
    tag,
    summary: "Show every value of the configuration and where it came from",
    status: 200,
    response: configurationResponse,
    errors: [],
    handle: async (_, dependencies) => ({
      value: {
        data: dependencies.configuration().map(({ path, value, source, reference }) => ({
          path,
          value,
          source,
          reference: reference ?? null,
        })),
      },
    }),
  }),
  defineRoute({
    method: "post",
    path: "/reload",
    operationId: "reloadConfiguration",
    tag,
    summary: "Read the configuration again; where it is wrong, the former one stays in use",
    status: 200,
    audit: {
      action: "configuration.reload",
      order: "ahead",
      object: () => ({ kind: "configuration", id: null }),
    },
    response: reloadResponse,
    errors: ["invalid_configuration"],
    handle: async ({ act }, dependencies) => {
      const before = configurationFields(dependencies.configuration());
      const result = await dependencies.reload();
      act.note({ before, after: configurationFields(dependencies.configuration()) });
      if (result.ok) return { value: { changed: result.changed } };
      throw new GatewayError(
        "invalid_configuration",
        `The configuration has errors and was not taken; the former one stays in use. ${result.problems.join(" ")}`,
      );
    },
  }),
  defineRoute({
    method: "get",
    path: "/status",
    operationId: "showStatus",
    tag,
    summary: "Show how the gateway is doing",
    status: 200,
    response: statusResponse,
    errors: [],
    handle: async (_, dependencies) => {
      const { version, startedAt, uptimeSeconds, address, providers, callsInFlight } = await dependencies.status();
      return {
        value: {
          version,
          startedAt: showTime(startedAt),
          uptimeSeconds,
          address,
          providers: providers.map(({ name, reachable }) => ({ name, reachable })),
          callsInFlight,
        },
      };
    },
  }),
];
