import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Asked, answerTo, refusedStatus, type Said } from "./upstream-script.ts";

/** One request that reached a fake provider. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
  /** When the other side closed the connection before the answer was complete (`performance.now`). */
  goneAt: number | null;
}
// biome-ignore lint/suspicious/noExplicitAny: what reached an upstream is looked into by path, and a wrong path fails the test.
export type Body = any;

/** One provider's documented wire format. */
export interface WireFormat {
  /** What is asked for; undefined where the path is not that of a chat. */
  read(request: ReceivedRequest): Asked | undefined;
  whole(asked: Asked, said: Said): unknown;
  /** Each is written by itself. */
  frames(asked: Asked, said: Said): readonly string[];
  readonly streamType: string;
  refusal(status: number): unknown;
  /** Answers everything beside chat; undefined where there is nothing at the path. */
  other(request: ReceivedRequest): unknown;
  /** Files of what the provider once sent, below `src/providers`. */
  readonly recorded: { readonly whole: string; readonly stream: string };
}

export interface FakeUpstream {
  /** Without a slash at the end and without a path. */
  readonly url: string;
  /** Requests other than for the list of models, oldest first. */
  received(): readonly ReceivedRequest[];
  /** The newest one. Throws where there was none. */
  last(): ReceivedRequest;
  stop(): Promise<void>;
}

const providers = resolve(import.meta.dir, "../../src/providers");
const recording = (name: string): string => readFileSync(join(providers, name), "utf8");

const json = (value: unknown, init: ResponseInit = {}): Response =>
  new Response(typeof value === "string" ? value : JSON.stringify(value), {
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });

type Ending = "whole" | "silence" | "cut";

/** A body that is written frame by frame. */
const streamOf = (frames: readonly string[], { ending, onGone }: { ending: Ending; onGone: () => void }) => {
  const utf8 = new TextEncoder();
  let next = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const frame = frames[next++];
      if (frame !== undefined) {
        controller.enqueue(utf8.encode(frame));
        // One read of the socket, one frame.
        return Bun.sleep(1);
      }
      if (ending === "silence") return new Promise(() => undefined);
      controller.close();
    },
    cancel: onGone,
  });
};

const answerChat = async (format: WireFormat, asked: Asked, request: ReceivedRequest): Promise<Response> => {
  const status = refusedStatus(asked);
  const retry: Record<string, string> = status === 429 ? { "retry-after": "1", "retry-after-ms": "20" } : {};
  if (status !== undefined) return json(format.refusal(status), { status, headers: retry });
  if (asked.model === "silent" || (asked.model === "slow" && !asked.streamed)) return new Promise(() => undefined);
  const isRecorded = asked.model === "recorded";
  if (!asked.streamed)
    return json(isRecorded ? recording(format.recorded.whole) : format.whole(asked, answerTo(asked)));
  const frames = isRecorded ? [recording(format.recorded.stream)] : format.frames(asked, answerTo(asked));
  const endings: Readonly<Record<string, Ending>> = { slow: "silence", cut: "cut" };
  const ending = endings[asked.model] ?? "whole";
  const onGone = (): void => {
    request.goneAt ??= performance.now();
  };
  // Enough for the first content in every format, and never the end.
  const body = streamOf(ending === "whole" ? frames : frames.slice(0, Math.min(4, frames.length - 1)), {
    ending,
    onGone,
  });
  return new Response(body, { headers: { "content-type": format.streamType } });
};

const parse = (text: string): Body => (text === "" ? null : JSON.parse(text));

/** A provider of this wire format on a free loopback port. */
export const startUpstream = (format: WireFormat): FakeUpstream => {
  const requests: ReceivedRequest[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(incoming) {
      const { pathname, search } = new URL(incoming.url);
      const request: ReceivedRequest = {
        method: incoming.method,
        path: pathname + search,
        headers: Object.fromEntries(incoming.headers),
        body: parse(await incoming.text()),
        goneAt: null,
      };
      incoming.signal.addEventListener("abort", () => {
        request.goneAt ??= performance.now();
      });
      if (request.method === "POST") requests.push(request);
      const asked = request.method === "POST" ? format.read(request) : undefined;
      if (asked !== undefined) return answerChat(format, asked, request);
      const other = format.other(request);
      return other === undefined ? json(format.refusal(404), { status: 404 }) : json(other);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    received: () => requests,
    last() {
      const request = requests.at(-1);
      if (request === undefined) throw new Error("nothing has reached the upstream");
      return request;
    },
    stop: () => server.stop(true),
  };
};

/** Server-sent events with nothing but data. */
export const dataFrame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

/** Server-sent events whose name is the type of what they carry. */
export const typedFrame = (value: { readonly type: string; readonly [field: string]: unknown }): string =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
