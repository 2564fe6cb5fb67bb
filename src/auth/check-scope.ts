import { type AddressRange, holds, parseAddressRange } from "../core/address-range.ts";
import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import type { KeyLimit, KeyScope } from "../core/key-scope.ts";
import { isHigher, usualPriority } from "../core/priority.ts";
import { isAsStrictAs } from "./join-profiles.ts";

const refuse = (param: string, reason: string): never => {
  throw new GatewayError("permission_denied", `A key cannot give what it does not have: ${reason}.`, { param });
};

/** Ranges as they were checked when the key was made; what cannot be read holds nothing. */
export const rangesOf = (texts: readonly string[]): readonly AddressRange[] =>
  texts.flatMap((text) => parseAddressRange(text) ?? []);

const checkRoutesAndModels = ({ routes, models }: Caller, wanted: KeyScope): void => {
  if (routes !== null && (wanted.routes === null || !wanted.routes.every((name) => routes.has(name))))
    refuse("routes", "name routes that your own key may use");
  // By the same names: `meta/llama` may be a target of the model `llama`, and another model of that very name as well.
  if (models !== null && (wanted.models === null || !wanted.models.every((name) => models.has(name))))
    refuse("models", "name models that your own key may use");
  // A key for routes alone reaches no model directly; naming one would let it.
  if (models === null && routes !== null && wanted.models !== null)
    refuse("models", "your own key uses models through its routes only");
};

const isAsStrict = (own: KeyLimit, wanted: KeyLimit): boolean =>
  (own.per === undefined || own.per === wanted.per) &&
  (["requests", "tokens", "concurrent"] as const).every(
    (amount) => own[amount] === undefined || (wanted[amount] ?? Number.POSITIVE_INFINITY) <= own[amount],
  );

/** Throws `permission_denied` where a scope, with what its team adds to it, leaves more open than the caller's own. */
export const checkScopeWithin = (caller: Caller, wanted: KeyScope): void => {
  checkRoutesAndModels(caller, wanted);
  const { allowedAddresses, limits, profile, priority = usualPriority } = caller;
  // What priorities share is the platform's.
  if (!caller.everywhere && isHigher(wanted.priority, priority))
    refuse("priority", `the highest that your own key may give is '${priority}'`);
  if (allowedAddresses !== undefined) {
    const own = rangesOf(allowedAddresses);
    const isWithin = (range: AddressRange): boolean => own.some((one) => holds(one, range));
    if (wanted.allowedAddresses === null || !rangesOf(wanted.allowedAddresses).every(isWithin))
      refuse("allowedAddresses", "name addresses that your own key may be used from");
  }
  for (const own of limits ?? [])
    if (!(wanted.limits ?? []).some((one) => isAsStrict(own, one)))
      refuse("limits", "set limits that are at least as strict as those of your own key");
  if (profile !== undefined && !isAsStrictAs(wanted.profile, profile))
    refuse("profile", "you have a profile, and what it fixes and denies, keys that you make must fix and deny too");
};
