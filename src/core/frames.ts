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
class Lines {
  readonly #limit: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #rest = "";
  #isAfterReturn = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether the next character begins a line. */
  get isAtStart(): boolean {
    return this.#rest === "" && !this.#isAfterReturn;
  }

  decode(bytes: Uint8Array): string {
    return decodeUtf8(this.#decoder, bytes);
  }

  cut(text: string, onLine: (line: string) => void): void {
    let start = 0;
    if (this.#isAfterReturn && text !== "") {
      this.#isAfterReturn = false;
      if (text.charCodeAt(0) === 10) start = 1;
    }
    let feed = text.indexOf("\n", start);
    let carriage = text.indexOf("\r", start);
    while (feed !== -1 || carriage !== -1) {
      const isCarriage = carriage !== -1 && (feed === -1 || carriage < feed);
      const at = isCarriage ? carriage : feed;
      const rest = this.#rest;
      if (rest.length + at - start > this.#limit) throw tooLarge(this.#limit);
      onLine(rest === "" ? text.slice(start, at) : rest + text.slice(start, at));
      this.#rest = "";
      start = at + 1;
      if (isCarriage) {
        if (start === text.length) this.#isAfterReturn = true;
        else if (text.charCodeAt(start) === 10) start += 1;
        carriage = text.indexOf("\r", start);
      }
      if (feed !== -1 && feed < start) feed = text.indexOf("\n", start);
    }
    this.#rest += text.slice(start);
    if (this.#rest.length > this.#limit) throw tooLarge(this.#limit);
  }

  end(onLine: (line: string) => void): void {
    this.cut(decodeUtf8(this.#decoder), onLine);
    if (this.#rest !== "") onLine(this.#rest);
    this.#rest = "";
  }
}

/** Server-sent events as the WHATWG HTML standard cuts them ("Interpreting an event stream"). */
class SseSplitter implements FrameSplitter {
  readonly #limit: number;
  readonly #lines: Lines;
  #event = "";
  #data = "";
  #hasData = false;
  #isFirstLine = true;

  constructor(limit: number) {
    this.#limit = limit;
    this.#lines = new Lines(limit);
  }

  push(bytes: Uint8Array): readonly Frame[] {
    const text = this.#lines.decode(bytes);
    const alone = this.#single(text);
    if (alone !== undefined) return [{ event: "", data: alone }];
    const frames: Frame[] = [];
    this.#lines.cut(text, (line) => this.#take(line, frames));
    return frames;
  }

  end(): readonly Frame[] {
    // A last event without its empty line counts where it is whole: several servers end so. Its JSON tells.
    const frames: Frame[] = [];
    this.#lines.end((line) => this.#take(line, frames));
    this.#take("", frames);
    return frames;
  }

  /** One event of one line, and nothing else: so most pieces come. Its data; undefined where it is otherwise. */
  #single(text: string): string | undefined {
    if (this.#isFirstLine || this.#hasData || this.#event !== "") return undefined;
    if (!text.startsWith("data: ") || !text.endsWith("\n\n")) return undefined;
    if (text.indexOf("\n") !== text.length - 2 || text.includes("\r") || !this.#lines.isAtStart) return undefined;
    return text.length - 8 > this.#limit ? undefined : text.slice(6, -2);
  }

  #take(raw: string, frames: Frame[]): void {
    const line = this.#isFirstLine && raw.charCodeAt(0) === 0xfeff ? raw.slice(1) : raw;
    this.#isFirstLine = false;
    if (line === "") {
      if (this.#hasData) frames.push({ event: this.#event, data: this.#data });
      this.#event = "";
      this.#data = "";
      this.#hasData = false;
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    if (field === "data") {
      this.#data = this.#hasData ? `${this.#data}\n${value}` : value;
      this.#hasData = true;
      if (this.#data.length > this.#limit) throw tooLarge(this.#limit);
    } else if (field === "event") this.#event = value;
  }
}

/** One JSON value a line; empty lines are skipped. */
const openNdjson = (limit: number): FrameSplitter => {
  const lines = new Lines(limit);
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
  framing === "sse" ? new SseSplitter(limits.maxCharacters) : openNdjson(limits.maxCharacters);
