import { hash } from "node:crypto";
import type { Caller, Role } from "../core/caller.ts";
import { defaultTenant } from "../core/default-tenant.ts";
import type { Permission, Permissions } from "../core/permissions.ts";
import type { DirectoryStore } from "../core/ports/directory-store.ts";
import { toPriority } from "../core/priority.ts";
import { nameAt, namesAt } from "./token-claims.ts";
import type { IssuerSettings } from "./token-settings.ts";

export interface TokenCallerParts {
  readonly settings: IssuerSettings;
  readonly roles: ReadonlyMap<Role, Permissions>;
  readonly directory: Pick<DirectoryStore, "find" | "userByExternalId">;
}

type Claims = Readonly<Record<string, unknown>>;

const longestId = 120;

/** Who calls, for the ledger, limits and the audit log: the same for each token of one person. */
const callerId = (issuer: string, subject: string): string => {
  const name = `jwt:${issuer}#${subject}`;
  return name.length <= longestId && /^[\x21-\x7e]+$/.test(name) ? name : `jwt:${hash("sha256", name, "hex")}`;
};

const unionOf = (roles: ReadonlyMap<Role, Permissions>, names: readonly Role[]): Permissions =>
  new Set(names.flatMap((name): readonly Permission[] => [...(roles.get(name) ?? [])]));

const tenantOf = (claims: Claims, { claims: paths, defaults }: IssuerSettings): string | undefined => {
  const named = nameAt(claims, paths.tenant);
  if (named !== undefined) return named;
  // A token that should name its tenant and does not gets one only where the configuration says which.
  return defaults.tenant ?? (paths.tenant === undefined ? defaultTenant : undefined);
};

/**
 * The caller whom a verified token stands for; undefined where it names no subject, or a tenant or team that is not
 * there. Its role is the token's; else that of the user whom the directory knows by the same name; else the default.
 */
export const tokenCaller = async (
  claims: Claims,
  { settings, roles, directory }: TokenCallerParts,
): Promise<Caller | undefined> => {
  const { claims: paths, defaults } = settings;
  const subject = nameAt(claims, paths.user);
  const tenant = tenantOf(claims, settings);
  if (subject === undefined || tenant === undefined) return undefined;
  const team = nameAt(claims, paths.team) ?? defaults.team ?? null;
  if ((await directory.find("tenant", { tenant, id: tenant })) === undefined) return undefined;
  const found = team === null ? undefined : await directory.find("team", { tenant, id: team });
  if (team !== null && found === undefined) return undefined;
  const profile = found?.fields.profile ?? undefined;
  const user = await directory.userByExternalId(tenant, subject);
  const named = namesAt(claims, paths.role).filter((role) => roles.has(role));
  const other = user?.fields.role ?? defaults.role;
  const names = named.length > 0 || other === undefined ? named : [other];
  const priority = toPriority(nameAt(claims, paths.priority)) ?? defaults.priority;
  return {
    ...{ tenant, team, keyId: callerId(settings.issuer, subject), userId: user?.id ?? null },
    ...{ role: names.join("+") || "none", permissions: unionOf(roles, names) },
    everywhere: settings.platform && tenant === defaultTenant,
    routes: null,
    models: null,
    ...(priority === undefined ? {} : { priority }),
    ...(profile === undefined ? {} : { profile }),
  };
};
