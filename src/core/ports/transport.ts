import type { CancelSignal } from "../cancel.ts";
/** A request as it goes upstream. */
export interface WireRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Takes a body's bytes as they come. None of it may throw. */
export interface BodySink {
  /** Returns false where it wants no more until `resume()`. The bytes are the sink's to keep. */
  data(bytes: Uint8Array): boolean;
  /** The body ended whole. The last call. */
  end(): void;
  /** The body was cut, or the call aborted: then with the signal's reason. The last call. */
  fail(error: Error): void;
}

/** The hold on a body that is pushed into a sink. */
export interface BodyFlow {
  /** Goes on after `data` returned false. */
  resume(): void;
  /** Closes the connection; the sink is told nothing more. */
  cancel(): void;
}

/** What came back, as soon as its headers have. Header names are lower case. Its body is read once, in one of the ways. */
export interface WireResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The body's bytes; ends when the upstream's body ended whole, throws when it was cut. */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * The whole body in one piece, without what iterating costs; at once where it is there. Throws what iterating throws, and GatewayError
   * `upstream_invalid_response` where the body is longer than `maxBytes`: the connection is closed then.
   */
  whole?(maxBytes: number): Uint8Array | Promise<Uint8Array>;
  /**
   * Pushes the body into the sink, without a promise a piece: the fastest relay. The sink is called later, never within.
   * What was iterated before does not come again; the iterator is not asked any more.
   */
  consume?(sink: BodySink): BodyFlow;
}

/** How long a call may wait for what is not its answer, and who hears of what it does not tell. */
export interface SendLimits {
  /** Told, before the promise rejects, that the call was aborted and nothing of its request had left. */
  readonly attempt?: { neverSent(): void };
  /** Until the connection stands, TLS included. Absent: as long as the system tries. */
  readonly connectMilliseconds?: number;
}

/**
 * The one way out. Never follows a redirect. Aborting the signal closes the connection, also while the body is read.
 * Throws GatewayError `upstream_refused` where nobody listens, `upstream_unreachable` where else no response came,
 * `upstream_invalid_response` where it is not HTTP or compressed; the signal's reason where it was aborted.
 */
export interface Transport {
  send(request: WireRequest, signal: CancelSignal, limits?: SendLimits): Promise<WireResponse>;
}
