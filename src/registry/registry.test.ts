import { describe, expect, test } from "bun:test";
import type { ModelFacts } from "../core/model.ts";
import type { ProviderModule } from "../core/ports/provider.ts";
import type { DeclaredProvider, ProviderSource } from "./provider-entry.ts";
import { Registry } from "./registry.ts";

const module: ProviderModule = {
  kind: "openai",
  title: "OpenAI",
  keyVariables: [],
  keyless: false,
  catalogueId: "openai",
  create: () => ({ kind: "openai", dialect: "openai", credentials: { authorize: (request) => request } }),
};

const declared = (
  name: string,
  parts: { priority?: number; source?: ProviderSource; models?: Record<string, ModelFacts> } = {},
): DeclaredProvider => ({
  settings: { name, kind: "openai", apiKeys: [], headers: {}, options: {} },
  source: parts.source ?? "configuration",
  priority: parts.priority ?? 10,
  models: new Map(Object.entries(parts.models ?? {})),
});

const create = (): Registry =>
  new Registry({
    modules: [module],
    catalogue: {
      asOf: () => "2026-01-01",
      models: () =>
        new Map([
          ["gpt", { contextTokens: 8_000, price: { input: 1, output: 2 } }],
          ["old", { contextTokens: 1 }],
        ]),
      replace: () => undefined,
    },
  });

describe("Registry", () => {
  test("finds a target by provider and model, and a bare name by priority", () => {
    const registry = create();
    registry.declare("configuration", [declared("late", { priority: 20 }), declared("early", { priority: 5 })]);
    const snapshot = registry.snapshot();
    expect(snapshot.findTarget("late/gpt")?.id).toBe("late/gpt");
    expect(snapshot.findTarget("gpt")?.id).toBe("early/gpt");
    expect(snapshot.findTarget("late/brand-new")?.facts).toEqual({});
    expect(snapshot.findTarget("brand-new")).toBeUndefined();
    expect(snapshot.findTarget("late/")).toBeUndefined();
  });

  test("a model's name may hold slashes", () => {
    const registry = create();
    registry.declare("configuration", [declared("hub", { models: { "meta/llama": {} } })]);
    expect(registry.snapshot().findTarget("meta/llama")?.id).toBe("hub/meta/llama");
    expect(registry.snapshot().findTarget("hub/meta/llama")?.model).toBe("meta/llama");
  });

  test("facts: catalogue, then the upstream's list, then the configuration, then administrators", () => {
    const registry = create();
    registry.declare("configuration", [declared("p", { models: { gpt: { maxOutputTokens: 3 } } })]);
    registry.noteCheck("p", {
      at: 0,
      latencyMilliseconds: 1,
      listed: [{ id: "gpt", facts: { contextTokens: 9_000, tools: true } }],
    });
    registry.override({
      facts: new Map([["p", new Map([["gpt", { tools: false }]])]]),
      hidden: new Map(),
      everywhere: new Map(),
    });
    expect(registry.snapshot().findTarget("gpt")?.facts).toEqual({
      contextTokens: 9_000,
      price: { input: 1, output: 2 },
      maxOutputTokens: 3,
      tools: false,
    });
    expect([...(registry.snapshot().providers.get("p")?.served.keys() ?? [])]).toEqual(["gpt"]);
  });

  test("a provider that failed serves a bare name only where no other does", () => {
    const registry = create();
    registry.declare("configuration", [declared("down", { priority: 1 }), declared("up", { priority: 2 })]);
    registry.noteCheck("down", { at: 0, latencyMilliseconds: 1, error: "refused" });
    expect(registry.snapshot().findTarget("gpt")?.provider).toBe("up");
    registry.declare("configuration", [declared("down")]);
    expect(registry.snapshot().findTarget("gpt")?.provider).toBe("down");
  });

  test("the last list stays while a provider does not answer", () => {
    const registry = create();
    registry.declare("configuration", [declared("p")]);
    registry.noteCheck("p", { at: 0, latencyMilliseconds: 1, listed: [{ id: "mine", facts: {} }] });
    registry.noteCheck("p", { at: 1, latencyMilliseconds: 1, error: "refused" });
    expect(registry.snapshot().findTarget("mine")?.id).toBe("p/mine");
  });

  test("a name in two sources belongs to the first", () => {
    const registry = create();
    registry.declare("environment", [declared("openai", { source: "environment", priority: 1 })]);
    registry.declare("configuration", [declared("openai", { priority: 7 })]);
    expect(registry.snapshot().providers.get("openai")).toMatchObject({ source: "configuration", priority: 7 });
  });

  test("a model that administrators turned off is not there", () => {
    const registry = create();
    registry.declare("configuration", [declared("p")]);
    registry.override({ facts: new Map(), hidden: new Map([["p", new Set(["gpt"])]]), everywhere: new Map() });
    expect(registry.snapshot().findTarget("gpt")).toBeUndefined();
    expect(registry.snapshot().findTarget("p/gpt")).toBeUndefined();
    expect(registry.snapshot().findTarget("p/old")?.id).toBe("p/old");
  });

  test("tells of changes, and keeps a provider whose settings stay the same", () => {
    const registry = create();
    let changes = 0;
    registry.onChange(() => changes++);
    registry.declare("configuration", [declared("p")]);
    const { provider } = registry.snapshot().providers.get("p") ?? {};
    registry.declare("configuration", [declared("p", { priority: 3 })]);
    expect(changes).toBe(2);
    expect(registry.snapshot().providers.get("p")?.provider).toBe(provider);
  });
});
