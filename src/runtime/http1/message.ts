import { GatewayError } from "../../core/errors.ts";
import type { WireRequest } from "../../core/ports/transport.ts";

/** A request as it is written. */
export interface Message {
  /** Head and body. */
  readonly text: string | Uint8Array;
  readonly byteLength: number;
  /** Whether it may be sent twice without doing anything twice (RFC 9110 9.2.2). */
  readonly isRepeatable: boolean;
}

/** Where a message goes, as its head says it. */
export interface MessageTarget {
  /** For messages: scheme, host and port. */
  readonly origin: string;
  /** Of the request line: a path, or a whole URL where a proxy reads it. */
  readonly path: string;
  readonly host: string;
  /** What the proxy that reads the head is to know; undefined where none does. */
  readonly proxyAuthorization: string | undefined;
}

const defaults: readonly (readonly [string, string])[] = [
  ["accept", "*/*"],
  ["accept-encoding", "identity"],
  ["user-agent", "IntelliRouter"],
];

/** What the transport itself says of a message and its connection. */
const reserved = new Set([
  ...["connection", "content-length", "expect", "keep-alive", "proxy-authorization", "proxy-connection", "te"],
  ...["trailer", "transfer-encoding", "upgrade"],
]);

const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;

const refuse = (origin: string, name: string, why: string): never => {
  throw new GatewayError("invalid_configuration", `The header ${JSON.stringify(name)} for ${origin} ${why}.`);
};

const check = (origin: string, name: string, value: string): void => {
  if (!namePattern.test(name)) refuse(origin, name, "has a name that HTTP does not allow");
  if (reserved.has(name.toLowerCase())) refuse(origin, name, "is the transport's own: leave it out");
  if (!valuePattern.test(value)) refuse(origin, name, "has a line break or another character that HTTP does not allow");
};

/** The head up to the body's length. Throws GatewayError `invalid_configuration` on a header that must not be sent. */
const writeHead = (target: MessageTarget, { method, headers }: WireRequest): string => {
  const given = new Set<string>();
  let lines = "";
  for (const name in headers) {
    const value = headers[name] as string;
    check(target.origin, name, value);
    given.add(name.toLowerCase());
    lines += `${name}: ${value}\r\n`;
  }
  for (const [name, value] of defaults) if (!given.has(name)) lines += `${name}: ${value}\r\n`;
  const host = given.has("host") ? "" : `host: ${target.host}\r\n`;
  if (target.proxyAuthorization !== undefined) lines += `proxy-authorization: ${target.proxyAuthorization}\r\n`;
  return `${method} ${target.path} HTTP/1.1\r\n${host}${lines}`;
};

interface Written {
  readonly method: string;
  readonly headers: WireRequest["headers"];
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly head: string;
  readonly isAscii: boolean;
}

const isSame = (written: Written, { method, headers }: WireRequest): boolean => {
  if (method !== written.method) return false;
  // Who sends the same object again has not changed it.
  if (headers === written.headers) return true;
  const { names, values } = written;
  let index = 0;
  for (const name in headers) {
    if (names[index] !== name || values[index] !== headers[name]) return false;
    index += 1;
  }
  return index === names.length;
};

/** Writes the messages of one URL. Calls in succession mostly have the same head, which is checked and put together once. */
export class MessageWriter {
  readonly #target: MessageTarget;
  #written: Written | undefined;

  constructor(target: MessageTarget) {
    this.#target = target;
  }

  write(request: WireRequest): Message {
    if (this.#written === undefined || !isSame(this.#written, request)) this.#written = this.#head(request);
    const { head, isAscii } = this.#written;
    const { body, method } = request;
    const isRepeatable = method === "GET";
    if (isAscii && body !== undefined) {
      // Mostly the body is ASCII, and then its length is known; all is joined once, which a look at the body alone is too.
      const text = `${head}content-length: ${body.length}\r\n\r\n${body}`;
      if (Buffer.byteLength(text) === text.length) return { text, byteLength: text.length, isRepeatable };
    }
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    const rest = body === undefined && method === "GET" ? "\r\n" : `content-length: ${length}\r\n\r\n`;
    const byteLength = head.length + rest.length + length;
    if (isAscii) return { text: body === undefined ? head + rest : head + rest + body, byteLength, isRepeatable };
    const text = Buffer.concat([Buffer.from(head + rest, "latin1"), Buffer.from(body ?? "")]);
    return { text, byteLength, isRepeatable };
  }

  #head(request: WireRequest): Written {
    const head = writeHead(this.#target, request);
    const names = Object.keys(request.headers);
    const values = Object.values(request.headers);
    return {
      method: request.method,
      headers: request.headers,
      names,
      values,
      head,
      isAscii: Buffer.byteLength(head) === head.length,
    };
  }
}
