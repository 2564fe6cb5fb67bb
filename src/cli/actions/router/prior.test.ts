import { describe, expect, test } from "bun:test";
import { runFaked } from "../../testing.ts";

const model = (id: string, facts: object = {}) => ({
  id,
  provider: id.slice(0, id.indexOf("/")),
  model: id.slice(id.indexOf("/") + 1),
  facts,
});
const answers = {
  "GET /admin/v1/models": {
    data: [
      model("openai/gpt-4o-mini", { price: { input: 0.15, output: 0.6 } }),
      model("openai/gpt-5-nano", { price: { input: 0.05, output: 0.4 }, releaseDate: "2025-08-07" }),
    ],
  },
  "GET /admin/v1/routes": {
    data: [{ name: "auto", targets: [{ id: "openai/gpt-4o-mini" }, { id: "openai/gpt-5-nano" }] }],
  },
};

describe("router prior", () => {
  test("shows the targets of all routes: by what they are found, and what is expected", async () => {
    const { exitCode, stdout } = await runFaked(["router", "prior"], { answers, columns: 200 });
    expect(exitCode).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toMatch(/TARGET +FOUND BY +LIKE +MATH % +CODE % +KNOWLEDGE % +OTHER % +± LOGITS/);
    expect(lines[1]).toMatch(/^openai\/gpt-4o-mini +exact +gpt-4o-mini-2024-07-18 +\d+ \(\d+–\d+\)/);
    expect(lines[2]).toMatch(/^openai\/gpt-5-nano +facts /);
  });

  test("takes names that the gateway does not have, and says so", async () => {
    const { stdout, stderr } = await runFaked(["router", "prior", "local/llama3.1:8b", "x/\u001b[31m", "--json"], {
      answers,
    });
    const { version, data } = JSON.parse(stdout);
    expect(version).toMatch(/^shipped-/);
    expect(data[0]).toMatchObject({ target: "local/llama3.1:8b", step: "exact", like: "Meta-Llama-3.1-8B-Instruct" });
    expect(data[1]).toMatchObject({ step: "usual" });
    const { expected, lower, upper } = data[0].quality.math;
    expect([lower < expected, expected < upper]).toEqual([true, true]);
    expect(stderr).toContain("judged by the name alone");
    expect(stderr).not.toContain("\u001b");
  });

  test("without routes and without names says what to do", async () => {
    const { exitCode, stderr } = await runFaked(["router", "prior"], {
      answers: { ...answers, "GET /admin/v1/routes": { data: [] } },
    });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("Name one")]);
  });
});
