import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";

export interface OpenCallsOptions {
  /** Whether a caller would still be let in. A rejection says nothing: the call goes on. */
  readonly stillStands: (caller: Caller) => boolean | Promise<boolean>;
  readonly every?: (milliseconds: number, run: () => void) => { stop(): void };
}

/** A call that can be ended from outside. */
export interface OpenCall {
  abort(error: GatewayError): void;
}

/** Calls that are under way, so that they end when their key does. */
export interface OpenCalls {
  /** The call is aborted where its caller is let in no more. */
  watch(caller: Caller, call: OpenCall): void;
  /** The call is over. */
  leave(caller: Caller, call: OpenCall): void;
}

/** With the quarter of a second in which a change is noticed, this ends a call well within a second. */
const lookMilliseconds = 300;

const repeat: NonNullable<OpenCallsOptions["every"]> = (milliseconds, run) => {
  const timer = setInterval(run, milliseconds);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};

const ended = (): GatewayError =>
  new GatewayError("invalid_api_key", "The API key was revoked or has expired, so its answer ends here.");

/** Looks after the callers of open calls now and then; while none is open, nothing runs. */
export const createOpenCalls = ({ stillStands, every = repeat }: OpenCallsOptions): OpenCalls => {
  const open = new Map<Caller, Set<OpenCall>>();
  let looking: { stop(): void } | undefined;
  const endAll = (caller: Caller): void => {
    for (const call of open.get(caller) ?? []) call.abort(ended());
  };
  const look = async (): Promise<void> => {
    // Sets stay until here: to make one with each call costs more than all else.
    for (const [caller, calls] of open) if (calls.size === 0) open.delete(caller);
    if (open.size === 0) {
      looking?.stop();
      looking = undefined;
    }
    for (const caller of [...open.keys()]) {
      try {
        const stands = stillStands(caller);
        if (!(stands instanceof Promise ? await stands : stands)) endAll(caller);
      } catch {
        // A store that is away ends nothing: the next look asks again.
      }
    }
  };
  return {
    watch(caller, call) {
      let calls = open.get(caller);
      if (calls === undefined) {
        calls = new Set();
        open.set(caller, calls);
      }
      calls.add(call);
      looking ??= every(lookMilliseconds, () => void look());
    },
    leave: (caller, call) => void open.get(caller)?.delete(call),
  };
};
