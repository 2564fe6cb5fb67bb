import type { Caller } from "../core/caller.ts";
import type { CancelSignal } from "../core/cancel.ts";
import type { GatewayError } from "../core/errors.ts";
import type { CallRecord } from "../core/ledger.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Gateway } from "../core/ports/gateway.ts";
import type { ServerConnection, ServerRequest } from "../core/ports/http-server.ts";
import type { Idempotency } from "../core/ports/idempotency.ts";
import type { Journal } from "../core/ports/journal.ts";
import type { BodyLimits } from "./read-body.ts";

/** How long a stream to the client may be silent, in milliseconds each. */
export interface StreamPacing {
  /** Until a comment is sent. */
  readonly keepAliveMilliseconds: number;
  /** Until the headers are sent without content; 0 = never. */
  readonly commitAfterMilliseconds: number;
  /** Until a client that takes nothing of what waits is cut off. */
  readonly stalledMilliseconds: number;
}

/** A request that was refused before it became a call. */
export interface Refusal {
  readonly id: string;
  readonly path: string;
  readonly error: GatewayError;
  readonly caller: Caller | null;
}

/** Keeps an eye on the callers of open calls. */
export interface OpenCalls {
  watch(caller: Caller, call: { abort(error: GatewayError): void }): void;
  /** The call is over. */
  leave(caller: Caller, call: { abort(error: GatewayError): void }): void;
}

/** What the edge needs of the rest of the program. */
export interface Edge {
  /** The configuration of this instant; a call keeps the one that it began with. */
  gateway(): Gateway;
  /** Who calls; at once where it is remembered. Throws `missing_api_key`, `invalid_api_key` or `forbidden_origin`. */
  authenticate(request: ServerRequest, connection: ServerConnection): Caller | Promise<Caller>;
  /** Told of open calls, to abort those whose caller is let in no more; absent where callers stay. */
  readonly openCalls?: OpenCalls;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly limits: BodyLimits;
  readonly pacing: StreamPacing;
  /** Asked for requests with an `Idempotency-Key` only; absent where that header means nothing. */
  readonly idempotency?: Idempotency;
  /** Why no further call is taken at this instant; undefined where one is. Asked before a call is read. */
  refuseCall(): GatewayError | undefined;
  newId(): string;
  /** A call begins; `onEnded` follows once, whatever becomes of its settlement. */
  onStarted(): void;
  onEnded(): void;
  onSettled(record: CallRecord): void;
  onRefused(refusal: Refusal): void;
  /** Aborted when the program stops and open calls must end. */
  readonly stopping: CancelSignal;
}
