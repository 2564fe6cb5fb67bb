import { describe, expect, test } from "bun:test";
import shipped from "../../data/catalogue/models-dev.json" with { type: "json" };
import { parseCatalogue } from "./catalogue.ts";
import { shippedCatalogueDate } from "./shipped-catalogue.ts";

const facts = (provider: string, model: string) =>
  parseCatalogue(shipped).models.find((one) => one.provider === provider && one.model === model)?.facts;

describe("the shipped catalogue", () => {
  test("gives context, capabilities and price", () => {
    expect(facts("openai", "gpt-4o-mini")).toMatchObject({
      contextTokens: 128_000,
      tools: true,
      inputModalities: expect.arrayContaining(["text", "image"]),
      price: { input: 0.15, output: 0.6 },
      source: "catalogue",
    });
  });

  test("gives dearer rates above a threshold", () => {
    expect(facts("google", "gemini-2.5-pro")?.price?.tiers).toEqual([
      { input: 2.5, output: 15, cacheRead: 0.25, aboveInputTokens: 200_000 },
    ]);
  });

  test("marks embedding models, whose output limit is no number of tokens", () => {
    expect(facts("openai", "text-embedding-3-small")).toMatchObject({ embeddings: true });
    expect(facts("openai", "text-embedding-3-small")?.maxOutputTokens).toBeUndefined();
  });

  test("treats a limit of 0 as unknown", () => {
    expect(facts("openai", "chatgpt-image-latest")?.contextTokens).toBeUndefined();
  });

  test("has the date that the program looks for", () => {
    expect(parseCatalogue(shipped).asOf).toBe(shippedCatalogueDate);
  });

  test("refuses another form", () => {
    expect(() => parseCatalogue({ providers: [] })).toThrow();
  });
});
