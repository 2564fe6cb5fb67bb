import type { CascadePlan } from "../../../core/plan.ts";
import { targetsOfAction } from "../../../core/plan.ts";

/** Names of what is learned of cascades, each a belief of its own beside those of the targets. */
export interface CascadeParts {
  /** How often the first step settles it. Of all cascades that begin with it. */
  readonly settles: string;
  /** How good the answer is where it does. */
  readonly right: string;
  /** How good that of the last step is where it does not. Of this cascade alone. */
  readonly otherwise: string;
}

const words = {
  agreement: { settles: "agree", right: "agreed", otherwise: "differed" },
  checked: { settles: "pass", right: "passed", otherwise: "failed" },
} as const satisfies Readonly<Record<CascadePlan["kind"], CascadeParts>>;

const joint = ": ";
const starts = Object.values(words).flatMap((parts) => Object.values(parts).map((word) => `${word}${joint}`));

/** `first`: the targets of the first step, as an action; `action`: all of them. */
export const partsOf = (kind: CascadePlan["kind"], first: string, action: string): CascadeParts => {
  const { settles, right, otherwise } = words[kind];
  return {
    settles: `${settles}${joint}${first}`,
    right: `${right}${joint}${first}`,
    otherwise: `${otherwise}${joint}${action}`,
  };
};

/** What a belief is one of: beliefs are drawn to others of their sort only. Empty for a target's. */
export const sortOf = (belief: string): string => {
  for (const start of starts) if (belief.startsWith(start)) return start;
  return "";
};

/** Whether a belief is about a target, or about a cascade with it. */
export const concerns = (belief: string, target: string): boolean => {
  if (belief === target) return true;
  const start = sortOf(belief);
  return start !== "" && targetsOfAction(belief.slice(start.length)).includes(target);
};
