import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { isRight, type Quiz, quizSchema } from "../../src/providers/mock/quiz.ts";
import { type Answer, administer, ask, chat, eventually, type Json } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { type KindPrompt, kindWords, promptsFrom } from "../support/prompt-kinds.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

/** Share of right answers, the same for every kind of prompt, and price. */
const models = {
  small: { price: 0.2, right: 0.85 },
  other: { price: 0.3, right: 0.85 },
  large: { price: 5, right: 0.93 },
} as const;
const names = Object.keys(models) as readonly (keyof typeof models)[];
/** Of these kinds answers can be compared: there cascades pay. Of the others they cannot. */
const finals: readonly string[] = ["arithmetic", "code", "facts"];
const quiz: Quiz = quizSchema.parse({
  kinds: kindWords,
  models: Object.fromEntries(
    names.map((name) => [name, Object.fromEntries(Object.keys(kindWords).map((kind) => [kind, models[name].right]))]),
  ),
  finals,
  words: 30,
});
/** Quality per USD: the answer of the large model is worth its price beside each of the others. */
const lambda = 100;
const seed = 21;
const cascade = "quiz/other + quiz/small + quiz/large";

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
  routes: {
    auto: {
      targets: names.map((name) => `quiz/${name}`),
      strategy: {
        kind: "learned",
        ...{ goal: { lambda }, cascades: true },
        // With the usual one, some runs are proven only after the calls that are looked at.
        gate: { delta: 0.03 },
        explore: { share: 0.01, warmUp: { calls: 1_500, share: 0.2, maxUsd: 1 } },
      },
    },
  },
};

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({ configuration });
});
afterAll(() => gateway.dispose());

interface Step extends KindPrompt {
  readonly id: string;
  readonly action: string;
  readonly isRight: boolean;
}

const contentOf = ({ body, text }: Answer): string =>
  body?.choices === undefined
    ? [...text.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, literal]) => JSON.parse(literal ?? '""')).join("")
    : body.choices[0].message.content;

const callOnce = async ({ kind, text }: KindPrompt, fields: object = {}): Promise<Step> => {
  const messages = [{ role: "user", content: text }];
  const answer = await ask(gateway, chat, { body: { model: "auto", messages, ...fields } });
  if (answer.status !== 200) throw new Error(answer.text);
  const right = contentOf(answer).startsWith("right");
  const id = answer.headers.get("x-request-id") ?? "";
  const [, action = ""] = /action="([^"]*)"/.exec(answer.headers.get("x-intellirouter-decision") ?? "") ?? [];
  const given = await ask(gateway, "/v1/feedback", { body: { call_id: id, outcome: right ? 1 : 0 } });
  if (given.status !== 200) throw new Error(given.text);
  return { id, kind, text, action, isRight: right };
};

