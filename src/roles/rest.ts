type RestKind = "unused" | "warm" | "used" | "pages";

export interface RestParts {
  /** Calls that were taken since the start. */
  readonly callsTaken: () => number;
  readonly callsInFlight: () => number;
  /** Gives back what only work needs, or no more than `pages`; `unused`: no call has come yet. */
  readonly release: (kind: RestKind) => void;
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

const lookMilliseconds = 2_000;
/** So many looks lie between two collections at least: calls that come now and then are not slowed by one each. */
const leastLooks = 8;
/** By then the compiler has seen to what most calls use. */
const warmLooks = 4;
/** At rest, all is given back again each minute. */
const minuteLooks = 30;

/**
 * What the start, or the compiler when calls come, went through once goes soon, by and by; what runs once in a while,
 * every twenty seconds.
 */
const isPagesLook = (looks: number): boolean => looks === 1 || looks === 2 || looks === 4 || looks % 10 === 0;

/**
 * Looks every two seconds whether calls come. Releases memory after the start and after calls, at the first look before
 * which none came; and the pages that are not used any more also while calls come.
 */
export const startResting = ({ callsTaken, callsInFlight, release, system = timers }: RestParts): { stop(): void } => {
  let taken = callsTaken();
  let isReleased = false;
  let looksSinceRelease = leastLooks;
  let busyLooks = 0;
  let timer: { cancel(): void };
  const rest = (): void => {
    const isDue = isReleased ? looksSinceRelease % minuteLooks === 0 : looksSinceRelease >= leastLooks;
    if (isDue) {
      isReleased = true;
      looksSinceRelease = 0;
      busyLooks = 0;
      release(taken === 0 ? "unused" : "used");
    } else if (isReleased && isPagesLook(looksSinceRelease)) release("pages");
  };
  const work = (): void => {
    isReleased = false;
    busyLooks += 1;
    if (busyLooks === warmLooks) release("warm");
    else if (isPagesLook(busyLooks)) release("pages");
  };
  const look = (): void => {
    timer = system.after(lookMilliseconds, look);
    const isBusy = callsInFlight() > 0 || callsTaken() !== taken;
    taken = callsTaken();
    looksSinceRelease += 1;
    if (isBusy) work();
    else rest();
  };
  timer = system.after(lookMilliseconds, look);
  return { stop: () => timer.cancel() };
};
