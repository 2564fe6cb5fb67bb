import type { Attempt } from "../../core/attempt.ts";
import type { Reply } from "../../core/call.ts";
import type { Completion } from "../../core/reply.ts";

/** One target's whole answer. */
export interface Answer {
  readonly attempt: Attempt;
  readonly reply: Reply & { readonly kind: "whole" };
  readonly completion: Completion;
  /** Of its target among all that the cascade may ask. */
  readonly place: number;
}

/** Looks at answers as they come, and says when one is to be given. Its words never hold anything of an answer. */
export interface Judge {
  /** Takes an answer. Gives why it will not do, in one clause; undefined where it may. */
  add(answer: Answer): string | undefined;
  /** The answer that is to be given; undefined while nothing is settled. */
  readonly chosen: Answer | undefined;
  /** Whether so many answers more could settle it. */
  canSettle(more: number): boolean;
  /** How it stands, in one clause for the decision. */
  readonly standing: string;
}
