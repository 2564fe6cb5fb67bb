import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { ask, chat, hello } from "./ask.ts";

// An upstream that answers in ways that no provider does.
let gateway: RunningGateway;
let upstream: ReturnType<typeof serve>;
let reached: string[] = [];

const completion = JSON.stringify({
  id: "a",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
});
const json = { "content-type": "application/json" };

const answers: Readonly<Record<string, () => Response>> = {
  redirect: () => new Response(null, { status: 307, headers: { location: "/inner/secret" } }),
  page: () => new Response("<html>hello</html>", { headers: { "content-type": "text/html" } }),
  empty: () => new Response(""),
  half: () => new Response(completion.slice(0, 40), { headers: json }),
  other: () => new Response('{"hello":"world"}', { headers: json }),
  bomb: () =>
    new Response(gzipSync(Buffer.alloc(200_000_000, 32)), { headers: { ...json, "content-encoding": "gzip" } }),
};

const serve = () =>
  Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      reached.push(pathname);
      if (request.method !== "POST") return new Response("{}", { status: 404 });
      const { model } = (await request.json()) as { model: string };
      return answers[model]?.() ?? new Response(completion, { headers: json });
    },
  });

beforeAll(async () => {
  upstream = serve();
  const provider = { kind: "openai-compatible", baseUrl: `http://127.0.0.1:${upstream.port}/v1`, apiKey: "sk-canary" };
  gateway = await startGateway({
    configuration: {
      providers: { odd: provider },
      routes: Object.fromEntries(
        Object.keys(answers).map((name) => [name, { targets: [`odd/${name}`], retries: { perTarget: 0 } }]),
      ),
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
  await upstream.stop(true);
});

describe("an upstream that answers otherwise than a provider does", () => {
  const cases = Object.keys(answers).flatMap((name) => [[name, false] as const, [name, true] as const]);
  test.each(cases)("%s (streamed: %p) is 502, and nothing is followed", async (name, stream) => {
    reached = [];
    const { status, body, text } = await ask(gateway, chat, { body: { ...hello(name), stream } });
    expect(status, text).toBe(502);
    expect(body.error.type).toBe("server_error");
    expect(text).not.toContain("<html>");
    expect(reached.filter((path) => path !== "/v1/models")).toEqual(["/v1/chat/completions"]);
    expect(gateway.logs()).not.toContain("sk-canary");
  });

  test("memory stays where it was after bombs", async () => {
    const resident = async (): Promise<number> => {
      const { text } = await ask(gateway, "/metrics");
      return Number(/^intellirouter_process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
    };
    await ask(gateway, chat, { body: hello("bomb") });
    expect(await resident()).toBeLessThan(400_000_000);
  });
});
