import { z } from "zod";
import type { CliContext } from "../context.ts";
import { listOf, request } from "../request.ts";

const roleSchema = z.looseObject({ name: z.string(), permissions: z.array(z.string()) });

export const listRoles = async ({ withClient, print, table }: CliContext): Promise<void> => {
  const roles = await withClient((client) => request(client, { path: "/admin/v1/roles", schema: listOf(roleSchema) }));
  print({ data: roles }, () =>
    table({
      columns: [{ title: "ROLE", rigid: true }, { title: "MAY" }],
      rows: roles.map(({ name, permissions }) => [name, permissions.join(", ")]),
      empty: "There are no roles.",
    }),
  );
};
