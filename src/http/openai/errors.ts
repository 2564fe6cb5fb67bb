import type { GatewayError } from "../../core/errors.ts";

/** OpenAI's error envelope (schema `ErrorResponse` of its specification). */
export const encodeOpenAiError = (error: GatewayError): { status: number; body: string } => ({
  status: error.kind.status,
  body: JSON.stringify({
    error: { message: error.message, type: error.kind.type, param: error.param ?? null, code: error.code },
  }),
});
