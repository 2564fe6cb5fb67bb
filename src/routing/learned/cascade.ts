/** A way to answer a query: one candidate, or several that are asked until two agree. Numbers of candidates. */
export interface Action {
  readonly kind: "single" | "agree" | "vote";
  /** In the order in which they are asked. */
  readonly candidates: readonly number[];
  /** Whose answer is returned where no two agree; the last one's where absent. */
  readonly otherwise?: number;
}

/** What an action came to on one query: how many of its candidates were asked, and whose answer is returned. */
export interface CarriedOut {
  readonly asked: number;
  readonly answer: number;
}

/**
 * Carries an action out. `sameAnswer` compares the answers of two candidates, both of them asked before; an answer that
 * is missing equals none. Of a single candidate nothing is compared. The first two are asked at once; while no two of
 * the answers agree, the next is asked. Of two that agree, the later one's is returned. A last one that nobody agrees with
 * is taken as it is, unless the action says whose answer counts then.
 */
export const carryOut = (
  { candidates, otherwise }: Action,
  sameAnswer: (one: number, other: number) => boolean,
): CarriedOut => {
  const { length } = candidates;
  const last = candidates[length - 1] as number;
  // Where nobody else is named, the last one's answer is returned whether it agrees or not.
  const compared = otherwise === undefined ? length - 1 : length;
  for (let asked = 2; asked <= compared; asked++) {
    const newest = candidates[asked - 1] as number;
    for (let before = 0; before < asked - 1; before++)
      if (sameAnswer(candidates[before] as number, newest)) return { asked, answer: newest };
  }
  return { asked: length, answer: length === 1 ? last : (otherwise ?? last) };
};

/** What a cascade is worth on average. */
export interface CascadeMean {
  readonly action: Action;
  readonly quality: number;
  readonly cost: number;
}
