import { permissions } from "../../../core/permissions.ts";
import { defineRoute } from "../route.ts";
import { roleList } from "../schemas/roles.ts";

export const roleRoutes = [
  defineRoute({
    method: "get",
    path: "/roles",
    operationId: "listRoles",
    tag: "keys",
    summary: "List the roles that keys may have, with what each may",
    status: 200,
    response: roleList,
    errors: [],
    handle: async (_, { roles }) => ({
      value: {
        data: [...roles()].map(([name, may]) => ({ name, permissions: permissions.filter((one) => may.has(one)) })),
      },
    }),
  }),
];
