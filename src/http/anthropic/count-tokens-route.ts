import type { Caller } from "../../core/caller.ts";
import type { ServerReply } from "../../core/ports/http-server.ts";
import type { Incoming } from "../open-call.ts";
import { readJsonBody } from "../read-body.ts";
import { idHeaders } from "../reply-headers.ts";
import { countTokens } from "./count-tokens.ts";
import { parseCountTokensRequest } from "./parse-messages-request.ts";

/** `POST /v1/messages/count_tokens`: an estimate by the gateway itself, without asking a provider. */
export const countTokensRoute = async ({ edge, request, id }: Incoming, caller: Caller): Promise<ServerReply> => {
  const { body } = await readJsonBody(request, edge.limits);
  const parsed = parseCountTokensRequest(body);
  edge.gateway().resolveRoute(parsed.model, caller);
  return {
    status: 200,
    headers: { "content-type": "application/json", ...idHeaders(id, "anthropic") },
    body: JSON.stringify(countTokens(parsed)),
  };
};
