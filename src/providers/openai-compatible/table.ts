import type { ProviderModule } from "../../core/ports/provider.ts";
import { defineOpenaiKind } from "../openai/kind.ts";
import { hosted } from "./hosted.ts";
import { servers } from "./servers.ts";

/** Every kind that speaks OpenAI's wire format, beside OpenAI itself. A new one is a row, not code. */
export const openaiCompatible: readonly ProviderModule[] = [...hosted, ...servers].map(defineOpenaiKind);
