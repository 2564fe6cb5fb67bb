import type { UpstreamPlan } from "../plan.ts";

/** Marks the moment of writing in an event's text; stands nowhere else in an answer. */
export const stampMark = "@";
/** Then come microseconds since 1970, which fit for another two centuries … */
export const stampDigits = 16;
/** … and how many events of the stream are still to come. */
export const leftDigits = 6;

const jsonHead = (length: number): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
const streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const lastChunk = "0\r\n\r\n";

const common = { id: "chatcmpl-bench", created: 1_764_000_000, model: "bench-model" };
const usage = { prompt_tokens: 20, completion_tokens: 20, total_tokens: 40 };

/** What answers are filled with; every whole one begins with it. */
export const answerText = "and so it goes on ";

const filling = (characters: number): string =>
  answerText.repeat(characters / answerText.length + 1).slice(0, Math.max(answerText.length, characters));

const httpChunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

const event = (value: object): string =>
  `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", ...value })}\n\n`;
const choice = (delta: object, finishReason: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason: finishReason }],
});

const whole = (characters: number): Buffer => {
  const message = { role: "assistant", content: filling(characters), refusal: null };
  const body = JSON.stringify({
    ...common,
    object: "chat.completion",
    choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
    usage,
  });
  return Buffer.from(jsonHead(Buffer.byteLength(body)) + body);
};

const writeDigits = (bytes: Buffer, value: number, { from, to }: { from: number; to: number }): void => {
  let rest = value;
  for (let at = to - 1; at >= from; at--) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = 48 + rest - tenth * 10;
    rest = tenth;
  }
};

/** The bytes of every answer to a plan, made before the first request. */
export interface PreparedReplies {
  readonly whole: Buffer;
  readonly models: Buffer;
  readonly streamBegin: Buffer;
  /** An event's bytes with its moment in microseconds, and the events left, in its text; the same buffer each time. */
  streamEvent(moment: number, eventsLeft: number): Buffer;
  readonly streamEnd: Buffer;
}

export const prepareReplies = ({ replyCharacters, eventCharacters }: UpstreamPlan): PreparedReplies => {
  const stamp = stampMark + "0".repeat(stampDigits + leftDigits);
  const text = `${stamp} ${filling(eventCharacters - stamp.length - 1)}`;
  const streamed = Buffer.from(httpChunk(event(choice({ content: text }))));
  const momentAt = streamed.indexOf(stampMark) + 1;
  const leftAt = momentAt + stampDigits;
  const models = JSON.stringify({ object: "list", data: [{ id: common.model, object: "model" }] });
  const ending = [event(choice({}, "stop")), event({ choices: [], usage }), "data: [DONE]\n\n"];
  return {
    whole: whole(replyCharacters),
    models: Buffer.from(jsonHead(models.length) + models),
    streamBegin: Buffer.from(streamHead + httpChunk(event(choice({ role: "assistant", content: "" })))),
    streamEvent(moment, eventsLeft) {
      writeDigits(streamed, Math.round(moment), { from: momentAt, to: leftAt });
      writeDigits(streamed, eventsLeft, { from: leftAt, to: leftAt + leftDigits });
      return streamed;
    },
    streamEnd: Buffer.from(ending.map(httpChunk).join("") + lastChunk),
  };
};
