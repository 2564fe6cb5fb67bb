import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { behaviourOf, textOf } from "./behaviour.ts";
import { startUpstream, type Upstream } from "./start.ts";

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.stop());

const ask = (model: string, options: { stream?: boolean; signal?: AbortSignal } = {}): Promise<Response> =>
  fetch(`${upstream.baseUrl}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, stream: options.stream === true, messages: [] }),
    keepalive: false,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });

const seen = (model: string) => upstream.dispatches().filter((dispatch) => dispatch.model === model);

const endingOf = async (model: string): Promise<unknown> => {
  for (let tries = 0; tries < 200; tries++) {
    const [dispatch] = seen(model);
    if (dispatch?.ending) return { how: dispatch.ending.how, chunks: dispatch.ending.chunks };
    await Bun.sleep(5);
  }
  return null;
};

describe("a whole answer", () => {
  test("holds all pieces and the usage", async () => {
    const answer = (await (await ask("whole?chunks=3")).json()) as Record<string, unknown>;
    expect(answer).toMatchObject({
      choices: [{ message: { content: textOf("whole?chunks=3", 3) } }],
      usage: { completion_tokens: 3 },
    });
    expect(await endingOf("whole?chunks=3")).toEqual({ how: "finished", chunks: 3 });
  });

  test("may be refused", async () => {
    const answer = await ask("no?status=429&retry-after=2");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "2"]);
    expect(await endingOf("no?status=429&retry-after=2")).toEqual({ how: "refused", chunks: 0 });
  });

  test("is an embedding per input where embeddings are asked for", async () => {
    const response = await fetch(`${upstream.baseUrl}/embeddings`, {
      method: "POST",
      body: JSON.stringify({ model: "vectors", input: ["a", "b"] }),
    });
    expect((await response.json()) as unknown).toMatchObject({ data: [{ index: 0 }, { index: 1 }] });
  });
});

describe("a stream", () => {
  test("comes piece by piece and ends with usage and [DONE]", async () => {
    const text = await (await ask("stream?chunks=3&delay=2", { stream: true })).text();
    expect(text.match(/"content":/g)?.length).toBe(3);
    expect(text).toEndWith("data: [DONE]\n\n");
    expect(text).toContain('"usage":');
    expect(await endingOf("stream?chunks=3&delay=2")).toEqual({ how: "finished", chunks: 3 });
  });

  test("may be cut", async () => {
    const response = await ask("cut?chunks=3&delay=5&cut=2", { stream: true });
    await expect(response.text()).rejects.toThrow();
    expect(await endingOf("cut?chunks=3&delay=5&cut=2")).toEqual({ how: "cut", chunks: 2 });
  });
});

describe("a client that goes", () => {
  const cases: readonly [string, number][] = [
    ["before?hang=headers", 0],
    ["within?chunks=9&hang=2", 2],
    ["waiting?first=60000", 0],
  ];
  for (const [model, chunks] of cases)
    test(`is seen: ${model}`, async () => {
      const controller = new AbortController();
      const answer = ask(model, { stream: true, signal: controller.signal }).then((response) => response.text());
      answer.catch(() => undefined);
      while (seen(model).length === 0) await Bun.sleep(2);
      await Bun.sleep(20);
      const before = performance.timeOrigin + performance.now();
      controller.abort();
      expect(await endingOf(model)).toEqual({ how: "aborted", chunks });
      expect((seen(model)[0]?.ending?.at ?? 0) - before).toBeLessThan(500);
    });
});

test("connections without a request are closed on demand, and none is counted as open", async () => {
  await upstream.closeIdle();
  expect((await upstream.state()).open).toBe(0);
});

test("a behaviour that does not exist is refused rather than ignored", () => {
  expect(() => behaviourOf("m?chunk=3")).toThrow("chunk");
  expect(() => behaviourOf("m?chunks=many")).toThrow("chunks");
});
