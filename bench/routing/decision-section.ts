import { heapStats } from "bun:jsc";
import type { Call } from "../../src/core/call.ts";
import type { DecisionDetail } from "../../src/core/decision.ts";
import type { DecidedCall } from "../../src/core/ports/learning.ts";
import type { Features, Ranking, Strategy, StrategyParts } from "../../src/core/ports/strategy.ts";
import type { Candidate } from "../../src/core/route.ts";
import { featuresOf } from "../../src/routing/learned/features/features-of.ts";
import { percentile } from "../../src/routing/learned/metrics/scores.ts";
import { decodeModel } from "../../src/routing/learned/model-file/decode-model.ts";
import { encodeModel } from "../../src/routing/learned/model-file/encode-model.ts";
import { seededUniform } from "../../src/routing/learned/numbers.ts";
import { outcomeCapacity, type RouteLearning } from "../../src/routing/learned/online/route-learning.ts";
import { learnedOptions } from "../../src/routing/learned/options.ts";
import { openRouter } from "../../src/routing/learned/router.ts";
import { learned, learningName } from "../../src/routing/learned/strategy.ts";
import { trainRouter } from "../../src/routing/learned/train.ts";
import { createStrategy, strategySchema } from "../../src/routing/strategies/index.ts";
import { makeCall, makeTarget } from "../../test/support/make-call.ts";
import { judgeSection, type RoutingSection, type SectionBar } from "./section.ts";
import { readSet } from "./sets.ts";

const candidateCount = 20;
/** Decisions that warm the code up, and that are measured. */
const warmUp = 1_500;
const measured = 5_000;

const megabytes = (bytes: number): number => bytes / 1_048_576;

/** Bytes in use after everything unreachable was let go. */
const bytesInUse = (): number => {
  for (let round = 0; round < 3; round++) Bun.gc(true);
  // What stands in typed arrays is part of it.
  return heapStats().heapSize;
};

interface Timed {
  readonly name: string;
  readonly p50: number;
  readonly p99: number;
  readonly megabytes: number;
}

/** Microseconds of single decisions, warm, one after the other. */
const time = (decide: (number: number) => void): { readonly p50: number; readonly p99: number } => {
  for (let number = 0; number < warmUp; number++) decide(number);
  const taken = Float64Array.from({ length: measured }, (_, number) => {
    const started = performance.now();
    decide(warmUp + number);
    return (performance.now() - started) * 1_000;
  });
  return { p50: percentile(taken, 0.5), p99: percentile(taken, 0.99) };
};

const prompts = (): readonly string[] =>
  ["routellm-mmlu", "llmrouter-9"].flatMap((name) => readSet(name).map(({ prompt }) => prompt));

const cyclic = <Item>(items: readonly Item[], number: number): Item => items[number % items.length] as Item;

const targets = Array.from({ length: candidateCount }, (_, at) =>
  makeTarget(`p${at}/model-${at}`, { price: { input: 0.1 * (at + 1), output: 0.4 * (at + 1) } }),
);
const candidates: readonly Candidate[] = targets.map((target) => ({ target, weight: 1 }));

/** How often a planted model is right: dearer ones more often, and each has prompts that it is good at. */
const chanceOf = (model: number, prompt: number): number =>
  0.35 + 0.025 * model + ((prompt * 7 + model * 13) % 5) * 0.04;

/** A trained model file of 5,000 real prompts with planted outcomes of 20 models. */
const modelFile = (texts: readonly string[]): Timed => {
  const uniform = seededUniform(11);
  const rows = texts.slice(0, outcomeCapacity / candidateCount).map((prompt, row) => {
    const outcomes = targets.map(
      ({ id }, model) => [id, uniform() < chanceOf(model, row) ? 1 : 0, 1e-5 * (model + 1)] as const,
    );
    return {
      features: featuresOf(prompt),
      inputTokens: prompt.length / 4,
      q: Object.fromEntries(outcomes.map(([id, quality]) => [id, quality])),
      c: Object.fromEntries(outcomes.map(([id, , cost]) => [id, cost])),
    };
  });
  const bytes = encodeModel(trainRouter(rows));
  const before = bytesInUse();
  const router = openRouter({ model: decodeModel(bytes, "bench"), kinds: "singles", aim: { keep: 0.98 } });
  const held = megabytes(bytesInUse() - before);
  const times = time((number) => {
    const prompt = cyclic(texts, number);
    router.choose(featuresOf(prompt), { estimated: prompt.length / 4 }, "singles");
  });
  return { name: `a trained file of ${rows.length * candidateCount} outcomes`, ...times, megabytes: held };
};

