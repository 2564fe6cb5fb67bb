import type { PlannedCall, Receipt } from "../support/receipt.ts";
import { sendCall } from "../support/send-call.ts";

/** Clients that go on calling, whatever becomes of the program; they wait while there is none. */
export interface Clients {
  readonly receipts: readonly Receipt[];
  inFlight(): number;
  /** Lets them call this address. */
  open(url: string): void;
  /** Lets nobody begin another call. */
  pause(): void;
  /** Resolves when all calls under way have ended and nobody begins another. */
  finish(): Promise<void>;
}

export const startClients = (count: number, nextCall: () => PlannedCall): Clients => {
  const receipts: Receipt[] = [];
  let inFlight = 0;
  let isOver = false;
  let gate = Promise.withResolvers<string | null>();
  const client = async (): Promise<void> => {
    for (;;) {
      const url = await gate.promise;
      if (url === null || isOver) return;
      inFlight += 1;
      receipts.push(await sendCall(url, nextCall()));
      inFlight -= 1;
    }
  };
  const clients = Array.from({ length: count }, client);
  return {
    receipts,
    inFlight: () => inFlight,
    open: (url) => gate.resolve(url),
    pause() {
      gate = Promise.withResolvers();
    },
    async finish() {
      isOver = true;
      gate.resolve(null);
      await Promise.all(clients);
    },
  };
};
