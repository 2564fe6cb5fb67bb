import { z } from "zod";
import { GatewayError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ProviderSettings } from "../../core/ports/provider.ts";
import { prefillOption } from "../prefill.ts";
import type { Endpoint } from "./endpoint.ts";

/** `keepAlive`: how long a model stays loaded (`5m`, seconds, -1 for ever); `contextTokens`: the window it is loaded with. */
const optionsSchema = z.strictObject({
  keepAlive: z.union([z.string().min(1), z.number()]).optional(),
  contextTokens: z.int().positive().optional(),
  prefill: prefillOption,
});

export const defaultBaseUrl = "http://127.0.0.1:11434";

/** Throws `invalid_value` on an option that this kind does not have. */
export const readSettings = ({ name, baseUrl = defaultBaseUrl, headers, options }: ProviderSettings): Endpoint => {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = ["options", ...(issue?.path ?? [])].map(String).join(".");
    throw new GatewayError("invalid_value", `Provider '${name}': ${path}: ${issue?.message ?? "is not valid"}.`, {
      param: `providers.${name}.${path}`,
    });
  }
  const { keepAlive, contextTokens, prefill } = parsed.data;
  const defaults: JsonObject = keepAlive === undefined ? {} : { keep_alive: keepAlive };
  const defaultOptions: JsonObject = contextTokens === undefined ? {} : { num_ctx: contextTokens };
  return { provider: name, baseUrl, headers, defaults, defaultOptions, prefill };
};
