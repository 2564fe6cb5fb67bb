import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { formatCount, formatMilliseconds, formatUsd } from "../output/quantities.ts";
import { onOneLine } from "../output/sanitise.ts";
import type { StyleName } from "../output/style.ts";
import { request, segment } from "../request.ts";
import { callSchema, type ShownAttempt, type ShownCall } from "./call-schema.ts";
import { type ShownStory, storySchema } from "./decision-schema.ts";
import { candidateRows, tableExpected } from "./decision-tables.ts";

const outcomeStyles: Readonly<Record<string, StyleName>> = { ok: "green", aborted: "yellow" };
const outcomeStyle = (outcome: string): StyleName => outcomeStyles[outcome] ?? "red";

const costWords: Readonly<Record<string, string>> = {
  reported: "from the tokens that the provider reported",
  estimated: "from an estimate of the tokens",
  bound: "at most; the provider did not say what was used",
  unpriced: "the model has no known price",
  none: "nothing was used",
};

const explainHead = (call: ShownCall, { style }: CliContext): readonly string[] => {
  const outcome = style(outcomeStyle(call.outcome), `${call.outcome}, HTTP ${call.status}`);
  const first = call.timeToFirstContentMilliseconds;
  const content = first === null || first === undefined ? "" : `; first content after ${formatMilliseconds(first)}`;
  const error = call.errorMessage ? [`  error    ${call.errorCode ?? "error"}: ${onOneLine(call.errorMessage)}`] : [];
  return [
    `${style("bold", `Call ${onOneLine(call.id)}`)}  ${outcome}`,
    `  when     ${onOneLine(call.startedAt)}`,
    `  asked    ${onOneLine(call.requestedModel)} (route ${onOneLine(call.route)}), ${call.operation}${call.streamed ? ", streamed" : ""}`,
    `  key      ${call.keyId ? onOneLine(call.keyId) : "none"}`,
    `  answered ${call.target ? onOneLine(call.target) : "by no target"}`,
    `  took     ${formatMilliseconds(call.durationMilliseconds)}${content}`,
    ...error,
  ];
};

const explainDecision = ({ decision }: ShownCall, { style, table }: CliContext): readonly string[] => {
  if (decision === null || decision === undefined)
    return ["", "No decision was recorded: the call ended before routing."];
  const fallback = decision.fallback
    ? [
        `  ${style("yellow", `The strategy failed, so the route's own order was taken: ${onOneLine(decision.fallback)}`)}`,
      ]
    : [];
  const rows = table(candidateRows(decision.candidates));
  return [
    "",
    `${style("bold", "Decision")} by ${onOneLine(decision.strategy)}: ${onOneLine(decision.reason)}`,
    ...(decision.wished ? [`  The client wished: ${onOneLine(decision.wished)}`] : []),
    ...fallback,
    rows.trimEnd(),
  ];
};

const partOf = ({ delivered, contributed }: ShownAttempt): string => {
  if (delivered) return "; the client got its content";
  return contributed === true ? "; its answer took part in the choice" : "";
};

const explainAttempt = (attempt: ShownAttempt, { style }: CliContext): readonly string[] => {
  const {
    startedAfterMilliseconds: start,
    endedAfterMilliseconds: end,
    firstContentAfterMilliseconds: first,
  } = attempt;
  const content = typeof first === "number" ? `, first content after ${formatMilliseconds(first - start)}` : "";
  const status = typeof attempt.upstreamStatus === "number" ? `, upstream HTTP ${attempt.upstreamStatus}` : "";
  const tokens = attempt.usage
    ? `${formatCount(attempt.usage.inputTokens)} in, ${formatCount(attempt.usage.outputTokens)} out, `
    : "";
  const source = costWords[attempt.costSource] ?? attempt.costSource;
  return [
    `  ${attempt.number}. ${onOneLine(attempt.target)}  ${style(outcomeStyle(attempt.outcome), attempt.outcome)}`,
    `     began after ${formatMilliseconds(start)}, took ${formatMilliseconds(end - start)}${content}${status}`,
    ...(attempt.errorMessage ? [`     ${attempt.errorCode ?? "error"}: ${onOneLine(attempt.errorMessage)}`] : []),
    `     ${tokens}cost ${formatUsd(attempt.costUsd)} (${source})${partOf(attempt)}`,
  ];
};

const explainCost = (call: ShownCall, { style }: CliContext): readonly string[] => {
  const { usage } = call;
  const parts = [
    usage?.cachedInputTokens ? `${formatCount(usage.cachedInputTokens)} of the input from the provider's cache` : "",
    usage?.cacheWriteTokens ? `${formatCount(usage.cacheWriteTokens)} written to it` : "",
    usage?.reasoningTokens ? `${formatCount(usage.reasoningTokens)} of the output for reasoning` : "",
  ].filter((part) => part !== "");
  const tokens = usage
    ? `${formatCount(usage.inputTokens)} in, ${formatCount(usage.outputTokens)} out (${call.usageSource})`
    : "unknown";
  const detail = parts.length === 0 ? "" : `: ${parts.join(", ")}`;
  return [
    "",
    `${style("bold", "Tokens")} ${tokens}${detail}`,
    `${style("bold", "Cost")}   ${formatUsd(call.costUsd)} over all attempts, ${formatUsd(call.chargeUsd)} charged`,
  ];
};

/** What a policy that learns thought, and what was said of the answer. */
const explainChoice = (told: ShownStory | undefined, context: CliContext): readonly string[] => {
  if (told === undefined) return [];
  const { choice, story } = told;
  // Where nothing was weighed, the story tells no more than the rest does, but for what was said of the answer.
  if (choice === null || choice === undefined) return ["", onOneLine(story.at(-1) ?? "")];
  return [
    "",
    context.style("bold", "Story"),
    ...story.map((line) => `  ${onOneLine(line)}`),
    "",
    tableExpected(choice.expected, choice.action, context).trimEnd(),
  ];
};

/** The story of a call in words and numbers. */
export const tellCall = (call: ShownCall, told: ShownStory | undefined, context: CliContext): string => {
  const attempts =
    call.attempts.length === 0
      ? ["", "No attempt was made."]
      : [
          "",
          context.style("bold", "Attempts"),
          ...call.attempts.flatMap((attempt) => explainAttempt(attempt, context)),
        ];
  const lines = [
    ...explainHead(call, context),
    ...explainDecision(call, context),
    ...attempts,
    ...explainCost(call, context),
    ...explainChoice(told, context),
  ];
  return `${lines.join("\n")}\n`;
};

/** Of a gateway that knows calls but does not explain them, the call is told all the same. */
const orNothing = (thrown: unknown): undefined => {
  if (thrown instanceof CliError && thrown.code === "not_found") return undefined;
  throw thrown;
};

/** Fetches one call of the ledger and tells it. */
export const explainCall = async (context: CliContext, id: string): Promise<void> => {
  const { call, told } = await context.withClient(async (client) => ({
    call: await request(client, { path: `/admin/v1/calls/${segment(id)}`, schema: callSchema }),
    told: await request(client, { path: `/admin/v1/decisions/${segment(id)}`, schema: storySchema }).catch(orNothing),
  }));
  const document = told === undefined ? call : { ...call, explanation: told };
  context.print(document, () => tellCall(call, told, context));
};
