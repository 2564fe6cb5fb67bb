/** An upstream of OpenAI's wire format that fails or works as it is told. */
export interface TroubledUpstream {
  readonly baseUrl: string;
  /** How requests are answered from now on; `slow`: whole, after half a second; `held`: when they are let go. */
  mode: "fails" | "works" | "slow" | "held" | "asks for a pause";
  /** Answers all that are held. */
  letGo(): void;
  /** Chats that it received so far. */
  received: number;
  stop(): Promise<void>;
}

const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
const refusal = { error: { message: "no", type: "server_error", code: null, param: null } };

export const startTroubledUpstream = (): TroubledUpstream => {
  const going = Promise.withResolvers<void>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      if (request.method !== "POST") return Response.json({ object: "list", data: [{ id: "m", object: "model" }] });
      upstream.received += 1;
      const { mode } = upstream;
      if (mode === "fails") return Response.json(refusal, { status: 503 });
      if (mode === "asks for a pause")
        return Response.json(refusal, { status: 429, headers: { "retry-after": "60", "retry-after-ms": "60000" } });
      if (mode === "slow") await Bun.sleep(500);
      if (mode === "held") await going.promise;
      return Response.json(answer);
    },
  });
  const upstream: TroubledUpstream = {
    baseUrl: `http://127.0.0.1:${server.port}/v1`,
    mode: "works",
    received: 0,
    letGo: () => going.resolve(),
    stop: () => server.stop(true),
  };
  return upstream;
};
