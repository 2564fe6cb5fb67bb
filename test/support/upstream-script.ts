/**
 * What the fake providers answer: one script for all, so that a test asks the same of every wire format. The name of
 * the model steers it: `refuse-429` answers with that status, `slow` falls silent after the first piece, `silent`
 * before the headers, `cut` ends a stream without its end, `recorded` plays what the real provider once sent.
 */

/** What a fake provider understood of a request, whatever its wire format. */
export interface Asked {
  readonly model: string;
  /** Text of the last message of the user. */
  readonly text: string;
  /** Names of the tools that may be called. */
  readonly tools: readonly string[];
  /** What the tools gave, where the conversation ends with that. */
  readonly results: readonly string[];
  readonly wantsJson: boolean;
  readonly images: number;
  readonly streamed: boolean;
}

export interface SaidCall {
  readonly name: string;
  readonly arguments: { readonly city: string };
}

/** What it answers: pieces of text, or calls of tools. */
export type Said =
  | { readonly kind: "text"; readonly pieces: readonly string[] }
  | { readonly kind: "calls"; readonly calls: readonly SaidCall[] };

/** What every answer is said to have used. */
export const scriptedUsage = { inputTokens: 11, outputTokens: 7 } as const;

/** The object that a request for JSON is answered with. */
export const scriptedObject = { city: "Paris", degrees: 21 } as const;

/** What every text is embedded as. */
export const scriptedVector = [0.25, -0.5, 0.75, 1] as const;

const cities = ["Paris", "Oslo", "Bern", "Rome"];

const scriptedText = ({ results, wantsJson, images, text }: Asked): string => {
  if (results.length > 0) return `The tools said: ${results.join("; ")}.`;
  if (wantsJson) return JSON.stringify(scriptedObject);
  return images > 0 ? `Images: ${images}.` : `You said: ${text}`;
};

/** Every tool that is offered gets one call, a single one two, so that calls are always parallel. */
const scriptedCalls = (tools: readonly string[]): readonly SaidCall[] =>
  (tools.length === 1 ? [...tools, ...tools] : tools).map((name, index) => ({
    name,
    arguments: { city: cities[index % cities.length] ?? "Paris" },
  }));

export const answerTo = (asked: Asked): Said =>
  asked.tools.length > 0 && asked.results.length === 0
    ? { kind: "calls", calls: scriptedCalls(asked.tools) }
    : { kind: "text", pieces: scriptedText(asked).match(/.{1,6}/gsu) ?? [""] };

/** The whole text of an answer. */
export const textOf = (said: Said): string => (said.kind === "text" ? said.pieces.join("") : "");

/** The status that the model's name asks for; undefined where it asks for an answer. */
export const refusedStatus = ({ model }: Asked): number | undefined => {
  const status = /refuse-(\d{3})/.exec(model)?.[1];
  return status === undefined ? undefined : Number(status);
};
