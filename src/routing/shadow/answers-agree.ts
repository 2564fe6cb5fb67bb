import { agree } from "../learned/answers/agree.ts";
import { extractAnswer } from "../learned/answers/extract-answer.ts";

/** Whether two texts come to the same final answer; undefined where either is prose, unless they are the same. */
export const answersAgree = (one: string, other: string): boolean | undefined => {
  if (one.trim() === other.trim()) return true;
  const [first, second] = [extractAnswer(one), extractAnswer(other)];
  return first?.isCheckable && second?.isCheckable ? agree(first, second) : undefined;
};
