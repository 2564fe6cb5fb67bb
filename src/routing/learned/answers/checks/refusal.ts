/** Characters at the beginning that a refusal says itself in; what refuses later has answered something before. */
const beginning = 400;

const openings = [
  /\bI(?:['’]m| am) (?:very |really |so |truly )?sorry,? but\b/i,
  /\b(?:I['’]m|I am) (?:not able|unable|not in a position|not comfortable|not permitted|not allowed)\b/i,
  /\bI (?:can['’]?t|cannot|can not|won['’]?t|will not|must decline|have to decline|decline|refuse)\b(?! (?:wait|say enough|stress|emphasi[sz]e|overstate|recommend (?:it|this|him|her|them) enough|think of|imagine|find (?:a|any) (?:mistake|error|fault)))/i,
  /\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b/i,
  /\b(?:against|violates?) (?:my|our|the) (?:guidelines|policy|policies|principles|programming)\b/i,
  /\b(?:your|this) (?:request|prompt) (?:was|has been|is) (?:blocked|rejected|declined|flagged)\b/i,
];

/** What a model does when it only says that it cannot see something, and then answers. */
const longAnswer = 1_200;

/**
 * Whether a text refuses to answer: it says so at its beginning, and no long answer follows. English only: in other
 * languages nothing is found, which costs an escalation that did not happen, not a wrong one.
 */
export const isRefusal = (text: string): boolean => {
  const start = text.trimStart().slice(0, beginning);
  return text.length <= longAnswer && openings.some((opening) => opening.test(start));
};
