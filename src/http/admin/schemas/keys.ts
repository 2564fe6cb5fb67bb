import { z } from "zod";
import { windowNames } from "../../../core/key-scope.ts";
import type { KeyView, MadeKey } from "../../../core/ports/keys.ts";
import { priorities } from "../../../core/priority.ts";
import { profile, showProfile } from "./profile.ts";
import { listOf, named, showOptionalTime, showTime, time } from "./registry.ts";

const role = z
  .string()
  .min(1)
  .max(40)
  .describe("`viewer`, `developer`, `operator`, `admin`, or one of the configuration.");
const everywhere = z.boolean().describe("Whether it is the platform's own, so that its role holds for all tenants.");
const name = z.string().min(1).max(200);
const scope = (what: string) =>
  z.array(name).min(1).max(1_000).nullable().describe(`${what} that the key may use; null means all.`);

const amount = z.int().min(1).max(1_000_000_000_000);
const limit = named(
  "KeyLimit",
  z
    .strictObject({
      requests: amount.optional(),
      tokens: amount.optional(),
      concurrent: amount.optional(),
      per: z.enum(windowNames).optional().describe("The window of `requests` and `tokens`."),
    })
    .refine(({ requests, tokens, concurrent }) => (requests ?? tokens ?? concurrent) !== undefined, {
      error: "limits nothing; add requests, tokens or concurrent",
    })
    .refine(({ requests, tokens, per }) => ((requests ?? tokens) === undefined) === (per === undefined), {
      path: ["per"],
      error: "is required with requests and tokens, and means nothing without",
    }),
);
const scopeFields = {
  allowedAddresses: z
    .array(z.string().max(60))
    .max(100)
    .nullable()
    .describe("Addresses and ranges (`10.0.0.0/8`) that the key may be used from; null means all."),
  limits: z.array(limit).max(20).nullable().describe("Limits of the key's own, beside the configuration's rules."),
  profile: profile.nullable(),
  priority: z.enum(priorities).describe("Whose calls come first where a limit keeps a share for higher priorities."),
};
const moment = z.iso.datetime({ offset: true }).nullable().optional().describe("ISO 8601; null or absent: never.");

const key = z.strictObject({
  id: z.string(),
  name: z.string(),
  suffix: z.string().describe("The key's last four characters."),
  role,
  tenant: z.string(),
  everywhere,
  team: z.string().nullable(),
  userId: z.string().nullable(),
  routes: z.array(z.string()).nullable(),
  models: z.array(z.string()).nullable(),
  ...scopeFields,
  state: z.enum(["active", "expired", "revoked"]),
  createdAt: time,
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
  rotatedFrom: z.string().nullable().describe("Id of the key that this one replaced."),
  lastUsedAt: time.nullable().describe("To the minute."),
  revision: z.int().describe("Rises with each change; sent as ETag too."),
});

export const keyResponse = named("Key", key);
export const keyList = listOf("KeyList", keyResponse);
export const madeKeyResponse = named(
  "MadeKey",
  z.strictObject({ ...key.shape, key: z.string().describe("The key itself. It is shown this once.") }),
);

/** What is said of a key when it is made, and may be said anew. */
const changeable = {
  role: role.optional(),
  team: name.nullable().optional(),
  userId: name.nullable().optional(),
  routes: scope("Names of routes").optional(),
  models: scope("Names of models or targets").optional(),
  allowedAddresses: scopeFields.allowedAddresses.optional(),
  limits: scopeFields.limits.optional(),
  profile: scopeFields.profile.optional(),
  priority: scopeFields.priority.optional(),
  expiresAt: moment,
};

export const keyRequest = named(
  "KeyRequest",
  z.strictObject({
    name: z.string().min(1).max(100).describe("What the key is for."),
    tenant: name.optional(),
    everywhere: everywhere.optional(),
    ...changeable,
  }),
);

export const keyChange = named(
  "KeyChange",
  z.strictObject({ name: z.string().min(1).max(100).optional(), ...changeable }),
);

export const rotationRequest = named(
  "KeyRotationRequest",
  z.strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(31_536_000)
      .optional()
      .describe("How long the old key still works; 0 when absent."),
  }),
);

export const showKey = (record: KeyView): z.input<typeof keyResponse> => ({
  id: record.id,
  name: record.name,
  suffix: record.suffix,
  role: record.role,
  tenant: record.tenant,
  everywhere: record.everywhere,
  team: record.team,
  userId: record.userId,
  routes: record.routes === null ? null : [...record.routes],
  models: record.models === null ? null : [...record.models],
  allowedAddresses: record.allowedAddresses === null ? null : [...record.allowedAddresses],
  limits: record.limits === null ? null : [...record.limits],
  profile: showProfile(record.profile),
  priority: record.priority,
  state: record.state,
  createdAt: showTime(record.createdAt),
  expiresAt: showOptionalTime(record.expiresAt),
  revokedAt: showOptionalTime(record.revokedAt),
  rotatedFrom: record.rotatedFrom,
  lastUsedAt: showOptionalTime(record.lastUsedAt),
  revision: record.revision,
});

export const showMadeKey = (made: MadeKey): z.input<typeof madeKeyResponse> => ({
  ...showKey(made),
  key: made.key,
});
