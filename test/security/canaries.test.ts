import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { administer, ask, chat, eventually, presentTag, type Request } from "../e2e/ask.ts";
import { sendRaw } from "../e2e/raw-request.ts";
import { runProgram } from "../e2e/run-program.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { canaryModels, startCanaryUpstream } from "./canary-upstream.ts";
import { filesOf, findSecrets } from "./data-folder.ts";

/** No pattern knows their form: nothing but their place can hide them. */
const secrets: Record<string, string> = {
  providerKey: "Canary4provider4in4the4file4aa11",
  providerHeader: "Canary4header4of4a4provider4bb22",
  storedKey: "Canary4provider4in4the4database4cc33",
  adminKey: "Canary4administrator4of4variable4dd44",
  masterKey: "Canary4master4key4of4a4variable4ee55",
  strangeKey: "Canary4key4of4a4stranger4ff66",
  wrongPlace: "Canary4secret4in4a4wrong4place4gg77",
  userInfo: "Canary4password4within4a4url4hh88",
};
/** What callers say, which is stored nowhere; answers hold it, since the provider repeats it. */
const prompt = "Canary4what4the4caller4said4ii99";
const reported: Record<string, string> = { ...secrets };

const upstream = startCanaryUpstream();
const dataFolder = mkdtempSync(join(tmpdir(), "intellirouter-canaries-"));
const file = join(dataFolder, "intellirouter.yaml");
/** What clients were answered, by what they asked. */
const replies = new Map<string, string>();
let gateway: RunningGateway;

const start = (): Promise<RunningGateway> =>
  startGateway({
    dataFolder,
    configuration: {
      logging: { level: "debug" },
      providers: {
        lab: {
          kind: "openai-compatible",
          baseUrl: `${upstream.url}/v1`,
          apiKey: secrets["providerKey"],
          headers: { "x-canary": secrets["providerHeader"] },
        },
      },
      routes: Object.fromEntries(
        [...canaryModels, "hang"].map((name) => [
          `to-${name}`,
          { targets: [`lab/${name}`], retries: { perTarget: 0 }, timeouts: { idleMilliseconds: 2_000 } },
        ]),
      ),
    },
    environment: {
      INTELLIROUTER_ADMIN_KEY: secrets["adminKey"] ?? "",
      INTELLIROUTER_MASTER_KEY: secrets["masterKey"] ?? "",
    },
  });

const note = async (what: string, path: string, request: Request): Promise<number> => {
  const { status, headers, text } = await ask(gateway, path, request);
  replies.set(`${what} ${replies.size}`, `${status}\n${JSON.stringify([...headers])}\n${text}`);
  return status;
};
const say = (model: string, stream: boolean) => ({
  model,
  stream,
  max_tokens: 100,
  messages: [{ role: "user", content: prompt }],
});

const drive = async (key: string): Promise<void> => {
  for (const model of canaryModels)
    for (const stream of [false, true])
      for (const path of [chat, "/v1/messages"])
        await note(`${model}`, path, { key, body: say(`to-${model}`, stream) });
  for (const path of [chat, "/v1/completions", "/v1/embeddings", "/v1/messages"])
    for (const body of [
      say("to-nowhere", false),
      { ...say("to-echo", false), temperature: prompt },
      { ...say("to-echo", false), [prompt]: prompt, messages: prompt },
      `{"model": "${prompt}`,
      `{"model":"to-echo","model":"${prompt}"}`,
    ])
      await note("wrong body", path, { key, body });
  const headers = { "idempotency-key": "one" };
  for (let turn = 0; turn < 2; turn++) await note("echo again", chat, { key, headers, body: say("to-echo", false) });
};

