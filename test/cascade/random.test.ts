import { expect, test } from "bun:test";
import { GatewayError } from "../../src/core/errors.ts";
import type { SpendingGuard } from "../../src/core/ports/budgets.ts";
import { checkCall } from "../../src/ledger/check-call.ts";
import { waitingAlarms } from "../../src/routing/alarms.ts";
import { type Answered, type CascadeParts, playCascade } from "../../src/routing/cascade/testing.ts";
import { chooseSeed, SeededRandom } from "../support/seeded-random.ts";

const names = ["a/one", "b/two", "c/three", "d/four"];
const failures = ["upstream_error", "upstream_timeout", "upstream_rejected_request", "rate_limit_exceeded"] as const;

/** Texts say whose they are behind what they come to, so that it can be seen whose answer the client got. */
const drawAnswer = (random: SeededRandom, id: string): Answered => {
  const pace = random.next() < 0.4 ? { after: random.between(0, 12) } : {};
  const chance = random.next();
  const text = `The answer is ${random.between(1, 3)}. (${id})`;
  if (chance < 0.55) return { text, ...pace };
  if (chance < 0.65) return { text, choice: { finishReason: "length" }, ...pace };
  if (chance < 0.75) return { text: `I cannot help with that. (${id})`, ...pace };
  if (chance < 0.85) return { after: Number.POSITIVE_INFINITY };
  return { fails: random.pick(failures), ...pace };
};

const drawSteps = (random: SeededRandom): readonly (readonly string[])[] => {
  const left = [...names];
  const steps: string[][] = [];
  while (left.length > 0 && (steps.flat().length < 2 || random.next() < 0.7)) {
    const step = Array.from({ length: Math.min(left.length, random.between(1, 3)) }, () => {
      const [name = ""] = left.splice(random.between(0, left.length - 1), 1);
      return name;
    });
    steps.push(step);
  }
  return steps;
};

const payingFor = (payable: (id: string) => boolean): SpendingGuard => ({
  hold: (_call, { id }) =>
    payable(id)
      ? Promise.resolve({ kind: "held", release: () => undefined })
      : { kind: "refused", reason: "too dear", error: new GatewayError("insufficient_quota", `no money for ${id}`) },
});

const timeouts = {
  connectMilliseconds: 100,
  headersMilliseconds: 100,
  firstTokenMilliseconds: 100,
  idleMilliseconds: 100,
  totalMilliseconds: 400,
};

const draw = (random: SeededRandom): CascadeParts => {
  const poor = random.next() < 0.2 ? random.pick(names) : undefined;
  return {
    steps: drawSteps(random),
    answers: Object.fromEntries(names.map((id) => [id, drawAnswer(random, id)])),
    plan: { kind: random.pick(["agreement", "checked"]), needed: random.between(2, 3) },
    request: { stream: random.next() < 0.5 },
    route: {
      timeouts,
      assembleWhole: random.next() < 0.5,
      retries: { perTarget: random.next() < 0.2 ? 1 : 0 },
    },
    ...(random.next() < 0.3 ? { spending: payingFor((id) => id !== poor) } : {}),
    ...(random.next() < 0.2 ? { leavesAfter: random.between(0, 20) } : {}),
  };
};

const check = async (parts: CascadeParts): Promise<void> => {
  const { outcome, record, inFlight, dispatched, notes } = await playCascade(parts);
  const shown = JSON.stringify({
    parts,
    outcome,
    attempts: record.attempts.map(({ target, outcome }) => [target, outcome]),
    notes,
  });
  expect(inFlight, shown).toEqual([0, 0, 0, 0]);
  expect(checkCall(record), shown).toEqual([]);
  expect(record.attempts.length, shown).toBe(dispatched);
  const delivered = record.attempts.filter((attempt) => attempt.delivered);
  const looked = record.attempts.filter(({ contributed }) => contributed === true);
  if (outcome.kind === "error") {
    expect([delivered.length, looked.length, record.chargePicoUsd], shown).toEqual([0, 0, 0]);
    return;
  }
  const [given] = delivered;
  expect(delivered.length, shown).toBe(1);
  expect([record.target, outcome.text.endsWith(`(${given?.target})`)], shown).toEqual([given?.target ?? "", true]);
  expect(
    looked.every((attempt) => attempt.outcome === "ok" && attempt.usageSource === "reported"),
    shown,
  ).toBe(true);
  const settled = notes.find((note) => /^(\d of \d answers agree|answer \d passes its checks): that of/.test(note));
  if (settled === undefined) return;
  // What was settled was neither cut nor a refusal, and as many said the same as the note tells.
  const value = /answer is (\d)/.exec(outcome.text)?.[1];
  expect([value === undefined, parts.answers[given?.target ?? ""]?.choice], shown).toEqual([false, undefined]);
  const [, most, all] = /^(\d) of (\d) answers agree: /.exec(settled) ?? [];
  if (most === undefined) return;
  expect(Number(most), shown).toBeGreaterThanOrEqual(parts.plan?.needed ?? 2);
  const same = [...delivered, ...looked].filter(({ target }) => {
    const { text = "", choice } = parts.answers[target] ?? {};
    return choice === undefined && text.includes(`answer is ${value}.`);
  });
  expect([same.length, delivered.length + looked.length], shown).toEqual([Number(most), Number(all)]);
};

test("whatever its targets do: one answer, its own bill, and nothing left behind", async () => {
  const seed = chooseSeed(process.env["SEED"]);
  process.stdout.write(`cascades: SEED=${seed}\n`);
  const random = new SeededRandom(seed);
  const before = waitingAlarms();
  for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 60 }, () => draw(random)).map(check));
  expect(waitingAlarms()).toBe(before);
});
