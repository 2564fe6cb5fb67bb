import { type Bench, measure } from "./compare.ts";
import { streamsOpen, wholeClosed } from "./scenarios.ts";
import type { Subject } from "./subjects/subject.ts";

/**
 * Calls that count for nothing: a runtime that compiles what is used often is measured once it has. What a call costs
 * falls for about 40,000 calls, by a sixth from where it is after the first 10,000. Gives how many whole calls there were.
 */
export const warmUp = async (bench: Bench, subject: Subject): Promise<number> => {
  const seconds = subject.name === "nginx" ? 0.3 : 6;
  const { calls } = await measure(bench, subject, { ...wholeClosed, warmUpSeconds: 0, seconds });
  await measure(bench, subject, { ...streamsOpen, connections: 100, warmUpSeconds: 0, seconds: seconds / 3 });
  return calls;
};
