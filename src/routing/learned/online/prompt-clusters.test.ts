import { describe, expect, test } from "bun:test";
import { promptKinds, promptsFrom } from "../../../../test/support/prompt-kinds.ts";
import { featuresOf } from "../features/features-of.ts";
import { clusterCapacity, PromptClusters } from "./prompt-clusters.ts";

const learned = (seed: number, count: number): PromptClusters => {
  const clusters = new PromptClusters();
  const prompt = promptsFrom(seed);
  for (let number = 0; number < count; number++) clusters.add(featuresOf(prompt().text));
  return clusters;
};

describe("clusters of prompts", () => {
  test("are the kinds of prompts, without anybody naming them", () => {
    const clusters = learned(1, 500);
    const prompt = promptsFrom(2);
    const kinds = new Map<number, Set<string>>();
    for (let number = 0; number < 200; number++) {
      const { kind, text } = prompt();
      const { cluster, alike } = clusters.nearest(featuresOf(text));
      expect(alike).toBeGreaterThan(0.2);
      kinds.set(cluster, (kinds.get(cluster) ?? new Set()).add(kind));
    }
    expect([...kinds.values()].every((found) => found.size === 1)).toBe(true);
    expect(clusters.size).toBe(promptKinds.length);
  });

  test("are bounded, however unlike the prompts are", () => {
    const clusters = new PromptClusters();
    for (let number = 0; number < 200; number++)
      clusters.add(
        featuresOf(String.fromCodePoint(...Array.from({ length: 30 }, (_, at) => 0x4e00 + number * 31 + at))),
      );
    expect(clusters.size).toBe(clusterCapacity);
  });

  test("take prompts without words, and very long ones", () => {
    const clusters = new PromptClusters();
    expect(clusters.nearest(featuresOf(""))).toEqual({ cluster: 0, alike: 0 });
    expect(clusters.add(featuresOf(""))).toBe(0);
    clusters.add(featuresOf("word ".repeat(200_000)));
    expect(clusters.nearest(featuresOf("")).alike).toBe(0);
  });

  test("survive JSON: prompts go where they went", () => {
    const clusters = learned(3, 2_000);
    const restored = PromptClusters.fromState(JSON.parse(JSON.stringify(clusters.toState())));
    const prompt = promptsFrom(4);
    for (let number = 0; number < 100; number++) {
      const features = featuresOf(prompt().text);
      expect(restored.nearest(features).cluster).toBe(clusters.nearest(features).cluster);
    }
    expect(JSON.stringify(clusters.toState()).length).toBeLessThan(1_000_000);
  });
});
