import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../../../test/support/make-call.ts";
import type { ModelFacts } from "../../../core/model.ts";
import { fittedMapping } from "./fitted.ts";
import { type MappingStep, openMapping } from "./map-model.ts";

const map = openMapping(fittedMapping);
const mapped = (model: string, facts: ModelFacts = {}) => map(makeTarget(`any/${model}`, facts));
const costing = (output: number, releaseDate?: string): ModelFacts => ({
  price: { input: 0, output },
  ...(releaseDate === undefined ? {} : { releaseDate }),
});

describe("a model is mapped", () => {
  const names: readonly (readonly [string, MappingStep, string?])[] = [
    ["gpt-4o-2024-08-06", "exact", "gpt-4o-2024-08-06"],
    ["gpt-4o-2024-05-13", "exact", "gpt-4o-2024-05-13"],
    ["gpt-4o", "exact", "gpt-4o-2024-08-06"],
    ["openai/gpt-4o-mini", "exact", "gpt-4o-mini-2024-07-18"],
    ["claude-3-5-sonnet-latest", "exact", "claude-3-5-sonnet-20241022"],
    ["anthropic.claude-3-5-sonnet-20240620-v1:0", "exact", "claude-3-5-sonnet-20240620"],
    ["claude-3-haiku@20240307", "exact", "claude-3-haiku-20240307"],
    ["meta-llama/Llama-3.1-8B-Instruct", "exact", "Meta-Llama-3.1-8B-Instruct"],
    ["llama3.1:8b", "exact", "Meta-Llama-3.1-8B-Instruct"],
    ["llama3.1:latest", "exact", "Meta-Llama-3.1-8B-Instruct"],
    ["accounts/fireworks/models/llama-v3p1-70b-instruct", "exact", "Meta-Llama-3.1-70B-Instruct"],
    ["qwen2.5", "exact", "qwen2.5-7b-instruct"],
    ["gemma2", "exact", "gemma-2-9b-it"],
    ["mistral-large-2407", "exact", "Mistral-Large-2"],
    ["deepseek-v2.5", "exact", "deepseek-v2.5-0908"],
    ["gpt-4o-2024-11-20", "snapshot", "gpt-4o-2024-08-06"],
    ["gemini-1.5-flash-002", "snapshot", "gemini-1.5-flash"],
    ["mistralai/Mixtral-8x7B-Instruct-v0.1", "snapshot", "mixtral-8x7b-instruct"],
    ["gpt-4-turbo", "exact", "gpt-4-1106-preview"],
    ["llama-3.3-70b-versatile", "version", "Meta-Llama-3.1-70B-Instruct"],
    ["gpt-4.1-mini", "version", "gpt-4o-mini-2024-07-18"],
    ["gemini-2.5-pro", "version", "gemini-1.5-pro"],
    ["gemma-2-27b-it", "size", "gemma-2-9b-it"],
    ["claude-3-sonnet-20240229", "version", "claude-3-5-sonnet-20241022"],
    ["qwen3:4b", "facts"],
    ["gpt-oss:20b", "facts"],
    ["qwen2.5-coder:7b", "facts"],
    ["command-r-plus", "usual"],
    ["my-gpt-4o", "usual"],
    ["", "usual"],
    ["🦙", "usual"],
    ["x".repeat(10_000), "usual"],
  ];
  for (const [name, step, like] of names)
    test(`by its name alone: ${name.slice(0, 60)} → ${step} ${like ?? ""}`, () =>
      expect(mapped(name)).toMatchObject({ step, ...(like === undefined ? {} : { like }) }));

  test("by what is stated before what kin would say", () => {
    const stated = mapped("gpt-4.1-mini", costing(1.6, "2025-04-14"));
    expect(stated).toMatchObject({ step: "facts", share: 0 });
    expect(stated.like).toBeUndefined();
    expect(stated.ability).toBeGreaterThan(mapped("gpt-4.1-mini").ability);
  });

  test("dearer and newer ones are expected to be better, larger ones too", () => {
    const of = (output: number, date: string) => mapped("new", costing(output, date)).ability;
    expect(of(10, "2025-01-01")).toBeGreaterThan(of(0.4, "2025-01-01"));
    expect(of(1, "2025-06-01")).toBeGreaterThan(of(1, "2024-06-01"));
    expect(mapped("qwen3:32b").ability).toBeGreaterThan(mapped("qwen3:4b").ability);
  });

  test("the less is known of it, the wider what is expected of it", () => {
    const widths = [
      mapped("gpt-4o"),
      mapped("gpt-4o-2024-11-20", costing(10, "2024-11-20")),
      mapped("unheard-of", costing(1, "2024-06-01")),
      mapped("unheard-of", costing(1, "2026-06-01")),
    ].map(({ variance }) => variance);
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect(new Set(widths).size).toBe(widths.length);
    expect(mapped("unheard-of").variance).toBeGreaterThan(mapped("unheard-of", costing(1, "2024-06-01")).variance);
  });

  test("facts that are odd keep it within bounds", () => {
    const odd: readonly ModelFacts[] = [
      ...[0, -1, 1e-300, 1e300, Number.NaN, Number.POSITIVE_INFINITY].map((output) => costing(output)),
      ...["", "soon", "0001-01-01", "9999-12-31", "2024-13-45"].map((date) => costing(1, date)),
    ];
    for (const facts of odd) {
      const { ability, variance } = mapped("unheard-of", facts);
      expect(Math.abs(ability), JSON.stringify(facts)).toBeLessThan(4);
      expect(variance).toBeGreaterThan(0);
      expect(variance).toBeLessThan(4);
    }
  });
});
