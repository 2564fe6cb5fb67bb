import type { ModelFacts } from "../../core/model.ts";

/** Families of one maker that have other first words: a judge is mild with what was trained as it was. */
const makers: Readonly<Record<string, string>> = {
  ...{ o: "gpt", chatgpt: "gpt", codex: "gpt" },
  ...{ gemma: "gemini" },
  ...{ ministral: "mistral", devstral: "mistral", codestral: "mistral", mixtral: "mistral" },
  ...{ pixtral: "mistral", magistral: "mistral" },
  ...{ qwq: "qwen", qvq: "qwen" },
};

/** What models of one maker share: of `claude-sonnet` and `claude-opus`, `claude`; undefined where the family is not known. */
export const lineageOf = ({ family }: Pick<ModelFacts, "family">): string | undefined => {
  const word = /^[a-z]+/.exec(family?.toLowerCase() ?? "")?.[0];
  return word === undefined ? undefined : (makers[word] ?? word);
};

/** Whether a judge may judge answers of these models: of another lineage than each, and all are known. */
export const mayJudge = (
  judge: Pick<ModelFacts, "family">,
  candidates: readonly Pick<ModelFacts, "family">[],
): boolean => {
  const own = lineageOf(judge);
  if (own === undefined) return false;
  return candidates.every((candidate) => {
    const lineage = lineageOf(candidate);
    return lineage !== undefined && lineage !== own;
  });
};
