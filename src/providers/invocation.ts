import type { Attempt } from "../core/attempt.ts";
import type { Call } from "../core/call.ts";
import type { CancelSignal } from "../core/cancel.ts";
import type { Target } from "../core/model.ts";
import type { OperationName } from "../core/operations.ts";
import type { Provider } from "../core/ports/provider.ts";
import type { Transport } from "../core/ports/transport.ts";
import type { Quota } from "./quota.ts";

/** Bounds on what an upstream may send. */
export interface InvokeLimits {
  /** Of a whole answer; vectors take many times the room of text. */
  readonly maxReplyBytes: number;
  readonly maxVectorBytes: number;
  readonly maxErrorBytes: number;
  readonly maxFrameCharacters: number;
  /** What a stream may send without saying anything: comments, pings, unknown events. */
  readonly maxSilentBytes: number;
}

export const defaultInvokeLimits: InvokeLimits = {
  maxReplyBytes: 16 * 1024 * 1024,
  maxVectorBytes: 64 * 1024 * 1024,
  maxErrorBytes: 64 * 1024,
  maxFrameCharacters: 8 * 1024 * 1024,
  maxSilentBytes: 8 * 1024 * 1024,
};

/** One upstream call: who is asked what, and who is told of it. */
export interface Invocation<Operation extends OperationName> {
  readonly provider: Provider;
  readonly transport: Transport;
  readonly call: Call<Operation>;
  readonly target: Target;
  readonly attempt: Attempt;
  /** Aborting it closes the connection. */
  readonly signal: CancelSignal;
  readonly connectMilliseconds: number;
  readonly limits: InvokeLimits;
  /** Told when the upstream's headers have come. */
  readonly onHeaders: () => void;
  /** Told that the provider takes no further call for so many milliseconds. */
  readonly onExhausted: (milliseconds: number) => void;
  /** Told what the provider says of its limits; absent where nobody asks. */
  readonly onQuota?: ((quota: Quota) => void) | undefined;
}

/** Milliseconds since 1970, from the call's own clock. */
export const wallTime = <Operation extends OperationName>({ scope }: Call<Operation>): number =>
  scope.head.startedAt + scope.elapsed();
