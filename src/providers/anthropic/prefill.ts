import type { ChatRequest } from "../../core/chat.ts";
import type { Target } from "../../core/model.ts";
import type { PrefillMode } from "../../core/ports/provider.ts";
import { isContinuable, type PrefillOption } from "../prefill.ts";
import { traitsOf } from "./model-traits.ts";
import { planThinking } from "./thinking.ts";

/** Tools of the API's own leave blocks behind that a begun text does not hold. */
const offersOpaqueTools = ({ tools = [] }: ChatRequest): boolean => tools.some((tool) => tool.type === "opaque");

/**
 * Models up to Claude 4.5 go on where the last message ends, and don't repeat it, unless they think ("Prefill Claude's
 * response"); later ones refuse ("Migration guide"). Tools may be offered, not forced. Of other models behind this wire
 * format nothing is known but what the option says.
 */
export const prefillMode = (request: ChatRequest, target: Target, option: PrefillOption): PrefillMode | undefined => {
  const traits = traitsOf(target);
  const mode = traits.prefill === "taken" && option !== "off" ? "continues" : option;
  if (mode === undefined || mode === "off" || traits.prefill === "refused") return undefined;
  if (!isContinuable(request) || offersOpaqueTools(request)) return undefined;
  const thinking = planThinking(request, target, traits).thinking?.["type"];
  return thinking === undefined || thinking === "disabled" ? mode : undefined;
};
