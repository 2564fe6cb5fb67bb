import { z } from "zod";

/** The `discovery` key: where providers are looked for beside the configuration. */
export const discoverySchema = z.strictObject({
  /** Keys in their customary environment variables. */
  environment: z.boolean().default(true),
  /** Model servers on their customary local ports. */
  local: z.boolean().default(true),
  /** How often local servers are looked for again, and every provider's list of models is read. */
  intervalMilliseconds: z.number().int().min(1_000).max(86_400_000).default(30_000),
  /** The built-in provider that answers without a model. */
  mock: z.boolean().default(true),
});
export type DiscoverySettings = z.output<typeof discoverySchema>;
