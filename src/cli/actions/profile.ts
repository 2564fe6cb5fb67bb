/** How calls are to be routed, as flags of keys and of teams. */
export interface ProfileFlags {
  readonly denyModels?: readonly string[];
  readonly fixedModel?: string;
  readonly strategy?: string;
  /** False after `--no-routing`. */
  readonly routing?: boolean;
}

interface ShownProfile {
  readonly deniedModels?: unknown;
  readonly model?: unknown;
  readonly strategy?: unknown;
  readonly routing?: unknown;
}

/** The profile of flags; undefined where none of them was given. */
export const profileFrom = ({ denyModels, fixedModel, strategy, routing }: ProfileFlags): object | undefined => {
  const profile = {
    ...(denyModels === undefined ? {} : { deniedModels: denyModels }),
    ...(fixedModel === undefined ? {} : { model: fixedModel }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(routing === false ? { routing } : {}),
  };
  return Object.keys(profile).length === 0 ? undefined : profile;
};

export const hasProfileFlags = ({ denyModels, fixedModel, strategy, routing }: ProfileFlags): boolean =>
  [denyModels, fixedModel, strategy, routing].some((flag) => flag !== undefined);

/** A profile with the flags in the place of what it says; empty ones take that away. Null where nothing is left. */
export const changedProfile = (present: ShownProfile | null | undefined, flags: ProfileFlags): object | null => {
  const { denyModels, fixedModel, strategy, routing } = flags;
  const all = {
    deniedModels: denyModels ?? present?.deniedModels,
    model: fixedModel ?? present?.model,
    strategy: strategy ?? present?.strategy,
    routing: routing ?? present?.routing,
  };
  const isSaid = ([name, value]: [string, unknown]): boolean => {
    if (name === "routing") return value === false;
    return value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
  };
  const said = Object.entries(all).filter(isSaid);
  return said.length === 0 ? null : Object.fromEntries(said);
};
