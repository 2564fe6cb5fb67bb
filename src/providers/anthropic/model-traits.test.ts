import { describe, expect, test } from "bun:test";
import { targetOf } from "./fixtures/requests.ts";
import { traitsOf } from "./model-traits.ts";

describe("what a model's name tells", () => {
  test.each([
    ["claude-3-haiku-20240307", "budget", true, 0, false, false],
    ["claude-3-7-sonnet-20250219", "budget", true, 0, false, false],
    ["claude-opus-4-20250514", "budget", true, 0, false, false],
    ["claude-opus-4-1-20250805", "budget", true, 0, false, false],
    ["anthropic/claude-sonnet-4.5", "budget", true, 0, true, false],
    ["claude-opus-4-5-20251101", "budget", true, 3, true, false],
    ["us.anthropic.claude-sonnet-4-6-v1:0", "either", true, 4, true, false],
    ["claude-opus-4-7", "adaptive", true, 5, true, false],
    ["claude-opus-4-8", "adaptive", true, 5, true, true],
    ["claude-sonnet-5", "adaptive", true, 5, true, false],
    ["claude-fable-5", "adaptive", false, 5, true, true],
    ["claude-mythos-preview", "adaptive", false, 5, true, true],
    ["claude-haiku-5-5", "adaptive", true, 5, true, true],
    ["glm-4.6", "budget", true, 0, false, false],
  ] as const)("%s", (model, thinking, canDisableThinking, efforts, structuredOutput, systemTurns) => {
    const traits = traitsOf(targetOf(model));
    expect(traits).toMatchObject({ thinking, canDisableThinking, structuredOutput, systemTurns });
    expect(traits.efforts).toHaveLength(efforts);
  });

  test("facts tell more of a model that is not a Claude", () => {
    expect(traitsOf(targetOf("glm-4.6", { structuredOutput: true })).structuredOutput).toBe(true);
  });
});
