/** A way of writing that does not belong in the project, and why. */
interface Word {
  readonly pattern: RegExp;
  readonly reason: string;
}

/** Put together from pieces, so that this file does not say itself what it looks for. */
const word = (pieces: readonly string[], reason: string): Word => ({
  pattern: new RegExp(pieces.join(""), "iu"),
  reason,
});

const registry = "a host of a package registry: where packages come from is the reader's own affair";
const outside = "a path outside the project: nobody else has it";
const number = "the number of an issue: say what was wrong instead";
const origin = "how a text came about: the project speaks of itself only";

const words: readonly Word[] = [
  word(["registry\\.", "(npmjs|yarnpkg)"], registry),
  word(["\\bnpmjs", "\\.(org|com)"], registry),
  word(["\\bnpm\\.", "pkg\\.github"], registry),
  word(["(files\\.python", "hosted|\\bpypi)\\.org"], registry),
  word(["\\b(static\\.)?crates", "\\.io"], registry),
  word(["\\.\\./", "shared\\b"], outside),
  word(["/work/", "(shared|main|\\.\\w+)"], outside),
  word(["\\b(issue|issues|ticket|pull request|PR) ?", "#\\d+"], number),
  word(["\\b(close|closes|closed|fix|fixes|fixed|resolve|resolves) ", "#\\d+"], number),
  word(
    [
      "\\b(generated|written|made|assisted) (by|with) (an? )?",
      "(AI|LLM|assistant|agent|chatbot|claude|copilot|chatgpt)\\b",
    ],
    origin,
  ),
  word(["\\bco-authored", "-by:"], origin),
  word(["\\b(sub-?agent|coding ", "session|helper ses", "sion|previous ses", "sion|this ses", "sion)\\b"], origin),
  word(["\\b(as an AI|AI) ", "(language )?(model|assistant)s? (wrote|says|cannot|would)"], origin),
];

export interface Finding {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/** The lines of a text that say what does not belong in the project. */
export const findWords = (text: string): readonly Finding[] =>
  text.split("\n").flatMap((line, index) =>
    words.flatMap(({ pattern, reason }) => {
      const match = pattern.exec(line);
      return match === null ? [] : [{ line: index + 1, text: match[0], reason }];
    }),
  );
