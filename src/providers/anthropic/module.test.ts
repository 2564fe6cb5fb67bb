import { describe, expect, test } from "bun:test";
import type { Wire } from "../../core/call.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ProviderSettings } from "../../core/ports/provider.ts";
import { readJson } from "./fixtures/read-fixture.ts";
import { requestOf, targetOf } from "./fixtures/requests.ts";
import { anthropic } from "./module.ts";

const settings: ProviderSettings = {
  name: "anthropic",
  kind: "anthropic",
  apiKeys: ["k1", "k2"],
  headers: { "anthropic-beta": "files-api-2025-04-14" },
  options: {},
};
const provider = anthropic.create(settings);

const wireOf = (text: string, model: string, dialect: Wire["dialect"] = "anthropic"): Wire => {
  const start = text.indexOf(JSON.stringify(model));
  return {
    dialect,
    text,
    bytes: text.length,
    body: JSON.parse(text) as JsonObject,
    model: { start, end: start + JSON.stringify(model).length },
    parsed: undefined,
  };
};
const encode = (wire?: Wire, model = "claude-sonnet-4-5", request = requestOf()) =>
  provider.chat?.encode(request, targetOf(model), wire);

describe("the request upstream", () => {
  test("address, version and the configured headers", () => {
    expect(encode()).toMatchObject({
      method: "POST",
      url: "https://api.anthropic.com/v1/messages",
      headers: {
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "files-api-2025-04-14",
      },
    });
  });

  test.each([
    ["https://api.example/anthropic", "https://api.example/anthropic/v1/messages"],
    ["https://api.example/v1", "https://api.example/v1/messages"],
  ])("base URL %s", (baseUrl, url) => {
    const compatible = anthropic.create({ ...settings, baseUrl });
    expect(compatible.chat?.encode(requestOf(), targetOf("m"), undefined).url).toBe(url);
  });

  test("the keys are used in turn", async () => {
    const request = { method: "POST", url: "u", headers: {} } as const;
    const sent = [await provider.credentials.authorize(request), await provider.credentials.authorize(request)];
    expect(sent.map(({ headers }) => headers["x-api-key"])).toEqual(["k1", "k2"]);
  });
});

describe("the client's own body", () => {
  const text = '{ "max_tokens": 5, "model": "smart",\n "messages": [], "future_field": 1.0 }';

  test("keeps its bytes but for the model", () => {
    expect(encode(wireOf(text, "smart"))?.body).toBe(text.replace('"smart"', '"claude-sonnet-4-5"'));
  });

  test("is written again without the gateway's own fields", () => {
    const body = '{"model":"smart","max_tokens":5,"messages":[],"route":"r","tags":["t"],"future_field":1}';
    expect(JSON.parse(encode(wireOf(body, "smart"))?.body ?? "")).toEqual({
      model: "claude-sonnet-4-5",
      max_tokens: 5,
      messages: [],
      future_field: 1,
    });
  });

  test.each([
    ["of another dialect", wireOf(text, "smart", "openai"), "claude-sonnet-4-5"],
    [
      "streamed otherwise than asked",
      wireOf('{"model":"smart","stream":true,"future_field":1}', "smart"),
      "claude-sonnet-4-5",
    ],
    [
      "with thinking that the model refuses",
      wireOf('{"model":"smart","thinking":{"type":"adaptive"},"future_field":1}', "smart"),
      "claude-haiku-4-5",
    ],
    [
      "with a budget that the model refuses",
      wireOf('{"model":"smart","thinking":{"type":"enabled","budget_tokens":2000},"future_field":1}', "smart"),
      "claude-opus-4-8",
    ],
  ])("is translated where it is %s", (_name, wire, model) => {
    expect(encode(wire, model)?.body).not.toContain("future_field");
  });
});

describe("the list of models", () => {
  test("with their facts", () => {
    expect(provider.models?.encode().url).toBe("https://api.anthropic.com/v1/models?limit=1000");
    expect(provider.models?.decode(readJson("models.json"))).toEqual([
      {
        id: "claude-opus-4-8",
        facts: {
          name: "Claude Opus 4.8",
          contextTokens: 1_000_000,
          maxOutputTokens: 128_000,
          reasoning: true,
          structuredOutput: true,
          inputModalities: ["text", "image", "pdf"],
          releaseDate: "2026-05-28",
          source: "upstream",
        },
      },
      { id: "compatible-model", facts: { source: "upstream" } },
    ]);
  });

  test.each([[{}], ["text"], [{ data: {} }]])("malformed: %j", (body) => {
    expect(() => provider.models?.decode(body)).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
  });
});
