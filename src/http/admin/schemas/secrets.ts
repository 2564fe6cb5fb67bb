import { z } from "zod";
import { named } from "./registry.ts";

const masterKey = z.string().describe("The id of the newest master key: it names the key and tells nothing of it.");

export const secretsResponse = named(
  "Secrets",
  z.strictObject({
    masterKey,
    source: z.enum(["environment", "file"]).describe("Where the master key comes from."),
    providers: z.array(z.string()).describe("The providers whose credentials are encrypted with it."),
  }),
);

export const rotateSecretsResponse = named(
  "SecretsRotation",
  z.strictObject({ masterKey, secrets: z.int().describe("How many credentials were brought under it.") }),
);
