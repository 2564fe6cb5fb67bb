import { z } from "zod";
import type { DirectoryEntry } from "../../../core/ports/directory-store.ts";
import { profile, showProfile } from "./profile.ts";
import { named, showTime, time } from "./registry.ts";

const newId = z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, {
  error: "expected up to 63 small letters, digits, dots, dashes or underscores, beginning with a letter or digit",
});
const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}+$/u, { error: "control characters are not allowed" });
const email = z.email().max(320);
const externalId = name.describe("How an identity provider names the user.");
const role = z
  .string()
  .min(1)
  .max(40)
  .describe("What the user may within the tenant, where a token says nothing of it.");
const teams = z.array(z.string().min(1).max(200)).max(100).describe("Ids of teams of the tenant.");
const revision = z.int().describe("Rises with each change; sent as ETag too.");

const standing = { revision, createdAt: time, updatedAt: time };
const next = z.string().nullable().describe("Give it as `after` for the page that follows; null where there is none.");
const pageOf = <Item extends z.ZodType>(id: string, item: Item) =>
  named(id, z.strictObject({ data: z.array(item), next }));

export const directoryQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  after: z.string().max(300).optional().describe("What an earlier page gave as `next`."),
});

export const tenantResponse = named("Tenant", z.strictObject({ id: z.string(), name, ...standing }));
export const tenantList = pageOf("TenantList", tenantResponse);
export const tenantRequest = named("TenantRequest", z.strictObject({ id: newId, name: name.optional() }));
export const tenantChange = named("TenantChange", z.strictObject({ name: name.optional() }));

const teamProfile = profile
  .nullable()
  .describe("Holds for the calls of the team's keys and members, beside what a key says itself.");
export const teamResponse = named(
  "Team",
  z.strictObject({ id: z.string(), tenant: z.string(), name, profile: teamProfile, ...standing }),
);
export const teamList = pageOf("TeamList", teamResponse);
export const teamRequest = named(
  "TeamRequest",
  z.strictObject({ id: newId, name: name.optional(), profile: teamProfile.optional() }),
);
export const teamChange = named(
  "TeamChange",
  z.strictObject({ name: name.optional(), profile: teamProfile.optional() }),
);

const optionalUserFields = {
  email: email.nullable().optional(),
  externalId: externalId.nullable().optional(),
  role: role.nullable().optional(),
  teams: teams.optional(),
};
export const userResponse = named(
  "User",
  z.strictObject({
    ...{ id: z.string(), tenant: z.string(), name, email: email.nullable(), externalId: externalId.nullable() },
    ...{ role: role.nullable(), teams, ...standing },
  }),
);
export const userList = pageOf("UserList", userResponse);
export const userRequest = named("UserRequest", z.strictObject({ name, ...optionalUserFields }));
export const userChange = named("UserChange", z.strictObject({ name: name.optional(), ...optionalUserFields }));

const showStanding = ({ revision: now, createdAt, updatedAt }: DirectoryEntry<"tenant" | "team" | "user">) => ({
  revision: now,
  createdAt: showTime(createdAt),
  updatedAt: showTime(updatedAt),
});

export const showTenant = (entry: DirectoryEntry<"tenant">): z.input<typeof tenantResponse> => ({
  id: entry.id,
  name: entry.fields.name,
  ...showStanding(entry),
});

export const showTeam = (entry: DirectoryEntry<"team">): z.input<typeof teamResponse> => ({
  id: entry.id,
  tenant: entry.tenant,
  name: entry.fields.name,
  profile: showProfile(entry.fields.profile),
  ...showStanding(entry),
});

export const showUser = (entry: DirectoryEntry<"user">): z.input<typeof userResponse> => {
  const { name: shown, email: mail, externalId: outside, role: may, teams: of } = entry.fields;
  return {
    ...{ id: entry.id, tenant: entry.tenant, name: shown, email: mail, externalId: outside, role: may },
    teams: [...of],
    ...showStanding(entry),
  };
};
