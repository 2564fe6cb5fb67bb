import type { Call, Reply } from "../core/call.ts";
import type { Caller } from "../core/caller.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { CallRecord } from "../core/ledger.ts";
import type { OperationName } from "../core/operations.ts";
import type { ServerReply } from "../core/ports/http-server.ts";
import type { HeldKey } from "../core/ports/idempotency.ts";
import type { AnswerContext, Codec } from "./codec.ts";
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

const contextOf = <Operation extends OperationName>({
  id,
  request,
  scope,
}: Call<Operation>): AnswerContext<Operation> => ({
  callId: id,
  created: Math.floor(scope.head.startedAt / 1_000),
  model: scope.answering?.target.model ?? request.model,
  request,
});

const wholeBody = <Operation extends OperationName>(
  codec: Codec<Operation>,
  call: Call<Operation>,
  { asSent, value }: Reply<Operation> & { readonly kind: "whole" },
): string | Uint8Array =>
  asSent?.dialect === codec.dialect ? asSent.bytes : codec.encodeWhole(value, contextOf(call));

const wholeReply = (call: Call, body: string | Uint8Array, record: CallRecord): ServerReply => {
  const headers = callHeaders(call, record.durationMilliseconds);
  headers["x-intellirouter-cost"] = costHeader(record.costPicoUsd);
  headers["content-type"] = "application/json";
  return { status: 200, headers, body };
};

interface Streaming<Operation extends OperationName> {
  readonly opened: Opened<Operation>;
  readonly coming: Promise<Reply<Operation>>;
  readonly reply: (Reply<Operation> & { readonly kind: "stream" }) | "late";
}

const streamedReply = <Operation extends OperationName>(
  { edge, connection }: Incoming,
  codec: Codec<Operation>,
  { opened, coming, reply }: Streaming<Operation>,
): ServerReply => {
  const { call, held } = opened;
  const { pacing } = edge;
  const flushed = (): Promise<void> | undefined => edge.journal.flushed();
  const encoder = codec.openStream?.(contextOf(call));
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
  const headers = callHeaders(call as unknown as Call);
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
  // All in one: another asynchronous function would cost every call as much as some of what is done here.
  try {
    const { edge, connection } = incoming;
    const { call } = opened;
    const { scope } = call;
    connection.keepOpen();
    const coming = edge.gateway().handle(call);
    const reply = await (scope.head.streamed ? replyWithin(coming, edge.pacing.commitAfterMilliseconds) : coming);
    if (reply === "late" || reply.kind === "stream") return streamedReply(incoming, codec, { opened, coming, reply });
    const body = wholeBody(codec, call, reply);
    const record = scope.finish({ outcome: "ok", status: 200 });
    if (scope.journalled !== undefined) await scope.journalled;
    const durable = edge.journal.flushed();
    if (durable !== undefined) await durable;
    if (held !== undefined) await held.save({ status: 200, contentType: "application/json", body: Buffer.from(body) });
    opened.release();
    return wholeReply(call as unknown as Call, body, record);
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
