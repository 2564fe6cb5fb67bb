import { GatewayError } from "../../core/errors.ts";
import type { Target } from "../../core/model.ts";

/** Where one configured provider is, and what goes with every request to it. */
export interface Endpoint {
  /** The provider's name in the configuration. */
  readonly provider: string;
  /** With the API version, without a trailing slash. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

// A model name may come from a client: nothing in it may lead out of its place in the URL.
const modelName = /^(?:(?:models|tunedModels)\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The resource name of a model (`models/gemini-2.5-flash`). Throws `model_not_found` on a name that cannot be one. */
export const modelResource = (target: Target): string => {
  if (!modelName.test(target.model))
    throw new GatewayError(
      "model_not_found",
      `Provider '${target.provider}' has no model of this name: a Gemini model is named by letters, digits, '.', '_' and '-'.`,
      { provider: target.provider },
    );
  return target.model.includes("/") ? target.model : `models/${target.model}`;
};
