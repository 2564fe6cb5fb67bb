import { runHangUps } from "../../streams/hang-ups.ts";

/** So many clients leave; prints what came of it. */
export const printHangUps = async (count: number): Promise<{ passed: number; failed: number }> => {
  const { calls, dispatches, unbilled, aborted, abortMilliseconds, settledOnce, seconds, faults } =
    await runHangUps(count);
  const { median, p99, most } = abortMilliseconds;
  const round = (milliseconds: number): string => milliseconds.toFixed(1);
  process.stdout.write(
    [
      `${calls} clients left at every place of a stream (${seconds.toFixed(0)} s)`,
      `  dispatches: ${dispatches}, not billed: ${unbilled}`,
      `  settled exactly once: ${settledOnce} of ${calls}`,
      `  upstreams aborted: ${aborted}; after a median of ${round(median)} ms, p99 ${round(p99)} ms, at most ${round(most)} ms`,
      ...faults.map((fault) => `  FAIL ${fault}`),
      "",
    ].join("\n"),
  );
  return faults.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: faults.length };
};
