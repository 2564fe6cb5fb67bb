import { GatewayError } from "../core/errors.ts";
import type { KeyProfile } from "../core/key-scope.ts";

/** Throws `invalid_value` where a profile names a strategy that there is not. */
export const checkStrategy = (profile: KeyProfile | null | undefined, strategies: readonly string[]): void => {
  const strategy = profile?.strategy;
  if (strategy === undefined || strategies.includes(strategy)) return;
  throw new GatewayError(
    "invalid_value",
    `Invalid value for 'profile.strategy': there is no such strategy. There are ${strategies.join(", ")}.`,
    { param: "profile.strategy" },
  );
};
