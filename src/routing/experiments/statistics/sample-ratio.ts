import { logGamma } from "./log-gamma.ts";

/** An arm's share as configured, above 0, and how many units it got. */
export interface AssignedShare {
  readonly weight: number;
  readonly units: number;
}

/** How closely the alternative keeps to the configured shares: as after so many units. */
const concentration = 100;

/**
 * The p-value, at whatever look, of units being assigned as the weights say: a low one tells that something is wrong with
 * the assignment or its records, so that no comparison can be trusted. The mixture is a Dirichlet distribution around
 * the configured shares (M. Lindon and A. Malek, "Anytime-valid inference for multinomial count data", 2022).
 */
export const sampleRatioPValue = (shares: readonly AssignedShare[]): number => {
  const weights = shares.reduce((sum, { weight }) => sum + weight, 0);
  const units = shares.reduce((sum, share) => sum + share.units, 0);
  let logWealth = logGamma(concentration) - logGamma(concentration + units);
  for (const { weight, units: own } of shares) {
    const share = weight / weights;
    const base = concentration * share;
    logWealth += logGamma(base + own) - logGamma(base) - own * Math.log(share);
  }
  return Math.min(1, Math.exp(-logWealth));
};
