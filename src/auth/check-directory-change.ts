import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import type { TeamFields, UserFields } from "../core/ports/directory-store.ts";
import { isAsStrictAs } from "./join-profiles.ts";

const refuse = (param: string, reason: string): never => {
  throw new GatewayError("permission_denied", `${reason}.`, { param });
};

/** What is there before and after a change; before it is made, nothing is. */
interface Change<Fields> {
  readonly before: Fields | undefined;
  readonly after: Fields;
}

/**
 * Throws `permission_denied` where who has a profile himself would make a team that leaves more open, or open one: he
 * might be one of it, or come to be.
 */
export const checkTeamChange = ({ profile }: Caller, { before, after }: Change<TeamFields>): void => {
  if (profile === undefined) return;
  const isSame = JSON.stringify(before?.profile ?? null) === JSON.stringify(after.profile ?? null);
  if (before !== undefined && isSame) return;
  for (const team of before === undefined ? [after] : [before, after])
    if (!isAsStrictAs(team.profile, profile))
      refuse("profile", "You have a profile, and teams whose profile you give or change must fix and deny the same");
};

const isBound = ({ routes, models, allowedAddresses, limits, profile }: Caller): boolean =>
  routes !== null || models !== null || (allowedAddresses ?? limits ?? profile) !== undefined;

/**
 * Throws `permission_denied` where who is bound to something would give a role to a user, or a user with a role to
 * somebody else: of a user's own tokens nothing of it is asked.
 */
export const checkUserChange = (caller: Caller, { before, after }: Change<UserFields>): void => {
  if (after.role === null || !isBound(caller)) return;
  if (before?.role === after.role && before.externalId === after.externalId) return;
  refuse("role", "Who is bound to routes, models, addresses, limits or a profile gives no roles to users");
};
