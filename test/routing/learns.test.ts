import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Quiz, quizSchema } from "../../src/providers/mock/quiz.ts";
import { administer, ask, chat } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { kindWords, promptsFrom } from "../support/prompt-kinds.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

/** Share of right answers by kind, and price: no model is best everywhere. */
const models = {
  small: { price: 0.2, right: { arithmetic: 0.3, code: 0.2, translation: 0.9, facts: 0.35, summary: 0.9 } },
  coder: { price: 1, right: { arithmetic: 0.4, code: 0.95, translation: 0.4, facts: 0.2, summary: 0.5 } },
  solver: { price: 2, right: { arithmetic: 0.95, code: 0.5, translation: 0.5, facts: 0.3, summary: 0.6 } },
  large: { price: 5, right: { arithmetic: 0.75, code: 0.7, translation: 0.85, facts: 0.9, summary: 0.85 } },
} as const;
type Model = keyof typeof models;
const names = Object.keys(models) as readonly Model[];
const quiz: Quiz = quizSchema.parse({
  kinds: kindWords,
  models: Object.fromEntries(names.map((name) => [name, models[name].right])),
  words: 30,
});
/** Quality per USD: an answer of the dearest model is worth some hundredths more than one of the cheapest. */
const lambda = 150;
/** Shown with failures. */
const seeds = [11, 12, 13, 14, 15];
const routeOf = (seed: number): string => `auto-${seed}`;
const maxUsd = 0.2;

const configuration = {
  providers: {
    quiz: {
      kind: "mock",
      options: { quiz },
      models: Object.fromEntries(
        names.map((name) => [name, { price: { input: models[name].price / 3, output: models[name].price } }]),
      ),
    },
  },
  learning: { feedbackPerMinute: 1_000_000 },
  logging: { level: "info" },
  routes: Object.fromEntries(
    seeds.map((seed) => [
      routeOf(seed),
      {
        targets: names.map((name) => `quiz/${name}`),
        strategy: {
          kind: "learned",
          goal: { lambda },
          explore: { share: 0.01, warmUp: { calls: 1_500, share: 0.2, maxUsd } },
        },
      },
    ]),
  ),
};

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({ configuration });
});
afterAll(() => gateway.dispose());

interface Step {
  readonly kind: string;
  readonly text: string;
  readonly model: Model;
  readonly isRight: boolean;
}

const callOnce = async (route: string, { kind, text }: { kind: string; text: string }): Promise<Step> => {
  const answer = await ask(gateway, chat, { body: { model: route, messages: [{ role: "user", content: text }] } });
  if (answer.status !== 200) throw new Error(answer.text);
  const right = answer.body.choices[0].message.content.startsWith("right");
  const call_id = answer.headers.get("x-request-id");
  const given = await ask(gateway, "/v1/feedback", { body: { call_id, outcome: right ? 1 : 0 } });
  if (given.status !== 200) throw new Error(given.text);
  return { kind, text, model: answer.body.model, isRight: right };
};

