import type { AudioPart, MediaSource } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";

const mediaTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    webp: "image/webp",
    heic: "image/heic",
    heif: "image/heif",
    pdf: "application/pdf",
    txt: "text/plain",
    md: "text/markdown",
    csv: "text/csv",
    html: "text/html",
    json: "application/json",
    mp3: "audio/mp3",
    wav: "audio/wav",
    flac: "audio/flac",
    ogg: "audio/ogg",
    aac: "audio/aac",
    aiff: "audio/aiff",
    mp4: "video/mp4",
    mov: "video/quicktime",
    webm: "video/webm",
    mpeg: "video/mpeg",
  }),
);

const audioTypes: ReadonlySet<string> = new Set(["mp3", "wav", "flac", "ogg", "aac", "aiff"]);

/** The media type that a name's ending tells, where it does. */
const mediaTypeOf = (name: string): string | undefined => {
  const path = name.split(/[?#]/, 1)[0] ?? "";
  return mediaTypes.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
};

const fromDataUrl = (url: string): { readonly mimeType: string; readonly data: string } | undefined => {
  const comma = url.indexOf(",");
  if (!url.startsWith("data:") || comma === -1) return undefined;
  const [mimeType, ...parameters] = url.slice("data:".length, comma).split(";");
  if (mimeType === undefined || mimeType === "" || parameters.at(-1) !== "base64") return undefined;
  return { mimeType, data: url.slice(comma + 1) };
};

/** Why Gemini cannot take content from there; undefined where it can ("File input methods", ai.google.dev). */
export const sourceObstacle = (source: MediaSource): string | undefined => {
  if (source.kind === "base64") return undefined;
  if (source.kind === "file")
    return /^(files\/|https:\/\/|gs:\/\/)/.test(source.fileId)
      ? undefined
      : "a file must be given inline, by URL, or by the name that the Gemini Files API gave it ('files/…')";
  if (source.url.startsWith("data:"))
    return fromDataUrl(source.url) === undefined ? "a data URL must be base64 and name its media type" : undefined;
  return /^(https|gs):\/\//.test(source.url) ? undefined : "Gemini fetches content from https and gs URLs only";
};

export const encodeSource = (
  source: MediaSource,
  context: { readonly baseUrl: string; readonly filename?: string | undefined },
): JsonObject => {
  if (source.kind === "base64") return { inlineData: { mimeType: source.mediaType, data: source.data } };
  if (source.kind === "file") {
    const { fileId } = source;
    return { fileData: { fileUri: fileId.startsWith("files/") ? `${context.baseUrl}/${fileId}` : fileId } };
  }
  const inline = fromDataUrl(source.url);
  if (inline !== undefined) return { inlineData: inline };
  const mimeType = mediaTypeOf(context.filename ?? "") ?? mediaTypeOf(source.url);
  return { fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri: source.url } };
};

export const audioObstacle = (part: AudioPart): string | undefined =>
  audioTypes.has(part.format) ? undefined : `Gemini reads ${[...audioTypes].join(", ")} audio, not this format`;

export const encodeAudio = (part: AudioPart): JsonObject => ({
  inlineData: { mimeType: mediaTypes.get(part.format) ?? `audio/${part.format}`, data: part.data },
});
