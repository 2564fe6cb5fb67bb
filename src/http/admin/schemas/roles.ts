import { z } from "zod";
import { permissions } from "../../../core/permissions.ts";
import { listOf, named } from "./registry.ts";

export const roleList = listOf(
  "RoleList",
  named("Role", z.strictObject({ name: z.string(), permissions: z.array(z.enum(permissions)) })),
);
