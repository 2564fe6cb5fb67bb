import { z } from "zod";
import type { KeyView, MadeKey } from "../../../core/ports/keys.ts";
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
  state: z.enum(["active", "expired", "revoked"]),
  createdAt: time,
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
  rotatedFrom: z.string().nullable().describe("Id of the key that this one replaced."),
  lastUsedAt: time.nullable().describe("To the minute."),
});

export const keyResponse = named("Key", key);
export const keyList = listOf("KeyList", keyResponse);
export const madeKeyResponse = named(
  "MadeKey",
  z.strictObject({ ...key.shape, key: z.string().describe("The key itself. It is shown this once.") }),
);

export const keyRequest = named(
  "KeyRequest",
  z.strictObject({
    name: z.string().min(1).max(100).describe("What the key is for."),
    role: role.optional(),
    tenant: name.optional(),
    everywhere: everywhere.optional(),
    team: name.nullable().optional(),
    userId: name.nullable().optional(),
    routes: scope("Names of routes").optional(),
    models: scope("Names of models or targets").optional(),
    expiresAt: z.iso
      .datetime({ offset: true })
      .nullable()
      .optional()
      .describe("A moment, ISO 8601; null or absent: never."),
  }),
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
  state: record.state,
  createdAt: showTime(record.createdAt),
  expiresAt: showOptionalTime(record.expiresAt),
  revokedAt: showOptionalTime(record.revokedAt),
  rotatedFrom: record.rotatedFrom,
  lastUsedAt: showOptionalTime(record.lastUsedAt),
});

export const showMadeKey = (made: MadeKey): z.input<typeof madeKeyResponse> => ({
  ...showKey(made),
  key: made.key,
});