/** So many clients at a time. */
const clients = 8;
const prompt = promptsFrom(seed);
const callMany = async (calls: number, fields: object = {}): Promise<readonly Step[]> => {
  const steps: Step[] = [];
  let left = calls;
  const client = async (): Promise<void> => {
    while (left-- > 0) steps.push(await callOnce(prompt(), fields));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return steps;
};

const recordOf = async (id: string): Promise<Json> => {
  await eventually("the call is in the ledger", async () => (await administer(gateway, `/calls/${id}`)).status === 200);
  return (await administer(gateway, `/calls/${id}`)).body;
};
const recordsOf = async (steps: readonly Step[]): Promise<readonly Json[]> => {
  const records: Json[] = [];
  for (const { id } of steps) records.push(await recordOf(id));
  return records;
};
const shareOf = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number =>
  items.filter(holds).length / items.length;
const hasFinal = ({ kind }: Step): boolean => finals.includes(kind);
const isProse = (step: Step): boolean => !hasFinal(step);
const isCascade = ({ action }: Step): boolean => action === cascade;
/** Whether it has found where cascades pay. */
const isSettled = (steps: readonly Step[]): boolean =>
  shareOf(steps.filter(hasFinal), isCascade) > 0.75 && shareOf(steps.filter(isProse), isCascade) < 0.25;
const chargeOf = (records: readonly Json[]): number =>
  records.reduce((sum, { chargeUsd }) => sum + chargeUsd, 0) / records.length;
const sumOf = (attempts: readonly Json[]): number => attempts.reduce((sum, { costUsd }) => sum + costUsd, 0);

/** What always asking the large model would have come to on the same prompts. */
const largeRight = (steps: readonly Step[]): number => shareOf(steps, ({ text }) => isRight(quiz, "large", text));

/** Of a step that took the cascade, by which way it went. */
const check = ({ attempts, target, costUsd, chargeUsd, decision }: Json): void => {
  const agreed = target !== "quiz/large";
  const asked = agreed ? ["quiz/other", "quiz/small"] : ["quiz/large", "quiz/other", "quiz/small"];
  expect(attempts.map((one: Json) => one.target).toSorted()).toEqual(asked);
  expect(attempts.filter(({ delivered }: Json) => delivered).map((one: Json) => one.target)).toEqual([target]);
  expect(sumOf(attempts)).toBeCloseTo(costUsd, 12);
  expect(chargeUsd).toBe(costUsd);
  expect(decision.notes.join("\n")).toContain(agreed ? "2 of 2 answers agree" : "quiz/large asked");
};

let late: readonly Step[] = [];

describe("a route that learns which cascades pay", () => {
  test(`takes them where answers can be compared, and no others (seed ${seed})`, async () => {
    await callMany(1_500);
    // The program throws its own dice: how many calls the proof takes differs from run to run.
    let mode = "";
    for (let batch = 0; batch < 6 && !(mode === "serving" && isSettled(late)); batch++) {
      late = await callMany(600);
      mode = (await administer(gateway, "/routes/auto/policy")).body.gate.mode;
    }
    expect(mode).toBe("serving");
    // Where trials are few, one kind of three may be left with a single target for long.
    expect(shareOf(late.filter(hasFinal), isCascade)).toBeGreaterThan(0.55);
    expect(shareOf(late.filter(isProse), isCascade)).toBeLessThan(0.25);
  }, 60_000);

  test("saves against the best single target, at no lower quality", async () => {
    const comparable = late.filter(hasFinal);
    const records = await recordsOf(late);
    const dear = records.filter(({ decision }) => decision.reason.startsWith("learned: quiz/large"));
    const large = chargeOf(dear);
    expect(shareOf(late, (step) => step.isRight)).toBeGreaterThanOrEqual(largeRight(late) - 0.02);
    expect(chargeOf(records)).toBeLessThan(0.85 * large);
    const ids = new Set(comparable.map(({ id }) => id));
    const own = records.filter(({ id }) => ids.has(id));
    expect(chargeOf(own)).toBeLessThan(0.65 * large);
  }, 60_000);

  for (const stream of [false, true])
    test(`charges all who were asked, once and exactly (streamed: ${stream})`, async () => {
      // Where the first answer cannot be compared, the other one of the first step is left: a cost, and no charge.
      const steps = (await callMany(200, { stream })).filter((step) => step.action === cascade && hasFinal(step));
      expect(steps.length).toBeGreaterThan(50);
      const records = await recordsOf(steps);
      records.forEach(check);
      const settled = shareOf(records, ({ target }) => target !== "quiz/large");
      expect(settled).toBeGreaterThan(0.5);
      expect(settled).toBeLessThan(0.95);
      expect(shareOf(steps, (step) => step.isRight)).toBeGreaterThan(0.93);
    }, 60_000);

  test("tells of them: by call, in sum, and to another price of quality", async () => {
    const step = late.find((one) => isCascade(one) && hasFinal(one));
    const { body } = await administer(gateway, `/decisions/${step?.id}`);
    expect(body.choice).toMatchObject({ action: cascade, cascade: { kind: "agreement" } });
    expect([1, 2]).toContain(body.choice.cascade.settledAtStep);
    expect(body.choice.expected.map(({ action }: Json) => action)).toContain(cascade);
    expect(body.story.join("\n")).toMatch(/Its first answers agree in [6-8]\d(\.\d)? % of such calls/);
    const statistics = (await administer(gateway, "/decisions/statistics?route=auto")).body;
    expect(statistics.actions.find(({ action }: Json) => action === cascade).meanReward).toBeGreaterThan(0.93);
    expect(statistics.bestConstant.action).not.toContain(" + ");
    const backtest = await runProgram([
      ...["router", "backtest", "--route", "auto", "--since", "1h"],
      ...["--lambda", `${lambda}`, "--data", gateway.dataFolder, "--json"],
    ]);
    expect(backtest.exitCode, backtest.output).toBe(0);
    const { bestConstant, policy } = JSON.parse(backtest.output);
    expect(bestConstant.policy).not.toContain(" + ");
    expect(policy.quality.value).toBeGreaterThan(0.88);
    expect(policy.effectiveCalls).toBeGreaterThan(100);
  }, 60_000);

  test("knows them after a kill", async () => {
    await gateway.kill("SIGKILL");
    gateway = await startGateway({ configuration, dataFolder: gateway.dataFolder });
    const steps = (await callMany(100)).filter(hasFinal);
    expect(shareOf(steps, ({ action }) => action === cascade)).toBeGreaterThan(0.5);
  }, 60_000);
});
