import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Quiz, quizSchema } from "../../src/providers/mock/quiz.ts";
import { type Answer, administer, ask, chat, eventually, type Json } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { openLedger } from "../support/ledger-rows.ts";
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
  routes: Object.fromEntries(
    [true, false].map((cascades) => [
      cascades ? "with" : "without",
      {
        targets: names.map((name) => `quiz/${name}`),
        strategy: {
          kind: "learned",
          ...{ goal: { lambda }, cascades },
          explore: { share: 0.01, warmUp: { calls: 1_500, share: 0.2, maxUsd: 1 } },
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
  readonly id: string;
  readonly kind: string;
  readonly action: string;
  readonly isRight: boolean;
}

const contentOf = ({ body, text }: Answer): string =>
  body?.choices === undefined
    ? [...text.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, literal]) => JSON.parse(literal ?? '""')).join("")
    : body.choices[0].message.content;

const callOnce = async (route: string, { kind, text }: KindPrompt, fields: object = {}): Promise<Step> => {
  const messages = [{ role: "user", content: text }];
  const answer = await ask(gateway, chat, { body: { model: route, messages, ...fields } });
  if (answer.status !== 200) throw new Error(answer.text);
  const isRight = contentOf(answer).startsWith("right");
  const id = answer.headers.get("x-request-id") ?? "";
  const [, action = ""] = /action="([^"]*)"/.exec(answer.headers.get("x-intellirouter-decision") ?? "") ?? [];
  const given = await ask(gateway, "/v1/feedback", { body: { call_id: id, outcome: isRight ? 1 : 0 } });
  if (given.status !== 200) throw new Error(given.text);
  return { id, kind, action, isRight };
};

/** So many clients at a time. */
const clients = 8;
const callMany = async (route: string, calls: number, fields: object = {}): Promise<readonly Step[]> => {
  const prompt = prompts[route] as ReturnType<typeof promptsFrom>;
  const steps: Step[] = [];
  let left = calls;
  const client = async (): Promise<void> => {
    while (left-- > 0) steps.push(await callOnce(route, prompt(), fields));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return steps;
};
const prompts: Readonly<Record<string, ReturnType<typeof promptsFrom>>> = {
  with: promptsFrom(seed),
  without: promptsFrom(seed),
};

const recordOf = async (id: string): Promise<Json> => {
  await eventually("the call is in the ledger", async () => (await administer(gateway, `/calls/${id}`)).status === 200);
  return (await administer(gateway, `/calls/${id}`)).body;
};
const shareOf = (steps: readonly Step[], holds: (step: Step) => boolean): number =>
  steps.filter(holds).length / steps.length;
const hasFinal = ({ kind }: Step): boolean => finals.includes(kind);

const late: Record<string, readonly Step[]> = {};

describe("a route that learns which cascades pay", () => {
  test("takes them where answers can be compared, and no others", async () => {
    await callMany("with", 1_500);
    const steps = await callMany("with", 600);
    late["with"] = steps;
    const policy = await administer(gateway, "/routes/with/policy");
    console.log(
      policy.body.gate,
      shareOf(steps, (s) => s.isRight),
      Map.groupBy(steps, (s) => s.kind + " " + s.action)
        .entries()
        .map(([k, v]) => [k, v.length])
        .toArray(),
    );
    expect(policy.body.gate.mode, policy.text).toBe("serving");
    expect(shareOf(steps.filter(hasFinal), ({ action }) => action === cascade)).toBeGreaterThan(0.9);
    expect(
      shareOf(
        steps.filter((step) => !hasFinal(step)),
        ({ action }) => action.includes(" + "),
      ),
    ).toBeLessThan(0.1);
  }, 60_000);
});
