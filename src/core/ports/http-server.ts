import type { CancelSignal } from "../cancel.ts";

/** Header names are lower case. Of a name that was sent several times, the values are joined by commas. */
export interface RequestHeaders extends Iterable<[string, string]> {
  get(name: string): string | null;
  has(name: string): boolean;
}

/** A request whose head has come; the platform's own Request is one. */
export interface ServerRequest {
  readonly method: string;
  /** The absolute URL; of a request whose Host header is none, the path alone. */
  readonly url: string;
  readonly headers: RequestHeaders;
  /** Given when the client's connection is gone. */
  readonly signal: CancelSignal;
  /**
   * The whole body, at once where it has come already. Rejects where the client left within it. The body is read once,
   * this way or the other.
   */
  bytes(): Uint8Array | Promise<Uint8Array>;
  /** The body's pieces as they come; null where there is none. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Takes a body's text as it is made. None of it throws. */
export interface TextSink {
  /** Takes a piece. Returns false where those before must be taken first: then until `resume()` as little as can be. */
  push(text: string): boolean;
  /** Takes the last piece, which leaves together with the end. The last call. */
  end(text: string): void;
}

/** A body that is made while it is sent. None of it throws. */
export interface BodySource {
  /** Begins, once. The sink is called within this, or whenever there is something. */
  open(sink: TextSink): void;
  /** Goes on after `push` returned false: all was taken. */
  resume(): void;
  /** The client is gone: nothing more is taken. */
  cancel(): void | Promise<void>;
}

/** What a server sends back. Header values are printable ASCII. */
export interface ServerReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | BodySource;
}

/** What the server knows of a connection beside the request. */
export interface ServerConnection {
  /** The peer's address, without port; empty when the connection is gone. */
  readonly remoteAddress: string;
  /** Lifts the idle timeout for this request: a model may think for minutes. */
  keepOpen(): void;
  /** Puts the idle timeout back, for what is left of this request and for those after it. */
  limitIdle(): void;
  /** Closes the connection within some seconds, also where the peer takes nothing. */
  cut(): void;
}

/** Answers one request. Never throws. */
export type HandleRequest = (
  request: ServerRequest,
  connection: ServerConnection,
) => ServerReply | Promise<ServerReply>;
