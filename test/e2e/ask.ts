import type { RunningGateway } from "../support/start-gateway.ts";

/** A reply of the gateway, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined where it is not JSON. */
  readonly body: Json;
}
// biome-ignore lint/suspicious/noExplicitAny: a reply is looked into by path, and a wrong path fails the test.
export type Json = any;

export const readAnswer = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  let body: Json;
  try {
    body = JSON.parse(text);
  } catch {
    // Not everything is JSON: metrics, streams.
  }
  return { status: response.status, headers: response.headers, text, body };
};

export interface Request {
  readonly method?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const encode = (body: unknown): string | Uint8Array<ArrayBuffer> =>
  typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body);

/** Sends a request; with a body it is a POST of JSON unless it says otherwise. */
export const send = (
  { url }: Pick<RunningGateway, "url">,
  path: string,
  { method, key, headers, body, signal }: Request = {},
): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: encode(body) }),
    ...(signal === undefined ? {} : { signal }),
  });

export const ask = async (gateway: Pick<RunningGateway, "url">, path: string, request?: Request): Promise<Answer> =>
  readAnswer(await send(gateway, path, request));

/** Asks the admin API as this machine's own administrator. */
export const administer = (
  gateway: RunningGateway,
  path: string,
  { method, body, headers }: Pick<Request, "method" | "body" | "headers"> = {},
): Promise<Answer> =>
  ask(gateway, `/admin/v1${path}`, {
    key: `local-${gateway.localToken}`,
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
    ...(headers === undefined ? {} : { headers }),
  });

/** What says that a change is made from what is there at this moment; nothing where nothing of ours is. */
export const presentTag = async (gateway: RunningGateway, path: string): Promise<Record<string, string>> => {
  const tag = (await administer(gateway, path)).headers.get("etag");
  return tag === null ? {} : { "if-match": tag };
};

export const chat = "/v1/chat/completions";
export const hello = (model: string) => ({ model, messages: [{ role: "user", content: "hello" }] });

/** Waits until something holds. Throws where it does not within the time. */
export const eventually = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const until = performance.now() + 5_000;
  while (performance.now() < until) {
    if (await holds()) return;
    await Bun.sleep(10);
  }
  throw new Error(`after 5 s it still does not hold: ${what}`);
};
