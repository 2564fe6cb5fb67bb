import type { KeyProfile } from "../core/key-scope.ts";

type Profile = KeyProfile | null | undefined;

/**
 * What holds for a caller with both a team's profile and one of his own: the models that either denies are denied, and
 * what the team has fixed the caller has not. Undefined where neither is there.
 */
export const joinProfiles = (team: Profile, own: Profile): KeyProfile | undefined => {
  if (team === null || team === undefined) return own ?? undefined;
  if (own === null || own === undefined) return team;
  const denied = new Set([...(team.deniedModels ?? []), ...(own.deniedModels ?? [])]);
  const model = team.model ?? own.model;
  const strategy = team.strategy ?? own.strategy;
  const isUnrouted = team.routing === false || own.routing === false;
  return {
    ...(denied.size === 0 ? {} : { deniedModels: [...denied] }),
    ...(model === undefined ? {} : { model }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(isUnrouted ? { routing: false } : {}),
  };
};

/**
 * Whether a profile leaves nothing open that another closes. Denied models are compared to the letter: `vendor/name` may
 * be a model of that name or one of a provider, and to deny the one is not to deny the other.
 */
export const isAsStrictAs = (wanted: Profile, own: KeyProfile): boolean =>
  (own.deniedModels ?? []).every((name) => wanted?.deniedModels?.includes(name) === true) &&
  (own.model === undefined || wanted?.model === own.model) &&
  (own.strategy === undefined || wanted?.strategy === own.strategy) &&
  (own.routing !== false || wanted?.routing === false);
