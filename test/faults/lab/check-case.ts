import { estimateTextTokens } from "../../../src/core/estimate-tokens.ts";
import { refusalText, toolCalls, upstreamSecret } from "../upstream/answer-request.ts";
import { promptTokens, textOf, tokensOf } from "../upstream/answer-text.ts";
import type { CaseOutcome } from "./case-outcome.ts";
import type { AttemptRow } from "./ledger.ts";
import { price } from "./make-cases.ts";
import { textSeedOf, wordsOf } from "./run-case.ts";

/** The letters of the matrix, and what is checked by none of them. */
export type Letter = "L" | "1" | "O" | "A" | "log" | "row";
export interface Finding {
  readonly letter: Letter;
  readonly text: string;
}

type Check = (outcome: CaseOutcome) => readonly string[];

const abortMilliseconds = 1_000;
const picoPerToken = (usdPerMillion: number): number => usdPerMillion * 1e6;

/** The text that the case's targets answer; of a target that differs, another. */
export const expectedText = ({ one }: Pick<CaseOutcome, "one">, place = 0): string => {
  if (one.scenario.withTools === true) return "";
  const differs = one.targets[place]?.does.split("--").includes("differs") === true;
  return textOf(textSeedOf(one) + (differs ? 1_000_003 : 0), wordsOf(one));
};

/** Attempts and dispatches of one target, joined in their order. */
const pairsOf = ({ one, attempts, dispatches }: CaseOutcome) =>
  one.targets.map(({ model }) => ({
    model,
    attempts: attempts.filter((attempt) => attempt.model === model),
    dispatches: dispatches.filter((dispatch) => dispatch.model === model),
  }));

const reached = ({ headersAfter, delivered, outcome }: AttemptRow): boolean =>
  headersAfter !== null || delivered !== 0 || outcome === "ok";

/** Every dispatch has its row; nothing is recorded that did not happen. */
const checkDispatches: Check = (outcome) =>
  pairsOf(outcome).flatMap(({ model, attempts, dispatches }) => {
    if (dispatches.length > attempts.length)
      return [
        `${model}: the upstream was asked ${dispatches.length} times, the ledger has ${attempts.length} attempts`,
      ];
    const certain = attempts.filter(reached).length;
    return certain > dispatches.length
      ? [`${model}: ${certain} attempts had an answer, the upstream was asked ${dispatches.length} times`]
      : [];
  });

/** What the program makes of a text whose usage nobody reports; of tool calls the upstream notes the length alone. */
const estimateOf = (text: string, withTools: boolean | undefined): number =>
  estimateTextTokens(withTools === true ? toolCalls.map((call) => call.name + call.arguments).join("") : text);

/** Delivered ≤ recorded ≤ sent, for each attempt that brought content. */
const checkTokens: Check = (outcome) =>
  pairsOf(outcome).flatMap(({ model, attempts, dispatches }) =>
    attempts.flatMap((attempt, place) => {
      const { outputTokens, usageSource } = attempt;
      // Where attempts never arrived, which dispatch belongs to which attempt is not known.
      const dispatch = attempts.length === dispatches.length ? dispatches[place] : undefined;
      if (dispatch === undefined || outputTokens === null) return [];
      const most =
        usageSource === "estimated"
          ? estimateOf(dispatch.text, outcome.one.scenario.withTools)
          : tokensOf(dispatch.units);
      return outputTokens > most
        ? [`${model}: ${outputTokens} tokens are recorded (${usageSource}), the upstream sent ${most}`]
        : [];
    }),
  );

const checkDelivered: Check = ({ answer, attempts, one }) => {
  if (one.scenario.withTools === true) return [];
  const from = attempts.filter(({ delivered }) => delivered);
  const recorded = from.reduce((sum, { outputTokens }) => sum + (outputTokens ?? 0), 0);
  const counted = tokensOf(answer.text.length);
  const isEstimated = from.some(({ usageSource }) => usageSource === "estimated");
  const delivered = isEstimated ? Math.min(counted, estimateTextTokens(answer.text)) : counted;
  return recorded < delivered
    ? [`the client got ${delivered} tokens, the attempts that it got content from have ${recorded}`]
    : [];
};

const notTaken: ReadonlySet<string> = new Set(["overloaded", "shutting_down"]);

