import { isObject } from "./map-schemas.ts";
import { validateReply } from "./validate-reply.ts";

/** What the checks across chunks read; every chunk has already been checked against the specification's schema. */
type Chunk = {
  readonly id: string;
  readonly created: number;
  readonly choices: readonly { readonly index: number; readonly finish_reason: string | null }[];
  readonly usage?: object | null;
};

type Event =
  | { readonly kind: "chunk"; readonly chunk: Chunk }
  | { readonly kind: "done" | "error" }
  | { readonly kind: "broken"; readonly problems: readonly string[] };

const toText = (frame: string): string =>
  /^(data|event|id|retry)?:/.test(frame) ? `${frame}\n\n` : `data: ${frame}\n\n`;

/** The data of each event; see "Interpreting an event stream" in the HTML standard. */
const readEvents = (text: string): { readonly events: readonly string[]; readonly isTerminated: boolean } => {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  const events: string[] = [];
  let data: string[] = [];
  for (const line of lines) {
    if (line.startsWith("data:")) data.push(line.slice("data:".length).replace(/^ /, ""));
    if (line !== "" || data.length === 0) continue;
    events.push(data.join("\n"));
    data = [];
  }
  if (data.length === 0) return { events, isTerminated: true };
  return { events: [...events, data.join("\n")], isTerminated: false };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const readEvent = (data: string): Event => {
  if (data === "[DONE]") return { kind: "done" };
  const value = parseJson(data);
  if (value === undefined) return { kind: "broken", problems: [`is not JSON: ${data.slice(0, 80)}`] };
  const isError = isObject(value) && "error" in value;
  const problems = validateReply(isError ? "ErrorResponse" : "CreateChatCompletionStreamResponse", value);
  if (problems.length > 0) return { kind: "broken", problems };
  return isError ? { kind: "error" } : { kind: "chunk", chunk: value as Chunk };
};

const checkEnding = (events: readonly Event[]): string[] => {
  const endings = events.filter(({ kind }) => kind === "done" || kind === "error");
  if (endings.length !== 1) return [`has ${endings.length} endings ([DONE] or an error), not one`];
  return events.at(-1) === endings[0] ? [] : ["goes on after its ending"];
};

const checkSame = (chunks: readonly Chunk[], field: "id" | "created"): string[] => {
  const values = [...new Set(chunks.map((chunk) => chunk[field]))];
  return values.length > 1 ? [`has more than one ${field}: ${values.join(", ")}`] : [];
};

const checkFinishReasons = (chunks: readonly Chunk[]): string[] => {
  const choices = Map.groupBy(
    chunks.flatMap((chunk) => chunk.choices),
    (choice) => choice.index,
  );
  if (choices.size === 0) return ["is done without any choice"];
  return [...choices].flatMap(([index, deltas]) => {
    const reasons = deltas.filter((delta) => delta.finish_reason !== null);
    return reasons.length === 1 ? [] : [`has ${reasons.length} finish reasons for choice ${index}, not one`];
  });
};

// `stream_options.include_usage`: null in every chunk but an additional last one, whose choices are empty.
const checkUsage = (chunks: readonly Chunk[]): string[] => {
  const withUsage = chunks.filter((chunk) => chunk.usage !== undefined && chunk.usage !== null);
  const problems: string[] = [];
  if (withUsage.some((chunk) => chunk.choices.length > 0)) problems.push("has usage in a chunk with choices");
  if (withUsage.some((chunk) => chunk !== chunks.at(-1))) problems.push("has usage before its last chunk");
  const lacking = chunks.filter((chunk) => chunk.usage === undefined).length;
  if (lacking > 0 && lacking < chunks.length)
    problems.push(`lacks usage (null until the last) in ${lacking} of ${chunks.length} chunks`);
  return problems;
};

/**
 * Checks a whole stream of chat chunks, given as the body's text or as its frames (with or without `data: `):
 * each event against its schema, and what must hold across them. Returns readable problems; none means it conforms.
 */
export const validateStream = (stream: readonly string[] | string): string[] => {
  const { events: texts, isTerminated } = readEvents(typeof stream === "string" ? stream : stream.map(toText).join(""));
  const events = texts.map(readEvent);
  const chunks = events.flatMap((event) => (event.kind === "chunk" ? [event.chunk] : []));
  return [
    ...events.flatMap((event, position) =>
      event.kind === "broken" ? event.problems.map((problem) => `event ${position} ${problem}`) : [],
    ),
    ...[
      ...(isTerminated ? [] : ["has no blank line after its last event"]),
      ...checkEnding(events),
      ...checkSame(chunks, "id"),
      ...checkSame(chunks, "created"),
      ...(events.some(({ kind }) => kind === "done") ? checkFinishReasons(chunks) : []),
      ...checkUsage(chunks),
    ].map((problem) => `the stream ${problem}`),
  ];
};
