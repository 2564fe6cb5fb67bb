import type { ProviderData } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";

/** Anything of the internal form that may carry a dialect's own data. */
interface Carrier {
  readonly providerData?: ProviderData;
}

/**
 * What Anthropic's own data adds to a block. A cache marker that came in OpenAI's dialect means the same: clients of
 * gateways write `cache_control` there for want of a field of its own.
 */
export const ownFields = ({ providerData }: Carrier): JsonObject => {
  const own = providerData?.anthropic ?? {};
  const marker = providerData?.openai?.["cache_control"];
  return marker === undefined || marker === null || "cache_control" in own ? own : { ...own, cache_control: marker };
};
