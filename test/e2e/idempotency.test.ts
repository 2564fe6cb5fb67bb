import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openLedger } from "../support/ledger-rows.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { textOf } from "../upstream/behaviour.ts";
import { startUpstream, type Upstream } from "../upstream/start.ts";
import { type Answer, administer, ask, chat, eventually, readAnswer, send } from "./ask.ts";
import { sendRaw } from "./raw-request.ts";

const retention = 3_000;
const limit = 4_000;

const configuration = (upstream: Upstream, more: Readonly<Record<string, unknown>> = {}) => ({
  providers: { fake: { kind: "openai-compatible", baseUrl: upstream.baseUrl, apiKey: "none" } },
  ...more,
});

/** Tells models, and so the calls of each test, apart. */
let drawn = 0;
const newModel = (behaviour = "") => `idem-${++drawn}?${behaviour}`;
const newKey = () => crypto.randomUUID();
const messages = [{ role: "user", content: "Say something." }];
const bodyFor = (model: string, fields: object = {}) => ({ model: `fake/${model}`, messages, ...fields });

interface Keyed {
  readonly key: string;
  readonly body: unknown;
  readonly path?: string;
  readonly caller?: string;
}
const request = ({ key, body, caller }: Keyed) => ({
  body,
  headers: { "idempotency-key": key },
  ...(caller === undefined ? {} : { key: caller }),
});
const askWith = (gateway: RunningGateway, keyed: Keyed): Promise<Answer> =>
  ask(gateway, keyed.path ?? chat, request(keyed));

const idOf = ({ headers }: Answer): string => headers.get("x-request-id") ?? "";
const originOf = ({ headers }: Answer): string | null => headers.get("x-intellirouter-replayed-from");
const dispatchesOf = (upstream: Upstream, model: string) =>
  upstream.dispatches().filter((dispatch) => dispatch.model === model);

const expectReplay = (replayed: Answer, original: Answer): void => {
  expect(replayed.status).toBe(original.status);
  expect(replayed.text).toBe(original.text);
  expect(replayed.headers.get("content-type")).toBe(original.headers.get("content-type"));
  expect(originOf(original)).toBeNull();
  expect(originOf(replayed)).toBe(idOf(original));
  expect(idOf(replayed)).not.toBe(idOf(original));
};

const stop = async (gateway: RunningGateway): Promise<void> => {
  await gateway.stop();
  await gateway.dispose();
};

