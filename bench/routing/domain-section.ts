import { mean, outcomeTable } from "../../src/routing/learned/metrics/outcome-table.ts";
import { trainRouter } from "../../src/routing/learned/train.ts";
import { trainingRowOf } from "../../src/routing/learned/training-row.ts";
import { emptyValidation, judge, keeps, type Outcome } from "./cross-validate.ts";
import { judgeSection, percent, type RoutingSection, type SectionBar } from "./section.ts";
import { nineModels, readSet } from "./sets.ts";

const points = (share: number): string => (share * 100).toFixed(2);

/** Trains on two tasks of zeroeval and answers a third, of which nothing was seen. */
export const domainSection = (task: string): RoutingSection => {
  const rows = readSet("zeroeval");
  const held = rows.filter((row) => row.task === task);
  const models = nineModels;
  const model = trainRouter(rows.filter((row) => row.task !== task).map(trainingRowOf), { models });
  const validated = emptyValidation(models, held.length);
  judge(model, held, { into: validated, places: held.map((_, at) => at), models });
  const table = outcomeTable(held, [...models]);
  const hindsight = Math.max(...table.quality.map(mean));
  const trained = mean(validated.best.quality);
  const bars: SectionBar[] = [];
  const lines = (["singles", "cascades"] as const).flatMap((kinds) =>
    keeps.map((keep) => {
      const { quality, cost } = validated.policies.get(`${kinds} ${keep}`) as Outcome;
      const [gained, overHindsight] = [mean(quality) - trained, mean(quality) - hindsight];
      bars.push({ name: `${kinds}, keep ${keep}: over the best in training`, value: gained, atLeast: -0.01 });
      // One model for an unknown domain cannot be picked by hindsight; a vote can reach it.
      if (kinds === "cascades" && task === "math-l5")
        bars.push({ name: `${kinds}, keep ${keep}: over the best in hindsight`, value: overHindsight, atLeast: -0.01 });
      return [
        `${kinds} ${keep}${keep === 0.99 ? " (usual)" : ""}`,
        percent(mean(quality)),
        points(gained),
        points(overHindsight),
        percent(1 - mean(cost) / mean(validated.best.cost)),
      ];
    }),
  );
  return judgeSection({
    title: `an unknown domain: ${task}`,
    about: `Trained on the other tasks of zeroeval. The best model in training has ${percent(trained)} here, the best in hindsight ${percent(hindsight)}.`,
    tables: [
      {
        columns: ["keep", "quality %", "over best in training, points", "over best in hindsight", "saved %"],
        rows: lines,
      },
    ],
    bars,
  });
};
