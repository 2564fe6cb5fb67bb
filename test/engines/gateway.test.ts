import { afterAll, describe, expect, test } from "bun:test";
import { assertConforms, validateStream } from "../conformance/validate.ts";
import { startGateway } from "../support/start-gateway.ts";
import { describeEngine } from "./describe-engine.ts";
import { isEngineInstalled, startEngine } from "./start.ts";

// The same suite as against the engine itself: through the gateway nothing may be lost.
if (isEngineInstalled() || process.env["CI"]) {
  const engine = await startEngine();
  const gateway = await startGateway({
    configuration: { providers: { tiny: { kind: "llamacpp", baseUrl: engine.baseUrl } } },
  });
  afterAll(async () => {
    await gateway.stop();
    await gateway.dispose();
    await engine.stop();
  });
  const baseUrl = `${gateway.url}/v1`;
  const model = `tiny/${engine.model}`;

  // The engine's list of models is read behind the start.
  while (!(await (await fetch(`${baseUrl}/models`)).text()).includes(model)) await Bun.sleep(10);

  describeEngine({ name: "llama.cpp, through the gateway", baseUrl, model });

  const chat = (body: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<Response> =>
    fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Go on." }], max_tokens: 16, ...body }),
      ...(signal === undefined ? {} : { signal }),
    });

  describe("the gateway in front of llama.cpp", () => {
    test("answers as OpenAI's specification says, whole and streamed", async () => {
      assertConforms("CreateChatCompletionResponse", await (await chat({})).json());
      expect(validateStream(await (await chat({ stream: true })).text())).toEqual([]);
      const shown = await chat({ stream: true, stream_options: { include_usage: true } });
      expect(validateStream(await shown.text())).toEqual([]);
    });

    test("has the engine's own count of tokens in its ledger, also where the client did not ask for it", async () => {
      const reply = await chat({ stream: true });
      await reply.text();
      const id = reply.headers.get("x-request-id");
      const record = await fetch(`${gateway.url}/admin/v1/calls/${id}`);
      expect(await record.json()).toMatchObject({
        outcome: "ok",
        usageSource: "reported",
        usage: { outputTokens: 16 },
      });
    });

    test("frees the engine's slot within a second when the client leaves", async () => {
      const caller = new AbortController();
      const reply = await chat({ stream: true, max_tokens: 8_000 }, caller.signal);
      await reply.body?.getReader().read();
      expect(await engine.busySlots()).toBe(1);
      const left = performance.now();
      caller.abort();
      while ((await engine.busySlots()) > 0) await Bun.sleep(5);
      expect(performance.now() - left).toBeLessThan(1_000);
    });
  });
} else {
  describe("llama.cpp, through the gateway", () => {
    test.skip("is not installed: run test/engines/install.sh", () => {});
  });
}
