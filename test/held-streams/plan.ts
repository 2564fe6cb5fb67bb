/** Pieces of each stream, and how they come: long enough that all streams are open before the first one ends. */
export const chunks = 30;
const delayMilliseconds = 2_500;
export const behaviourText = `chunks=${chunks}&delay=${delayMilliseconds}`;

/** What one client process found. */
export interface ClientResult {
  /** Streams that came to their end with every piece in its place. */
  whole: number;
  events: number;
  readonly dropped: string[];
}
