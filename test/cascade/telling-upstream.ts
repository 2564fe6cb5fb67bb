/** What a model of this upstream does when it is asked. */
export interface Told {
  readonly text?: string;
  readonly finish?: "stop" | "length" | "content_filter";
  readonly status?: number;
  readonly call?: { readonly name: string; readonly arguments: string };
  /** Says so much, and is then silent. */
  readonly stalls?: true;
  /** Before anything is sent. */
  readonly afterMilliseconds?: number;
}

export interface AskedModel {
  readonly model: string;
  readonly streamed: boolean;
  /** When the gateway went before the answer was complete (`performance.now`). */
  goneAt: number | null;
}

export interface TellingUpstream {
  readonly baseUrl: string;
  readonly asked: AskedModel[];
  stop(): Promise<void>;
}

export const usage = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };

const head = (model: string, object: string) => ({ id: `chatcmpl-${model}`, object, created: 1_760_000_000, model });
const finishOf = ({ finish, call }: Told): string => finish ?? (call === undefined ? "stop" : "tool_calls");
const callsOf = ({ call }: Told) =>
  call === undefined ? {} : { tool_calls: [{ index: 0, id: "call_1", type: "function", function: call }] };

const whole = (model: string, told: Told): Response =>
  Response.json({
    ...head(model, "chat.completion"),
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: told.text ?? null, refusal: null, ...callsOf(told) },
        logprobs: null,
        finish_reason: finishOf(told),
      },
    ],
    usage,
  });

const framesOf = (model: string, told: Told): readonly unknown[] => {
  const frame = (delta: object, finish: string | null = null) => ({
    ...head(model, "chat.completion.chunk"),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const pieces = (told.text ?? "").match(/.{1,4}/gs) ?? [];
  return [
    frame({ role: "assistant", content: "" }),
    ...pieces.map((content) => frame({ content })),
    ...(told.call === undefined ? [] : [frame(callsOf(told))]),
    frame({}, finishOf(told)),
    { ...head(model, "chat.completion.chunk"), choices: [], usage },
  ];
};

const streamed = (model: string, told: Told): Response => {
  const frames = framesOf(model, told).map((frame) => `data: ${JSON.stringify(frame)}\n\n`);
  const sent = told.stalls === true ? frames.slice(0, -2) : [...frames, "data: [DONE]\n\n"];
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const frame = sent[next++];
      if (frame !== undefined) {
        controller.enqueue(new TextEncoder().encode(frame));
        return Bun.sleep(1);
      }
      if (told.stalls === true) return new Promise(() => undefined);
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
};

/** A provider of OpenAI's format on a free port of loopback. Models that nobody told anything are silent. */
export const startTellingUpstream = (models: Readonly<Record<string, Told>>): TellingUpstream => {
  const asked: AskedModel[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      if (request.method !== "POST") return Response.json({ object: "list", data: [] });
      const { model, stream } = (await request.json()) as { readonly model: string; readonly stream?: boolean };
      const entry: AskedModel = { model, streamed: stream === true, goneAt: null };
      asked.push(entry);
      request.signal.addEventListener("abort", () => {
        entry.goneAt ??= performance.now();
      });
      const told = models[model];
      if (told === undefined) return new Promise<Response>(() => undefined);
      if (told.afterMilliseconds !== undefined) await Bun.sleep(told.afterMilliseconds);
      if (told.status !== undefined)
        return Response.json({ error: { message: "refused", type: "server_error" } }, { status: told.status });
      return stream === true ? streamed(model, told) : whole(model, told);
    },
  });
  return { baseUrl: `http://127.0.0.1:${server.port}/v1`, asked, stop: () => server.stop(true) };
};
