import { parseArgs } from "node:util";
import { adoptVariables } from "../../src/runtime/launch-variables.ts";
import { describeChecks, haveFailed } from "../../test/support/checks.ts";
import { environmentOf } from "../../test/support/sabotage.ts";
import { chooseSeed, SeededRandom } from "../../test/support/seeded-random.ts";
import { startUpstream } from "../../test/upstream/start.ts";
import { judge } from "./judge.ts";
import { readMoneyRows } from "./money-rows.ts";
import { type Kill, openRaces, type Race, type Races } from "./race.ts";
import { sabotages } from "./sabotages.ts";
import { readStandings } from "./standings.ts";

const usage = `Usage: npm run bench:money -- [--races 100] [--calls 1000] [--seed N]
       [--sabotage ${sabotages.map(({ name }) => name).join(" | ")} | all]

Races of many calls for one key's money, over two processes: clients leave, the upstream fails, processes are killed.
Then the upstream's own journal, the ledger, the budgets and the limits must agree. Every tenth race is for a limit on
calls in place of money. Ends with 1 where they do not. A sabotage takes one mechanism out of the program, so the run
must fail; \`all\` tries each, and ends with 1 where one was not noticed.`;

adoptVariables();
const { values } = parseArgs({
  options: {
    races: { type: "string", default: "100" },
    calls: { type: "string", default: "1000" },
    seed: { type: "string" },
    sabotage: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const chosen = sabotages.find(({ name }) => name === values.sabotage);
const isKnown = values.sabotage === undefined || values.sabotage === "all" || chosen !== undefined;
if (values.help || !isKnown) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const calls = Number(values.calls);
const wanted = Number(values.races);
const seed = chooseSeed(values.seed);

/** Every fourth race loses a worker, every eleventh the whole program. */
const killIn = (number: number): Kill => {
  if (number % 11 === 10) return "program";
  return number % 4 === 3 ? "worker" : "nothing";
};

const runRaces = async (environment: Readonly<Record<string, string>>) => {
  const random = new SeededRandom(seed);
  const upstream = await startUpstream();
  const opened: Races[] = [];
  const open = async (kind: Race["kind"]): Promise<Races> => {
    const races = await openRaces({ kind, baseUrl: upstream.baseUrl, calls, random, environment });
    opened.push(races);
    return races;
  };
  try {
    const races: Race[] = [];
    const forLimits = Math.ceil(wanted / 10);
    const money = await open("budget");
    for (let number = 0; number < wanted - forLimits; number++) races.push(await money.run(number, killIn(number)));
    await Bun.sleep(1_500);
    const standings = await readStandings(money);
    await money.restart();
    const standingsAfterRestart = await readStandings(money);
    await money.stop();
    const counts = await open("limit");
    for (let number = 0; number < forLimits; number++)
      races.push(await counts.run(wanted - forLimits + number, number % 3 === 2 ? "worker" : "nothing"));
    await counts.stop();
    const [first, second] = [readMoneyRows(money.dataFolder), readMoneyRows(counts.dataFolder)];
    const ledger = {
      calls: [...first.calls, ...second.calls],
      attempts: [...first.attempts, ...second.attempts],
      differentCalls: [...first.differentCalls, ...second.differentCalls],
    };
    return judge({ races, dispatches: upstream.dispatches(), ledger, standings, standingsAfterRestart });
  } finally {
    for (const races of opened) await races.dispose();
    await upstream.stop();
  }
};

console.log(`money: ${wanted} races of ${calls} calls, --seed ${seed}`);
const began = performance.now();
/** One run, told in full. */
const runOnce = async (environment: Readonly<Record<string, string>>): Promise<void> => {
  const checks = await runRaces(environment);
  console.log(`${Math.round((performance.now() - began) / 1_000)} s`);
  console.log(describeChecks(checks));
  process.exitCode = haveFailed(checks) ? 1 : 0;
};

const runAll = async (): Promise<void> => {
  let unnoticed = 0;
  for (const sabotage of sabotages) {
    const checks = await runRaces(environmentOf(sabotage));
    const failed = checks.filter(({ faults }) => faults.length > 0).map(({ name }) => name);
    if (failed.length === 0) unnoticed += 1;
    const outcome = failed.length > 0 ? "noticed" : "NOT NOTICED";
    console.log(`${outcome}  ${sabotage.name}: ${sabotage.takesOut} (${failed.join("; ")})`);
  }
  console.log(`${sabotages.length - unnoticed} passed, ${unnoticed} failed`);
  process.exitCode = unnoticed === 0 ? 0 : 1;
};

if (values.sabotage === "all") await runAll();
else await runOnce(chosen === undefined ? {} : environmentOf(chosen));
// Connections that clients left may keep the runtime up for a while.
process.exit();