describe("Idempotency-Key", () => {
  let upstream: Upstream;
  let gateway: RunningGateway;
  beforeAll(async () => {
    upstream = await startUpstream();
    gateway = await startGateway({
      configuration: configuration(upstream, {
        discovery: { mock: true },
        idempotency: { ttlMilliseconds: retention, maxStoredBytes: limit },
      }),
    });
  });
  afterAll(async () => {
    await gateway.dispose();
    await upstream.stop();
  });

  const cases: readonly [string, string, (model: string) => object][] = [
    ["a chat", chat, (model) => bodyFor(model)],
    ["a streamed chat", chat, (model) => bodyFor(model, { stream: true, stream_options: { include_usage: true } })],
    ["embeddings", "/v1/embeddings", (model) => ({ model: `fake/${model}`, input: "Something." })],
    ["a message", "/v1/messages", (model) => bodyFor(model, { max_tokens: 100 })],
    ["a streamed message", "/v1/messages", (model) => bodyFor(model, { max_tokens: 100, stream: true })],
  ];
  test.each(cases)("%s is replayed byte for byte, with one dispatch and one ledger row", async (_, path, bodyOf) => {
    const model = newModel();
    const keyed = { key: newKey(), body: bodyOf(model), path };
    const original = await askWith(gateway, keyed);
    expect(original.status, original.text).toBe(200);
    for (const replayed of [await askWith(gateway, keyed), await askWith(gateway, keyed)])
      expectReplay(replayed, original);
    expect(dispatchesOf(upstream, model)).toHaveLength(1);
    const { body: calls } = await administer(gateway, "/calls?limit=200");
    const rows = calls.data.filter((row: { requestedModel: string }) => row.requestedModel === `fake/${model}`);
    expect(rows.map((row: { id: string }) => row.id)).toEqual([idOf(original)]);
  });

  test.each([false, true])(
    "a text completion is replayed, and is no call of the ledger (streamed: %p)",
    async (stream) => {
      const body = { model: "mock/mock-echo", prompt: "hello", stream };
      const keyed = { key: newKey(), body, path: "/v1/completions" };
      const original = await askWith(gateway, keyed);
      expect(original.status, original.text).toBe(200);
      const replayed = await askWith(gateway, keyed);
      expectReplay(replayed, original);
      expect((await administer(gateway, `/calls/${idOf(original)}`)).status).toBe(200);
      expect((await administer(gateway, `/calls/${idOf(replayed)}`)).status).toBe(404);
    },
  );

  test("a client that sees the end finds the answer, however fast it asks", async () => {
    const keyed = { key: newKey(), body: bodyFor(newModel("chunks=2"), { stream: true }) };
    for (let round = 0; round < 50; round++) {
      const own = { ...keyed, key: newKey() };
      const response = await send(gateway, chat, request(own));
      let seen = "";
      const decoder = new TextDecoder();
      for await (const bytes of response.body ?? []) {
        seen += decoder.decode(bytes, { stream: true });
        // While the first connection still waits for its end.
        if (seen.includes("[DONE]")) expect((await askWith(gateway, own)).text).toBe(seen);
      }
      expect(seen).toContain("[DONE]");
    }
  });

  test("without the header every request is a call of its own", async () => {
    const model = newModel();
    for (const _ of [1, 2]) expect((await ask(gateway, chat, { body: bodyFor(model) })).status).toBe(200);
    expect(dispatchesOf(upstream, model)).toHaveLength(2);
  });

  test("while the first is in flight the second is told to wait; then it gets the answer", async () => {
    const model = newModel("first=300");
    const keyed = { key: newKey(), body: bodyFor(model) };
    const first = askWith(gateway, keyed);
    await eventually("the upstream was asked", () => dispatchesOf(upstream, model).length === 1);
    const second = await askWith(gateway, keyed);
    expect(second.status).toBe(409);
    expect(second.body.error.code).toBe("idempotency_in_flight");
    expect(second.headers.get("x-should-retry")).toBe("true");
    expect(second.headers.get("retry-after")).toBe("1");
    const original = await first;
    expectReplay(await askWith(gateway, keyed), original);
    expect(dispatchesOf(upstream, model)).toHaveLength(1);
  });

  test("another body, and the same body to another path, is refused in the dialect of the path", async () => {
    const key = newKey();
    const body = bodyFor(newModel(), { max_tokens: 50 });
    expect((await askWith(gateway, { key, body })).status).toBe(200);
    const other = await askWith(gateway, { key, body: { ...body, temperature: 0 } });
    expect([other.status, other.body.error.code]).toEqual([422, "idempotency_mismatch"]);
    const elsewhere = await askWith(gateway, { key, body, path: "/v1/messages" });
    expect([elsewhere.status, elsewhere.body.type, elsewhere.body.error.code]).toEqual([
      422,
      "error",
      "idempotency_mismatch",
    ]);
  });

  test.each([
    ["an empty key", ""],
    ["a tab", "a\tb"],
    ["256 characters", "k".repeat(256)],
  ])("%s is refused", async (_, key) => {
    const model = newModel();
    const body = JSON.stringify(bodyFor(model));
    const head = `POST ${chat} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n`;
    const answer = await sendRaw(
      gateway.url,
      `${head}Idempotency-Key: ${key}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('"param":"Idempotency-Key"');
    expect(dispatchesOf(upstream, model)).toHaveLength(0);
  });

  test("a failed call frees its key, whether it was refused here, there or died midway", async () => {
    const invalid = { key: newKey(), body: { model: "fake/x", messages: "none" } };
    for (const _ of [1, 2]) expect((await askWith(gateway, invalid)).status).toBe(400);
    const refused = newModel("status=400");
    const keyed = { key: newKey(), body: bodyFor(refused) };
    for (const _ of [1, 2]) expect((await askWith(gateway, keyed)).status).toBe(400);
    expect(dispatchesOf(upstream, refused)).toHaveLength(2);
    const cut = newModel("cut=2");
    const streamed = { key: newKey(), body: bodyFor(cut, { stream: true }) };
    const before = await askWith(gateway, streamed);
    expect(before.text).toContain('"error"');
    const asked = dispatchesOf(upstream, cut).length;
    const after = await askWith(gateway, streamed);
    expect(originOf(after)).toBeNull();
    expect(dispatchesOf(upstream, cut).length).toBeGreaterThan(asked);
  });

  test.each([
    ["before its headers", "first=60000", false],
    ["within its stream", "hang=2", true],
  ])("a client that goes %s ends the upstream's call and frees the key", async (_, behaviour, stream) => {
    const model = newModel(behaviour);
    const keyed = { key: newKey(), body: bodyFor(model, { stream }) };
    const leaving = new AbortController();
    const left = send(gateway, chat, { ...request(keyed), signal: leaving.signal })
      .then(async (response) => {
        await response.body?.getReader().read();
        leaving.abort();
      })
      .catch(() => undefined);
    await eventually("the upstream was asked", () => dispatchesOf(upstream, model).length === 1);
    if (!stream) leaving.abort();
    await left;
    await eventually("the upstream's call ended", () => dispatchesOf(upstream, model)[0]?.ending?.how === "aborted");
    const again = new AbortController();
    const retry = send(gateway, chat, { ...request(keyed), signal: again.signal }).catch(() => undefined);
    await eventually("the retry ran", () => dispatchesOf(upstream, model).length === 2);
    again.abort();
    await retry;
  });

  test.each([false, true])(
    "an answer over the limit is not kept, and its key does not run again (%p)",
    async (stream) => {
      const model = newModel("chunks=1000");
      const keyed = { key: newKey(), body: bodyFor(model, { stream }) };
      const original = await askWith(gateway, keyed);
      expect(original.text.length).toBeGreaterThan(limit);
      const again = await askWith(gateway, keyed);
      expect([again.status, again.body.error.code]).toEqual([409, "idempotency_not_stored"]);
      expect(again.body.error.message).toContain(idOf(original));
      expect(again.headers.get("x-should-retry")).toBe("false");
      expect(dispatchesOf(upstream, model)).toHaveLength(1);
    },
  );

  test("after its time an answer is forgotten, and the key runs anew", async () => {
    const model = newModel();
    const keyed = { key: newKey(), body: bodyFor(model) };
    await askWith(gateway, keyed);
    await Bun.sleep(retention + 50);
    expect(originOf(await askWith(gateway, keyed))).toBeNull();
    expect(dispatchesOf(upstream, model)).toHaveLength(2);
  });

  test("of 1,000 at once one reaches the upstream; the others wait or get its answer", async () => {
    const model = newModel("first=200&chunks=5&delay=20");
    const keyed = { key: newKey(), body: bodyFor(model, { stream: true }) };
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => askWith(gateway, keyed)));
    const [original, ...others] = answers
      .filter(({ status }) => status === 200)
      .toSorted((left) => (originOf(left) === null ? -1 : 1));
    if (original === undefined) throw new Error("nobody was answered");
    expect(original.text).toContain(textOf(model, 1).trim());
    for (const other of others) expectReplay(other, original);
    const codes = new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.error.code));
    expect([...codes]).toEqual(["idempotency_in_flight"]);
    expectReplay(await askWith(gateway, keyed), original);
    expect(dispatchesOf(upstream, model)).toHaveLength(1);
  }, 30_000);

  test("a replay is in the log, without what was said", async () => {
    const model = newModel();
    const keyed = { key: newKey(), body: bodyFor(model) };
    const original = await askWith(gateway, keyed);
    const replayed = await askWith(gateway, keyed);
    await eventually("the line is there", () => gateway.logs().includes(idOf(replayed)));
    const line = gateway
      .logs()
      .split("\n")
      .find((one) => one.includes(idOf(replayed)));
    expect(JSON.parse(line ?? "")).toMatchObject({ from: idOf(original), path: chat, request: idOf(replayed) });
    expect(gateway.logs()).not.toContain(keyed.key);
  });
});

describe("Idempotency-Key of several callers", () => {
  test("the same key of another API key is another key", async () => {
    const upstream = await startUpstream();
    const gateway = await startGateway({ configuration: configuration(upstream) });
    const make = async (name: string): Promise<string> =>
      (await administer(gateway, "/keys", { body: { name, role: "developer" } })).body.key;
    const [first, second] = [await make("one"), await make("two")];
    const model = newModel();
    const key = newKey();
    const answers: Answer[] = [];
    for (const caller of [first, second, first, second])
      answers.push(await askWith(gateway, { key, caller, body: bodyFor(model) }));
    const [one, two, oneAgain, twoAgain] = answers as [Answer, Answer, Answer, Answer];
    expect(originOf(two)).toBeNull();
    expectReplay(oneAgain, one);
    expectReplay(twoAgain, two);
    const third = await make("three");
    // Nothing of the others shows through: not even that a key is in use for another body.
    const other = { ...bodyFor(newModel()), n: 1 };
    expect((await askWith(gateway, { key, caller: third, body: other })).status).toBe(200);
    expect((await askWith(gateway, { key, caller: "ir-unknown", body: bodyFor(model) })).status).toBe(401);
    expect(dispatchesOf(upstream, model)).toHaveLength(2);
    await stop(gateway);
    await upstream.stop();
  });
});

describe("Idempotency-Key and the end of the program", () => {
  test.each(["process", "power"])(
    "an answer outlives kill -9, a hold does not (durability: %s)",
    async (durability) => {
      const upstream = await startUpstream();
      const options = { configuration: configuration(upstream, { ledger: { durability } }) };
      const gateway = await startGateway(options);
      const [done, streamed, open] = [newModel(), newModel(), newModel("hang=2")];
      const whole = { key: newKey(), body: bodyFor(done) };
      const stream = { key: newKey(), body: bodyFor(streamed, { stream: true }) };
      const hanging = { key: newKey(), body: bodyFor(open, { stream: true }) };
      const originals = [await askWith(gateway, whole), await askWith(gateway, stream)] as const;
      const cut = askWith(gateway, hanging).catch(() => undefined);
      await eventually("the third is under way", () => dispatchesOf(upstream, open).length === 1);
      expect((await askWith(gateway, hanging)).status).toBe(409);
      await gateway.kill("SIGKILL");
      await cut;
      const next = await startGateway({ ...options, dataFolder: gateway.dataFolder });
      expectReplay(await askWith(next, whole), originals[0]);
      expectReplay(await askWith(next, stream), originals[1]);
      const leaving = new AbortController();
      const again = send(next, chat, { ...request(hanging), signal: leaving.signal }).then(readAnswer);
      await eventually("the third runs anew", () => dispatchesOf(upstream, open).length === 2);
      leaving.abort();
      await again.catch(() => undefined);
      expect(dispatchesOf(upstream, done)).toHaveLength(1);
      expect(dispatchesOf(upstream, streamed)).toHaveLength(1);
      await next.stop();
      const ledger = openLedger(next.dataFolder);
      const stored = ledger.query<{ answer: Uint8Array; owner: string | null }, []>("SELECT * FROM idempotency").all();
      ledger.close();
      expect(stored.map(({ owner }) => owner)).toEqual([null, null]);
      for (const { answer } of stored) expect(Buffer.from(answer).includes(textOf(done, 1).trim())).toBe(false);
      await next.dispose();
      await upstream.stop();
    },
  );

  test("two programs on one database share their keys, and one takes over what the other dies with", async () => {
    const upstream = await startUpstream();
    const options = { configuration: configuration(upstream, { server: { drainMilliseconds: 100 } }) };
    const first = await startGateway(options);
    const second = await startGateway({ ...options, dataFolder: first.dataFolder });
    const model = newModel("first=200");
    const keyed = { key: newKey(), body: bodyFor(model) };
    const racing = Array.from({ length: 200 }, (_, index) => askWith(index % 2 === 0 ? first : second, keyed));
    const answered = (await Promise.all(racing)).filter(({ status }) => status === 200);
    expect(answered.filter((answer) => originOf(answer) === null)).toHaveLength(1);
    expect(dispatchesOf(upstream, model)).toHaveLength(1);
    for (const gateway of [first, second]) expect((await askWith(gateway, keyed)).text).toBe(answered[0]?.text ?? "");

    const hanging = newModel("hang=2");
    const held = { key: newKey(), body: bodyFor(hanging, { stream: true }) };
    const cut = askWith(first, held).catch(() => undefined);
    await eventually("it is under way", () => dispatchesOf(upstream, hanging).length === 1);
    expect((await askWith(second, held)).status).toBe(409);
    await first.kill("SIGKILL");
    await cut;
    const open = send(second, chat, request(held)).then(readAnswer);
    await eventually("the other runs it anew", () => dispatchesOf(upstream, hanging).length === 2);
    // A program that is told to stop ends what is open and gives its keys back.
    await second.stop();
    expect((await open).text).toContain("shutting_down");
    const ledger = openLedger(first.dataFolder);
    expect(ledger.query("SELECT owner FROM idempotency").all()).toEqual([{ owner: null }]);
    ledger.close();
    await second.dispose();
    await upstream.stop();
  }, 60_000);

  test("switched off, the header is not looked at, and what expired is removed all the same", async () => {
    const upstream = await startUpstream();
    const idempotency = { ttlMilliseconds: 1_000 };
    const gateway = await startGateway({ configuration: configuration(upstream, { idempotency }) });
    const model = newModel();
    const keyed = { key: newKey(), body: bodyFor(model) };
    await askWith(gateway, keyed);
    await gateway.stop();
    await Bun.sleep(1_000);
    const off = { configuration: configuration(upstream, { idempotency: { enabled: false } }) };
    const next = await startGateway({ ...off, dataFolder: gateway.dataFolder });
    for (const _ of [1, 2]) expect(originOf(await askWith(next, keyed))).toBeNull();
    expect((await askWith(next, { ...keyed, key: "k".repeat(1_000) })).status).toBe(200);
    expect(dispatchesOf(upstream, model)).toHaveLength(4);
    await next.stop();
    const ledger = openLedger(next.dataFolder);
    expect(ledger.query("SELECT count(*) AS count FROM idempotency").get()).toEqual({ count: 0 });
    ledger.close();
    await next.dispose();
    await upstream.stop();
  });
});
