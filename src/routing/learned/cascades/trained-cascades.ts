import { cascadeAction } from "../../../core/plan.ts";
import type { Candidate } from "../../../core/route.ts";
import { type CascadeHead, expectCascade } from "../cascade-heads.ts";
import { indexInModel } from "../index-in-model.ts";
import { compilePolicy } from "../policy.ts";
import type { RouterModel } from "../router-model.ts";
import { agreementChances, withQuality } from "./chances.ts";
import type { TrainedCascades } from "./weigh-cascades.ts";

/** A trained cascade, and its targets' places in the head's order among those of the action. */
interface Placed {
  readonly head: CascadeHead;
  readonly order: ReadonlyMap<number, number>;
}

/**
 * What was trained of cascades of two and one, for those targets that the model file knows. Of the two ways that such a
 * cascade goes, the file knows how often each is taken and how good the whole is; between them the quality is shared out
 * as is assumed of cascades that nothing is known of.
 */
export const trainedCascades = (model: RouterModel, candidates: readonly Candidate[]): TrainedCascades => {
  const known = candidates.filter(({ target }) => indexInModel(model, target) !== -1);
  if (known.length < 3) return () => undefined;
  const { cascades } = compilePolicy(
    model,
    known.map(({ target }) => indexInModel(model, target)),
    "cascades",
  );
  const placed = new Map<string, Placed>();
  for (const head of cascades) {
    const { kind, candidates: members } = head.action;
    const [one, other, last] = members;
    if (kind !== "agree" || one === undefined || other === undefined || last === undefined) continue;
    const idOf = (member: number): string => known[member]?.target.id ?? "";
    const first = [one, other].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
    const order = new Map([...first, last].map((member, place) => [member, place]));
    placed.set(cascadeAction([...first, last].map(idOf)), { head, order });
  }
  return (action, qualities) => {
    const found = placed.get(action);
    if (found === undefined) return undefined;
    const { head, order } = found;
    const qualityOf = (member: number): number => qualities[order.get(member) ?? -1] as number;
    // Of three that cost 0, 0 and 1, what is spent is the chance that the last one is asked.
    const { quality, cost } = expectCascade({ ...head, costFactor: 1 }, qualityOf, (member) =>
      order.get(member) === 2 ? 1 : 0,
    );
    const [one = 0, other = 0, third = 0] = qualities;
    const assumed = { ...agreementChances(one, other, third), settles: 1 - cost };
    return withQuality(assumed, quality);
  };
};
