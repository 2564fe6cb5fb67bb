import { behaviourOf, textOf, vectorOf } from "../upstream/behaviour.ts";
import type { Check } from "./checks.ts";
import type { Receipt } from "./receipt.ts";

const expectedText = ({ kind, model }: Receipt): string =>
  kind === "embeddings" ? JSON.stringify(vectorOf(model)) : textOf(model, behaviourOf(model).chunks);

/** Each client got its own answer, whole; of an answer that it left, a beginning. */
export const answerTextFaults = (receipts: readonly Receipt[]): readonly string[] =>
  receipts.flatMap((receipt) => {
    if (receipt.kind === "malformed" || (receipt.text === "" && receipt.ending !== "whole")) return [];
    const expected = expectedText(receipt);
    const isRight = receipt.ending === "whole" ? receipt.text === expected : expected.startsWith(receipt.text);
    return isRight ? [] : [`${receipt.model}: got '${receipt.text.slice(0, 40)}', expected '${expected.slice(0, 40)}'`];
  });

/** Whether the upstream was asked to fail this call. */
const isMadeToFail = (model: string): boolean => {
  const { status, cut } = behaviourOf(model);
  return status !== 200 || cut !== null;
};

const endingFault = ({ kind, model, ending, status, error }: Receipt): string | undefined => {
  const told = `${model}: ${kind} ended ${ending}, status ${status}, ${error}`;
  if (kind === "malformed") return ending === "refused" && status === 400 ? undefined : told;
  if (ending === "left") return undefined;
  if (isMadeToFail(model)) return ending === "broken" ? told : undefined;
  return ending === "whole" ? undefined : told;
};

/** Every answer is right, and none fails that the upstream was not asked to fail. */
export const answerChecks = (receipts: readonly Receipt[]): readonly Check[] => [
  { name: "every client got its own answer", faults: answerTextFaults(receipts) },
  {
    name: "no call failed that the upstream did not fail",
    faults: receipts.flatMap((receipt) => endingFault(receipt) ?? []),
  },
];
