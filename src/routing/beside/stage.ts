import type { Call, Stage } from "../../core/call.ts";
import type { CancelSignal } from "../../core/cancel.ts";
import type { CallRecord } from "../../core/ledger.ts";
import { drawFor } from "../experiments/assign.ts";
import { isSteered } from "../experiments/stage.ts";
import { type JudgeParts, runJudge } from "../judge/run-judge.ts";
import { runShadow, type ShadowParts } from "../shadow/run-shadow.ts";
import type { BackgroundWork } from "./queue.ts";
import { ServedAnswer } from "./served-answer.ts";

/** What goes on beside the calls of one route. Shares are of the calls that were answered. */
export interface BesideRoute {
  readonly shadow: (ShadowParts & { readonly share: number }) | undefined;
  readonly judge: (JudgeParts & { readonly share: number }) | undefined;
}

export interface BesideStageParts {
  /** By the name of the route; routes without any are not in it. */
  readonly routes: ReadonlyMap<string, BesideRoute>;
  readonly offer: (work: BackgroundWork) => void;
}

/** Whose request goes nowhere but where the client sent it. */
const isPrivate = (call: Call): boolean => call.wire.body["store"] === false || isSteered(call);

const isDrawn = (what: "shadow" | "judge", { id }: Call, share: number | undefined): boolean =>
  share !== undefined && (share === 1 || drawFor(what, id) < share);

interface Drawn {
  readonly shadow: BesideRoute["shadow"];
  readonly judge: BesideRoute["judge"];
}

const draw = (call: Call, { shadow, judge }: BesideRoute): Drawn | undefined => {
  const drawn = {
    shadow: isDrawn("shadow", call, shadow?.share) ? shadow : undefined,
    judge: isDrawn("judge", call, judge?.share) ? judge : undefined,
  };
  const isJudged = drawn.judge !== undefined && (drawn.shadow !== undefined || drawn.judge.rubric !== undefined);
  return drawn.shadow !== undefined || isJudged ? drawn : undefined;
};

/** The settlement stands in the journal: from now on the call is over, for the client too. */
const settled = async ({ scope }: Call): Promise<boolean> => {
  try {
    await scope.journalled;
    return true;
  } catch {
    return false;
  }
};

const follow = async (
  { shadow, judge }: Drawn,
  { call, record, answer }: { readonly call: Call; readonly record: CallRecord; readonly answer: ServedAnswer },
  signal: CancelSignal,
): Promise<void> => {
  if (!(await settled(call))) return;
  const served = { call, target: record.target, text: answer.text };
  const other = shadow === undefined ? undefined : await runShadow(shadow, served, signal);
  if (judge !== undefined && !signal.aborted) await runJudge(judge, { served, shadow: other }, signal);
};

/**
 * Asks other models about calls that are over: a share of those that were answered, and none whose client chose the
 * target itself or wants nothing stored. The client's call is neither delayed nor changed.
 */
export const besideStage = ({ routes, offer }: BesideStageParts): Stage => {
  const hear = (call: Call, drawn: Drawn): ServedAnswer => {
    const answer = new ServedAnswer();
    call.scope.whenOver((record) => {
      if (record.outcome !== "ok") return;
      offer({
        bytes: call.wire.bytes * 3 + answer.bytes,
        run: (signal) => follow(drawn, { call, record, answer }, signal),
      });
    });
    return answer;
  };
  return (call, next) => {
    const { name } = call.route;
    const route = routes.get(name);
    // Where a budget sent the call to another route, there is no money for more.
    if (route === undefined || call.scope.head.route !== name || call.operation !== "chat") return next(call);
    if (isPrivate(call)) return next(call);
    const drawn = draw(call, route);
    if (drawn === undefined) return next(call);
    const answer = hear(call, drawn);
    return next(call).then((reply) => answer.hear(reply));
  };
};
