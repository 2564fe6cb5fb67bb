import { type ErrorCode, errorTable } from "../../src/core/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../src/core/json.ts";

/** An answer that was read to its end. */
export interface Answered {
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** Whether a recording stands behind the model: it may not fit what was asked. */
  readonly isRecorded: boolean;
}

const isKnownCode = (code: unknown): code is ErrorCode => typeof code === "string" && Object.hasOwn(errorTable, code);

/** What a recording that does not fit leads to. */
const misfits: ReadonlySet<ErrorCode> = new Set(["upstream_invalid_response", "upstream_error"]);

const errorIn = (body: JsonObject, isAnthropic: boolean): string | JsonObject => {
  const { error } = body;
  if (!isJsonObject(error)) return "an error without envelope";
  if (typeof error["message"] !== "string" || error["message"] === "") return "an error without message";
  if (typeof error["type"] !== "string") return "an error without type";
  if (isAnthropic && (body["type"] !== "error" || typeof body["request_id"] !== "string"))
    return "an error that is not in Anthropic's envelope";
  if (!isAnthropic && !(error["param"] === null || typeof error["param"] === "string")) return "an error without param";
  return error;
};

const judgeError = ({ path, status, text, isRecorded }: Answered): readonly string[] => {
  const body = parseJson(text);
  if (!isJsonObject(body)) return [`${status} with a body that is not a JSON object`];
  const error = errorIn(body, path.startsWith("/v1/messages"));
  if (typeof error === "string") return [`${status}: ${error}`];
  const { code } = error;
  if (!isKnownCode(code)) return [`${status} with the unknown code ${String(code)}`];
  if (errorTable[code].status !== status) return [`${code} came with ${status}`];
  if (status >= 400 && status < 500) return [];
  return isRecorded && misfits.has(code) ? [] : [`${status} ${code}: ${String(error["message"])}`];
};

const judgeStream = ({ path, text, isRecorded }: Answered): readonly string[] => {
  const failure = /"code":"(\w+)"/.exec(text.slice(text.lastIndexOf('{"error"')))?.[1];
  if (text.includes("internal_error")) return ["an internal error within a stream"];
  const isWhole = path === "/v1/messages" ? text.includes('"type":"message_stop"') : text.endsWith("data: [DONE]\n\n");
  if (isWhole) return [];
  return isRecorded && /"(upstream_\w+)"/.test(text) ? [] : [`a stream without its end (${failure ?? "no error"})`];
};

/** What is wrong with an answer, whatever was asked. */
export const judgeAnswer = (answered: Answered): readonly string[] => {
  if (answered.status !== 200) return judgeError(answered);
  if (answered.contentType.startsWith("text/event-stream")) return judgeStream(answered);
  const body = parseJson(answered.text);
  if (!isJsonObject(body)) return ["200 with a body that is not a JSON object"];
  return "error" in body ? ["200 with an error"] : [];
};
