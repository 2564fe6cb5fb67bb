import { gzipSync } from "node:zlib";
import { piecesOf, promptTokens, seedOf, textOf, tokensOf } from "./answer-text.ts";
import type { Asked } from "./asked.ts";
import { type Behaviour, behaviourOf } from "./behaviour.ts";
import type { Exchange } from "./exchange.ts";
import { formats } from "./formats/index.ts";
import { sendStream } from "./send-stream.ts";
import { sendWhole } from "./send-whole.ts";
import { type Answer, contentUnits, type Event, type ToolCall, type WireFormat } from "./wire-format.ts";

/** Stands in every refusal: it must reach neither a client nor a log. */
export const upstreamSecret = "sk-lab-5ecret0123456789abcdefABCDEF";
/** How every refusal of this upstream begins. */
export const refusalText = "The engine refuses with";

/** Two calls of the same tool: what merges them is found out. */
export const toolCalls: readonly ToolCall[] = [
  { id: "call_first", name: "weather", arguments: '{"city":"Zürich","unit":"°C"}' },
  { id: "call_second", name: "weather", arguments: '{"city":"東京","unit":"°C"}' },
];

/** The text that a target answers, without a beginning. */
const wholeText = ({ directive }: Asked, { differs, isShorter }: Behaviour): string =>
  textOf(differs ? directive.seed + 1_000_003 : directive.seed, isShorter ? 1 : directive.words);

/** What is answered to a request that brings the answer's beginning; a beginning that does not fit is said so. */
const textAfter = (text: string, beginning: string | null, { prefill }: Behaviour): string => {
  if (beginning === null || prefill === "anew" || prefill === "echoed") return text;
  return text.startsWith(beginning) ? text.slice(beginning.length) : `<a beginning that is not of this answer>${text}`;
};

const answerOf = (asked: Asked, behaviour: Behaviour): Answer => {
  const { kind } = behaviour.fault;
  const text = asked.hasTools ? "" : textAfter(wholeText(asked, behaviour), asked.beginning, behaviour);
  const forms: Readonly<Record<string, Answer["toolForm"]>> = {
    "tools-without-index": "without index",
    "tools-with-one-index": "one index",
    "tools-with-objects": "objects",
  };
  const answer: Answer = {
    model: asked.model,
    pieces: piecesOf(text, seedOf(asked.model) ^ asked.directive.seed),
    calls: asked.hasTools ? toolCalls : [],
    inputTokens: promptTokens,
    outputTokens: 0,
    withUsage: kind !== "no-usage",
    toolForm: forms[kind] ?? "usual",
  };
  return { ...answer, outputTokens: tokensOf(contentUnits(answer)) };
};

const refuse = (
  exchange: Exchange,
  format: WireFormat,
  { status, headers }: { status: number; headers: object },
): void => {
  const body = JSON.stringify(format.refusal(status, `${refusalText} ${status}; your key is ${upstreamSecret}.`));
  exchange.head(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers });
  exchange.raw(body);
  exchange.close("refused");
};

const retryHeaders = ({ fault }: Behaviour): Record<string, string> => {
  const { retry } = fault;
  if (retry === undefined) return {};
  if (retry.form === "ms") return { "retry-after-ms": String(retry.amount) };
  if (retry.form === "retry") return { "retry-after": String(retry.amount) };
  return { "retry-after": new Date(Date.now() + retry.amount * 1_000).toUTCString() };
};

let bomb: Buffer | undefined;
/** A quarter of a gigabyte of blanks, in a quarter of a megabyte. */
const gzipBomb = (): Buffer => {
  // Many members are one file (RFC 1952, 2.2), and made at once: meanwhile this upstream answers nobody.
  bomb ??= Buffer.concat(Array<Buffer>(256).fill(gzipSync(Buffer.alloc(1024 * 1024, 0x20), { level: 9 })));
  return bomb;
};

/** Faults that come in the place of an answer; false where an answer is to come. */
const answerBefore = async (exchange: Exchange, format: WireFormat, behaviour: Behaviour): Promise<boolean> => {
  const { kind, amount } = behaviour.fault;
  switch (kind) {
    case "reset-before-headers":
      exchange.reset();
      return true;
    case "close-before-headers":
      exchange.close();
      return true;
    case "hang-before-headers":
      while (await exchange.pause(50));
      return true;
    case "status-N":
      refuse(exchange, format, { status: amount, headers: retryHeaders(behaviour) });
      return true;
    case "redirect":
      refuse(exchange, format, { status: 302, headers: { location: "/stolen" } });
      return true;
    case "gzip-bomb":
      exchange.head(200, {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "content-length": gzipBomb().length,
      });
      exchange.raw(gzipBomb());
      exchange.close();
      return true;
    case "wrong-type": {
      const page = "<!doctype html><title>Sign in</title><p>Welcome to the captive portal.</p>";
      exchange.head(200, { "content-type": "text/html", "content-length": page.length });
      exchange.raw(page);
      exchange.close();
      return true;
    }
    default:
      return false;
  }
};

const contentOf = ({ pieces, calls }: Answer): string =>
  [...pieces, ...calls.map((call) => call.name + call.arguments)].join("");

/** The content of each event; of a tool call only its length counts. */
const contentTexts = ({ pieces }: Answer, events: readonly Event[]): readonly string[] => {
  const rest = [...pieces];
  return events.map(({ units }) => (units === 0 ? "" : (rest.shift() ?? "x".repeat(units))));
};

const blankEnd = /\s$/;

/** Answers one request; `earlier` requests of this call have come to this target. */
export const answerRequest = async (
  exchange: Exchange,
  { asked, format, earlier }: { asked: Asked; format: WireFormat; earlier: number },
): Promise<void> => {
  const declared = behaviourOf(asked.model);
  const behaviour: Behaviour =
    earlier < declared.firstOnly ? declared : { ...declared, fault: { kind: "none", amount: 0 } };
  const { kind, amount } = behaviour.fault;
  // Anthropic itself refuses a beginning that ends with a blank.
  const isRefused =
    asked.beginning !== null &&
    (behaviour.prefill === "refused" || (format === formats.anthropic && blankEnd.test(asked.beginning)));
  if (isRefused) return refuse(exchange, format, { status: 400, headers: {} });
  if (await answerBefore(exchange, format, behaviour)) return;
  const answer = answerOf(asked, behaviour);
  if (!asked.isStreamed) {
    const body = JSON.stringify(format.whole(answer));
    return sendWhole(exchange, { format, body, content: contentOf(answer), kind, amount });
  }
  const events = format.events(answer);
  return sendStream(exchange, { format, events, texts: contentTexts(answer, events), behaviour });
};
