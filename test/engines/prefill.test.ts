import { afterAll, describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../src/core/chat.ts";
import { openFrames } from "../../src/core/frames.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Target } from "../../src/core/model.ts";
import { openaiCompatible } from "../../src/providers/openai-compatible/table.ts";
import { isEngineInstalled, startEngine } from "./start.ts";

// What the table of targets that go on with a begun answer says of llama.cpp, seen at the server itself.
if (isEngineInstalled() || process.env["CI"]) {
  const engine = await startEngine();
  afterAll(engine.stop);
  const module = openaiCompatible.find(({ kind }) => kind === "llamacpp");
  const settings = { name: "tiny", kind: "llamacpp", baseUrl: engine.baseUrl, apiKeys: [], headers: {}, options: {} };
  const chat = module?.create(settings).chat;
  if (chat === undefined) throw new Error("llama.cpp serves chats");
  const target: Target = { id: "tiny/tiny", provider: "tiny", kind: "llamacpp", model: engine.model, facts: {} };

  const request: ChatRequest = {
    model: "tiny",
    messages: [{ role: "user", content: [{ type: "text", text: "Grüße aus 東京 🙂" }] }],
    temperature: 0,
    maxOutputTokens: 40,
    stream: true,
    includeUsage: false,
  };
  const begun = (text: string, fields: Partial<ChatRequest> = {}): ChatRequest => ({
    ...request,
    continueFinal: true,
    messages: [...request.messages, { role: "assistant", content: [{ type: "text", text }] }],
    ...fields,
  });
  const send = async (asked: ChatRequest): Promise<string> => {
    const { url, headers, body = "" } = chat.encode(asked, target, undefined);
    const reply = await fetch(url, { method: "POST", headers: { ...headers, connection: "close" }, body });
    const text = await reply.text();
    if (!reply.ok) throw chat.decodeError(reply.status, text, target);
    return text;
  };
  const stream = async (asked: ChatRequest): Promise<string> => {
    const splitter = openFrames("sse", { maxCharacters: 1_000_000 });
    const decoder = chat.openStream?.(asked);
    const frames = [...splitter.push(new TextEncoder().encode(await send(asked))), ...splitter.end()];
    const chunks = frames.flatMap((frame) => decoder?.push(frame) ?? []);
    return [...chunks, ...(decoder?.end() ?? [])].map((chunk) => (chunk.type === "text" ? chunk.text : "")).join("");
  };
  const own = async (path: string, body: JsonObject): Promise<Readonly<Record<string, unknown>>> => {
    const reply = await fetch(`${engine.baseUrl.replace(/\/v1$/, "")}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body: JSON.stringify(body),
    });
    return (await reply.json()) as Readonly<Record<string, unknown>>;
  };
  const user = { role: "user", content: "Grüße aus 東京 🙂" };
  const beginnings = ["tree", " a 東京", "The rain over the hill,\n\nand then 🌧️", "naïv", '<b>"größer"</b>\\'];

  describe("llama.cpp goes on with a begun answer", () => {
    for (const text of beginnings) {
      test(`${JSON.stringify(text)} stands at the end of the prompt as it is`, async () => {
        const { prompt: asked } = await own("/apply-template", { messages: [user] });
        const { prompt } = await own("/apply-template", { messages: [user, { role: "assistant", content: text }] });
        expect(prompt).toBe(`${asked}${text}`);
      });

      test(`${JSON.stringify(text)} is followed by what the model says after that prompt, and not repeated`, async () => {
        expect(chat.prefill?.(request, target)).toBe("continues");
        const { prompt } = await own("/apply-template", { messages: [user, { role: "assistant", content: text }] });
        const raw = await own("/completion", { prompt: String(prompt), n_predict: 40, temperature: 0 });
        const continuation = await stream(begun(text));
        expect(continuation).toBe(String(raw["content"]));
        expect(continuation.length).toBeGreaterThan(40);
      });
    }

    test("so that both together are the answer that was never cut", async () => {
      const whole = await stream(request);
      // Where the model has settled: before that, words beside a cut are other tokens than those it said itself.
      const place = whole.indexOf("🙂") + "🙂".length;
      expect(place).toBeGreaterThan(2);
      const rest = await stream(begun(whole.slice(0, place)));
      const length = Math.min(whole.length, place + rest.length);
      expect(length).toBeGreaterThan(place + 40);
      expect(`${whole.slice(0, place)}${rest}`.slice(0, length)).toBe(whole.slice(0, length));
    });

    test("but repeats it in a whole answer, of which therefore nothing is said", async () => {
      const asked = begun("tree wind", { stream: false });
      expect(chat.prefill?.({ ...request, stream: false }, target)).toBeUndefined();
      const [choice] = chat.decode(JSON.parse(await send(asked)), asked).choices;
      expect(choice?.content).toMatchObject([{ type: "text", text: expect.stringMatching(/^tree wind ./) }]);
    });

    test("and refuses a second one after the client's own", async () => {
      const client = begun("The client's");
      expect(chat.prefill?.({ ...request, messages: client.messages }, target)).toBeUndefined();
      const twice = { ...client, messages: [...client.messages, ...begun("tree").messages.slice(-1)] };
      await expect(send(twice)).rejects.toThrow();
    });
  });
} else {
  describe("llama.cpp goes on with a begun answer", () => {
    test.skip("is not installed: run test/engines/install.sh", () => {});
  });
}