/** Strangers, with a key in every place where somebody may put one. */
const knock = async (): Promise<void> => {
  const key = secrets["strangeKey"] ?? "";
  const body = say("to-echo", false);
  const basic = `Basic ${Buffer.from(`user:${secrets["userInfo"]}`).toString("base64")}`;
  for (const path of [chat, "/v1/messages", "/v1/models", "/metrics", "/admin/v1/keys", `/admin/v1/keys/${key}`])
    for (const request of [
      { headers: { authorization: `Bearer ${key}` } },
      { headers: { "x-api-key": key } },
      { headers: { authorization: key } },
      { headers: { authorization: basic } },
    ])
      expect(
        await note(
          "stranger",
          path,
          path.startsWith("/v1/m") || path.startsWith("/admin") || path === "/metrics" ? request : { ...request, body },
        ),
      ).toBeGreaterThanOrEqual(400);
  for (const path of [`/v1/chat/completions?key=${key}`, `/${key}`, `/v1/models/${key}?api_key=${key}`])
    await note("stranger's path", path, {});
  const { text } = await sendRaw(
    gateway.url,
    `GET http://user:${secrets["userInfo"]}@127.0.0.1/v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
  );
  replies.set("raw", text);
};

const act = async (): Promise<string> => {
  const made = await ask(gateway, "/admin/v1/keys", { key: secrets["adminKey"] ?? "", body: { name: "one" } });
  expect(made.status).toBe(201);
  secrets["clientKey"] = made.body.key;
  reported["clientKey"] = made.body.key;
  const body = { kind: "openai-compatible", baseUrl: `${upstream.url}/v1`, apiKey: secrets["storedKey"] };
  const put = async (name: string, fields: object) =>
    administer(gateway, `/providers/${name}`, {
      ...{ method: "PUT", body: { ...body, ...fields } },
      headers: await presentTag(gateway, `/providers/${name}`),
    });
  expect((await put("stored", {})).status).toBe(200);
  for (const fields of [
    { kind: secrets["wrongPlace"] },
    { baseUrl: `http://user:${secrets["userInfo"]}@127.0.0.1` },
    { options: { apiKey: secrets["wrongPlace"] } },
    { [secrets["wrongPlace"] ?? ""]: 1 },
    { apiKey: { text: secrets["wrongPlace"] } },
  ]) {
    const answer = await put("refused", fields);
    expect([JSON.stringify(fields).slice(0, 20), answer.status]).toEqual([expect.any(String), 400]);
    // The name of an unknown field is told to who sent it, and to nobody else.
    if (!Object.hasOwn(fields, secrets["wrongPlace"] ?? "") && !("kind" in fields))
      replies.set(`refused ${replies.size}`, answer.text);
  }
  for (const path of [
    "/providers",
    "/providers/stored",
    "/config",
    "/status",
    "/calls?limit=200",
    "/usage?by=model",
    "/audit?limit=200",
    "/keys",
    "/secrets",
  ]) {
    const answer = await administer(gateway, path);
    expect([path, answer.status]).toEqual([path, 200]);
    replies.set(`shown ${path}`, answer.text);
  }
  replies.set("test", (await administer(gateway, "/providers/stored/test", { method: "POST" })).text);
  return made.body.key;
};

/** Configurations that are refused, each with a secret where it does not belong. */
const reloadWrong = async (): Promise<void> => {
  const good = readFileSync(file, "utf8");
  const secret = secrets["wrongPlace"];
  for (const text of [
    `providers: { lab: { kind: openai, apiKye: ${secret} } }`,
    `providers: { lab: { kind: openai, apiKey: { text: ${secret} } } }`,
    `providers: { lab: { kind: openai, apiKey: "${secret}" `,
    `providers: { lab: { kind: openai, headers: { "x-key": "${secret}\\n" } } }`,
    `providers:\n  lab: ${secret}\n`,
    `providers: { lab: { kind: openai, baseUrl: "https://user:${secret}@example.org" } }`,
    `providers: { lab: { kind: openai, apiKey: "file:/nowhere/x" } }\nlogging: { level: !secret ${secret} }`,
  ]) {
    writeFileSync(file, text);
    const answer = await administer(gateway, "/reload", { method: "POST" });
    expect([text.slice(0, 50), answer.status]).toEqual([text.slice(0, 50), 422]);
    replies.set(`reload ${replies.size}`, answer.text);
  }
  writeFileSync(file, good);
};

