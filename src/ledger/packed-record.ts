import type { AttemptRecord, CallHead, CallRecord, DispatchedRecord } from "../core/ledger.ts";
import type { FoldedCall } from "../core/ports/ledger-store.ts";
import type { Usage } from "../core/usage.ts";
import { readAttempt, readPrice, writeAttempt, writePrice } from "./packed-attempt.ts";
import type { FieldReader, FieldWriter } from "./packed-fields.ts";

const writeHead = (fields: FieldWriter, head: CallHead): void => {
  fields.string(head.id);
  fields.string(head.operation);
  fields.string(head.tenant);
  fields.string(head.team);
  fields.string(head.keyId);
  fields.string(head.route);
  fields.string(head.requestedModel);
  fields.byte(head.streamed ? 1 : 0);
  fields.number(head.startedAt);
};

// Fields are read in the order in which they were written; what the checksum covers was written by the function above
// each reader, so the casts are safe.
const readHead = (fields: FieldReader): CallHead => ({
  id: fields.string(),
  operation: fields.string() as CallHead["operation"],
  tenant: fields.string(),
  team: fields.stringOrNull(),
  keyId: fields.stringOrNull(),
  route: fields.string(),
  requestedModel: fields.string(),
  streamed: fields.byte() === 1,
  startedAt: fields.number(),
});

export const writeDispatched = (fields: FieldWriter, record: DispatchedRecord): void => {
  writeHead(fields, record.call);
  fields.number(record.attempt);
  fields.string(record.target);
  fields.string(record.provider);
  fields.string(record.kind);
  fields.string(record.model);
  fields.number(record.startedAfterMilliseconds);
  writePrice(fields, record.price);
  fields.number(record.worstCasePicoUsd);
};

export const readDispatched = (fields: FieldReader): DispatchedRecord => ({
  type: "dispatched",
  call: readHead(fields),
  attempt: fields.number(),
  target: fields.string(),
  provider: fields.string(),
  kind: fields.string(),
  model: fields.string(),
  startedAfterMilliseconds: fields.number(),
  price: readPrice(fields),
  worstCasePicoUsd: fields.numberOrNull(),
});

const noAnswer = 255;

const sameUsage = (one: Usage | null, other: Usage | null): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** The place of the attempt that the call has its target, model and usage from; undefined where there is none. */
const answerOf = ({ attempts, target, model, usage, usageSource }: CallRecord): number | undefined => {
  for (let place = attempts.length - 1; place >= 0; place--) {
    const attempt = attempts[place] as AttemptRecord;
    if (attempt.target !== target || attempt.model !== model || attempt.usageSource !== usageSource) continue;
    if (sameUsage(attempt.usage, usage)) return place;
  }
  return target === null && model === null && usage === null && usageSource === "unknown" ? noAnswer : undefined;
};

/** False where the parts of the call do not belong together as those of a real one do: it must be written otherwise. */
export const writeSettled = (fields: FieldWriter, call: CallRecord): boolean => {
  const answer = answerOf(call);
  if (answer === undefined || call.attempts.length >= noAnswer) return false;
  writeHead(fields, call);
  fields.string(call.outcome);
  fields.number(call.status);
  fields.string(call.errorCode);
  fields.string(call.errorMessage);
  fields.number(call.durationMilliseconds);
  fields.number(call.timeToFirstContentMilliseconds);
  fields.number(call.costPicoUsd);
  fields.number(call.chargePicoUsd);
  fields.string(call.decision === null ? null : JSON.stringify(call.decision));
  fields.byte(answer);
  fields.byte(call.attempts.length);
  for (const attempt of call.attempts) writeAttempt(fields, attempt);
  return true;
};

export const readSettled = (fields: FieldReader): FoldedCall => {
  const head = readHead(fields);
  const outcome = fields.string() as CallRecord["outcome"];
  const status = fields.number();
  const errorCode = fields.stringOrNull() as CallRecord["errorCode"];
  const errorMessage = fields.stringOrNull();
  const durationMilliseconds = fields.number();
  const timeToFirstContentMilliseconds = fields.numberOrNull();
  const costPicoUsd = fields.number();
  const chargePicoUsd = fields.number();
  const decision = fields.stringOrNull();
  const answer = fields.byte();
  const attempts: AttemptRecord[] = [];
  for (let rest = fields.byte(); rest > 0; rest--) attempts.push(readAttempt(fields));
  const answering = answer === noAnswer ? undefined : attempts[answer];
  return {
    // By name, not spread: that would cost as much as to read it.
    id: head.id,
    operation: head.operation,
    tenant: head.tenant,
    team: head.team,
    keyId: head.keyId,
    route: head.route,
    requestedModel: head.requestedModel,
    streamed: head.streamed,
    startedAt: head.startedAt,
    outcome,
    status,
    errorCode,
    errorMessage,
    durationMilliseconds,
    timeToFirstContentMilliseconds,
    target: answering?.target ?? null,
    model: answering?.model ?? null,
    usage: answering?.usage ?? null,
    usageSource: answering?.usageSource ?? "unknown",
    costPicoUsd,
    chargePicoUsd,
    decision,
    attempts,
  };
};
