import type { Batches } from "./batches.ts";
import type { CallScope } from "./call-scope.ts";
import type { Caller } from "./caller.ts";
import type { CancelSignal } from "./cancel.ts";
import type { Dialect } from "./chat.ts";
import type { Assignment } from "./decision.ts";
import type { JsonObject } from "./json.ts";
import type { OperationName, PieceOf, RequestOf, WholeOf } from "./operations.ts";
import type { CompiledRoute } from "./route.ts";
import type { RoutingWishes } from "./routing-wishes.ts";

/**
 * The client's body as it came: its dialect, its text, the parsed object. `model` is where the value of the top-level
 * `model` stands in the text, so that a target of the same dialect gets the same bytes with only the name replaced.
 */
export interface Wire {
  readonly dialect: Dialect;
  readonly text: string;
  /** Length of the body as it came, in bytes: no tokenizer makes more tokens of it. */
  readonly bytes: number;
  readonly body: JsonObject;
  readonly model: { readonly start: number; readonly end: number };
  /** The request that was parsed from it; a call whose request is another object was changed by a stage. */
  readonly parsed: unknown;
}

/** One client request, from socket to settled bill. Immutable: stages pass on changed copies. */
export interface Call<Operation extends OperationName = OperationName> {
  readonly id: string;
  readonly operation: Operation;
  readonly caller: Caller;
  readonly route: CompiledRoute;
  readonly request: RequestOf<Operation>;
  /** What the client asks of the routing; absent: nothing. */
  readonly routing?: RoutingWishes;
  readonly wire: Wire;
  /** Aborted when the client is gone, the total deadline has passed, or the program stops. */
  readonly signal: CancelSignal;
  /** The call's own record: attempts, decision, settlement. */
  readonly scope: CallScope;
  /** What experiments chose for it; `route` is as they want it then. */
  readonly assignment?: Assignment;
}

/** What comes back. Pieces of a stream arrive in batches: all that one read of the upstream's socket brought. */
export type Reply<Operation extends OperationName = OperationName> =
  | {
      readonly kind: "whole";
      readonly value: WholeOf<Operation>;
      /** The answer as it came, in its dialect's schema. Whoever changes the value leaves it out. */
      readonly asSent?: { readonly dialect: Dialect; readonly bytes: Uint8Array };
    }
  | { readonly kind: "stream"; readonly batches: Batches<PieceOf<Operation>> };

export type Next = (call: Call) => Promise<Reply>;
export type Stage = (call: Call, next: Next) => Promise<Reply>;

/** Joins stages into one function; `last` answers. What is not in the list costs nothing. */
export const compilePipeline = (stages: readonly Stage[], last: Next): Next =>
  stages.reduceRight<Next>((next, stage) => (call) => stage(call, next), last);