/** So many clients at a time. */
const clients = 8;
const callMany = async (
  seed: number,
  prompt: ReturnType<typeof promptsFrom>,
  calls: number,
): Promise<readonly Step[]> => {
  const steps: Step[] = [];
  let left = calls;
  const client = async (): Promise<void> => {
    while (left-- > 0) steps.push(await callOnce(routeOf(seed), prompt()));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return steps;
};

/** USD of an answer: some 20 tokens of prompt and 45 of answer. */
const costOf = (model: Model): number => (models[model].price * (20 / 3 + 45)) / 1e6;
const rightOf = (table: Quiz["models"], model: Model, kind: string): number => table[model]?.[kind] ?? 0;
const shareOfOracle = (steps: readonly Step[], table: Quiz["models"] = quiz.models): number => {
  const utility = (model: Model, kind: string): number => rightOf(table, model, kind) - lambda * costOf(model);
  const taken = steps.reduce((sum, { model, kind }) => sum + utility(model, kind), 0);
  const best = steps.reduce((sum, { kind }) => sum + Math.max(...names.map((name) => utility(name, kind))), 0);
  return taken / best;
};

describe("a route that starts cold and hears only feedback", () => {
  const coderShare = new Map<number, number>();
  const prompts = new Map(seeds.map((seed) => [seed, promptsFrom(seed)]));
  for (const seed of seeds)
    test(`reaches 90 % of the oracle's utility over calls 1,501 to 2,000, and serves by proof (seed ${seed})`, async () => {
      const prompt = prompts.get(seed) as ReturnType<typeof promptsFrom>;
      const steps = await callMany(seed, prompt, 2_000);
      const late = steps.slice(1_500);
      const onCode = late.filter(({ kind }) => kind === "code");
      coderShare.set(seed, onCode.filter(({ model }) => model === "coder").length / onCode.length);
      const policy = await administer(gateway, `/routes/${routeOf(seed)}/policy`);
      expect(policy.body.gate.mode, policy.text).toBe("serving");
      expect(policy.body.trialsUsd).toBeLessThanOrEqual(maxUsd);
      expect(shareOfOracle(late)).toBeGreaterThan(0.9);
    }, 60_000);

  test("notices within 200 calls that a model has become worse, and goes elsewhere", async () => {
    // One that has found what the coder is good for: only there it can be missed.
    const seed = seeds.find((one) => (coderShare.get(one) ?? 0) > 0.8) ?? 0;
    expect(seed).toBeGreaterThan(0);
    const prompt = prompts.get(seed) as ReturnType<typeof promptsFrom>;
    const worse = { ...quiz, models: { ...quiz.models, coder: { ...quiz.models["coder"], code: 0.1 } } };
    const file = join(gateway.dataFolder, "intellirouter.yaml");
    const now = JSON.parse(readFileSync(file, "utf8"));
    now.providers.quiz.options.quiz = worse;
    writeFileSync(file, JSON.stringify(now));
    const reloaded = await administer(gateway, "/reload", { method: "POST" });
    expect(reloaded.status, reloaded.text).toBe(200);
    const told = (): boolean =>
      gateway
        .logs()
        .split("\n")
        .some(
          (line) =>
            line.includes("answers have changed") && line.includes(routeOf(seed)) && line.includes("quiz/coder"),
        );
    expect(told()).toBe(false);
    await callMany(seed, prompt, 200);
    expect(told(), gateway.logs().slice(-2_000)).toBe(true);
    await callMany(seed, prompt, 200);
    expect(shareOfOracle(await callMany(seed, prompt, 300), worse.models)).toBeGreaterThan(0.9);
  }, 60_000);

  test("knows after a kill what it had learned", async () => {
    const [, seed = 0] = seeds;
    const prompt = prompts.get(seed) as ReturnType<typeof promptsFrom>;
    await gateway.kill("SIGKILL");
    gateway = await startGateway({ configuration, dataFolder: gateway.dataFolder });
    const steps = await callMany(seed, prompt, 200);
    expect(shareOfOracle(steps)).toBeGreaterThan(0.9);
  }, 60_000);

  test("is held and released by the command line, and the audit log tells of it", async () => {
    const [, seed = 0] = seeds;
    const run = (...args: string[]) =>
      runProgram(["router", ...args, "--route", routeOf(seed), "--data", gateway.dataFolder]);
    expect((await run("status")).output).toContain("the policy serves");
    const frozen = await run("freeze");
    expect(frozen.exitCode, frozen.output).toBe(0);
    expect(frozen.output).toMatch(/decisions by version \d+/);
    const steps = await callMany(seed, prompts.get(seed) as ReturnType<typeof promptsFrom>, 50);
    expect(shareOfOracle(steps)).toBeGreaterThan(0.85);
    expect((await run("promote", "--canary", "0.2")).output).toContain("canary: 20 %");
    expect((await run("rollback", "--to", "999")).output).toContain("There is no version 999");
    expect((await run("unfreeze")).output).toContain("decisions by the newest state");
    const { body } = await administer(gateway, "/audit?action=policy&limit=20");
    const actions = body.data.map(({ action, outcome }: { action: string; outcome: string }) => `${action} ${outcome}`);
    for (const act of ["policy.freeze ok", "policy.promote ok", "policy.rollback refused", "policy.unfreeze ok"])
      expect(actions).toContain(act);
  }, 60_000);
});
