/** The ways in which the load asks. */
export type CallKind = "chat" | "chat stream" | "embeddings" | "messages" | "messages stream" | "malformed";

/** One call that the load makes. */
export interface PlannedCall {
  readonly kind: CallKind;
  /** The upstream's name for the model, of which there is one per call: it says how to answer. */
  readonly model: string;
  /** When the client goes: after so many milliseconds, or once so many pieces of text have come. */
  readonly leave: { readonly afterMilliseconds: number } | { readonly afterPieces: number } | null;
}

/** What the client has in hand of a call. */
export interface Receipt extends PlannedCall {
  /** `whole`: the answer came to its end; `refused`: an error; `left`: the client went; `broken`: anything else. */
  readonly ending: "whole" | "refused" | "left" | "broken";
  readonly requestId: string | null;
  readonly status: number | null;
  /** The error's code, or what broke. */
  readonly error: string | null;
  readonly text: string;
  /** Milliseconds since 1970, with fractions. */
  readonly sentAt: number;
  readonly endedAt: number;
}
