import { GatewayError } from "../core/errors.ts";

/** Aborts an attempt when what is awaited does not come in time. One timer, however many pieces come. */
export interface Deadline {
  /** Begins to wait for something else, for so long. */
  expect(what: string, milliseconds: number): void;
  /** Something came: the wait starts anew. */
  touch(): void;
  stop(): void;
}

/** `now` is a monotonic clock in milliseconds. */
export const openDeadline = (controller: AbortController, provider: string, now: () => number): Deadline => {
  let awaited = "";
  let limit = 0;
  let since = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const check = (): void => {
    const left = since + limit - now();
    if (left > 0.5) {
      timer = setTimeout(check, left);
      return;
    }
    controller.abort(
      new GatewayError("upstream_timeout", `Provider '${provider}' sent no ${awaited} within ${limit} ms.`, {
        provider,
      }),
    );
  };
  return {
    expect(what, milliseconds) {
      clearTimeout(timer);
      awaited = what;
      limit = milliseconds;
      since = now();
      timer = setTimeout(check, milliseconds);
    },
    touch() {
      since = now();
    },
    stop: () => clearTimeout(timer),
  };
};
