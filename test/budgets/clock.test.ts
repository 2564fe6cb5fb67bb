import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { type Answer, administer, ask, chat, hello } from "../e2e/ask.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startTroubledUpstream, type TroubledUpstream } from "../workers/troubled-upstream.ts";

const preload = resolve(import.meta.dir, "../support/clock-preload.ts");
const [hour, day] = [3_600_000, 86_400_000];
const patience = 60_000;

let gateway: RunningGateway;
let upstream: TroubledUpstream;
let folder: string;
/** For the program it is half past eleven at night, UTC, when it starts. */
let evening: number;
let shift: number;
afterEach(async () => {
  await gateway.dispose();
  await upstream.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the program takes the time to be, in milliseconds since 1970. */
const programTime = (): number => Date.now() + evening + shift;
const offsetFile = (): string => join(folder, "offset");
/** Sets the program's clock so far from what it was at the start. */
const setClock = async (milliseconds: number): Promise<void> => {
  shift = milliseconds;
  writeFileSync(offsetFile(), String(evening + shift));
  await Bun.sleep(50);
};

const start = async (configuration: object = {}): Promise<void> => {
  upstream = startTroubledUpstream();
  folder = mkdtempSync(join(tmpdir(), "intellirouter-clock-"));
  evening = 23.5 * hour - (Date.now() % day);
  await setClock(0);
  const models = { m: { price: { input: 1, output: 1 } }, free: { price: { input: 0, output: 0 } } };
  gateway = await startGateway({
    environment: { BUN_OPTIONS: `--preload=${preload}`, CLOCK_OFFSET_FILE: offsetFile() },
    configuration: {
      providers: { lab: { kind: "openai-compatible", baseUrl: upstream.baseUrl, models } },
      ...configuration,
    },
  });
};
/** What a call may cost at most: its bytes, what a provider adds, and its answer. */
const worstUsd = (Buffer.byteLength(JSON.stringify({ ...hello("lab/m"), max_tokens: 100 })) + 256 + 8 + 100) / 1e6;
const makeKey = async (fields: object = {}): Promise<{ key: string; createdAt: string }> => {
  const { status, body, text } = await administer(gateway, "/keys", { body: { name: "one", ...fields } });
  expect(status, text).toBe(201);
  return body;
};
const call = (fields: { key?: string; model?: string; headers?: Record<string, string> } = {}): Promise<Answer> => {
  const { model = "lab/free", ...rest } = fields;
  return ask(gateway, chat, { body: { ...hello(model), max_tokens: 100 }, ...rest });
};
const statusOf = async (fields: Parameters<typeof call>[0]): Promise<number> => (await call(fields)).status;

test(
  "a budget that is spent stays so over midnight by a clock that was set, and a minute's limit is neither filled nor stuck",
  async () => {
    await start({ budgets: [{ scope: "everyone", usd: worstUsd + 1e-6, per: "day" }] });
    const { key, createdAt } = await makeKey({ limits: [{ requests: 2, per: "minute" }] });
    const { key: plain } = await makeKey();
    const { key: quick } = await makeKey({ limits: [{ requests: 1, per: "second" }] });
    expect(createdAt).toContain("T23:3");
    const priced = { key: quick, model: "lab/m" };
    expect(await statusOf(priced)).toBe(200);
    const spent = async (): Promise<number> => (await administer(gateway, "/budgets")).body.data[0].spentUsd;
    const before = await spent();
    expect(before).toBeGreaterThan(0);
    await Bun.sleep(1_100);
    expect((await call(priced)).body.error.message).toContain("budget");
    expect([await statusOf({ key }), await statusOf({ key }), await statusOf({ key })]).toEqual([200, 200, 429]);
    for (const jump of [hour, -hour, 0, -hour, hour]) {
      await setClock(jump);
      // The program sees the jump: it is the next day, or the evening before.
      if (jump !== 0) expect((await makeKey()).createdAt).toContain(jump > 0 ? "T00:3" : "T22:3");
      expect([jump, await spent(), await statusOf({ key })]).toEqual([jump, before, 429]);
      await Bun.sleep(1_100);
      expect([jump, await statusOf({ key: quick })]).toEqual([jump, 200]);
      expect([jump, await statusOf({ key: plain, model: "lab/m" })]).toEqual([jump, 429]);
    }
  },
  patience,
);

test(
  "a clock that is set ends no key at once, and brings none back to life",
  async () => {
    await start();
    const inTime = (milliseconds: number) => ({ expiresAt: new Date(programTime() + milliseconds).toISOString() });
    const { key } = await makeKey(inTime(600_000));
    const { key: short } = await makeKey(inTime(2_000));
    expect([await statusOf({ key }), await statusOf({ key: short })]).toEqual([200, 200]);
    await Bun.sleep(2_100);
    expect(await statusOf({ key: short })).toBe(401);
    for (const jump of [hour, -hour, 0]) {
      await setClock(jump);
      expect([jump, await statusOf({ key }), await statusOf({ key: short })]).toEqual([jump, 200, 401]);
    }
  },
  patience,
);

test(
  "a token that has ended stays so, one that was just signed is good, and a wrong clock does no lasting harm",
  async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const keys = [{ ...(await exportJWK(publicKey)), kid: "one" }];
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json({ keys }) });
    const issuer = String(server.url);
    await start({
      auth: { jwt: [{ issuer, audience: "g", jwksUrl: `${issuer}keys`, defaults: { role: "developer" } }] },
    });
    /** By a clock that is right. */
    const sign = (life: number): Promise<string> => {
      const now = Math.floor((Date.now() + evening) / 1_000);
      return new SignJWT({ iss: issuer, aud: "g", sub: "ada", iat: now, exp: now + life })
        .setProtectedHeader({ alg: "ES256", kid: "one" })
        .sign(privateKey);
    };
    const [good, over] = [await sign(600), await sign(-100)];
    const both = async () => [await statusOf({ key: good }), await statusOf({ key: over })];
    expect(await both()).toEqual([200, 401]);
    await setClock(-hour);
    expect(await both()).toEqual([200, 401]);
    expect(await statusOf({ key: await sign(600) })).toBe(200);
    // Its times are of another machine, so that nothing but the clock can say that it is not over.
    await setClock(hour);
    expect(await both()).toEqual([401, 401]);
    await setClock(0);
    expect(await both()).toEqual([200, 401]);
    await server.stop(true);
  },
  patience,
);

