import type { Received } from "./read-reply.ts";

export interface Question {
  /** The gateway's address. */
  readonly url: string;
  readonly authorization: string;
  readonly route: string;
  readonly form: "streamed" | "whole";
}

export interface Asked extends Received {
  /** The call's id in the ledger. */
  readonly id: string | null;
  readonly milliseconds: number;
}

/** What every call says; it goes to a stand-in and nowhere else. */
export const prompt = "Say what you always say.";

/** One call of a client over HTTP. Never throws: what breaks is what is looked at. */
export const ask = async ({ url, authorization, route, form }: Question): Promise<Asked> => {
  const started = performance.now();
  const decoder = new TextDecoder();
  let head: Response | undefined;
  let body = "";
  let isWhole = false;
  try {
    head = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json", connection: "close" },
      body: JSON.stringify({
        model: route,
        stream: form === "streamed",
        messages: [{ role: "user", content: prompt }],
      }),
    });
    for await (const bytes of head.body ?? []) body += decoder.decode(bytes, { stream: true });
    isWhole = true;
  } catch {
    // What came until then counts.
  }
  return {
    status: head?.status ?? null,
    isStream: head?.headers.get("content-type")?.startsWith("text/event-stream") === true,
    body,
    isWhole,
    id: head?.headers.get("x-request-id") ?? null,
    milliseconds: performance.now() - started,
  };
};
