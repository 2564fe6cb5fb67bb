/** Reads a streamed answer as its bytes come. */
export interface StreamReader {
  push(bytes: Uint8Array): void;
  text(): string;
  /** Whether the event came that ends an answer in order. */
  isComplete(): boolean;
  /** The code of an error event; null where none came. */
  error(): string | null;
}

interface StreamEvent {
  readonly type?: string;
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
  readonly delta?: { readonly text?: string };
  readonly error?: { readonly code?: string | null; readonly type?: string };
}

/** A plain reader of OpenAI's chat streams and of Anthropic's messages streams, independent of the gateway's own. */
export const openStreamReader = (dialect: "chat" | "messages"): StreamReader => {
  const decoder = new TextDecoder();
  let rest = "";
  let text = "";
  let isComplete = false;
  let error: string | null = null;
  const take = (data: string): void => {
    if (isComplete || error !== null) throw new Error(`an event after the last one: ${data.slice(0, 100)}`);
    if (data === "[DONE]") {
      isComplete = dialect === "chat";
      return;
    }
    const event = JSON.parse(data) as StreamEvent;
    if (event.error !== undefined) error = event.error.code ?? event.error.type ?? "unnamed";
    else if (event.type === "message_stop") isComplete = dialect === "messages";
    text += event.choices?.[0]?.delta?.content ?? event.delta?.text ?? "";
  };
  return {
    push(bytes) {
      rest += decoder.decode(bytes, { stream: true });
      const frames = rest.split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames)
        for (const line of frame.split("\n")) if (line.startsWith("data: ")) take(line.slice(6));
    },
    text: () => text,
    isComplete: () => isComplete,
    error: () => error,
  };
};