test(
  "an answer is kept for as long as it should be, calls go on, and what was done stands in its order",
  async () => {
    await start({ idempotency: { ttlMilliseconds: 600_000 } });
    const headers = { "idempotency-key": "once" };
    expect(await statusOf({ headers })).toBe(200);
    for (const jump of [hour, -hour]) {
      await setClock(jump);
      expect(await statusOf({ headers })).toBe(200);
    }
    expect(upstream.received).toBe(1);

    upstream.mode = "slow";
    for (const jump of [hour, -hour, 0]) {
      const under = call();
      await Bun.sleep(100);
      await setClock(jump);
      expect((await under).status).toBe(200);
    }
    const { body: calls } = await administer(gateway, "/calls");
    expect(calls.data).toHaveLength(4);
    for (const { durationMilliseconds } of calls.data) {
      expect(durationMilliseconds).toBeGreaterThan(0);
      expect(durationMilliseconds).toBeLessThan(30_000);
    }

    const names = ["first", "second", "third"];
    for (const [place, jump] of [hour, -hour, 0].entries()) {
      await setClock(jump);
      await administer(gateway, "/keys", { body: { name: names[place] } });
    }
    const { body: audit } = await administer(gateway, "/audit");
    const text = JSON.stringify(audit.data.toReversed());
    const places = names.map((name) => text.indexOf(`"${name}"`));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect((await administer(gateway, "/audit/verify")).body).toMatchObject({ ok: true });
  },
  patience,
);
