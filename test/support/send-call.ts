import { pieceCharacters } from "../upstream/behaviour.ts";
import { nowMilliseconds } from "../upstream/journal.ts";
import type { PlannedCall, Receipt } from "./receipt.ts";
import { openStreamReader } from "./stream-reader.ts";

/** The provider under which the gateway's configuration names the fake upstream. */
export const providerName = "fake";

const paths = {
  chat: "/v1/chat/completions",
  "chat stream": "/v1/chat/completions",
  malformed: "/v1/chat/completions",
  embeddings: "/v1/embeddings",
  messages: "/v1/messages",
  "messages stream": "/v1/messages",
} as const;

const bodyOf = ({ kind, model: name }: PlannedCall): string => {
  const model = `${providerName}/${name}`;
  const messages = [{ role: "user", content: "Say something." }];
  switch (kind) {
    case "embeddings":
      return JSON.stringify({ model, input: "Something." });
    case "messages":
    case "messages stream":
      return JSON.stringify({ model, max_tokens: 1_000, messages, stream: kind === "messages stream" });
    case "malformed":
      return JSON.stringify({ model, messages: "none" });
    default:
      return JSON.stringify({ model, messages, stream: kind === "chat stream" });
  }
};

interface WholeAnswer {
  readonly choices?: readonly { readonly message: { readonly content: string } }[];
  readonly content?: readonly { readonly text?: string }[];
  readonly data?: readonly { readonly embedding: readonly number[] }[];
}

const textOfWhole = (body: string): string => {
  const { choices, content, data } = JSON.parse(body) as WholeAnswer;
  return choices?.[0]?.message.content ?? content?.[0]?.text ?? JSON.stringify(data?.[0]?.embedding);
};

const errorOf = (body: string): string => {
  const { error } = JSON.parse(body) as { error?: { code?: string | null; type?: string } };
  return error?.code ?? error?.type ?? "no error in the body";
};

/** What is seen of the answer while it comes. */
interface Progress {
  ending: Receipt["ending"];
  requestId: string | null;
  status: number | null;
  error: string | null;
  text: string;
}

const readStream = async (
  response: Response,
  progress: Progress,
  options: { readonly call: PlannedCall; readonly leave: () => void },
): Promise<void> => {
  const { kind, leave: plan } = options.call;
  const pieces = plan !== null && "afterPieces" in plan ? plan.afterPieces : Number.POSITIVE_INFINITY;
  const reader = openStreamReader(kind === "messages stream" ? "messages" : "chat");
  for await (const bytes of response.body ?? []) {
    reader.push(bytes);
    progress.text = reader.text();
    if (reader.text().length >= pieces * pieceCharacters) options.leave();
  }
  progress.error = reader.error();
  if (progress.error !== null) progress.ending = "refused";
  else if (reader.isComplete()) progress.ending = "whole";
  else progress.error = "the stream ended without its last event";
};

const receive = async (
  response: Response,
  progress: Progress,
  options: { readonly call: PlannedCall; readonly leave: () => void },
): Promise<void> => {
  progress.requestId = response.headers.get("x-request-id");
  progress.status = response.status;
  if (response.ok && options.call.kind.endsWith("stream")) return readStream(response, progress, options);
  const body = await response.text();
  if (response.ok) {
    progress.text = textOfWhole(body);
    progress.ending = "whole";
    return;
  }
  progress.error = errorOf(body);
  progress.ending = "refused";
};

/** Makes one call over a connection of its own and says what came of it. Never throws. */
export const sendCall = async (url: string, call: PlannedCall): Promise<Receipt> => {
  const controller = new AbortController();
  const sentAt = nowMilliseconds();
  let leftAt: number | null = null;
  const leave = (): void => {
    leftAt ??= nowMilliseconds();
    controller.abort();
  };
  const timer =
    call.leave !== null && "afterMilliseconds" in call.leave
      ? setTimeout(leave, call.leave.afterMilliseconds)
      : undefined;
  const progress: Progress = { ending: "broken", requestId: null, status: null, error: null, text: "" };
  try {
    const response = await fetch(`${url}${paths[call.kind]}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: bodyOf(call),
      signal: controller.signal,
      // A kept connection that the other side has closed would make the client send the call again by itself.
      keepalive: false,
    });
    await receive(response, progress, { call, leave });
  } catch (error) {
    progress.error = String(error);
  }
  clearTimeout(timer);
  if (leftAt !== null && progress.ending !== "whole") progress.ending = "left";
  return { ...call, ...progress, sentAt, endedAt: leftAt ?? nowMilliseconds() };
};