beforeAll(async () => {
  gateway = await start();
  const key = await act();
  await drive(key);
  await knock();
  await act();
  await reloadWrong();
  // Dies with a call that has begun, and says so when it starts again.
  const begun = await fetch(`${gateway.url}${chat}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(say("to-hang", true)),
  });
  await begun.body?.getReader().read();
  await gateway.kill("SIGKILL");
  gateway = await start();
  await eventually(
    "the dead call is in the ledger",
    async () => (await administer(gateway, "/calls?outcome=interrupted")).body.data.length > 0,
  );
  replies.set("interrupted", (await administer(gateway, "/calls?outcome=interrupted")).text);
  await drive(secrets["clientKey"] ?? "");
}, 60_000);
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
  rmSync(dataFolder, { recursive: true, force: true });
});

describe("canaries", () => {
  test("came as far as they should: the provider was sent its credentials and the prompt", () => {
    for (const name of ["providerKey", "providerHeader", "storedKey"])
      expect(upstream.received()).toContain(secrets[name] ?? "");
    expect(upstream.received()).toContain(prompt);
    for (const name of ["clientKey", "adminKey", "strangeKey", "masterKey"])
      expect(upstream.received()).not.toContain(secrets[name] ?? "");
  });

  test("no secret stands in anything that clients and administrators were answered", () => {
    expect(replies.size).toBeGreaterThan(150);
    // Whose provider repeats its key in an answer has told it itself, to who may use it; errors are our own.
    const ours = new Map([...replies].filter(([what]) => !what.startsWith("echo")));
    expect(findSecrets(ours, reported)).toEqual([]);
  });

  test("no secret and no prompt stands in the log", () => {
    expect(gateway.logs().length).toBeGreaterThan(10_000);
    expect(findSecrets(new Map([["log", gateway.logs()]]), { ...secrets, prompt })).toEqual([]);
  });

  test("none stands in the metrics or the API's description", async () => {
    const key = secrets["adminKey"] ?? "";
    const texts = new Map<string, string>();
    for (const path of ["/metrics", "/openapi.json", "/healthz", "/readyz"])
      texts.set(path, (await ask(gateway, path, { key })).text);
    expect(texts.get("/metrics")).toContain("intellirouter_calls_total");
    expect(findSecrets(texts, { ...secrets, prompt })).toEqual([]);
  });

  test("none stands in what the command line shows and exports", async () => {
    const texts = new Map<string, string>();
    for (const args of [
      ["audit", "export"],
      ["audit", "list", "--json"],
      ["providers", "--json"],
      ["config", "explain", "--json"],
      ["keys", "--json"],
      ["usage", "--json"],
      ["secrets", "--json"],
    ]) {
      const { output } = await runProgram([...args, "--data", dataFolder, "--config", file]);
      expect(output.length).toBeGreaterThan(20);
      texts.set(args.join(" "), output);
    }
    expect(findSecrets(texts, { ...secrets, prompt })).toEqual([]);
  });

  test("none stands in any file, while it runs and after it has ended, but in the configuration", async () => {
    const look = () =>
      findSecrets(
        new Map(
          [...filesOf(dataFolder)].filter(
            ([path]) => basename(path) !== "intellirouter.yaml" && !path.includes("/.bun/"),
          ),
        ),
        { ...secrets, prompt },
      );
    expect([...filesOf(dataFolder).keys()].some((path) => path.includes("journal"))).toBe(true);
    expect(look()).toEqual([]);
    await gateway.stop();
    expect(look()).toEqual([]);
  });
});