const checkCharge: Check = ({ one, calls, attempts, answer, received }) => {
  if (calls.length > 1) return [`${calls.length} calls rows for one call`];
  const [call] = calls;
  // A call that is turned away at the door is none.
  if (call === undefined && answer.code !== null && notTaken.has(answer.code)) return [];
  if (call === undefined)
    return attempts.length > 0 || (received.ending !== "left" && received.status !== null) ? ["no calls row"] : [];
  const cost = attempts.reduce((sum, attempt) => sum + attempt.cost, 0);
  const charge = attempts.reduce(
    (sum, attempt) => sum + (attempt.delivered || attempt.contributed ? attempt.cost : 0),
    0,
  );
  const faults = [
    ...(call.cost === cost ? [] : [`the call costs ${call.cost}, its attempts ${cost}`]),
    ...(call.charge === charge ? [] : [`the charge is ${call.charge}, that of the attempts that count ${charge}`]),
    ...(answer.kind === "answer" && call.outcome !== "ok" ? [`answered, and recorded as ${call.outcome}`] : []),
    ...(answer.kind === "error" && call.outcome === "ok" ? ["failed, and recorded as ok"] : []),
  ];
  for (const { number, usageSource, inputTokens, outputTokens, cost: own } of attempts) {
    if (usageSource === "unknown" || inputTokens === null) continue;
    const due = inputTokens * picoPerToken(price.input) + (outputTokens ?? 0) * picoPerToken(price.output);
    if (own !== due) faults.push(`attempt ${number} costs ${own}, its tokens ${due}`);
  }
  return [...faults, ...checkKindOfCharge({ one, answer, call })];
};

const checkKindOfCharge = ({
  one,
  answer,
  call,
}: Pick<CaseOutcome, "one" | "answer"> & { call: CaseOutcome["calls"][number] }) => {
  const { charge } = one.scenario.expect;
  const told = `charged ${call.charge} (${call.usageSource}, ${call.inputTokens} + ${call.outputTokens} tokens)`;
  switch (charge) {
    case "nothing":
      return call.charge === 0 ? [] : [`${told}, expected nothing`];
    case "reported":
      return call.usageSource === "reported" && call.inputTokens === promptTokens && call.charge > 0
        ? []
        : [`${told}, expected what the upstream reported`];
    case "delivered":
      return call.usageSource === "estimated" && (call.inputTokens ?? 0) > 0 && call.charge > 0
        ? []
        : [`${told}, expected an estimate of what was delivered`];
    case "fair":
      return answer.text === "" || call.charge > 0 ? [] : [`${told}, though content was delivered`];
  }
};

/** The text is the answer, or its beginning where it was not complete; never another. */
const checkText: Check = (outcome) => {
  const { one, answer } = outcome;
  if (one.scenario.withTools === true) return answer.kind === "answer" ? checkCalls(outcome) : [];
  const places = one.scenario.expect.answeredBy;
  const expected =
    places === undefined
      ? one.targets.map((_target, place) => expectedText(outcome, place))
      : [expectedText(outcome, places)];
  const isRight =
    answer.kind === "answer" ? expected.includes(answer.text) : expected.some((text) => text.startsWith(answer.text));
  const shown = JSON.stringify(answer.text.slice(0, 160));
  return isRight ? [] : [`the text is wrong: ${shown}, expected ${JSON.stringify(expected[0]?.slice(0, 160))}`];
};

const checkCalls: Check = ({ answer }) => {
  const plain = (calls: readonly { name: string; arguments: string }[]): string =>
    JSON.stringify(calls.map(({ name, arguments: text }) => [name, JSON.stringify(JSON.parse(text || "null"))]));
  const [got, expected] = [plain(answer.calls), plain(toolCalls)];
  return got === expected ? [] : [`the tool calls are ${got}, expected ${expected}`];
};

