import type { Clock } from "../core/ports/clock.ts";

/** The machine's own clocks. */
export const systemClock: Clock = { monotonic: () => performance.now(), wall: () => Date.now() };
