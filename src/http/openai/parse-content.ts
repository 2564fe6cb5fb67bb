import { z } from "zod";
import type { AssistantPart, FilePart, ImagePart, MediaSource, TextPart, UserPart } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { validate } from "../validate.ts";

type WirePart = { readonly type: string; readonly [key: string]: unknown };
type Content = string | readonly WirePart[] | null | undefined;

const textPart = z.looseObject({ text: z.string() });
const imagePart = z.looseObject({
  image_url: z.looseObject({
    url: z.string().min(1),
    detail: z.enum(["auto", "low", "high", "original"]).nullish(),
  }),
});
const audioPart = z.looseObject({ input_audio: z.looseObject({ data: z.string(), format: z.string() }) });
const filePart = z.looseObject({
  file: z.looseObject({
    file_id: z.string().nullish(),
    file_data: z.string().nullish(),
    filename: z.string().nullish(),
  }),
});
const refusalPart = z.looseObject({ refusal: z.string() });

/** A part of a kind that is known, at its place in the body. */
const checked = <Schema extends z.ZodType>(schema: Schema, part: WirePart, path: string): z.output<Schema> =>
  validate(schema, part, [path]);

const dataUrl = /^data:([^;,]+)(?:;[^;,]+)*;base64,/i;

/** A `data:` URL becomes inline content; any other URL stays one, and is never fetched by the gateway. */
const mediaSource = (url: string): MediaSource => {
  const match = dataUrl.exec(url.slice(0, 256));
  return match?.[1] === undefined
    ? { kind: "url", url }
    : { kind: "base64", mediaType: match[1].toLowerCase(), data: url.slice(match[0].length) };
};

const image = (part: WirePart, path: string): ImagePart => {
  const { url, detail } = checked(imagePart, part, path).image_url;
  return { type: "image", source: mediaSource(url), ...(detail ? { detail } : {}) };
};

const file = (part: WirePart, path: string): FilePart => {
  const { file_id: fileId, file_data: data, filename } = checked(filePart, part, path).file;
  const named = filename ? { filename } : {};
  if (fileId) return { type: "file", source: { kind: "file", fileId }, ...named };
  if (data) {
    const inline = mediaSource(data);
    const source: MediaSource =
      inline.kind === "base64" ? inline : { kind: "base64", mediaType: "application/pdf", data };
    return { type: "file", source, ...named };
  }
  throw new GatewayError(
    "missing_required_parameter",
    `Missing required parameter: '${path}.file.file_id' or 'file_data'.`,
    {
      param: `${path}.file`,
    },
  );
};

const text = (part: WirePart, path: string): TextPart => {
  const cacheControl = part["cache_control"];
  const marker =
    typeof cacheControl === "object" && cacheControl !== null
      ? { providerData: { anthropic: { cache_control: cacheControl as JsonObject } } }
      : {};
  return { type: "text", text: checked(textPart, part, path).text, ...marker };
};

const userPart = (part: WirePart, path: string): UserPart => {
  switch (part.type) {
    case "text":
      return text(part, path);
    case "image_url":
      return image(part, path);
    case "input_audio": {
      const { data, format } = checked(audioPart, part, path).input_audio;
      return { type: "audio", data, format };
    }
    case "file":
      return file(part, path);
    default:
      return { type: "opaque", dialect: "openai", value: part as JsonObject };
  }
};

/** The content of a user or tool message; unknown kinds of part are kept for providers of this dialect. */
export const parseUserContent = (content: Content, path: string): readonly UserPart[] =>
  typeof content === "string"
    ? [{ type: "text", text: content }]
    : (content ?? []).map((part, index) => userPart(part, `${path}.${index}`));

/** The content of a system or developer message: text only. */
export const parseInstructions = (content: Content, path: string): readonly TextPart[] =>
  typeof content === "string"
    ? [{ type: "text", text: content }]
    : (content ?? []).map((part, index) => {
        if (part.type === "text") return text(part, `${path}.${index}`);
        throw new GatewayError("invalid_value", `Invalid value for '${path}.${index}.type': expected "text".`, {
          param: `${path}.${index}.type`,
        });
      });

/** The content of an assistant message, without its tool calls. */
export const parseAssistantContent = (content: Content, path: string): readonly AssistantPart[] =>
  typeof content === "string"
    ? [{ type: "text", text: content }]
    : (content ?? []).map((part, index): AssistantPart => {
        if (part.type === "text") return text(part, `${path}.${index}`);
        if (part.type === "refusal")
          return { type: "refusal", text: checked(refusalPart, part, `${path}.${index}`).refusal };
        return { type: "opaque", dialect: "openai", value: part as JsonObject };
      });
