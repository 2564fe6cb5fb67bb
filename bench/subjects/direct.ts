import { plainDestination, type Subject, type UpstreamAddress } from "./subject.ts";

/** Nothing in between. */
export const startDirect = async ({ port, trust }: UpstreamAddress): Promise<Subject> => ({
  name: "direct",
  destination: { ...plainDestination(port), ...(trust === undefined ? {} : { trust }) },
  pids: [],
  stop: async () => undefined,
});
