/** What an upstream does instead of answering well. */
export interface Fault {
  readonly name: FaultName;
  /** For people. */
  readonly title: string;
}

export type FaultName =
  | "refused"
  | "silent"
  | "429"
  | "500"
  | "503"
  | "401"
  | "cut-before-content"
  | "cut-mid-stream"
  | "stall-mid-stream"
  | "ended-early"
  | "malformed-frame";

/** Every fault, in the order in which they are tried. */
export const faults: readonly Fault[] = [
  { name: "refused", title: "connection refused" },
  { name: "silent", title: "silent before the headers" },
  { name: "429", title: "429 with Retry-After: 1" },
  { name: "500", title: "status 500" },
  { name: "503", title: "status 503" },
  { name: "401", title: "status 401" },
  { name: "cut-before-content", title: "reset before the first content" },
  { name: "cut-mid-stream", title: "reset at a random character" },
  { name: "stall-mid-stream", title: "silence from a random character on" },
  { name: "ended-early", title: "ended at a random character, without the format's sign" },
  { name: "malformed-frame", title: "a frame that is not JSON, at a random character" },
];

export const faultNames: readonly FaultName[] = faults.map(({ name }) => name);
