import { readProcess } from "../../support/process-figures.ts";

/** Memory and descriptors of a program while a row runs. */
export interface Watch {
  /** Ends it: waits until the descriptors are back where they were. Gives what speaks against the program. */
  end(limits: { readonly megabytes: number }): Promise<Watched>;
}
export interface Watched {
  readonly faults: readonly { readonly letter: "F" | "M"; readonly text: string }[];
  readonly peakMegabytes: number;
}

const sampleMilliseconds = 25;
const settleMilliseconds = 5_000;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Watches from now on. `openSockets` counts the upstream's open connections. */
export const watchGateway = (pid: number, openSockets: () => number): Watch => {
  const start = readProcess(pid);
  let peakMegabytes = start.megabytes;
  const timer = setInterval(() => {
    try {
      peakMegabytes = Math.max(peakMegabytes, readProcess(pid).megabytes);
    } catch {
      // The process is gone; the run itself finds that out.
    }
  }, sampleMilliseconds);
  const waitForBaseline = async (): Promise<string | undefined> => {
    const until = performance.now() + settleMilliseconds;
    for (;;) {
      const { descriptors } = readProcess(pid);
      if (descriptors <= start.descriptors && openSockets() === 0) return undefined;
      if (performance.now() > until)
        return `5 s later ${descriptors} descriptors are open (${start.descriptors} before), and ${openSockets()} connections to the upstream`;
      await sleep(sampleMilliseconds);
    }
  };
  return {
    async end({ megabytes }) {
      const descriptors = await waitForBaseline();
      clearInterval(timer);
      const grown = peakMegabytes - start.megabytes;
      return {
        peakMegabytes,
        faults: [
          ...(descriptors === undefined ? [] : [{ letter: "F" as const, text: descriptors }]),
          ...(grown > megabytes
            ? [
                {
                  letter: "M" as const,
                  text: `memory rose by ${Math.round(grown)} MB to ${Math.round(peakMegabytes)} MB, allowed are ${megabytes} MB`,
                },
              ]
            : []),
        ],
      };
    },
  };
};