const features = (number: number): Features => ({
  sequence: number,
  random: (number % 97) / 97,
  estimatedInputTokens: 200,
  load: () => ({ inFlight: 0, latencyMilliseconds: undefined }),
});

const template = makeCall({ targets }).call;
const callOf = (text: string, number: number): Call =>
  ({
    ...template,
    id: `call-${number}`,
    request: { ...template.request, messages: [{ role: "user", content: [{ type: "text", text }] }] },
  }) as unknown as Call;

/** Fills what a route has learned with outcomes of real prompts. */
const teach = (strategy: Strategy, learning: RouteLearning, texts: readonly string[]): void => {
  const uniform = seededUniform(12);
  for (let number = 0; number < outcomeCapacity; number++) {
    const { ranked, detail } = strategy.rank(
      candidates,
      callOf(cyclic(texts, number), number),
      features(number),
    ) as Ranking & { detail: DecisionDetail };
    const taken = ranked[0]?.candidate.target.id as string;
    const decided: DecidedCall = {
      ...{ callId: `call-${number}`, tenant: "default", keyId: "k", userId: null, route: "auto", startedAt: number },
      ...{ outcome: "ok", targets: [taken], target: taken, costUsd: 1e-4, durationMilliseconds: 500, detail },
    };
    const reward = uniform() < 0.7 ? 1 : 0;
    const giver = `giver-${number % 500}`;
    learning.rewarded(decided, {
      ...{ callId: decided.callId, tenant: "default", giver, source: "verifier", at: number, id: "1", reward },
    });
  }
};

const partsFor = (kept: Map<string, unknown>): StrategyParts => ({
  route: "auto",
  candidates,
  clock: { monotonic: () => 0, wall: () => 0 },
  keep: <State>(name: string, make: () => State): State => {
    if (!kept.has(name)) kept.set(name, make());
    return kept.get(name) as State;
  },
});

/** The strategy `learned` of a route that remembers as many outcomes as it can. */
const fromUse = (texts: readonly string[]): Timed => {
  const kept = new Map<string, unknown>();
  const before = bytesInUse();
  const strategy = learned.create(learnedOptions.parse({}), partsFor(kept));
  teach(strategy, kept.get(learningName) as RouteLearning, texts.slice(0, 2_000));
  const held = megabytes(bytesInUse() - before);
  const times = time((number) => {
    strategy.rank(candidates, callOf(cyclic(texts, number), outcomeCapacity + number), features(number));
  });
  return { name: `strategy learned, ${outcomeCapacity} outcomes remembered`, ...times, megabytes: held };
};

const rules = {
  kind: "rules",
  rules: [
    { when: "length > 6000", exclude: ["p1/*"] },
    { when: "'internal' in tags", targets: ["p2/*", "p3/*"] },
    { when: "text.contains('def ') || text.contains('class ')", prefer: ["p7/*"] },
    { when: "hasTools", targets: ["p4/*"] },
    { when: "length > 400", strategy: { kind: "balanced" } },
  ],
  otherwise: { kind: "cost-first" },
};

const byRules = (texts: readonly string[]): Timed => {
  const before = bytesInUse();
  const strategy = createStrategy(strategySchema.parse(rules), partsFor(new Map()));
  const held = megabytes(bytesInUse() - before);
  const times = time((number) => {
    strategy.rank(candidates, callOf(cyclic(texts, number), number), features(number));
  });
  return { name: "strategy rules, five rules", ...times, megabytes: held };
};

/** What a decision takes, with many candidates and many outcomes stored. */
export const decisionSection = (): RoutingSection => {
  const texts = prompts();
  const timed = [byRules(texts), modelFile(texts), fromUse(texts)];
  const bars = timed.flatMap(({ name, p99, megabytes: held }, at): readonly SectionBar[] => [
    { name: `${name}: p99, µs`, value: p99, atMost: at === 0 ? 1_000 : 2_000 },
    ...(at === 0 ? [] : [{ name: `${name}: memory, MB`, value: held, atMost: 40 }]),
  ]);
  return judgeSection({
    title: "a decision",
    about: `${candidateCount} candidates; ${measured} decisions one after the other, from prompt to choice, after ${warmUp} to warm up.`,
    tables: [
      {
        columns: ["", "p50 µs", "p99 µs", "memory MB"],
        rows: timed.map(({ name, p50, p99, megabytes: held }) => [
          name,
          p50.toFixed(0),
          p99.toFixed(0),
          held.toFixed(1),
        ]),
      },
    ],
    bars,
  });
};
