export interface RestParts {
  /** Calls that were taken since the start. */
  readonly callsTaken: () => number;
  readonly callsInFlight: () => number;
  /** Gives back what only work needs. */
  readonly release: () => void;
  readonly system?: RestSystem;
}

/** What is needed of the system; replaced in tests. */
export interface RestSystem {
  after(milliseconds: number, callback: () => void): { cancel(): void };
}

const timers: RestSystem = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The first look comes soon: a start leaves more behind than calls do. */
const firstMilliseconds = 3_000;
const everyMilliseconds = 60_000;

/** Releases memory after the start, and at each look before which no call came for a minute. */
export const startResting = ({ callsTaken, callsInFlight, release, system = timers }: RestParts): { stop(): void } => {
  let taken = callsTaken();
  let timer: { cancel(): void };
  const look = (): void => {
    timer = system.after(everyMilliseconds, look);
    const isAtRest = callsInFlight() === 0 && callsTaken() === taken;
    taken = callsTaken();
    if (isAtRest) release();
  };
  timer = system.after(firstMilliseconds, look);
  return { stop: () => timer.cancel() };
};
