import type { Call, Wire } from "../core/call.ts";
import { CallScope } from "../core/call-scope.ts";
import type { Caller } from "../core/caller.ts";
import { CancelController, type CancelSignal } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import type { OperationName, RequestOf } from "../core/operations.ts";
import type { ServerConnection, ServerRequest } from "../core/ports/http-server.ts";
import type { HeldKey } from "../core/ports/idempotency.ts";
import type { Codec } from "./codec.ts";
import type { Edge } from "./edge.ts";
import type { JsonBody } from "./read-body.ts";
import { refuseFields } from "./refuse-fields.ts";
import { readWishes } from "./routing-wishes.ts";
import { invalidValue } from "./validate.ts";

/** One request on its way through the edge. */
export interface Incoming {
  readonly edge: Edge;
  readonly request: ServerRequest;
  readonly connection: ServerConnection;
  readonly id: string;
  readonly path: string;
}

export const clientGone = (): GatewayError =>
  new GatewayError("client_closed_request", "The client closed the connection before the answer was complete.");

/** The name to route by: `route` where the client sent one, else `model`. */
export const routeName = ({ body }: Pick<JsonBody, "body">, model: string): string => {
  const chosen = body["route"];
  if (chosen === undefined || chosen === null) return model;
  if (typeof chosen !== "string" || chosen === "") throw invalidValue(["route"], "expected the name of a route");
  return chosen;
};

/** Ties a call's signal to the client's connection, to the life of its key, and to the program's end. */
class CallTie {
  readonly #incoming: Incoming;
  readonly #caller: Caller;
  readonly #controller = new CancelController();
  readonly #onGone = (): void => this.abort(clientGone());
  readonly #onStop = (): void =>
    this.abort(new GatewayError("shutting_down", "The gateway is stopping. Send the request again."));

  constructor(incoming: Incoming, caller: Caller) {
    this.#incoming = incoming;
    this.#caller = caller;
    const { edge, request } = incoming;
    request.signal.addEventListener("abort", this.#onGone, { once: true });
    edge.stopping.addEventListener("abort", this.#onStop, { once: true });
    edge.openCalls?.watch(caller, this);
    if (request.signal.aborted) this.#onGone();
    if (edge.stopping.aborted) this.#onStop();
  }

  get signal(): CancelSignal {
    return this.#controller.signal;
  }

  abort(error: GatewayError): void {
    this.#controller.abort(error);
  }

  release(): void {
    const { edge, request, connection } = this.#incoming;
    request.signal.removeEventListener("abort", this.#onGone);
    edge.stopping.removeEventListener("abort", this.#onStop);
    edge.openCalls?.leave(this.#caller, this);
    connection.limitIdle();
  }
}

/** A call that has begun. */
export class Opened<Operation extends OperationName> {
  readonly call: Call<Operation>;
  /** The client's key for this request, where it sent one; `release` frees it unless its answer was saved. */
  readonly held: HeldKey | undefined;
  readonly #tie: CallTie;

  constructor(call: Call<Operation>, tie: CallTie, held: HeldKey | undefined) {
    this.call = call;
    this.#tie = tie;
    this.held = held;
  }

  abort(error: GatewayError): void {
    this.#tie.abort(error);
  }

  release(): void {
    this.#tie.release();
    this.held?.release();
  }
}

/** Makes the call of a request: parsed, its route resolved, its record begun. Throws GatewayError. */
export const openCall = <Operation extends OperationName>(
  incoming: Incoming,
  codec: Codec<Operation>,
  { body, caller, held }: { body: JsonBody; caller: Caller; held: HeldKey | undefined },
): Opened<Operation> => {
  const { edge, id } = incoming;
  refuseFields(body.body);
  const request: RequestOf<Operation> = codec.parse(body.body);
  const wishes = readWishes(body.body, incoming.request.headers);
  const gateway = edge.gateway();
  const named = gateway.resolveRoute(routeName(body, request.model), caller);
  const route = wishes === undefined ? named : gateway.routeAsWished(named, wishes, { caller, purpose: "call" });
  const span = body.model ?? { start: 0, end: 0 };
  const wire: Wire = {
    dialect: codec.dialect,
    text: body.text,
    bytes: body.bytes,
    body: body.body,
    model: span,
    parsed: request,
  };
  const tie = new CallTie(incoming, caller);
  const scope = new CallScope({
    head: {
      id,
      operation: codec.operation,
      tenant: caller.tenant,
      team: caller.team,
      keyId: caller.keyId,
      route: route.name,
      requestedModel: request.model,
      streamed: "stream" in request && request.stream,
    },
    clock: edge.clock,
    journal: edge.journal,
    estimateInputTokens: () => codec.estimateInputTokens(request),
    onEnded: edge.onEnded,
    onSettled: edge.onSettled,
  });
  edge.onStarted();
  const { signal } = tie;
  const call = { id, operation: codec.operation, caller, route, request, wire, signal, scope };
  return new Opened(wishes === undefined ? call : { ...call, routing: wishes }, tie, held);
};
