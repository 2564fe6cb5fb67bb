import { agree } from "./answers/agree.ts";
import type { FinalAnswer } from "./answers/final-answer.ts";

/** No answer, or none that can be compared. */
export const noAnswer = 255;

/**
 * What models made of the training rows, with what was predicted of each row without learning from it (cross-fitted).
 * Cascades and the price of quality are calibrated on it, for whatever candidates are asked for. Flat, by row and model:
 * `starts[row]` to `starts[row + 1]` are the outcomes of a row, by ascending model.
 */
export interface Outcomes {
  readonly starts: Uint32Array;
  readonly model: Uint16Array;
  readonly quality: Float32Array;
  readonly predicted: Float32Array;
  readonly cost: Float32Array;
  readonly predictedCost: Float32Array;
  /** Equal numbers in a row: equal answers. {@link noAnswer}: none. */
  readonly answer: Uint8Array;
  /** How far the terms that were learned are trusted on the row, 0–1. */
  readonly trust: Float32Array;
  readonly cluster: Uint16Array;
}

export const outcomeRows = ({ starts }: Outcomes): number => starts.length - 1;

/** Numbers a row's answers, so that those that agree have equal numbers. */
export const groupAnswers = (answers: readonly (FinalAnswer | undefined)[]): Uint8Array => {
  const groups: FinalAnswer[] = [];
  return Uint8Array.from(answers, (answer) => {
    if (answer === undefined || !answer.isCheckable) return noAnswer;
    const known = groups.findIndex((group) => agree(group, answer));
    if (known !== -1) return known;
    if (groups.length === noAnswer) return noAnswer;
    groups.push(answer);
    return groups.length - 1;
  });
};
