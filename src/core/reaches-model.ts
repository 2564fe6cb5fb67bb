import type { Caller } from "./caller.ts";
import type { Target } from "./model.ts";

/** Whether a caller's key lets it use a target's model: named among its models, and not denied by its profile. */
export const reachesModel = ({ models, profile }: Caller, { id, model }: Pick<Target, "id" | "model">): boolean => {
  if (models !== null && !models.has(id) && !models.has(model)) return false;
  const denied = profile?.deniedModels;
  return denied === undefined || !(denied.includes(id) || denied.includes(model));
};
