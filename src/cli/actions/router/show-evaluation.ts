import type { CostPoint } from "../../../routing/learned/metrics/cost-curve.ts";
import type { CurveFigures, Evaluation, Figure } from "../../../routing/learned/metrics/evaluation.ts";
import type { CliContext } from "../../context.ts";
import { formatCount } from "../../output/quantities.ts";

const percent = (share: number | null): string => (share === null ? "–" : `${(share * 100).toFixed(1)} %`);
const perThousand = (usd: number): string => (usd * 1_000).toFixed(4);
const decimals = (value: number | null): string => (value === null ? "–" : value.toFixed(3));
const between = ({ low, high }: Figure, format: (value: number) => string): string =>
  `${format(low)} – ${format(high)}`;

const right = (title: string) => ({ title, align: "right" }) as const;

const policyTable = ({ policy, baselines }: Evaluation, { table }: CliContext): string => {
  const { best, oracle } = baselines;
  const constant = (name: string, point: CostPoint) => [
    name,
    percent(point.quality),
    "",
    perThousand(point.cost),
    percent(best.quality === 0 ? null : point.quality / best.quality),
    percent(best.cost === 0 ? null : 1 - point.cost / best.cost),
    "",
  ];
  return table({
    columns: [
      { title: "POLICY" },
      right("QUALITY"),
      right("95 % INTERVAL"),
      right("USD/1,000"),
      right("KEPT"),
      right("SAVED"),
      right("95 % INTERVAL"),
    ],
    rows: [
      [
        { text: "router", style: "bold" },
        percent(policy.quality.value),
        between(policy.quality, percent),
        perThousand(policy.cost.value),
        percent(policy.kept.value),
        percent(policy.saved.value),
        between(policy.saved, percent),
      ],
      constant(`best: ${best.model}`, best),
      constant(`cheapest: ${baselines.cheapest.model}`, baselines.cheapest),
      constant("random", baselines.random),
      constant("oracle", oracle),
    ],
    empty: "",
  });
};

const curveRow = (name: string, { aiq, saved }: CurveFigures) => [
  name,
  decimals(aiq),
  ...saved.map((one) => percent(one.saved)),
];

const curveTable = ({ curve, zeroRouter }: Evaluation, { table }: CliContext): string =>
  table({
    columns: [
      { title: "CURVE" },
      right("AIQ"),
      ...curve.saved.map(({ share }) => right(`SAVED @ ${Math.round(share * 100)} %`)),
    ],
    rows: [curveRow("one model per query", curve), curveRow("zero router", zeroRouter)],
    empty: "",
  });

const modelTable = ({ models, baselines }: Evaluation, { table }: CliContext): string =>
  table({
    columns: [
      { title: "MODEL" },
      right("QUALITY"),
      right("USD/1,000"),
      right("BRIER"),
      right("ECE"),
      right("EXPECTED/PAID"),
    ],
    rows: models.map(({ model, brier, ece, costRatio }) => {
      const constant = baselines.constants.find((one) => one.model === model);
      return [
        model,
        percent(constant?.quality ?? null),
        constant === undefined ? "–" : perThousand(constant.cost),
        decimals(brier),
        decimals(ece),
        decimals(costRatio),
      ];
    }),
    empty: "",
  });

const pairLine = ({ pair }: Evaluation): string => {
  const apgr = pair.apgr === null ? "–" : `${decimals(pair.apgr.value)} (${between(pair.apgr, decimals)})`;
  const cpt = pair.cpt.map(({ recovered, share }) => `CPT(${percent(recovered)}) ${percent(share)}`).join(", ");
  return `${pair.weak} → ${pair.strong}: APGR ${apgr}, ${cpt}`;
};

/** An evaluation as people read it. */
export const showEvaluation = (evaluation: Evaluation, context: CliContext): string => {
  const { policy, rows, microseconds, baselines, bestChosenOn } = evaluation;
  const kinds = Object.entries(policy.kinds).map(([kind, share]) => `${kind} ${percent(share)}`);
  return [
    `${formatCount(rows)} rows, ${evaluation.models.length} models; the best constant, ${baselines.best.model}, was chosen on ${bestChosenOn}`,
    "",
    policyTable(evaluation, context),
    `oracle gap recovered ${percent(policy.oracleGapRecovered)}, RouterArena score ${decimals(policy.routerArena)}, ` +
      `${policy.callsPerQuery.toFixed(2)} calls per query (${kinds.join(", ")})`,
    ...(microseconds === null
      ? []
      : [`decision p50 ${microseconds.p50.toFixed(1)} µs, p99 ${microseconds.p99.toFixed(1)} µs`]),
    pairLine(evaluation),
    "",
    curveTable(evaluation, context),
    modelTable(evaluation, context),
  ].join("\n");
};
