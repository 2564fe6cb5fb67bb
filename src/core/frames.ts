import { GatewayError } from "./errors.ts";
import type { Frame } from "./ports/provider.ts";

/** Cuts a body into frames, whatever the pieces in which its bytes arrive. */
export interface FrameSplitter {
  /** Throws `upstream_invalid_response` on a frame over the limit or bytes that are not UTF-8. */
  push(bytes: Uint8Array): readonly Frame[];
  /** Call once the body has ended. A last event without its empty line is given too. */
  end(): readonly Frame[];
}

const tooLarge = (limit: number): GatewayError =>
  new GatewayError("upstream_invalid_response", `The upstream sent a single frame of more than ${limit} characters.`);

const streaming = { stream: true } as const;

const decodeUtf8 = (decoder: TextDecoder, bytes?: Uint8Array): string => {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, streaming);
  } catch (cause) {
    throw new GatewayError("upstream_invalid_response", "The upstream sent bytes that are not UTF-8.", { cause });
  }
};

/** Cuts text into lines ended by LF, CRLF or a lone CR; a CR at the end of a piece waits for what follows it. */
const openLines = (limit: number) => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let afterReturn = false;
  const cut = (text: string, onLine: (line: string) => void): void => {
    let start = 0;
    if (afterReturn && text !== "") {
      afterReturn = false;
      if (text.charCodeAt(0) === 10) start = 1;
    }
    let feed = text.indexOf("\n", start);
    let carriage = text.indexOf("\r", start);
    while (feed !== -1 || carriage !== -1) {
      const isCarriage = carriage !== -1 && (feed === -1 || carriage < feed);
      const at = isCarriage ? carriage : feed;
      if (rest.length + at - start > limit) throw tooLarge(limit);
      onLine(rest === "" ? text.slice(start, at) : rest + text.slice(start, at));
      rest = "";
      start = at + 1;
      if (isCarriage) {
        if (start === text.length) afterReturn = true;
        else if (text.charCodeAt(start) === 10) start += 1;
        carriage = text.indexOf("\r", start);
      }
      if (feed !== -1 && feed < start) feed = text.indexOf("\n", start);
    }
    rest += text.slice(start);
    if (rest.length > limit) throw tooLarge(limit);
  };
  return {
    decode: (bytes: Uint8Array): string => decodeUtf8(decoder, bytes),
    /** Whether the next character begins a line. */
    isAtStart: (): boolean => rest === "" && !afterReturn,
    cut,
    end(onLine: (line: string) => void) {
      cut(decodeUtf8(decoder), onLine);
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
};

/** Server-sent events as the WHATWG HTML standard cuts them ("Interpreting an event stream"). */
const openSse = (limit: number): FrameSplitter => {
  const lines = openLines(limit);
  let event = "";
  let data = "";
  let hasData = false;
  let isFirstLine = true;
  /** One event of one line, and nothing else: so most pieces come. Its data; undefined where it is otherwise. */
  const single = (text: string): string | undefined => {
    if (isFirstLine || hasData || event !== "" || !text.startsWith("data: ") || !text.endsWith("\n\n"))
      return undefined;
    if (text.indexOf("\n") !== text.length - 2 || text.includes("\r") || !lines.isAtStart()) return undefined;
    return text.length - 8 > limit ? undefined : text.slice(6, -2);
  };
  const onLine = (frames: Frame[]) => (raw: string) => {
    const line = isFirstLine && raw.charCodeAt(0) === 0xfeff ? raw.slice(1) : raw;
    isFirstLine = false;
    if (line === "") {
      if (hasData) frames.push({ event, data });
      event = "";
      data = "";
      hasData = false;
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    if (field === "data") {
      data = hasData ? `${data}\n${value}` : value;
      hasData = true;
      if (data.length > limit) throw tooLarge(limit);
    } else if (field === "event") event = value;
  };
  return {
    push(bytes) {
      const text = lines.decode(bytes);
      const alone = single(text);
      if (alone !== undefined) return [{ event: "", data: alone }];
      const frames: Frame[] = [];
      lines.cut(text, onLine(frames));
      return frames;
    },
    end() {
      // A last event without its empty line counts where it is whole: several servers end so. Its JSON tells.
      const frames: Frame[] = [];
      const take = onLine(frames);
      lines.end(take);
      take("");
      return frames;
    },
  };
};

/** One JSON value a line; empty lines are skipped. */
const openNdjson = (limit: number): FrameSplitter => {
  const lines = openLines(limit);
  const onLine = (frames: Frame[]) => (line: string) => {
    if (line.trim() !== "") frames.push({ event: "", data: line });
  };
  return {
    push(bytes) {
      const frames: Frame[] = [];
      lines.cut(lines.decode(bytes), onLine(frames));
      return frames;
    },
    end() {
      const frames: Frame[] = [];
      lines.end(onLine(frames));
      return frames;
    },
  };
};

/** A splitter for one body. `maxCharacters` bounds a frame, and so the memory that a hostile upstream can take. */
export const openFrames = (framing: "sse" | "ndjson", limits: { readonly maxCharacters: number }): FrameSplitter =>
  framing === "sse" ? openSse(limits.maxCharacters) : openNdjson(limits.maxCharacters);
