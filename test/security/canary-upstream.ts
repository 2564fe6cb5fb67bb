/** A provider that repeats what it was sent, in every place and kind of answer; the model's name says which. */
export interface CanaryUpstream {
  readonly url: string;
  /** Everything that it was sent, so that a test knows that the canaries came this far. */
  received(): string;
  stop(): Promise<void>;
}

const json = { "content-type": "application/json" };
const completion = (text: string) => ({
  id: "a",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});
const chunk = (text: string): string =>
  `data: ${JSON.stringify({ id: "a", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`;
const refusal = (status: number, said: string, code: string): Response =>
  new Response(JSON.stringify({ error: { message: `You sent ${said}`, type: said, param: said, code } }), {
    status,
    headers: { ...json, "retry-after": "0", "x-request-id": said.replace(/[^\x21-\x7e]/g, "_").slice(0, 500) },
  });

const stream = (pieces: readonly string[], ending: "close" | "hang"): Response =>
  new Response(
    new ReadableStream({
      async pull(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        if (ending === "hang") return new Promise(() => undefined);
        controller.close();
      },
    }),
    { headers: { "content-type": "text/event-stream" } },
  );

const answers: Readonly<Record<string, (said: string) => Response>> = {
  echo: (said) => new Response(JSON.stringify(completion(said)), { headers: json }),
  400: (said) => refusal(400, said, "invalid_value"),
  policy: (said) => refusal(400, said, "content_policy_violation"),
  context: (said) => refusal(400, said, "context_length_exceeded"),
  401: (said) => refusal(401, said, "invalid_api_key"),
  403: (said) => refusal(403, said, said),
  404: (said) => refusal(404, said, "model_not_found"),
  429: (said) => refusal(429, said, "rate_limit_exceeded"),
  500: (said) => refusal(500, said, "server_error"),
  page: (said) => new Response(`<html>${said}</html>`, { status: 502, headers: { "content-type": "text/html" } }),
  malformed: (said) => new Response(`{"choices": [${said}`, { headers: json }),
  other: (said) => new Response(JSON.stringify({ said }), { headers: json }),
  redirect: (said) =>
    new Response(null, { status: 307, headers: { location: `/elsewhere?${encodeURIComponent(said)}` } }),
  "error-frame": (said) => stream([`data: ${JSON.stringify({ error: { message: said, code: said } })}\n\n`], "close"),
  "late-error-frame": (said) =>
    stream([chunk("hello "), `data: ${JSON.stringify({ error: { message: said, code: said } })}\n\n`], "close"),
  "broken-frame": (said) => stream([chunk("hello "), `data: {${said}\n\n`], "close"),
  cut: () => stream([chunk("hello ")], "close"),
  hang: () => stream([chunk("hello ")], "hang"),
};

export const canaryModels = Object.keys(answers).filter((name) => name !== "hang");

export const startCanaryUpstream = (): CanaryUpstream => {
  const received: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      const text = await request.text();
      const headers = JSON.stringify([...request.headers]);
      received.push(headers + text);
      if (request.method !== "POST") return Response.json({ data: [] });
      const { model } = JSON.parse(text) as { model: string };
      return (
        answers[model]?.(`${request.headers.get("authorization")} ${headers} ${text}`) ??
        refusal(404, "", "model_not_found")
      );
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, received: () => received.join("\n"), stop: () => server.stop(true) };
};
