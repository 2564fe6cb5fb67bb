import { z } from "zod";

// The shapes of "Messages", "Streaming messages" and "Errors", Anthropic API reference, as clients rely on them.
const counts = { input_tokens: z.int().min(0), output_tokens: z.int().min(0) };
const cacheCounts = {
  cache_creation_input_tokens: z.int().min(0).nullable(),
  cache_read_input_tokens: z.int().min(0).nullable(),
};
const stopReason = z.enum([
  "end_turn",
  "max_tokens",
  "stop_sequence",
  "tool_use",
  "pause_turn",
  "refusal",
  "model_context_window_exceeded",
]);

const block = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string(), citations: z.array(z.unknown()).nullable().optional() }),
  z.looseObject({
    type: z.literal("tool_use"),
    id: z.string().min(1),
    name: z.string().min(1),
    input: z.record(z.string(), z.unknown()),
  }),
  z.looseObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
  z.looseObject({ type: z.literal("redacted_thinking"), data: z.string() }),
]);

const head = {
  id: z.string().startsWith("msg_"),
  type: z.literal("message"),
  role: z.literal("assistant"),
  model: z.string().min(1),
  stop_sequence: z.string().nullable(),
};
const message = z.looseObject({
  ...head,
  content: z.array(block),
  stop_reason: stopReason,
  usage: z.looseObject({ ...counts, ...cacheCounts }),
});

const errorBody = z.looseObject({
  type: z.literal("error"),
  error: z.looseObject({ type: z.string().endsWith("_error"), message: z.string().min(1) }),
  request_id: z.string().min(1),
});

const index = z.int().min(0);
const delta = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text_delta"), text: z.string() }),
  z.object({ type: z.literal("input_json_delta"), partial_json: z.string() }),
  z.object({ type: z.literal("thinking_delta"), thinking: z.string() }),
  z.object({ type: z.literal("signature_delta"), signature: z.string() }),
]);
const event = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("message_start"),
    message: z.looseObject({
      ...head,
      content: z.array(z.unknown()).length(0),
      stop_reason: z.null(),
      usage: z.looseObject(counts),
    }),
  }),
  z.object({ type: z.literal("content_block_start"), index, content_block: block }),
  z.object({ type: z.literal("content_block_delta"), index, delta }),
  z.object({ type: z.literal("content_block_stop"), index }),
  z.object({
    type: z.literal("message_delta"),
    delta: z.looseObject({ stop_reason: stopReason, stop_sequence: z.string().nullable() }),
    usage: z.looseObject(counts),
  }),
  z.object({ type: z.literal("message_stop") }),
  z.object({ type: z.literal("ping") }),
  errorBody,
]);
type MessageEvent = z.output<typeof event>;

const problemsOf = (schema: z.ZodType, value: unknown): string[] => {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message: text }) => `/${path.join("/")}: ${text}`);
};

/** What is wrong with a whole message. */
export const checkMessage = (value: unknown): string[] => problemsOf(message, value);

/** What is wrong with an error's body. */
export const checkMessagesError = (value: unknown): string[] => problemsOf(errorBody, value);

/** What is wrong with the reply to a count of tokens. */
export const checkCount = (value: unknown): string[] =>
  problemsOf(z.object({ input_tokens: z.int().positive() }), value);

const readEvents = (text: string): { events: MessageEvent[]; problems: string[] } => {
  const events: MessageEvent[] = [];
  const problems: string[] = [];
  for (const [place, frame] of text.split("\n\n").slice(0, -1).entries()) {
    const match = /^event: (\w+)\ndata: (.*)$/s.exec(frame);
    const value: unknown = match === null ? undefined : JSON.parse(match[2] ?? "");
    const parsed = event.safeParse(value);
    if (!parsed.success) problems.push(`event ${place}: ${z.prettifyError(parsed.error)}: ${frame.slice(0, 300)}`);
    else if (parsed.data.type !== match?.[1]) problems.push(`event ${place} is named ${match?.[1]}`);
    else events.push(parsed.data);
  }
  return { events, problems };
};

/** Blocks begin at 0, one after the other, and each ends before the next begins. */
const checkBlocks = (events: readonly MessageEvent[]): string[] => {
  const problems: string[] = [];
  let next = 0;
  let open: number | undefined;
  for (const one of events) {
    if (one.type === "content_block_start") {
      if (open !== undefined || one.index !== next) problems.push(`block ${one.index} begins out of its turn`);
      open = one.index;
      next += 1;
    } else if (one.type === "content_block_delta" && one.index !== open)
      problems.push(`a delta of closed ${one.index}`);
    else if (one.type === "content_block_stop") {
      if (one.index !== open) problems.push(`block ${one.index} ends and is not open`);
      open = undefined;
    }
  }
  return open === undefined ? problems : [...problems, `block ${open} never ends`];
};

/** What is wrong with a stream's body, whole or ended by an error. */
export const checkMessageStream = (text: string): string[] => {
  const { events, problems } = readEvents(text);
  if (!text.endsWith("\n\n")) problems.push("the stream has no blank line after its last event");
  const types = events.map(({ type }) => type).filter((type) => type !== "ping");
  const count = (type: string): number => types.filter((one) => one === type).length;
  if (count("error") > 0)
    return types.indexOf("error") === types.length - 1 ? problems : [...problems, "an error is not the one last"];
  if (types[0] !== "message_start" || count("message_start") !== 1) problems.push("message_start is not the one first");
  if (types.at(-1) !== "message_stop" || count("message_stop") !== 1) problems.push("message_stop is not the one last");
  if (types.at(-2) !== "message_delta" || count("message_delta") !== 1)
    problems.push("message_delta is not the one before the last");
  return [...problems, ...checkBlocks(events)];
};
