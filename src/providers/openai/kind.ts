import { GatewayError } from "../../core/errors.ts";
import type { Provider, ProviderModule, ProviderSettings } from "../../core/ports/provider.ts";
import { bearer } from "../credentials.ts";
import { openaiChat } from "./chat.ts";
import { openaiEmbeddings } from "./embeddings.ts";
import { openaiModels } from "./models.ts";
import { quirksFor } from "./options.ts";
import { type Dialogue, openaiQuirks, type Quirks } from "./quirks.ts";
import { openaiTextCompletion } from "./text-completion.ts";

/** One kind of provider that speaks OpenAI's wire format: where it is, and how it departs from that format. */
export interface OpenaiKind {
  readonly kind: string;
  readonly title: string;
  /** Absent where the user must give one. */
  readonly defaultBaseUrl?: string;
  readonly keyVariables: readonly string[];
  /** A server of one's own, that works without a key. */
  readonly keyless?: true;
  readonly catalogueId?: string;
  readonly quirks: Partial<Quirks>;
}

/** Translators for a server of this wire format: what of the API it serves, and nothing else. */
export const openaiTranslators = (
  dialogue: Dialogue,
): Pick<Provider, "chat" | "embeddings" | "textCompletion" | "models"> => ({
  chat: openaiChat(dialogue),
  ...(dialogue.quirks.embeddings === "served" ? { embeddings: openaiEmbeddings(dialogue) } : {}),
  ...(dialogue.quirks.textCompletion === "served" ? { textCompletion: openaiTextCompletion(dialogue) } : {}),
  models: openaiModels(dialogue),
});

const baseUrlOf = ({ baseUrl, name, kind }: ProviderSettings, defaultBaseUrl: string | undefined): string => {
  const url = baseUrl ?? defaultBaseUrl;
  if (url !== undefined) return url.replace(/\/+$/, "");
  throw new GatewayError("missing_required_parameter", `Provider '${name}' of kind '${kind}' needs a base URL.`, {
    param: `providers.${name}.base_url`,
  });
};

/** The module of such a kind. Its `create` throws where the base URL is missing or an option is not known. */
export const defineOpenaiKind = ({ quirks: departures, keyless, ...row }: OpenaiKind): ProviderModule => ({
  ...row,
  keyless: keyless === true,
  create(settings) {
    const quirks = quirksFor(settings, { ...openaiQuirks, ...departures });
    const dialogue: Dialogue = {
      provider: settings.name,
      baseUrl: baseUrlOf(settings, row.defaultBaseUrl),
      headers: { ...quirks.headers, ...settings.headers },
      quirks,
    };
    return {
      kind: row.kind,
      dialect: "openai",
      ...openaiTranslators(dialogue),
      credentials: bearer(settings.apiKeys),
    };
  },
});
