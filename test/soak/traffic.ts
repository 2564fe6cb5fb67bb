import {
  answered,
  cut,
  type Draw,
  leftBefore,
  leftWithin,
  malformed,
  refused,
  withoutUsage,
} from "../support/drawn-calls.ts";
import type { PlannedCall, Receipt } from "../support/receipt.ts";
import { sendCall } from "../support/send-call.ts";

/** Everything that clients and upstreams do, in shares that keep all of it going at once. */
export const soakMix: readonly Draw[] = [
  answered(62, 250),
  withoutUsage(4),
  refused(4, [400, 404, 429, 500, 503]),
  cut(3),
  malformed(5),
  leftBefore(9),
  leftWithin(13),
];

export interface TrafficOptions {
  readonly url: string;
  readonly concurrency: number;
  readonly nextCall: () => PlannedCall;
  readonly isOver: () => boolean;
}

/** So many clients, each of which makes one call after the other until it is over. */
export const runTraffic = async ({
  url,
  concurrency,
  nextCall,
  isOver,
}: TrafficOptions): Promise<readonly Receipt[]> => {
  const receipts: Receipt[] = [];
  const client = async (): Promise<void> => {
    while (!isOver()) receipts.push(await sendCall(url, nextCall()));
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return receipts;
};
