/** What a client asks of the routing of its own call, within what its key may. At least one field is set. */
export interface RoutingWishes {
  /** Only this target or model is asked. */
  readonly force?: string;
  /** This and the session's later calls go to this target or model first; `false`: no longer. */
  readonly pin?: string | false;
  /** Targets, models, or providers as `name/*`, that are not asked. */
  readonly exclude?: readonly string[];
  /** The most that one attempt may cost, USD, by its worst case. */
  readonly maxCostUsd?: number;
  /** A strategy without options, in the place of the route's. */
  readonly strategy?: string;
  /** The route's own order: nothing is learned and nothing is tried out with this call. */
  readonly off?: true;
  /** The conversation that the call belongs to, as the client names it. */
  readonly session?: string;
  /** For rules. */
  readonly tags?: readonly string[];
  /** Where the caller is. */
  readonly region?: string;
}

/** Clients write the names: a decision's record must not grow with them. */
const mostCharacters = 500;

/** What was wished of the choice, in words, for the decision's record; undefined where nothing was. */
export const describeWishes = (wishes: RoutingWishes): string | undefined => {
  const { force, pin, exclude, maxCostUsd, strategy, off } = wishes;
  const said = [
    force === undefined ? [] : `only ${force}`,
    pin === undefined ? [] : pin === false ? "no pin" : `pinned to ${pin}`,
    exclude === undefined ? [] : `without ${exclude.join(", ")}`,
    maxCostUsd === undefined ? [] : `at most ${maxCostUsd} USD`,
    strategy === undefined ? [] : `strategy ${strategy}`,
    off === undefined ? [] : "routing off",
  ].flat();
  return said.length === 0 ? undefined : said.join("; ").slice(0, mostCharacters);
};
