import { defaultTenant } from "../core/default-tenant.ts";

export interface Team {
  readonly tenant: string;
  readonly team: string;
}

/**
 * The name that a team counts under: two tenants may have teams of the same name. `team` in the default tenant, which
 * is that of all who never heard of tenants; `tenant/team` elsewhere.
 */
export const teamSubject = ({ tenant, team }: Team): string =>
  tenant === defaultTenant && !team.includes("/") ? team : `${tenant}/${team}`;

/** The team that a subject stands for. */
const teamOf = (subject: string): Team => {
  const end = subject.indexOf("/");
  return end < 0
    ? { tenant: defaultTenant, team: subject }
    : { tenant: subject.slice(0, end), team: subject.slice(end + 1) };
};

/** Whether a rule's names are about the team of a subject: `team` is one of whatever tenant, `tenant/team` of that one. */
export const namesTeam = (names: ReadonlySet<string>, subject: string): boolean => {
  if (names.has(subject)) return true;
  const { tenant, team } = teamOf(subject);
  return names.has(team) || names.has(`${tenant}/${team}`);
};

/** The subject that a rule's name stands for by itself, without any call. */
export const subjectOfName = (name: string): string => teamSubject(teamOf(name));
