/** A thread beside the program's own, that plain messages go to and come from. */
export interface BackgroundWorker<Incoming, Outgoing> {
  post(message: Outgoing): void;
  onMessage(listener: (message: Incoming) => void): void;
  /** Told when the thread died; the error says why. */
  onError(listener: (error: unknown) => void): void;
  terminate(): void;
}

/** Starts a module as a thread. `url` is resolved where the caller stands; in the executable it is a further entry. */
export const startWorker = <Incoming, Outgoing>(url: URL | string): BackgroundWorker<Incoming, Outgoing> => {
  const worker = new Worker(url, { smol: true });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data as Incoming)),
    onError: (listener) => worker.addEventListener("error", (event) => listener((event as ErrorEvent).error ?? event)),
    terminate: () => worker.terminate(),
  };
};

/** The other end, within the thread. */
export const workerPort = <Incoming, Outgoing>(): Pick<BackgroundWorker<Incoming, Outgoing>, "post" | "onMessage"> => ({
  post: (message) => postMessage(message),
  onMessage: (listener) =>
    addEventListener("message", ((event: MessageEvent) => listener(event.data as Incoming)) as EventListener),
});
