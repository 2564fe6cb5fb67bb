import { readAnswerField } from "./answer-field.ts";
import type { FinalAnswer } from "./final-answer.ts";
import { readBoxed, readHashes, readStatement } from "./marked-answer.ts";
import { normaliseAnswer } from "./normalise-answer.ts";
import { readConclusion, readFenced } from "./unmarked-answer.ts";

/** Characters at the end of a text that an answer is looked for in. */
const window = 50_000;
const thoughtEnds = ["</think>", "</thinking>", "</reasoning>"] as const;

/** The text after the model's thoughts, where it marks them. */
const withoutThoughts = (text: string): string =>
  thoughtEnds.reduce((rest, end) => {
    const at = rest.lastIndexOf(end);
    return at === -1 ? rest : rest.slice(at + end.length);
  }, text);

const isWholeAnswer = (text: string): boolean => text.length <= 200 && !text.trim().includes("\n");

/** Ways to find an answer outside a field of JSON, the most certain first. */
const readers: readonly ((text: string) => string | undefined)[] = [readBoxed, readHashes, readStatement, readFenced];

/**
 * The final answer of a generated text: the `answer` field of JSON (broken, too), `\boxed{…}`, `#### 42`, `the answer is …`,
 * a block of code that is one literal, a text that is nothing but an answer, a number that a last sentence concludes with.
 * Undefined where none is found: such a text cannot be checked. Takes time linear in the text's length.
 */
export const extractAnswer = (text: string): FinalAnswer | undefined => {
  const spoken = withoutThoughts(text.slice(-window));
  const field = readAnswerField(spoken);
  // A field that says nothing is an answer that says nothing, whatever stands around it.
  if (field !== undefined) return field === null ? undefined : normaliseAnswer(field);
  for (const read of readers) {
    const raw = read(spoken);
    const answer = raw === undefined ? undefined : normaliseAnswer(raw);
    if (answer !== undefined) return answer;
  }
  const whole = isWholeAnswer(spoken) ? normaliseAnswer(spoken) : undefined;
  if (whole !== undefined && whole.kind !== "text" && whole.kind !== "expression") return whole;
  const concluded = readConclusion(spoken);
  if (concluded !== undefined) return normaliseAnswer(concluded);
  // A few words on one line are an answer; a sentence is prose.
  return whole === undefined || spoken.trim().split(/\s+/).length > 6 ? undefined : whole;
};
