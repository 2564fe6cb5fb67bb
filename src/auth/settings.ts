import { z } from "zod";
import { parseAddressRange } from "../core/address-range.ts";
import { permissions } from "../core/permissions.ts";
import { builtInRoles } from "./roles.ts";
import { issuersSchema } from "./token-settings.ts";

const roleName = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, {
  error: "expected up to 40 small letters, digits, dashes or underscores, beginning with a letter",
});

const roleSchema = z.strictObject({
  permissions: z.array(z.enum(permissions)).min(1),
});

const rolesSchema = z
  .record(roleName, roleSchema)
  .superRefine((roles, context) => {
    for (const name of Object.keys(roles))
      if (builtInRoles.has(name))
        context.addIssue({
          code: "custom",
          path: [name],
          message: "is a role of the program itself and stays as it is; choose another name",
        });
  })
  .default({});

const addressRange = z.string().refine((text) => parseAddressRange(text) !== undefined, {
  error: "expected an address or a range such as 10.0.0.0/8 or 2001:db8::/32",
});

/** The `auth` key. */
export const authSchema = z
  .strictObject({
    /** Own roles beside viewer, developer, operator and admin. */
    roles: rolesSchema,
    /** Proxies whose `X-Forwarded-For` counts for the addresses that keys may be used from. */
    trustedProxies: z.array(addressRange).max(100).default([]),
    /** Who else's word counts: tokens of these issuers are taken beside keys. */
    jwt: issuersSchema,
    /** Failures to authenticate within a minute, before further ones are answered late and with 429. */
    guessing: z
      .strictObject({
        perAddress: z.number().int().min(1).max(1_000_000).default(20),
        inAll: z.number().int().min(1).max(1_000_000).default(1_000),
      })
      .prefault({}),
  })
  .superRefine(({ roles, jwt }, context) => {
    for (const [index, { defaults }] of jwt.entries()) {
      const { role } = defaults;
      if (role === undefined || builtInRoles.has(role) || Object.hasOwn(roles, role)) continue;
      context.addIssue({
        code: "custom",
        path: ["jwt", index, "defaults", "role"],
        message: `there is no role '${role}'`,
      });
    }
  });
export type AuthSettings = z.output<typeof authSchema>;