const checkEnding: Check = ({ one, answer, received }) => {
  const { ending, codes, statuses, within } = one.scenario.expect;
  const told = `ended ${received.ending}, status ${received.status}, ${answer.kind}${answer.code === null ? "" : ` ${answer.code}`}`;
  if (received.ending === "late") return [`the client gave up waiting: ${told}`];
  if (ending === "either or left" && received.ending === "left") return [];
  if (ending === "left") return received.ending === "left" ? [] : [`the client never left: ${told}`];
  const isExpected =
    answer.kind === ending || (ending.startsWith("either") && (answer.kind === "answer" || answer.kind === "error"));
  const took = received.endedAt - received.sentAt;
  return [
    ...(isExpected ? [] : [`${told}, expected ${ending}`]),
    ...(received.ending === "cut" ? ["the connection ended before the answer did"] : []),
    ...(answer.kind === "error" && codes !== undefined && !codes.includes(answer.code ?? "")
      ? [`the error is ${answer.code} ('${answer.message?.slice(0, 120)}'), expected ${codes.join(" or ")}`]
      : []),
    ...(one.edge === "openai" && statuses !== undefined && !statuses.includes(received.status ?? 0)
      ? [`the status is ${received.status}, expected ${statuses.join(" or ")}`]
      : []),
    ...(within !== undefined && took > within ? [`it took ${Math.round(took)} ms, expected ${within} at most`] : []),
    ...(received.headers["x-request-id"] === undefined && received.status !== null ? ["no x-request-id"] : []),
  ];
};

const checkSecret: Check = ({ received, answer }) => {
  const all = JSON.stringify(received.headers) + received.body.toString("latin1");
  // A refused credential's text is the operator's matter in every form: keys come shortened and reworded too.
  const isHidden = answer.code === "upstream_authentication";
  return [
    ...(all.includes(upstreamSecret) ? ["the upstream's text with the secret in it reached the client"] : []),
    ...(isHidden && all.includes(refusalText) ? ["the text of a refused credential reached the client"] : []),
  ];
};

const checkTargets: Check = ({ one, dispatches }) =>
  (one.scenario.expect.dispatches ?? []).flatMap(([least, most], place) => {
    const target = one.targets[place];
    const count = dispatches.filter(({ model }) => model === target?.model).length;
    return count < least || count > most
      ? [`target ${place} (${target?.does || "answers"}) was asked ${count} times, expected ${least} to ${most}`]
      : [];
  });

/** An upstream that was left was left in time, and none is still open. */
const checkAborts: Check = ({ one, received, dispatches }) =>
  dispatches.flatMap(({ model, ending, peerClosedAt, receivedAt }) => {
    if (ending === null) return [`${model}: the upstream still waits for its peer to go`];
    if (peerClosedAt === null) return [];
    const { abandonedWithin } = one.scenario.expect;
    const faults: string[] = [];
    if (abandonedWithin !== undefined && peerClosedAt - receivedAt > abandonedWithin + abortMilliseconds)
      faults.push(`${model}: abandoned after ${Math.round(peerClosedAt - receivedAt)} ms, expected ${abandonedWithin}`);
    if (peerClosedAt - received.endedAt > abortMilliseconds)
      faults.push(`${model}: left ${Math.round(peerClosedAt - received.endedAt)} ms after the client's end`);
    return faults;
  });

const checkLog: Check = ({ calls, entries, attempts }) => {
  const [call] = calls;
  if (call === undefined) return [];
  const [entry] = entries;
  if (entries.length !== 1 || entry === undefined) return [`${entries.length} log entries of the call, not one`];
  return [
    ...(entry["outcome"] === call.outcome
      ? []
      : [`the log says ${String(entry["outcome"])}, the ledger ${call.outcome}`]),
    ...(entry["usageSource"] === call.usageSource ? [] : ["the log does not say where the usage came from"]),
    ...(call.outcome === "ok" || entry["code"] !== null ? [] : ["the log does not say the cause"]),
    ...(entry["attempts"] === attempts.length || Array.isArray(entry["attempts"])
      ? []
      : ["the log does not count the attempts"]),
    ...(JSON.stringify(entry).includes(upstreamSecret) ? ["the secret stands in the log"] : []),
  ];
};

const checks: readonly { readonly letter: Letter; readonly check: Check }[] = [
  { letter: "L", check: checkDispatches },
  { letter: "L", check: checkTokens },
  { letter: "L", check: checkDelivered },
  { letter: "1", check: checkCharge },
  { letter: "O", check: ({ answer }) => answer.problems },
  { letter: "O", check: checkText },
  { letter: "O", check: checkSecret },
  { letter: "row", check: checkEnding },
  { letter: "row", check: checkTargets },
  { letter: "row", check: (outcome) => outcome.one.scenario.expect.also?.(outcome) ?? [] },
  { letter: "A", check: checkAborts },
  { letter: "log", check: checkLog },
];

/** What speaks against a case; nothing where all is as it must be. */
export const checkCase = (outcome: CaseOutcome): readonly Finding[] =>
  checks.flatMap(({ letter, check }) => check(outcome).map((text) => ({ letter, text })));
