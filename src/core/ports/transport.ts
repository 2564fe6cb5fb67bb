import type { CancelSignal } from "../cancel.ts";
/** A request as it goes upstream. */
export interface WireRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back, as soon as its headers have. Header names are lower case. */
export interface WireResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The body's bytes; ends when the upstream's body ended whole, throws when it was cut. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The one way out. Never follows a redirect. Aborting the signal closes the connection, also while the body is read.
 * Throws GatewayError `upstream_refused` where nobody listens, `upstream_unreachable` where else no response came; the signal's reason where it was aborted.
 */
export interface Transport {
  send(request: WireRequest, signal: CancelSignal): Promise<WireResponse>;
}
