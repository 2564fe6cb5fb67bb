import { validateReply, validateStream } from "../conformance/validate.ts";
import { checkCount, checkMessage, checkMessageStream, checkMessagesError } from "./check-messages.ts";

/** A fetch that checks whatever came back against the published form of the API that was asked. */
export interface CheckedFetch {
  readonly fetch: typeof fetch;
  /** What does not conform in all replies so far; waits for those that are still being read. */
  problems(): Promise<readonly string[]>;
  /** How many replies were looked at. */
  readonly count: number;
}

type Check = (text: string) => readonly string[];

const json =
  (check: (value: unknown) => readonly string[]): Check =>
  (text) => {
    try {
      return check(JSON.parse(text));
    } catch {
      return [`not JSON: ${text.slice(0, 100)}`];
    }
  };
const openai = (schema: string): Check => json((value) => validateReply(schema, value));

/** Each event of a streamed text completion is one of the schema of a whole one. */
const completionStream: Check = (text) => {
  const data = text
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => frame.replace(/^data: /, ""));
  const problems = data.at(-1) === "[DONE]" ? [] : ["the stream does not end with [DONE]"];
  const check = openai("CreateCompletionResponse");
  return [...problems, ...data.slice(0, -1).flatMap(check)];
};

interface Checks {
  readonly whole: Check;
  readonly stream?: Check;
  readonly error: Check;
}
const error = openai("ErrorResponse");
const messagesError = json(checkMessagesError);

const checksByPath: Readonly<Record<string, Checks>> = {
  "/v1/chat/completions": { whole: openai("CreateChatCompletionResponse"), stream: validateStream, error },
  "/v1/completions": { whole: openai("CreateCompletionResponse"), stream: completionStream, error },
  "/v1/embeddings": { whole: openai("CreateEmbeddingResponse"), error },
  "/v1/models": { whole: openai("ListModelsResponse"), error },
  "/v1/messages": { whole: json(checkMessage), stream: checkMessageStream, error: messagesError },
  "/v1/messages/count_tokens": { whole: json(checkCount), error: messagesError },
};

const checkFor = (path: string, response: Response): Check => {
  const checks = checksByPath[path] ?? { whole: openai("Model"), error };
  if (!response.ok) return checks.error;
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  if (!isStream) return checks.whole;
  return checks.stream ?? (() => ["a stream where none is known"]);
};

/** Headers that every answer of the gateway has. */
const checkHeaders = ({ headers }: Response): readonly string[] =>
  /^req_[0-9a-f]{32}$/.test(headers.get("x-request-id") ?? "") ? [] : ["there is no x-request-id"];

export const openCheckedFetch = (): CheckedFetch => {
  const found: Promise<readonly string[]>[] = [];
  const look = async (path: string, response: Response): Promise<readonly string[]> => {
    const text = await response.text();
    return [...checkHeaders(response), ...checkFor(path, response)(text)].map(
      (problem) => `${path} ${response.status}: ${problem}`,
    );
  };
  const checked = async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(input, init);
    const url = typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
    found.push(look(new URL(url).pathname, response.clone() as Response));
    return response;
  };
  return {
    // Bun's fetch has a `preconnect` beside it, which no client calls.
    fetch: Object.assign(checked, { preconnect: fetch.preconnect }),
    problems: async () => (await Promise.all(found)).flat(),
    get count() {
      return found.length;
    },
  };
};
