import { z } from "zod";
import { GatewayError } from "../../core/errors.ts";
import type { ProviderSettings } from "../../core/ports/provider.ts";
import { prefillOption } from "../prefill.ts";
import { prefillWith } from "./prefill.ts";
import type { Quirks } from "./quirks.ts";

/** Options of every kind of this family: headers of OpenAI's own, and corrections where a server departs further. */
const optionsSchema = z.strictObject({
  organization: z.string().optional(),
  project: z.string().optional(),
  maxTokensField: z.enum(["max_tokens", "max_completion_tokens"]).optional(),
  streamOptions: z.enum(["accepted", "refused"]).optional(),
  reasoning: z.enum(["reasoning_content", "reasoning", "thinking-part", "nowhere"]).optional(),
  developerRole: z.enum(["known", "unknown"]).optional(),
  responseFormats: z.array(z.enum(["json", "schema"])).optional(),
  refuses: z.array(z.string()).optional(),
  prefill: prefillOption,
});

/** The kind's quirks, corrected by the provider's options. Throws `invalid_value` on an option that is not known. */
export const quirksFor = (settings: ProviderSettings, quirks: Quirks): Quirks => {
  const parsed = optionsSchema.safeParse(settings.options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
    throw new GatewayError("invalid_value", `Provider '${settings.name}' has an invalid option. ${place}`, {
      param: `providers.${settings.name}.options`,
    });
  }
  const { organization, project, maxTokensField, streamOptions, reasoning, developerRole } = parsed.data;
  const { responseFormats, refuses, prefill } = parsed.data;
  return {
    ...quirks,
    ...(maxTokensField === undefined ? {} : { maxTokensFields: [maxTokensField] }),
    ...(streamOptions === undefined ? {} : { streamOptions }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(developerRole === undefined ? {} : { developerRole }),
    ...(responseFormats === undefined ? {} : { responseFormats }),
    ...(refuses === undefined ? {} : { refuses: [...quirks.refuses, ...refuses] }),
    prefill: prefillWith(quirks.prefill, prefill),
    headers: {
      ...quirks.headers,
      ...(organization === undefined ? {} : { "openai-organization": organization }),
      ...(project === undefined ? {} : { "openai-project": project }),
    },
  };
};
