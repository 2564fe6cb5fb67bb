import { parseArgs } from "node:util";
import { environmentOf } from "../support/sabotage.ts";
import { chooseSeed } from "../support/seeded-random.ts";
import { printFigures } from "./figures/print-figures.ts";
import { printHangUps } from "./figures/print-hang-ups.ts";
import { printRow } from "./lab/print-matrix.ts";
import { type RunOptions, runRow } from "./lab/run-row.ts";
import type { Row } from "./lab/scenario.ts";
import { everyByteRows } from "./rows/every-byte.ts";
import { rows } from "./rows/index.ts";
import { pairsRow, stormRow } from "./rows/pairs.ts";
import { sabotages } from "./sabotage/sabotages.ts";
import { dialects, type UpstreamDialect } from "./upstream/asked.ts";

// npm run faults -- [--row N[,N…]] [--seed S] [--seeds N] [--short] [--dialect D] [--pairs N] [--storm SECONDS]
//   [--every-byte] [--sabotage NAME|all] [--failures N] [--hang-ups N] [--figures [--calls N]]
// Provokes every fault of the matrix against the real program and checks what the caller, the upstream and the ledger
// say of it. Ends with the line `N passed, N failed`; the exit code tells the same.

const { values } = parseArgs({
  options: {
    row: { type: "string", multiple: true },
    seed: { type: "string" },
    seeds: { type: "string" },
    short: { type: "boolean", default: false },
    dialect: { type: "string", multiple: true },
    pairs: { type: "string" },
    storm: { type: "string" },
    "every-byte": { type: "boolean", default: false },
    sabotage: { type: "string" },
    failures: { type: "string", default: "4" },
    "hang-ups": { type: "string" },
    figures: { type: "boolean", default: false },
    calls: { type: "string", default: "300" },
  },
});

const end = ({ passed, failed }: { passed: number; failed: number }): never => {
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  // Timers of the harness may still wait; nothing does that matters.
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
};

if (values["hang-ups"] !== undefined) end(await printHangUps(Number(values["hang-ups"])));
if (values.figures) end(await printFigures({ calls: Number(values.calls), seed: chooseSeed(values.seed ?? "1") }));

const usualSeeds = 3;
/** Cases that the short form keeps of each scenario and seed: drawn anew with each seed. */
const shortCases = 2;

const seed = chooseSeed(values.seed ?? "1");
const seeds = Array.from({ length: Number(values.seeds ?? usualSeeds) }, (_, place) => seed + place);
const wanted = values.row?.flatMap((text) => text.split(",")).map(Number);
const asked = values.dialect as readonly UpstreamDialect[] | undefined;
for (const dialect of asked ?? [])
  if (!dialects.includes(dialect)) throw new Error(`--dialect ${dialect}: expected one of ${dialects.join(", ")}`);

const options: RunOptions = {
  seeds,
  isShort: values.short,
  ...(asked === undefined ? {} : { dialects: asked }),
  ...(values.short ? { perScenario: shortCases } : {}),
};

process.stdout.write(`seeds ${seeds.join(", ")}${values.short ? ", short form" : ""}\n`);

/** Runs rows one after the other, and tells of each. */
const runAll = async (plans: readonly (readonly [Row, RunOptions])[], shown: number) => {
  let passed = 0;
  let failed = 0;
  for (const [row, rowOptions] of plans) {
    const result = await runRow(row, rowOptions);
    passed += result.passed;
    failed += result.failures.length;
    process.stdout.write(`${printRow(result, shown)}\n`);
  }
  return { passed, failed };
};

/** Each sabotage must be noticed by each of its rows. */
const runSabotages = async (name: string) => {
  const chosen = sabotages.filter((one) => name === "all" || one.name === name);
  if (chosen.length === 0)
    throw new Error(`--sabotage ${name}: expected all, ${sabotages.map((one) => one.name).join(", ")}`);
  const plansOf = (number: number, rowOptions: RunOptions) =>
    rows.filter((row) => row.number === number).map((row) => [row, rowOptions] as const);
  process.stdout.write("the program as it is:\n");
  const faultless = new Map<number, number>();
  for (const number of new Set(chosen.flatMap((one) => one.rows)))
    faultless.set(number, (await runAll(plansOf(number, options), 0)).failed);
  let passed = 0;
  let failed = 0;
  for (const sabotage of chosen) {
    process.stdout.write(`\n${sabotage.name}: ${sabotage.takesOut}\n`);
    const sabotaged: RunOptions = {
      ...options,
      environment: environmentOf(sabotage),
    };
    for (const number of sabotage.rows) {
      const plans = plansOf(number, sabotaged);
      const found = await runAll(plans, 1);
      // A program that does not start would fail every row, and prove nothing.
      const hasRun = found.passed + found.failed > plans.length;
      const isNoticed = hasRun && found.failed > (faultless.get(number) ?? 0);
      if (isNoticed) passed += 1;
      else failed += 1;
      process.stdout.write(`${isNoticed ? "noticed" : "NOT NOTICED"} by row ${number}\n`);
    }
  }
  return { passed, failed };
};

/** Each scenario of these is drawn by itself: it becomes one case. */
const drawnOptions: RunOptions = { ...options, seeds: [seed], perScenario: 1 };
const drawn = [
  ...(values.pairs === undefined ? [] : [pairsRow(seed, Number(values.pairs))]),
  ...(values.storm === undefined ? [] : [stormRow(seed, Number(values.storm))]),
  ...(values["every-byte"] ? everyByteRows(1) : []),
].map((row) => [row, drawnOptions] as const);
/** What has tests of its own runs when it is asked for by number: it is part of `npm test` anyway. */
const isWanted = ({ number, testedBy }: Row): boolean =>
  wanted === undefined ? testedBy === undefined : wanted.includes(number);
const plans = drawn.length > 0 ? drawn : rows.filter(isWanted).map((row) => [row, options] as const);

const { passed, failed } =
  values.sabotage === undefined ? await runAll(plans, Number(values.failures)) : await runSabotages(values.sabotage);
if (plans.length > 1)
  for (const { number, title, testedBy } of rows.filter((row) => row.testedBy !== undefined && !isWanted(row)))
    process.stdout.write(`      ${number}  ${title}: ${testedBy?.join(", ")}\n`);
end({ passed, failed });
