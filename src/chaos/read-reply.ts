import type { Ending } from "./report.ts";

/** What came over the wire. */
export interface Received {
  readonly status: number | null;
  readonly isStream: boolean;
  readonly body: string;
  /** Whether the body ended as HTTP wants it. */
  readonly isWhole: boolean;
}

export interface ReadReply {
  readonly ending: Ending;
  readonly text: string;
  readonly errorCode: string | null;
  /** Another answer was announced in the place of a broken one. */
  readonly isRestarted: boolean;
}

interface ChatEvent {
  readonly error?: { readonly code?: string | null };
  readonly intellirouter?: { readonly restart?: unknown };
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null };
    readonly message?: { readonly content?: string | null };
  }[];
}

const dataOf = (body: string): readonly string[] =>
  body
    .split("\n\n")
    .slice(0, -1)
    .flatMap((event) => event.split("\n").filter((line) => line.startsWith("data: ")))
    .map((line) => line.slice("data: ".length));

const readStream = ({ body, isWhole }: Received): ReadReply => {
  let text = "";
  let errorCode: string | null = null;
  let isDone = false;
  let isRestarted = false;
  for (const data of dataOf(body)) {
    if (data === "[DONE]") {
      isDone = true;
      continue;
    }
    const event = JSON.parse(data) as ChatEvent;
    if (event.error !== undefined) errorCode = event.error.code ?? "unknown";
    if (event.intellirouter?.restart !== undefined) {
      text = "";
      isRestarted = true;
    }
    text += event.choices?.[0]?.delta?.content ?? "";
  }
  if (errorCode !== null) return { ending: "error", text, errorCode, isRestarted };
  // Clients that look for no `[DONE]` take a body that ended in order for an answer.
  return { ending: isDone || isWhole ? "answer" : "cut", text, errorCode, isRestarted };
};

const readWhole = ({ body, isWhole, status }: Received): ReadReply => {
  const none = { text: "", errorCode: null, isRestarted: false };
  if (!isWhole || status === null) return { ...none, ending: "cut" };
  const { error, choices } = JSON.parse(body) as ChatEvent;
  if (error !== undefined || status >= 400) return { ...none, ending: "error", errorCode: error?.code ?? "unknown" };
  return { ...none, ending: "answer", text: choices?.[0]?.message?.content ?? "" };
};

/** What a client makes of a reply in OpenAI's dialect. An answer that is none of `texts` ended falsely. */
export const readReply = (received: Received, texts: ReadonlySet<string>): ReadReply => {
  const read = received.isStream ? readStream(received) : readWhole(received);
  return read.ending === "answer" && !texts.has(read.text) ? { ...read, ending: "false-end" } : read;
};
