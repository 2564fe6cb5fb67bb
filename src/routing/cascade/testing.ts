import { makeCall, makeTarget } from "../../../test/support/make-call.ts";
import { openAssembly } from "../../core/assemble.ts";
import type { Call, Reply } from "../../core/call.ts";
import type { CancelSignal } from "../../core/cancel.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { DecisionDetail } from "../../core/decision.ts";
import { type ErrorCode, GatewayError } from "../../core/errors.ts";
import type { CascadePlan } from "../../core/plan.ts";
import type { SpendingGuard } from "../../core/ports/budgets.ts";
import type { Choice, Chunk } from "../../core/reply.ts";
import type { CompiledRoute } from "../../core/route.ts";
import { Breakers } from "../breakers.ts";
import { HedgeBudget } from "../hedge-budget.ts";
import { RetryBudget } from "../retry-budget.ts";
import { TargetLoads } from "../target-loads.ts";
import { carryOutCascade } from "./carry-out-cascade.ts";

const clock = { monotonic: () => performance.now(), wall: () => 0 };
const facts = { price: { input: 1, output: 1 }, maxOutputTokens: 100 };
const names = ["a/one", "b/two", "c/three", "d/four"];

/** What a target does when it is asked; one that nothing is said of fails. */
export interface Answered {
  readonly text?: string;
  readonly choice?: Partial<Choice>;
  readonly fails?: ErrorCode;
  /** Milliseconds; never where it is infinite. */
  readonly after?: number;
}

const choiceOf = ({ text = "", choice }: Answered): Choice => ({
  index: 0,
  content: [{ type: "text", text }],
  finishReason: "stop",
  ...choice,
});
const usage = { inputTokens: 7, outputTokens: 3 };

/** As the upstream would answer: whole, or the stream that was asked for. */
const replyOf = (model: string, answered: Answered, stream: boolean): Reply => {
  const choice = choiceOf(answered);
  if (!stream) return { kind: "whole", value: { id: model, created: 1, model, choices: [choice], usage } };
  return {
    kind: "stream",
    batches: (async function* (): AsyncGenerator<readonly Chunk[]> {
      yield [
        { type: "start", id: model, created: 1, model },
        { type: "text", choice: 0, text: answered.text ?? "" },
      ];
      yield [
        { type: "finish", choice: 0, reason: choice.finishReason },
        { type: "usage", usage },
      ];
    })(),
  };
};

const waitFor = (milliseconds: number, signal: CancelSignal, onAbort: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = Number.isFinite(milliseconds) ? setTimeout(resolve, milliseconds) : undefined;
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      onAbort();
      reject(signal.reason);
    });
  });

/** A cascade of targets `a/one` to `d/four`, all of which cost the same, and the call that it is for. */
export interface CascadeParts {
  readonly steps: readonly (readonly string[])[];
  readonly answers: Readonly<Record<string, Answered>>;
  readonly plan?: Partial<CascadePlan>;
  readonly request?: Partial<ChatRequest>;
  readonly route?: Partial<CompiledRoute>;
  readonly spending?: SpendingGuard;
  readonly leavesAfter?: number;
}

const candidateOf = (id: string) => ({ target: makeTarget(id, facts), weight: 1 });

const chances = { settles: 0.7, right: 0.9, otherwise: 0.8 };
/** As of a policy that took a cascade. */
const detail: DecisionDetail = {
  ...{ policy: "learned", version: "1", confidence: 0.9, action: "a/one + b/two + c/three", propensity: 1 },
  ...{ binding: "utility", expected: [], cascade: { kind: "agreement", expected: chances, assumed: chances } },
};

/** Carries a cascade out, settles its call, and tells what came of it. */
export const playCascade = async ({ steps, answers, plan, request = {}, route = {}, ...parts }: CascadeParts) => {
  const { spending, leavesAfter } = parts;
  const targets = names.map((id) => makeTarget(id, facts));
  const made = makeCall({ targets, request, route: { retries: { perTarget: 0 }, ...route } });
  const asked: { readonly id: string; readonly stream: boolean }[] = [];
  const aborted: string[] = [];
  const loads = new TargetLoads();
  const cascade: CascadePlan = {
    kind: "agreement",
    steps: steps.map((step) => step.map(candidateOf)),
    needed: 2,
    reason: "",
    ...plan,
  };
  made.call.scope.decide({ strategy: "learned", candidates: [], reason: "", detail });
  const ranked = made.call.route.candidates.map((candidate) => ({ candidate, score: 0, reason: "" }));
  const reply = carryOutCascade({ ranked, cascade }, made.call as unknown as Call, {
    async invoke(call, { id }, { signal }) {
      const { stream } = call.request as ChatRequest;
      asked.push({ id, stream });
      const answered = answers[id] ?? { fails: "upstream_error" };
      if (answered.after !== undefined) await waitFor(answered.after, signal, () => aborted.push(id));
      if (answered.fails !== undefined) throw new GatewayError(answered.fails, `${id} failed`);
      return replyOf(id, answered, stream);
    },
    loads,
    health: new Breakers(clock),
    retries: new RetryBudget(clock),
    hedges: new HedgeBudget(),
    prefillOf: () => undefined,
    clock,
    random: () => 0,
    spending,
  });
  if (leavesAfter !== undefined)
    setTimeout(() => made.abort(new GatewayError("client_closed_request", "gone")), leavesAfter);
  const outcome = await reply
    .then(async (value) => ({ kind: value.kind, text: await textOf(value) }))
    .catch((thrown: unknown) => ({ kind: "error", text: (thrown as GatewayError).code }));
  const isWell = outcome.kind !== "error";
  const record = made.call.scope.finish({ outcome: isWell ? "ok" : "error", status: isWell ? 200 : 500 });
  // Those who were left end a moment later.
  await Bun.sleep(2);
  return {
    ...{ outcome, record, asked, aborted, notes: record.decision?.notes ?? [] },
    settledAtStep: record.decision?.detail?.cascade?.settledAtStep,
    inFlight: targets.map(({ id }) => loads.of(id).inFlight),
    counted: record.attempts.filter((attempt) => attempt.delivered || attempt.contributed).map(({ target }) => target),
    dispatched: made.journal.filter(({ type }) => type === "dispatched").length,
  };
};

const textOf = async (reply: Reply): Promise<string> => {
  const assembly = openAssembly();
  if (reply.kind === "stream") for await (const batch of reply.batches) assembly.push(batch as readonly Chunk[]);
  const { choices } = reply.kind === "whole" ? (reply.value as { choices: readonly Choice[] }) : assembly.end();
  return (choices[0]?.content ?? []).map((part) => (part.type === "text" ? part.text : part.type)).join("");
};
