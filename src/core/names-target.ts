import type { Target } from "./model.ts";

/** Whether a name stands for a target: its id, its model's name, or `provider/*`. */
export const namesTarget = (
  name: string,
  { id, model, provider }: Pick<Target, "id" | "model" | "provider">,
): boolean =>
  name === id ||
  name === model ||
  (name.length === provider.length + 2 && name.endsWith("/*") && name.startsWith(provider));

/** Whether one of the names stands for a target. */
export const namesAnyTarget = (names: readonly string[], target: Pick<Target, "id" | "model" | "provider">): boolean =>
  names.some((name) => namesTarget(name, target));
