import type { Call } from "../core/call.ts";
import type { Caller } from "../core/caller.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { OperationName } from "../core/operations.ts";
import type { ServerReply } from "../core/ports/http-server.ts";
import type { HeldKey } from "../core/ports/idempotency.ts";
import type { Codec } from "./codec.ts";
import { batchesOf, replyWithin } from "./commit.ts";
import { keepAliveText } from "./keep-alive.ts";
import { claimKey, recordStream, replay } from "./keyed-call.ts";
import { clientGone, type Incoming, type Opened, openCall } from "./open-call.ts";
import { demandPermission, type Requirement } from "./permission-table.ts";
import { readJsonBody } from "./read-body.ts";
import { callHeaders, costHeader, errorHeaders, idHeaders } from "./reply-headers.ts";
import { streamBody } from "./stream-reply.ts";

export type ErrorCodec = Pick<Codec<OperationName>, "dialect" | "encodeError">;

/** The error in the client's dialect, and nothing else: what is turned away must cost as little as can be. */
const turnAway = ({ id }: Incoming, codec: ErrorCodec, error: GatewayError): ServerReply => {
  const { status, body } = codec.encodeError(error, id);
  const headers = { "content-type": "application/json", ...idHeaders(id, codec.dialect), ...errorHeaders(error) };
  return { status, headers, body };
};

/** Anything that is refused before it became a call: an error in the client's dialect, a log line, no ledger row. */
export const refuse = (
  incoming: Incoming,
  codec: ErrorCodec,
  fault: { error: GatewayError; caller: Caller | null },
): ServerReply => {
  incoming.edge.onRefused({ id: incoming.id, path: incoming.path, ...fault });
  return turnAway(incoming, codec, fault.error);
};

/** Settles a failed call and answers in the client's dialect. */
const failCall = async <Operation extends OperationName>(
  { edge, path }: Incoming,
  codec: Codec<Operation>,
  { call, thrown }: { readonly call: Call<Operation>; readonly thrown: unknown },
): Promise<ServerReply> => {
  const error = toGatewayError(thrown);
  // The caller is told that the log has the cause.
  if (error.code === "internal_error") edge.onRefused({ id: call.id, path, error, caller: call.caller });
  const { status, body } = codec.encodeError(error, call.id);
  call.scope.finish({ outcome: error.code === "client_closed_request" ? "aborted" : "error", status, error });
  if (call.scope.journalled !== undefined) await call.scope.journalled;
  const headers = {
    "content-type": "application/json",
    ...callHeaders(call as unknown as Call),
    ...errorHeaders(error),
  };
  return { status, headers, body };
};

const answer = async <Operation extends OperationName>(
  incoming: Incoming,
  codec: Codec<Operation>,
  opened: Opened<Operation>,
): Promise<ServerReply> => {
  const { edge, connection } = incoming;
  const { call, held } = opened;
  const flushed = (): Promise<void> | undefined => edge.journal.flushed();
  connection.keepOpen();
  const { pacing } = edge;
  const coming = edge.gateway().handle(call);
  const reply = await (call.scope.head.streamed ? replyWithin(coming, pacing.commitAfterMilliseconds) : coming);
  const context = {
    callId: call.id,
    created: Math.floor(call.scope.head.startedAt / 1_000),
    model: call.scope.attempts.at(-1)?.target.model ?? call.request.model,
    request: call.request,
  };
  const headers = callHeaders(call as unknown as Call);
  if (reply !== "late" && reply.kind === "whole") {
    const { asSent } = reply;
    const body = asSent?.dialect === codec.dialect ? asSent.bytes : codec.encodeWhole(reply.value, context);
    const record = call.scope.finish({ outcome: "ok", status: 200 });
    if (call.scope.journalled !== undefined) await call.scope.journalled;
    const durable = flushed();
    if (durable !== undefined) await durable;
    if (held !== undefined) await held.save({ status: 200, contentType: "application/json", body: Buffer.from(body) });
    opened.release();
    headers["x-intellirouter-cost"] = costHeader(record.costPicoUsd);
    headers["content-type"] = "application/json";
    return { status: 200, headers, body };
  }
  const encoder = codec.openStream?.(context);
  if (encoder === undefined)
    throw new GatewayError("internal_error", `The operation ${codec.operation} has no stream.`);
  const contentType = "text/event-stream; charset=utf-8";
  const body = streamBody({
    call,
    batches: reply === "late" ? batchesOf(coming) : reply.batches,
    ...(held === undefined ? { encoder, flushed } : recordStream({ call, encoder, flushed, held, contentType })),
    pacing,
    keepAlive: keepAliveText(codec.dialect),
    begins: reply === "late" ? "alive" : "with content",
    abort: (error) => opened.abort(error),
    clientGone,
    cut: connection.cut,
    onEnd: () => opened.release(),
  });
  headers["content-type"] = contentType;
  headers["cache-control"] = "no-cache";
  return { status: 200, headers, body };
};

/** Serves one call, from its headers to its settled bill. Never throws. */
export const serveCall = async <Operation extends OperationName>(
  incoming: Incoming,
  codec: Codec<Operation>,
  requirement: Requirement | undefined,
): Promise<ServerReply> => {
  const refusal = incoming.edge.refuseCall();
  if (refusal !== undefined) return turnAway(incoming, codec as unknown as Codec<OperationName>, refusal);
  let caller: Caller | null = null;
  let opened: Opened<Operation>;
  let held: HeldKey | undefined;
  try {
    const { edge, request } = incoming;
    // Waited for only where there is something to wait for: each turn of the loop costs as much as the work itself.
    const known = edge.authenticate(request, incoming.connection);
    caller = known instanceof Promise ? await known : known;
    demandPermission(caller, requirement);
    const reading = readJsonBody(request, edge.limits);
    const body = reading instanceof Promise ? await reading : reading;
    const claiming = claimKey(incoming, { caller, body: body.text });
    const claim = claiming === undefined ? undefined : await claiming;
    if (claim?.kind === "saved") return replay(incoming, claim);
    held = claim?.held;
    opened = openCall(incoming, codec, { body, caller, held });
  } catch (thrown) {
    held?.release();
    return refuse(incoming, codec as unknown as Codec<OperationName>, { error: toGatewayError(thrown), caller });
  }
  try {
    return await answer(incoming, codec, opened);
  } catch (thrown) {
    opened.abort(toGatewayError(thrown));
    opened.release();
    try {
      return await failCall(incoming, codec, { call: opened.call, thrown });
    } catch (unsettled) {
      return refuse(incoming, codec as unknown as Codec<OperationName>, { error: toGatewayError(unsettled), caller });
    }
  }
};
