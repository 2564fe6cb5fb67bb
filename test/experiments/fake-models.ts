/** One request as a fake model understood it. */
export interface AskedModel {
  readonly model: string;
  /** All messages, as they came. */
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  /** Text of the last message. */
  readonly text: string;
  readonly streamed: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What it answers: a text, a status that says no, or nothing ever. */
export type Said = string | number | "never";

export interface FakeModels {
  readonly baseUrl: string;
  /** Everything that was asked, in order. */
  readonly asked: readonly AskedModel[];
  of(model: string): readonly AskedModel[];
  stop(): Promise<void>;
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

const streamOf = (model: string, text: string): Response => {
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({
      ...{ id: "x", object: "chat.completion.chunk", created: 1, model },
      choices: [{ index: 0, delta, finish_reason: finish }],
    })}\n\n`;
  const last = { id: "x", object: "chat.completion.chunk", created: 1, model, choices: [], usage };
  const body =
    chunk({ role: "assistant", content: text }, null) +
    chunk({}, "stop") +
    `data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`;
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
};

const wholeOf = (model: string, content: string): Response =>
  Response.json({
    ...{ id: "x", object: "chat.completion", created: 1, model, usage },
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  });

/** A server of models that answer what they are told to. */
export const startFakeModels = (answer: (asked: AskedModel) => Said): FakeModels => {
  const asked: AskedModel[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      if (request.method === "GET") return Response.json({ object: "list", data: [] });
      const body = (await request.json()) as Record<string, unknown> & Pick<AskedModel, "model" | "messages">;
      const { model, messages } = body;
      if (messages === undefined) return Response.json({ error: { message: "only chats" } }, { status: 404 });
      const one = { model, messages, text: messages.at(-1)?.content ?? "", streamed: body["stream"] === true, body };
      asked.push(one);
      const said = answer(one);
      if (said === "never") return new Promise<Response>(() => undefined);
      if (typeof said === "number") return Response.json({ error: { message: "no", type: "x" } }, { status: said });
      return one.streamed ? streamOf(model, said) : wholeOf(model, said);
    },
  });
  return {
    baseUrl: `http://127.0.0.1:${server.port}/v1`,
    asked,
    of: (model) => asked.filter((one) => one.model === model),
    stop: () => server.stop(true),
  };
};
