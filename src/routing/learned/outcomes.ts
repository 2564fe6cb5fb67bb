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

/** Numbers a row's answers, so that equal ones have equal numbers. */
export const groupAnswers = (answers: readonly (string | undefined)[]): Uint8Array => {
  const groups = new Map<string, number>();
  return Uint8Array.from(answers, (answer) => {
    if (answer === undefined || answer === "") return noAnswer;
    const known = groups.get(answer);
    if (known !== undefined) return known;
    const group = Math.min(groups.size, noAnswer - 1);
    groups.set(answer, group);
    return group;
  });
};
