import { z } from "zod";
import { GatewayError } from "../../core/errors.ts";
import type { ProviderSettings } from "../../core/ports/provider.ts";
import { prefillOption } from "../prefill.ts";

/** `prefill`: how a compatible endpoint goes on with a begun answer; what is known of Claude needs no option. */
const optionsSchema = z.strictObject({ prefill: prefillOption });

/** The provider's options. Throws `invalid_value` on one that this kind does not have. */
export const readSettings = ({ name, options }: ProviderSettings): z.infer<typeof optionsSchema> => {
  const parsed = optionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
  throw new GatewayError("invalid_value", `Provider '${name}' has an invalid option. ${place}`, {
    param: `providers.${name}.options`,
  });
};
