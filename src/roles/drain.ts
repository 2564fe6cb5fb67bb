import type { Listening } from "../runtime/server.ts";
import type { Program } from "./program.ts";

export interface DrainParts {
  readonly program: Program;
  readonly server: Listening;
  /** Cuts the waiting short. */
  readonly hurried: AbortSignal;
  /** `kept`: whoever connects is told that the gateway stops; `left`: the address is others' from now on. */
  readonly address: "kept" | "left";
  /** Called when no further call is taken. */
  readonly onRefusing?: () => void;
}

/** Resolves after so long, or when the signal is aborted. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted || milliseconds === 0) return resolve();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

const idle = async (program: Program): Promise<void> => {
  while (program.callsInFlight() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
};

/**
 * Unready at once, so that whoever spreads the load goes elsewhere; no new calls after the delay that this takes; open
 * ones may end in their time; then what is left is ended and settled.
 */
export const drain = async ({ program, server, hurried, address, onRefusing }: DrainParts): Promise<void> => {
  program.beginDrain();
  const { drainDelayMilliseconds, drainMilliseconds } = program.configuration().value.server;
  if (address === "left") void server.drain();
  else await pause(drainDelayMilliseconds, hurried);
  program.refuseCalls();
  onRefusing?.();
  const waited = new AbortController();
  await Promise.race([idle(program), pause(drainMilliseconds, AbortSignal.any([hurried, waited.signal]))]);
  waited.abort();
  await program.close();
  await Promise.race([server.drain(), pause(500, new AbortController().signal)]);
  await server.close();
};
