import { afterAll, describe, expect, test } from "bun:test";
import { describeEngine } from "./describe-engine.ts";
import { isEngineInstalled, startEngine } from "./start.ts";

// Continuous integration must not pass for want of an engine; a contributor's first run may.
if (isEngineInstalled() || process.env["CI"]) {
  const engine = await startEngine();
  afterAll(engine.stop);

  describeEngine({
    name: "llama.cpp, asked directly",
    baseUrl: engine.baseUrl,
    model: engine.model,
    // The server ends the connection after a streamed reply without saying so; `fetch` would use it again.
    headers: { connection: "close" },
  });

  describe("startEngine", () => {
    test("a caller who goes away frees the slot", async () => {
      const caller = new AbortController();
      const reply = await fetch(`${engine.baseUrl}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", connection: "close" },
        body: JSON.stringify({
          model: engine.model,
          messages: [{ role: "user", content: "Go on." }],
          max_tokens: 8000,
          stream: true,
        }),
        signal: caller.signal,
      });
      await reply.body?.getReader().read();
      expect(await engine.busySlots()).toBe(1);
      caller.abort();
      while ((await engine.busySlots()) > 0) await Bun.sleep(5);
    });

    test("stop ends the server, and a second stop is harmless", async () => {
      const second = await startEngine();
      await second.stop();
      await second.stop();
      await expect(fetch(`${second.baseUrl}/models`)).rejects.toThrow();
    });
  });
} else {
  describe("llama.cpp", () => {
    test.skip("is not installed: run test/engines/install.sh", () => {});
  });
}
