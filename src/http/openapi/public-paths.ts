import type { ErrorCode } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { content, errorResponses, everyBody, everyRoute, reference } from "./responses.ts";

const everyCall: readonly ErrorCode[] = [
  ...everyRoute,
  ...everyBody,
  "permission_denied",
  "forbidden_origin",
  "model_not_found",
  "context_length_exceeded",
  "content_policy_violation",
  "upstream_rejected_request",
  "insufficient_quota",
  "upstream_error",
  "upstream_unreachable",
  "upstream_invalid_response",
  "upstream_authentication",
  "upstream_overloaded",
  "upstream_timeout",
  "no_target_available",
  "idempotency_in_flight",
  "idempotency_not_stored",
  "idempotency_mismatch",
  "overloaded",
  "shutting_down",
];

interface CallRoute {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly request: string;
  readonly response: string;
  /** What the events of a streamed answer hold; absent where the answer is never streamed. */
  readonly events?: JsonObject;
  readonly error: string;
}

const idempotencyKey: JsonObject = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Names this request. Sent again with the same body, it gets the same answer, and is charged once.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

const header = (name: string, description: string): JsonObject => ({
  name,
  in: "header",
  required: false,
  description,
  schema: { type: "string" },
});

const callHeaders: readonly JsonObject[] = [
  idempotencyKey,
  header("x-intellirouter-routing", "JSON, as the field `routing`, where that is absent."),
  header("x-intellirouter-session", "As the field `session_id`, where that is absent."),
  header("x-intellirouter-tags", "As the field `tags`, separated by commas, where that is absent."),
  header("x-intellirouter-region", "Where the caller is, such as `eu`; for routes that choose by region."),
];

const callRoute = ({ operationId, tag, summary, request, response, events, error }: CallRoute): JsonObject => ({
  post: {
    operationId,
    summary,
    tags: [tag],
    parameters: callHeaders,
    requestBody: { required: true, ...content(reference(request)) },
    responses: {
      200: {
        description: events === undefined ? "The answer." : "The answer; server-sent events where `stream` is true.",
        content: {
          "application/json": { schema: reference(response) },
          ...(events === undefined ? {} : { "text/event-stream": { schema: events } }),
        },
      },
      ...errorResponses(everyCall, error),
    },
  },
});

interface ReadRoute {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly answer: JsonObject;
  /** Further responses by status. */
  readonly others?: JsonObject;
  readonly parameters?: readonly JsonObject[];
  /** Needs no key. */
  readonly open?: true;
}

const readRoute = ({ operationId, tag, summary, answer, others, parameters, open }: ReadRoute): JsonObject => ({
  get: {
    operationId,
    summary,
    tags: [tag],
    ...(open === undefined ? {} : { security: [] }),
    ...(parameters === undefined ? {} : { parameters }),
    responses: { 200: { description: "The answer.", ...answer }, ...others },
  },
});

interface PostRoute {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly request: string;
  readonly response: string;
  readonly errors: readonly ErrorCode[];
}

/** What is answered by the gateway itself, whatever the client's dialect. */
const postRoute = ({ operationId, tag, summary, request, response, errors }: PostRoute): JsonObject => ({
  post: {
    operationId,
    summary,
    tags: [tag],
    requestBody: { required: true, ...content(reference(request)) },
    responses: {
      200: { description: "The answer.", ...content(reference(response)) },
      ...errorResponses([...everyRoute, ...everyBody, "forbidden_origin", "permission_denied", ...errors], "Error"),
    },
  },
});

const openai = { tag: "OpenAI's dialect", error: "Error" };
const anthropic = { tag: "Anthropic's dialect", error: "AnthropicError" };
const routing = "routing";
const system = "system";
const modelErrors: readonly ErrorCode[] = [...everyRoute, "forbidden_origin", "permission_denied"];

/** The endpoints that clients call. */
export const publicPaths: Readonly<Record<string, JsonObject>> = {
  "/v1/chat/completions": callRoute({
    ...openai,
    operationId: "createChatCompletion",
    summary: "Answer a conversation",
    request: "ChatCompletionRequest",
    response: "ChatCompletion",
    events: reference("ChatCompletionChunk"),
  }),
  "/v1/completions": callRoute({
    ...openai,
    operationId: "createCompletion",
    summary: "Continue a text",
    request: "CompletionRequest",
    response: "Completion",
    events: reference("Completion"),
  }),
  "/v1/embeddings": callRoute({
    ...openai,
    operationId: "createEmbeddings",
    summary: "Turn texts into vectors",
    request: "EmbeddingsRequest",
    response: "Embeddings",
  }),
  "/v1/models": readRoute({
    tag: openai.tag,
    operationId: "listModels",
    summary: "List what the key may send as model: routes, targets and models",
    answer: content(reference("OfferedModelList")),
    others: errorResponses(modelErrors, "Error"),
  }),
  "/v1/models/{id}": readRoute({
    tag: openai.tag,
    operationId: "showModel",
    summary: "Show one of them",
    parameters: [
      { name: "id", in: "path", required: true, description: "May hold slashes.", schema: { type: "string" } },
    ],
    answer: content(reference("OfferedModel")),
    others: errorResponses([...modelErrors, "model_not_found"], "Error"),
  }),
  "/v1/messages": callRoute({
    ...anthropic,
    operationId: "createMessage",
    summary: "Answer a conversation",
    request: "MessagesRequest",
    response: "Message",
    events: { type: "object", properties: { type: { type: "string" } }, required: ["type"] },
  }),
  "/v1/messages/count_tokens": callRoute({
    ...anthropic,
    operationId: "countTokens",
    summary: "Estimate how many tokens a conversation has",
    request: "CountTokensRequest",
    response: "TokenCount",
  }),
  "/v1/route": postRoute({
    tag: routing,
    operationId: "previewRoute",
    summary: "Show where a call would go, without calling: nothing is paid, counted or learned",
    request: "RouteRequest",
    response: "RouteDecision",
    errors: ["model_not_found", "context_length_exceeded", "no_target_available", "overloaded", "shutting_down"],
  }),
  "/v1/feedback": postRoute({
    tag: routing,
    operationId: "giveFeedback",
    summary: "Say how good the answer of a call was",
    request: "FeedbackRequest",
    response: "Feedback",
    errors: ["not_found"],
  }),
  "/healthz": readRoute({
    tag: system,
    operationId: "checkHealth",
    summary: "Whether the process lives",
    answer: content(reference("Health")),
    open: true,
  }),
  "/readyz": readRoute({
    tag: system,
    operationId: "checkReadiness",
    summary: "Whether the gateway can serve",
    answer: content(reference("Health")),
    others: { 503: { description: "Not now.", ...content(reference("Health")) } },
    open: true,
  }),
  "/metrics": readRoute({
    tag: system,
    operationId: "readMetrics",
    summary: "Metrics in Prometheus's text format",
    answer: content({ type: "string" }, "text/plain"),
    others: errorResponses(modelErrors, "Error"),
  }),
  "/openapi.json": readRoute({
    tag: system,
    operationId: "readOpenApi",
    summary: "This description",
    answer: content({ type: "object" }),
    open: true,
  }),
};
