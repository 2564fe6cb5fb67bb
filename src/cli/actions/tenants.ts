import { z } from "zod";
import { wrongUsage } from "../cli-error.ts";
import type { ApiClient } from "../connect.ts";
import type { CliContext } from "../context.ts";
import { request, segment } from "../request.ts";
import { confirmRemoval } from "./confirm.ts";
import { changedProfile, hasProfileFlags, type ProfileFlags, profileFrom } from "./profile.ts";

const named = z.looseObject({ id: z.string(), name: z.string(), revision: z.number(), createdAt: z.string() });
const userSchema = named.extend({
  email: z.string().nullish(),
  externalId: z.string().nullish(),
  role: z.string().nullish(),
  teams: z.array(z.string()).catch([]),
});
const teamSchema = named.extend({ profile: z.looseObject({}).nullish() });
type Named = z.output<typeof named>;
type Team = z.output<typeof teamSchema>;

interface TenantFlag {
  readonly tenant?: string;
}

const base = "/admin/v1/tenants";
const teamsOf = (tenant: string): string => `${base}/${segment(tenant)}/teams`;
const usersOf = (tenant: string): string => `${base}/${segment(tenant)}/users`;

/** All pages of a list. */
const fetchAll = async <Item extends z.ZodType>(
  client: ApiClient,
  { path, item }: { readonly path: string; readonly item: Item },
): Promise<z.output<Item>[]> => {
  const schema = z.object({ data: z.array(item), next: z.string().nullish() });
  const all: z.output<Item>[] = [];
  let after: string | undefined;
  do {
    const page = await request(client, { path, query: { limit: 500, after }, schema });
    all.push(...page.data);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return all;
};

/** The tenant that was named; else the only one that the caller sees, or the platform's own. */
const tenantOf = async (client: ApiClient, { tenant }: TenantFlag): Promise<string> => {
  if (tenant !== undefined) return tenant;
  const [first, ...others] = await fetchAll(client, { path: base, item: named });
  return first !== undefined && others.length === 0 ? first.id : "default";
};

const showNamed = ({ print, table }: CliContext, what: string, entries: readonly Named[]): void =>
  print({ data: entries }, () =>
    table({
      columns: [{ title: "ID", rigid: true }, { title: "NAME" }, { title: "CREATED" }],
      rows: entries.map(({ id, name, createdAt }) => [id, name, createdAt.slice(0, 10)]),
      empty: `No ${what}s yet. Create one with \`intellirouter ${what}s create\`.`,
    }),
  );

const create = async (
  context: CliContext,
  { path, body, what }: { path: (client: ApiClient) => Promise<string>; body: object; what: string },
): Promise<void> => {
  const made = await context.withClient(async (client) =>
    request(client, { method: "POST", path: await path(client), body, schema: named }),
  );
  context.print(made, () => `Created the ${what} '${made.name}' (${made.id}).\n`);
};

/** Changes what is there at this moment, and nothing that somebody else changes meanwhile. */
const change = async (
  context: CliContext,
  { path, body, what }: { path: (client: ApiClient) => Promise<string>; body: (present: Team) => object; what: string },
): Promise<void> => {
  const changed = await context.withClient(async (client) => {
    const address = await path(client);
    const present = await request(client, { path: address, schema: teamSchema });
    const asked = { method: "PATCH", path: address, body: body(present), ifRevision: present.revision } as const;
    return request(client, { ...asked, schema: named });
  });
  context.print(changed, () => `Changed the ${what} '${changed.name}' (${changed.id}).\n`);
};

const remove = async (
  context: CliContext,
  given: { path: (client: ApiClient) => Promise<string>; id: string; what: string; yes: boolean | undefined },
): Promise<void> => {
  const { path, id, what, yes } = given;
  await confirmRemoval(context, { yes, question: `Delete the ${what} '${id}'? It cannot be undone.` });
  await context.withClient(async (client) =>
    request(client, { method: "DELETE", path: await path(client), schema: z.null() }),
  );
  context.print({ id, deleted: true }, () => `Deleted the ${what} '${id}'.\n`);
};

const tenantPath = (id: string) => async (): Promise<string> => `${base}/${segment(id)}`;
const teamPath = (id: string, flags: TenantFlag) => async (client: ApiClient) =>
  `${teamsOf(await tenantOf(client, flags))}/${segment(id)}`;
const userPath = (id: string, flags: TenantFlag) => async (client: ApiClient) =>
  `${usersOf(await tenantOf(client, flags))}/${segment(id)}`;

interface NameFlag {
  readonly name?: string;
}
interface YesFlag {
  readonly yes?: boolean;
}

export const listTenants = async (context: CliContext): Promise<void> =>
  showNamed(context, "tenant", await context.withClient((client) => fetchAll(client, { path: base, item: named })));

export const createTenant = (context: CliContext, id: string, { name }: NameFlag): Promise<void> =>
  create(context, { path: async () => base, body: { id, name }, what: "tenant" });

export const renameTenant = (context: CliContext, id: string, name: string): Promise<void> =>
  change(context, { path: tenantPath(id), body: () => ({ name }), what: "tenant" });

export const deleteTenant = (context: CliContext, id: string, { yes }: YesFlag): Promise<void> =>
  remove(context, { path: tenantPath(id), id, what: "tenant", yes });

export const listTeams = async (context: CliContext, flags: TenantFlag): Promise<void> =>
  showNamed(
    context,
    "team",
    await context.withClient(async (client) =>
      fetchAll(client, { path: teamsOf(await tenantOf(client, flags)), item: named }),
    ),
  );

export interface TeamFlags extends NameFlag, TenantFlag, ProfileFlags {}

export const createTeam = (context: CliContext, id: string, flags: TeamFlags): Promise<void> =>
  create(context, {
    path: async (client) => teamsOf(await tenantOf(client, flags)),
    body: { id, name: flags.name, profile: profileFrom(flags) },
    what: "team",
  });

export const renameTeam = (context: CliContext, id: string, flags: NameFlag & TenantFlag): Promise<void> =>
  change(context, { path: teamPath(id, flags), body: () => ({ name: flags.name }), what: "team" });

export const updateTeam = (context: CliContext, id: string, flags: TeamFlags): Promise<void> => {
  const { name } = flags;
  const hasProfile = hasProfileFlags(flags);
  if (name === undefined && !hasProfile)
    throw wrongUsage("Nothing to change: give --name, --deny-models, --fixed-model, --strategy or --no-routing.");
  const body = ({ profile }: Team) => ({ name, ...(hasProfile ? { profile: changedProfile(profile, flags) } : {}) });
  return change(context, { path: teamPath(id, flags), body, what: "team" });
};

export const deleteTeam = (context: CliContext, id: string, flags: YesFlag & TenantFlag): Promise<void> =>
  remove(context, { path: teamPath(id, flags), id, what: "team", yes: flags.yes });

export const listUsers = async (context: CliContext, flags: TenantFlag): Promise<void> => {
  const users = await context.withClient(async (client) =>
    fetchAll(client, { path: usersOf(await tenantOf(client, flags)), item: userSchema }),
  );
  context.print({ data: users }, () =>
    context.table({
      columns: ["ID", "NAME", "EMAIL", "EXTERNAL ID", "ROLE", "TEAMS"].map((title) =>
        title === "ID" ? { title, rigid: true } : { title },
      ),
      rows: users.map(({ id, name, email, externalId, role, teams }) => [
        ...[id, name, email ?? "–", externalId ?? "–", role ?? "–"],
        teams.join(", ") || "–",
      ]),
      empty: "No users yet. Create one with `intellirouter users create NAME`.",
    }),
  );
};

export interface UserFlags extends NameFlag, TenantFlag {
  readonly email?: string;
  readonly externalId?: string;
  readonly role?: string;
  readonly teams?: readonly string[];
}

export const createUser = (context: CliContext, name: string, flags: UserFlags): Promise<void> => {
  const { email, externalId, role, teams } = flags;
  return create(context, {
    path: async (client) => usersOf(await tenantOf(client, flags)),
    body: { name, email, externalId, role, teams },
    what: "user",
  });
};

/** An empty text takes the present one away. */
const orNone = (text: string | undefined): string | null | undefined => (text === "" ? null : text);

export const updateUser = (context: CliContext, id: string, flags: UserFlags): Promise<void> => {
  const { name, teams } = flags;
  const [email, externalId, role] = [orNone(flags.email), orNone(flags.externalId), orNone(flags.role)];
  const body = { name, email, externalId, role, teams };
  if (Object.values(body).every((value) => value === undefined))
    throw wrongUsage("Nothing to change: give --name, --email, --external-id, --role or --teams.");
  return change(context, { path: userPath(id, flags), body: () => body, what: "user" });
};

export const deleteUser = (context: CliContext, id: string, flags: YesFlag & TenantFlag): Promise<void> =>
  remove(context, { path: userPath(id, flags), id, what: "user", yes: flags.yes });
