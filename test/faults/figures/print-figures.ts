import { cutPlans, measureCutStreams } from "./cut-streams.ts";
import { deaths, measureDeadTarget } from "./dead-target.ts";

const mostErrorShare = 0.001;
const mostAmplification = 1.2;
/** A share below a thousandth cannot be seen in fewer calls. */
const deadTargetFactor = 7;

interface Line {
  readonly text: string;
  readonly faults: readonly string[];
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;

const deadLine = async (plan: Parameters<typeof measureDeadTarget>[0]): Promise<Line> => {
  const { dies, strategy, calls, failed, attempts, dispatches } = await measureDeadTarget(plan);
  const amplification = attempts / calls;
  return {
    text:
      `one of two targets dead (${dies}, ${strategy}): ${calls} calls, ${percent(failed, calls)} failed, ` +
      `${amplification.toFixed(3)} attempts and ${(dispatches / calls).toFixed(3)} requests per call`,
    faults: [
      ...(failed / calls < mostErrorShare ? [] : [`${failed} of ${calls} calls failed`]),
      ...(amplification <= mostAmplification ? [] : [`${amplification.toFixed(3)} attempts per call`]),
    ],
  };
};

const cutLine = async (plan: (typeof cutPlans)[number], options: { calls: number; seed: number }): Promise<Line> => {
  const { calls, whole, rescued, prefilled, told, deceived, others, faults } = await measureCutStreams(plan, options);
  const { name, rescue, edge } = plan;
  return {
    text:
      `every stream cut, the fallback ${name} (rescue: ${rescue}${edge === undefined ? "" : `, ${edge} clients`}): ` +
      `${calls} calls, ${percent(whole, calls)} whole (${rescued} rescued, ${prefilled} by prefill), ${percent(told, calls)} told of the ` +
      `error, ${deceived} cut answers that looked finished`,
    faults: [
      ...(deceived === 0 ? [] : [`${deceived} answers look finished and are not whole`]),
      ...(others === 0 ? [] : [`${others} calls ended with neither an answer nor an error`]),
      ...(plan.mustBeWhole && whole < calls ? [`${calls - whole} of ${calls} answers are not whole`] : []),
      ...faults,
    ],
  };
};

/** Measures what the reliability page states; prints a line for each figure. */
export const printFigures = async (options: {
  readonly calls: number;
  readonly seed: number;
}): Promise<{ passed: number; failed: number }> => {
  let passed = 0;
  let failed = 0;
  const show = ({ text, faults }: Line): void => {
    if (faults.length === 0) passed += 1;
    else failed += 1;
    const verdict = faults.length === 0 ? "pass" : "FAIL";
    process.stdout.write([`${verdict}  ${text}`, ...faults.map((fault) => `        ${fault}`), ""].join("\n"));
  };
  process.stdout.write(`seed ${options.seed}\n`);
  for (const dies of deaths)
    for (const strategy of ["priority", "weighted"] as const)
      show(await deadLine({ dies, strategy, calls: options.calls * deadTargetFactor }));
  for (const plan of cutPlans) show(await cutLine(plan, options));
  return { passed, failed };
};
