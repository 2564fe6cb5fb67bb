import type { Call } from "../core/call.ts";
import { GatewayError } from "../core/errors.ts";
import type { Target } from "../core/model.ts";
import type { Hedge } from "../core/route.ts";
import type { HedgeBudget } from "./hedge-budget.ts";
import { type Answering, ChildController, type TryOptions, tryTarget } from "./try-target.ts";
import { worstCase } from "./worst-case.ts";

export interface HedgeOptions extends TryOptions {
  readonly hedges: HedgeBudget;
}

export interface HedgeRace {
  readonly target: Target;
  /** Targets that were not tried yet, best first; the one that is raced is taken out. */
  readonly rest: Target[];
  /** The first attempt, on the call that it is given. */
  readonly tryFirst: (call: Call) => Promise<Answering>;
}

/** How long the first attempt is waited for; undefined where nothing is known of the target's pace. */
const delayOf = ({ after }: Hedge, { loads }: HedgeOptions, target: Target): number | undefined =>
  after === "p95" ? loads.percentile(target.id, 0.95) : after;

const lost = (): GatewayError => new GatewayError("client_closed_request", "Another attempt answered first.");

interface Branch {
  readonly answer: Promise<Answering>;
  lose(): void;
}

/** One side of the race, with an abort of its own. */
const run = (call: Call, attempt: (call: Call) => Promise<Answering>): Branch => {
  const controller = new ChildController(call.signal);
  return { answer: attempt({ ...call, signal: controller.signal }), lose: () => controller.abort(lost()) };
};

/** The first to answer; where one fails the other is waited for; where both fail, the first one's failure. */
const firstOf = async (first: Branch, second: Branch): Promise<Answering> => {
  const winner = await Promise.any([
    first.answer.then((answering) => ({ answering, loser: second })),
    second.answer.then((answering) => ({ answering, loser: first })),
  ]).catch(() => undefined);
  if (winner === undefined) return first.answer;
  winner.loser.lose();
  // An answer that came in the same instant is not wanted any more.
  void winner.loser.answer.then(({ reply }) => discard(reply)).catch(() => undefined);
  return winner.answering;
};

const discard = async (reply: Answering["reply"]): Promise<void> => {
  if (reply.kind === "stream") await reply.batches[Symbol.asyncIterator]().return?.();
};

const pause = (milliseconds: number): { promise: Promise<"late">; cancel: () => void } => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const promise = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, milliseconds, "late" as const);
  });
  return { promise, cancel: () => clearTimeout(timer) };
};

/**
 * The first attempt, and beside it a second one on the next target where the first is slow, the route wants that, and
 * the share of hedged calls permits it. Both stand in the ledger; the loser is aborted.
 */
export const hedged = (call: Call, race: HedgeRace, options: HedgeOptions): Promise<Answering> => {
  const { hedge } = call.route;
  const next = race.rest[0];
  const delay = hedge === undefined || next === undefined ? undefined : delayOf(hedge, options, race.target);
  return hedge === undefined || next === undefined || delay === undefined
    ? race.tryFirst(call)
    : raced(call, { ...race, hedge, next, delay }, options);
};

const raced = async (
  call: Call,
  { hedge, next, delay, ...race }: HedgeRace & { readonly hedge: Hedge; readonly next: Target; readonly delay: number },
  options: HedgeOptions,
): Promise<Answering> => {
  const route = call.route.name;
  options.hedges.call(route, worstCase(call, race.target) ?? 0);
  const first = run(call, race.tryFirst);
  const wait = pause(delay);
  const early = await Promise.race([first.answer.then(() => "early" as const), wait.promise]).finally(wait.cancel);
  const request = { route, cost: worstCase(call, next) ?? 0, maxShare: hedge.maxShare };
  if (early === "early" || !options.hedges.take(request)) return first.answer;
  race.rest.shift();
  call.scope.note(`${race.target.id} was slow (${Math.round(delay)} ms): ${next.id} asked beside it`);
  return firstOf(
    first,
    run(call, (second) => tryTarget(second, next, options)),
  );
};
