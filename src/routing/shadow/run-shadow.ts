import type { Call } from "../../core/call.ts";
import type { CancelSignal } from "../../core/cancel.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { Target } from "../../core/model.ts";
import type { CompiledRoute } from "../../core/route.ts";
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

export interface ShadowParts {
  readonly own: OwnCallParts;
  readonly options: OwnCallOptions;
  /** The route as the shadow has it. */
  readonly route: CompiledRoute;
  /** Whether two answers to a request come to the same; undefined where that cannot be said. */
  readonly agree: (one: string, other: string) => boolean | undefined;
  /** Told of whatever kept it from answering. */
  readonly onFailed: (thrown: unknown) => void;
}

/** A call that was answered. */
export interface Served {
  readonly call: Call;
  /** The target whose answer the client got. */
  readonly target: string | null;
  /** What it said, where that can be compared. */
  readonly text: string | undefined;
}

/** The shadow's answer. */
export interface ShadowAnswer {
  readonly id: string;
  readonly target: Target;
  readonly text: string | undefined;
}

/** Asks the same again, of the shadow's target; undefined where there is no answer. Never throws. */
export const runShadow = async (
  { own, options, route, agree, onFailed }: ShadowParts,
  { call: served, target, text }: Served,
  signal: CancelSignal,
): Promise<ShadowAnswer | undefined> => {
  const request: ChatRequest = { ...(served.request as ChatRequest), stream: false, includeUsage: false };
  const call = openOwnCall(own, { served, route, request, wire: served.wire, signal });
  const beside = besideOf("shadow", served);
  try {
    const answer = answerOf(await askOnce(call, options, target));
    const agrees = text === undefined || answer === undefined ? undefined : agree(text, answer);
    noteBeside(call, { ...beside, ...(agrees === undefined ? {} : { agrees }) });
    call.scope.finish({ outcome: "ok", status: 200 });
    const asked = call.scope.attempts.at(-1)?.target;
    return asked === undefined ? undefined : { id: call.id, target: asked, text: answer };
  } catch (thrown) {
    noteBeside(call, beside);
    settleFailed(call, thrown);
    onFailed(thrown);
    return undefined;
  }
};
