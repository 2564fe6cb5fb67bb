import type { TeamFields, UserFields } from "../../../core/ports/directory-store.ts";
import {
  showTeam,
  showTenant,
  showUser,
  teamChange,
  teamList,
  teamRequest,
  teamResponse,
  tenantChange,
  tenantList,
  tenantRequest,
  tenantResponse,
  userChange,
  userList,
  userRequest,
  userResponse,
} from "../schemas/directory.ts";
import { directoryRoutes } from "./directory.ts";

/** The fields that were sent, so that absent ones stay as they are. */
const given = <Fields extends object>(fields: { readonly [Key in keyof Fields]?: Fields[Key] | undefined }) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;

const nameOf = ({ id, name }: { readonly id: string; readonly name?: string | undefined }) => ({
  id,
  fields: { name: name ?? id },
});

const nobody: Omit<UserFields, "name"> = { email: null, externalId: null, role: null, teams: [] };

/** Tenants, and below each its teams and its users. */
export const tenantRoutes = [
  ...directoryRoutes({
    kind: "tenant",
    paths: { all: "/tenants", one: "/tenants/{tenant}" },
    names: { one: "Tenant", all: "Tenants" },
    schemas: { one: tenantResponse, list: tenantList, request: tenantRequest, change: tenantChange },
    show: showTenant,
    read: nameOf,
    readChange: given,
  }),
  ...directoryRoutes({
    kind: "team",
    paths: { all: "/tenants/{tenant}/teams", one: "/tenants/{tenant}/teams/{team}" },
    names: { one: "Team", all: "Teams" },
    schemas: { one: teamResponse, list: teamList, request: teamRequest, change: teamChange },
    show: showTeam,
    read: ({ id, name, profile }) => ({ id, fields: { name: name ?? id, ...(profile && { profile }) } }),
    readChange: given<TeamFields>,
  }),
  ...directoryRoutes({
    kind: "user",
    paths: { all: "/tenants/{tenant}/users", one: "/tenants/{tenant}/users/{user}" },
    names: { one: "User", all: "Users" },
    schemas: { one: userResponse, list: userList, request: userRequest, change: userChange },
    show: showUser,
    read: (body) => ({ fields: { name: body.name, ...nobody, ...given<UserFields>(body) } }),
    readChange: given<UserFields>,
  }),
];
