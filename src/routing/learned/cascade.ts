/** A way to answer a query: one candidate, or several that are asked until two agree. Numbers of candidates. */
export interface Action {
  readonly kind: "single" | "agree" | "vote";
  /** In the order in which they are asked. */
  readonly candidates: readonly number[];
}

/** What an action came to on one query: how many of its candidates were asked, and whose answer is returned. */
export interface CarriedOut {
  readonly asked: number;
  readonly answer: number;
}

/**
 * Carries an action out. `sameAnswer` compares the answers of two candidates, both of them asked before; an answer that
 * is missing equals none. Of a single candidate nothing is compared. The first two are asked at once; while no two of
 * the answers agree, the next is asked; the last one's answer is taken as it is. Of two that agree, the later is returned:
 * candidates are asked from the weakest to the strongest.
 */
export const carryOut = ({ candidates }: Action, sameAnswer: (one: number, other: number) => boolean): CarriedOut => {
  for (let asked = 2; asked < candidates.length; asked++) {
    const newest = candidates[asked - 1] as number;
    for (let before = 0; before < asked - 1; before++)
      if (sameAnswer(candidates[before] as number, newest)) return { asked, answer: newest };
  }
  return { asked: candidates.length, answer: candidates[candidates.length - 1] as number };
};

/** What a cascade is worth on average. */
export interface CascadeMean {
  readonly action: Action;
  readonly quality: number;
  readonly cost: number;
}
