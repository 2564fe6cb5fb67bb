import type { AssistantPart, FilePart, MediaSource, ProviderData, UserPart } from "../../core/chat.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Quirks } from "./quirks.ts";

interface Carrier {
  readonly providerData?: ProviderData;
}

/** What this dialect's own fields add to a part or message. */
export const ownFields = (carrier: Carrier): JsonObject => carrier.providerData?.openai ?? {};

/** The own fields of a content part, with its cache marker where the server reads one. */
export const partFields = (part: Carrier, quirks: Quirks): JsonObject => {
  const marker = quirks.cacheMarkers === "accepted" ? part.providerData?.anthropic?.["cache_control"] : undefined;
  return marker === undefined ? ownFields(part) : { cache_control: marker, ...ownFields(part) };
};

const dataUrl = (source: MediaSource): string => {
  if (source.kind === "url") return source.url;
  return source.kind === "base64" ? `data:${source.mediaType};base64,${source.data}` : source.fileId;
};

const encodeFile = (part: FilePart): JsonObject => {
  const filename = part.filename === undefined ? {} : { filename: part.filename };
  const file =
    part.source.kind === "file"
      ? { file_id: part.source.fileId, ...filename }
      : { ...filename, file_data: dataUrl(part.source) };
  return { type: "file", file };
};

const encodeUserPart = (part: UserPart, quirks: Quirks): JsonObject => {
  const own = part.type === "opaque" ? {} : partFields(part, quirks);
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text, ...own };
    case "image": {
      const detail = part.detail === undefined ? {} : { detail: part.detail };
      return { type: "image_url", image_url: { url: dataUrl(part.source), ...detail }, ...own };
    }
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format }, ...own };
    case "file":
      return { ...encodeFile(part), ...own };
    case "opaque":
      return part.value;
  }
};

/** Content as OpenAI writes it: plain text where there is one text and nothing else to say of it. */
export const encodeContent = (parts: readonly UserPart[], quirks: Quirks): JsonValue => {
  const encoded = parts.map((part) => encodeUserPart(part, quirks));
  const [first] = encoded;
  if (first === undefined) return "";
  const isPlain = encoded.length === 1 && first["type"] === "text" && Object.keys(first).length === 2;
  return isPlain ? (first["text"] ?? "") : encoded;
};

/** True for an opaque part that is a call of a tool type of OpenAI's own (`custom`), not content. */
export const isForeignCall = (part: AssistantPart): boolean =>
  part.type === "opaque" && typeof part.value["id"] === "string" && "custom" in part.value;
