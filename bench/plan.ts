/** What the upstream answers from now on. */
export interface UpstreamPlan {
  /** Characters of text in a whole answer. */
  readonly replyCharacters: number;
  /** Events with text in a stream. */
  readonly events: number;
  /** Characters of text in each event. */
  readonly eventCharacters: number;
  /** Of one stream; 0 writes them all at once. */
  readonly eventsPerSecond: number;
  /**
   * The first so many streams are of different lengths and out of step, so that from then on about as many begin and
   * end in each second, and as many events are due in each millisecond: what is measured at any moment is then the same
   * mix.
   */
  readonly staggerFirst: number;
}

/** Where requests go. */
export interface Destination {
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  /** Certificates to trust, a file in PEM; absent: no TLS. */
  readonly trust?: string;
  /** Sent as a bearer token; several are used in turn. */
  readonly keys: readonly string[];
  /** Sent as `model`; several are used in turn. */
  readonly models: readonly string[];
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One load on one subject. */
export interface LoadPlan {
  readonly destination: Destination;
  readonly answer: "whole" | "stream";
  readonly connections: number;
  /** `closed`: each connection asks again once it is answered. Otherwise calls a second, whatever becomes of them. */
  readonly pace: "closed" | { readonly perSecond: number };
  /** Connections that begin to ask in a second, of a closed loop; absent: all at once. */
  readonly rampPerSecond?: number;
  readonly promptCharacters: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Processes whose processor time is read at both ends of the measured time, by name. */
  readonly watch: Readonly<Record<string, readonly number[]>>;
}

/** Times in milliseconds. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What came of a load in its measured time. */
export interface LoadResult {
  readonly seconds: number;
  /** Answered whole with status 200. */
  readonly calls: number;
  /** What went wrong, and how often. */
  readonly failures: Readonly<Record<string, number>>;
  /** From the moment a call was due to its last byte. */
  readonly latency: Spread;
  /** From the moment a call was due to the first text of its stream. */
  readonly firstText: Spread;
  /** How much later than due a call was sent: the load's own error, contained in the two above. */
  readonly lateness: Spread;
  /** Events with text. */
  readonly events: number;
  /** Events in which there was the text of more than one of the upstream's. */
  readonly mergedEvents: number;
  /** Streams that had more or fewer events than the upstream wrote. */
  readonly unevenStreams: number;
  /** From the upstream's write of an event to its arrival here. */
  readonly delay: Spread;
  /** Processor time in the measured time, by the names of `watch`, and `load` for this process. */
  readonly processorSeconds: Readonly<Record<string, number>>;
  /** Processor time of everybody else on this machine, as a share of all cores. */
  readonly othersShare: number;
}
