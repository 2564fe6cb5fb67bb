import { randomBytes } from "node:crypto";
import type { Call } from "../../core/call.ts";
import type { CancelSignal } from "../../core/cancel.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { Feedback } from "../../core/ports/learning.ts";
import type { Candidate, CompiledRoute } from "../../core/route.ts";
import {
  askOnce,
  besideOf,
  noteBeside,
  type OwnCallOptions,
  type OwnCallParts,
  openOwnCall,
  settleFailed,
} from "../beside/own-call.ts";
import { answerOf } from "../beside/served-answer.ts";
import type { Served, ShadowAnswer } from "../shadow/run-shadow.ts";
import { type JudgeWords, pairPrompt, readMark, readPairVerdict, rubricPrompt } from "./judge-prompt.ts";
import { mayJudge } from "./model-lineage.ts";
import { judgeRoute } from "./settings.ts";
import { settlePair, withoutLength } from "./settle-pair.ts";

export interface JudgeParts {
  readonly own: OwnCallParts;
  readonly options: OwnCallOptions;
  /** The judge's models, as they stand now; throws where there are none. */
  readonly judges: () => CompiledRoute;
  readonly rubric: string | undefined;
  /** Keeps what was found of the client's answer. */
  readonly reward: (feedback: Feedback) => Promise<unknown>;
  readonly now: () => number;
  readonly onFailed: (thrown: unknown) => void;
}

const newWords = (): JudgeWords => ({
  marker: randomBytes(12).toString("hex"),
  verdict: `VERDICT-${randomBytes(12).toString("hex")}`,
});

/** No judge is of the maker of what it would judge. */
export class NoJudge extends Error {
  override readonly name = "NoJudge";
  constructor() {
    super("no model of the judge is known to be of another family than the models that it would judge");
  }
}

/** What came of it, 0–1, of the second answer of a pair or of the only one; undefined where there is no verdict. */
type Finding = number | undefined;

/** Asks once within the judge's call, and reads the answer. */
type Ask = <Verdict>(
  prompt: (words: JudgeWords) => ChatRequest | undefined,
  read: (text: string, words: JudgeWords) => Verdict | undefined,
) => Promise<Verdict | undefined>;

const judgePair = async (ask: Ask, request: ChatRequest, [one, other]: readonly [string, string]): Promise<Finding> => {
  const straight = await ask((words) => pairPrompt({ request, first: one, second: other }, words), readPairVerdict);
  if (straight === undefined) return undefined;
  const swapped = await ask((words) => pairPrompt({ request, first: other, second: one }, words), readPairVerdict);
  return swapped === undefined
    ? undefined
    : withoutLength(settlePair({ straight, swapped }), [one.length, other.length]);
};

const candidatesFor = (
  { call, target }: Served,
  shadow: ShadowAnswer | undefined,
  judges: CompiledRoute,
): readonly Candidate[] => {
  const answered = call.route.candidates.find((one) => one.target.id === target)?.target;
  if (answered === undefined) throw new NoJudge();
  const judged = [answered, ...(shadow === undefined ? [] : [shadow.target])].map(({ facts }) => facts);
  const fit = judges.candidates.filter((one) => mayJudge(one.target.facts, judged));
  if (fit.length === 0) throw new NoJudge();
  return fit;
};

interface Judgement {
  readonly served: Served;
  /** The shadow's answer to compare with, where there is one with a text. */
  readonly shadow: ShadowAnswer | undefined;
}

/** Both orders are asked within one call, which is one row of the ledger. */
const judgeWithin = async (call: Call, parts: JudgeParts, { served, shadow }: Judgement): Promise<Finding> => {
  const request = served.call.request as ChatRequest;
  const text = served.text as string;
  let { route } = call;
  const ask: Ask = async (prompt, read) => {
    const words = newWords();
    const asked = prompt(words);
    if (asked === undefined) return undefined;
    const bytes = Buffer.byteLength(JSON.stringify(asked.messages));
    const own = { ...call, route, request: asked, wire: { ...call.wire, bytes } } as Call;
    const completion = await askOnce(own, parts.options, null);
    // Both orders are one judge's.
    const judge = call.scope.attempts.at(-1)?.target;
    route = { ...route, candidates: route.candidates.filter(({ target }) => target === judge) };
    const said = answerOf(completion);
    return said === undefined ? undefined : read(said, words);
  };
  if (shadow?.text !== undefined) return judgePair(ask, request, [text, shadow.text]);
  const { rubric } = parts;
  return rubric === undefined
    ? undefined
    : ask((words) => rubricPrompt({ request, answer: text, rubric }, words), readMark);
};

/**
 * Has a model say how good the client's answer was: beside the shadow's where there is one, else by the rubric. Never
 * throws.
 */
export const runJudge = async (parts: JudgeParts, judgement: Judgement, signal: CancelSignal): Promise<void> => {
  const { served, shadow } = judgement;
  if (served.text === undefined || (shadow?.text === undefined && parts.rubric === undefined)) return;
  let route: CompiledRoute;
  try {
    const judges = parts.judges();
    const name = judgeRoute(served.call.scope.head.route);
    route = { ...judges, name, candidates: candidatesFor(served, shadow, judges) };
  } catch (thrown) {
    parts.onFailed(thrown);
    return;
  }
  const request = { model: "judge", messages: [], stream: false, includeUsage: false } satisfies ChatRequest;
  const call = openOwnCall(parts.own, { served: served.call, route, request, signal });
  const isPair = shadow?.text !== undefined;
  const beside = { ...besideOf("judge", served.call), ...(isPair ? { shadow: shadow.id } : {}) };
  try {
    const found = await judgeWithin(call, parts, judgement);
    noteBeside(call, { ...beside, ...(found === undefined ? {} : { reward: found }) });
    call.scope.finish({ outcome: "ok", status: 200 });
    if (found === undefined) return;
    const judge = call.scope.attempts.at(-1)?.target.id ?? route.name;
    await parts.reward({
      ...{ id: "judge", callId: served.call.id, tenant: served.call.scope.head.tenant, giver: `judge:${judge}` },
      ...{ source: "judge", reward: isPair ? 1 - found : found, at: parts.now() },
    });
  } catch (thrown) {
    noteBeside(call, beside);
    settleFailed(call, thrown);
    parts.onFailed(thrown);
  }
};
