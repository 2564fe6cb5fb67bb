import type { AssistantPart, MediaSource, UserPart } from "../../core/chat.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";

/** What this dialect's own fields add to a part or message. */
export const ownFields = (carrier: { readonly providerData?: { readonly openai?: JsonObject } }): JsonObject =>
  carrier.providerData?.openai ?? {};

const dataUrl = (source: MediaSource): string => {
  if (source.kind === "url") return source.url;
  return source.kind === "base64" ? `data:${source.mediaType};base64,${source.data}` : source.fileId;
};

const encodeFile = (part: Extract<UserPart, { type: "file" }>): JsonObject => {
  const filename = part.filename === undefined ? {} : { filename: part.filename };
  const file =
    part.source.kind === "file"
      ? { file_id: part.source.fileId, ...filename }
      : { ...filename, file_data: dataUrl(part.source) };
  return { type: "file", file, ...ownFields(part) };
};

const encodeUserPart = (part: UserPart): JsonObject => {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text, ...ownFields(part) };
    case "image": {
      const detail = part.detail === undefined ? {} : { detail: part.detail };
      return { type: "image_url", image_url: { url: dataUrl(part.source), ...detail }, ...ownFields(part) };
    }
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format }, ...ownFields(part) };
    case "file":
      return encodeFile(part);
    case "opaque":
      return part.value;
  }
};

/** Content as OpenAI writes it: plain text where there is one text and nothing else to say of it. */
export const encodeContent = (parts: readonly UserPart[]): JsonValue => {
  const [first] = parts;
  if (first === undefined) return "";
  if (parts.length === 1 && first.type === "text" && first.providerData?.openai === undefined) return first.text;
  return parts.map(encodeUserPart);
};

/** True for an opaque part that is a call of a tool type of OpenAI's own (`custom`), not content. */
export const isForeignCall = (part: AssistantPart): boolean =>
  part.type === "opaque" && typeof part.value["id"] === "string" && "custom" in part.value;
