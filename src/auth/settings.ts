import { z } from "zod";
import { parseAddressRange } from "../core/address-range.ts";
import { permissions } from "../core/permissions.ts";
import { builtInRoles } from "./roles.ts";

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
export const authSchema = z.strictObject({
  /** Own roles beside viewer, developer, operator and admin. */
  roles: rolesSchema,
  /** Proxies whose `X-Forwarded-For` counts for the addresses that keys may be used from. */
  trustedProxies: z.array(addressRange).max(100).default([]),
});
export type AuthSettings = z.output<typeof authSchema>;
