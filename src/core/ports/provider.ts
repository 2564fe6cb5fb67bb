import type { Wire } from "../call.ts";
import type { Dialect } from "../chat.ts";
import type { GatewayError } from "../errors.ts";
import type { ModelFacts, Target } from "../model.ts";
import type { OperationName, PieceOf, RequestOf, WholeOf } from "../operations.ts";
import type { Transport, WireRequest } from "./transport.ts";

/** A request field that a provider cannot carry, and why. */
export interface Obstacle {
  /** Path in the client's request (`messages.2.content.0`, `logit_bias`). */
  readonly field: string;
  readonly reason: string;
}

/** One event of a streamed body: an SSE event, or a line of NDJSON (then `event` is empty). */
export interface Frame {
  readonly event: string;
  readonly data: string;
}

/** Decodes one stream; holds that stream's state and no other. */
export interface StreamDecoder<Piece> {
  /** Throws GatewayError on an error frame or one that is not in the wire format. */
  push(frame: Frame): readonly Piece[];
  /**
   * Called when the body ended. Gives what is still held back. Throws `upstream_invalid_response` when the stream was
   * cut: it ended without the wire format's own sign of completeness.
   */
  end(): readonly Piece[];
  /** True once the wire format's own end has come; nothing after it is read. */
  readonly ended: boolean;
}

/**
 * How a target goes on with an answer that stands begun in the request's last message: it sends what follows
 * (`continues`), or repeats the beginning first (`echoes`).
 */
export type PrefillMode = "continues" | "echoes";

/** Translates one operation to one provider's wire format and back. Pure: no I/O, no state between calls. */
export interface Translator<Operation extends OperationName> {
  /** What of the request this provider cannot carry; empty means that it can carry all of it. */
  unsupported(request: RequestOf<Operation>, target: Target): readonly Obstacle[];
  /**
   * The request in the provider's wire format, without credentials. `wire` is given only while the request is as the
   * client sent it, so that a provider of the same dialect may reuse the bytes.
   */
  encode(request: RequestOf<Operation>, target: Target, wire: Wire | undefined): WireRequest;
  /** Throws GatewayError `upstream_invalid_response` on a body that is not in the wire format. */
  decode(body: unknown, request: RequestOf<Operation>): WholeOf<Operation>;
  readonly framing: "sse" | "ndjson";
  /** Whether this target is known to go on with a begun answer to this request; undefined where it is not. */
  prefill?(request: RequestOf<Operation>, target: Target): PrefillMode | undefined;
  /** Absent where the operation is never streamed. */
  openStream?(request: RequestOf<Operation>): StreamDecoder<PieceOf<Operation>>;
  /** `body` is parsed JSON, or text where it was not JSON. Never repeats the provider's text on 401 and 403. */
  decodeError(status: number, body: unknown, target: Target): GatewayError;
}

/** A model that the upstream says it serves, with what it says of it. */
export interface ListedModel {
  readonly id: string;
  readonly facts: ModelFacts;
}

/** How to ask the upstream which models it serves. */
export interface ModelLister {
  encode(): WireRequest;
  decode(body: unknown): readonly ListedModel[];
}

/** Adds the secret, after encoding and as late as possible. */
export interface Credentials {
  authorize(request: WireRequest): WireRequest | Promise<WireRequest>;
  /** The provider refused the credential of this request: it is left out for a while. True where there is another. */
  refused?(request: WireRequest): boolean;
}

/** One configured upstream API. */
export interface Provider {
  readonly kind: string;
  /** The family of wire format that it speaks. */
  readonly dialect: Dialect;
  readonly chat?: Translator<"chat">;
  readonly embeddings?: Translator<"embeddings">;
  readonly textCompletion?: Translator<"textCompletion">;
  readonly models?: ModelLister;
  readonly credentials: Credentials;
  /** Set where the provider answers within the program; otherwise the program's own transport is used. */
  readonly transport?: Transport;
}

/** What a provider is made from: the configuration's entry, with secrets resolved. */
export interface ProviderSettings {
  /** Its name in the configuration. */
  readonly name: string;
  readonly kind: string;
  /** Without a trailing slash; absent means the kind's own. */
  readonly baseUrl?: string;
  /** Used in turn. */
  readonly apiKeys: readonly string[];
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Options of the kind. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A kind of provider: how it is found, and how one is made. */
export interface ProviderModule {
  readonly kind: string;
  readonly title: string;
  /** Absent where the user must give one. */
  readonly defaultBaseUrl?: string;
  /** Environment variables that customarily hold its key, first match wins. */
  readonly keyVariables: readonly string[];
  /** Works without a key (a server of one's own). */
  readonly keyless: boolean;
  /** Its id in the catalogue of models, where it is there. */
  readonly catalogueId?: string;
  create(settings: ProviderSettings): Provider;
}
