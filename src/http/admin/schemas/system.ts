import { z } from "zod";
import { listOf, named, time } from "./registry.ts";

export const routeList = listOf(
  "RouteList",
  named(
    "Route",
    z.strictObject({
      name: z.string(),
      kind: z.enum(["declared", "implicit"]),
      strategy: z.string(),
      targets: z.array(z.strictObject({ id: z.string(), weight: z.number() })),
    }),
  ),
);

export const configurationResponse = listOf(
  "Configuration",
  named(
    "ConfigurationEntry",
    z.strictObject({
      path: z.string(),
      value: z.unknown().describe("Secrets read `[secret]`."),
      source: z.string().describe("The flag, variable or file and line that set it, or `default`."),
      reference: z.string().nullable().describe("Where a secret is fetched from, such as `env:OPENAI_API_KEY`."),
    }),
  ),
);

export const reloadResponse = named(
  "Reload",
  z.strictObject({ changed: z.boolean().describe("Whether the configuration differs from the former one.") }),
);

export const statusResponse = named(
  "Status",
  z.strictObject({
    version: z.string(),
    startedAt: time,
    uptimeSeconds: z.number(),
    address: z.string(),
    providers: z.array(
      z.strictObject({
        name: z.string(),
        reachable: z.boolean().nullable().describe("Null where nothing is known yet."),
      }),
    ),
    callsInFlight: z.int(),
  }),
);
