import { join } from "node:path";
import { freePort } from "../../support/free-port.ts";
import { type RunningGateway, startGateway } from "../../support/start-gateway.ts";
import type { Received } from "../client/raw-call.ts";
import { rawCall } from "../client/raw-call.ts";
import { readAnswer } from "../client/read-answer.ts";
import { type FaultyUpstream, startFaultyUpstream } from "../upstream/start.ts";
import { type Case, type CaseOutcome, caseName } from "./case-outcome.ts";
import { checkCase } from "./check-case.ts";
import { watchGateway } from "./gateway-watch.ts";
import { readLedger } from "./ledger.ts";
import { readLog } from "./log-entries.ts";
import { configurationFor, makeCases, type Selection } from "./make-cases.ts";
import { runCase } from "./run-case.ts";
import type { Row, SpecialCheck } from "./scenario.ts";

/** What came of a row. */
export interface RowResult {
  readonly row: Row;
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** Letters that were checked. */
  readonly letters: readonly string[];
  /** How often the cases ended how, and what was charged. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly bills: ReadonlyMap<string, number>;
  readonly peakMegabytes: number;
  readonly milliseconds: number;
}
export interface Failure {
  readonly name: string;
  readonly findings: readonly string[];
}

export interface RunOptions extends Selection {
  /** Variables for the program. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly isShort: boolean;
}

const defaultConcurrency = 8;
const defaultMegabytes = 150;

const inTurns = async (
  cases: readonly Case[],
  concurrency: number,
  run: (one: Case) => Promise<void>,
): Promise<void> => {
  const rest = [...cases];
  const work = async (): Promise<void> => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await run(one);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
};

const portOf = ({ url }: RunningGateway): number => Number(new URL(url).port);

const ballastBody = JSON.stringify({ model: "ballast/mock", messages: [{ role: "user", content: "hello" }] });

/** Calls that answer: the first makes the program load what it needs, the others are traffic that allows retries. */
const sendBallast = async (gateway: RunningGateway, count: number): Promise<void> => {
  for (let sent = 0; sent < count; sent += 20)
    await Promise.all(
      Array.from({ length: Math.min(20, count - sent) }, () =>
        rawCall({ port: portOf(gateway), path: "/v1/chat/completions", body: ballastBody }),
      ),
    );
};

interface Ran {
  readonly received: ReadonlyMap<Case, Received>;
  readonly faults: readonly string[];
  readonly peakMegabytes: number;
}

/** The traffic of which further tries are a share is that of the last seconds, so it is sent in portions. */
const casesPerBallast = 48;

/** How long a client's connection may be finished for before the call's own end is looked for. */
const settleMilliseconds = 100;

const runCases = async (
  row: Row,
  cases: readonly Case[],
  { gateway, upstream }: { gateway: RunningGateway; upstream: FaultyUpstream },
): Promise<Ran> => {
  await sendBallast(gateway, 2);
  await new Promise((resolve) => setTimeout(resolve, settleMilliseconds));
  const watch = watchGateway(gateway.pid, () => upstream.open());
  const received = new Map<Case, Received>();
  const portion = row.ballast === undefined ? cases.length : casesPerBallast;
  for (let first = 0; first < cases.length; first += portion) {
    const some = cases.slice(first, first + portion);
    await sendBallast(gateway, some.length * (row.ballast ?? 0));
    await inTurns(some, row.concurrency ?? defaultConcurrency, async (one) => {
      received.set(one, await runCase(one, portOf(gateway)));
    });
  }
  await new Promise((resolve) => setTimeout(resolve, settleMilliseconds));
  const { faults, peakMegabytes } = await watch.end({ megabytes: row.megabytes ?? defaultMegabytes });
  return { received, peakMegabytes, faults: faults.map(({ letter, text }) => `${letter}: ${text}`) };
};

const outcomesOf = (
  ran: Ran,
  { gateway, upstream }: { gateway: RunningGateway; upstream: FaultyUpstream },
): { outcomes: readonly CaseOutcome[]; faults: readonly string[] } => {
  const ledger = readLedger(gateway.dataFolder);
  const log = readLog(gateway.logs());
  const outcomes = [...ran.received].map(([one, received]): CaseOutcome => {
    const calls = ledger.callsOf(one.id);
    return {
      one,
      received,
      answer: readAnswer(one.edge, received),
      dispatches: upstream.journal.of(one.id),
      calls,
      attempts: calls.flatMap(({ id }) => ledger.attemptsOf(id)),
      entries: calls.flatMap(({ id }) => log.callsById.get(id) ?? []),
    };
  });
  return {
    outcomes,
    faults: [
      ...log.faults,
      ...(ledger.openDispatches === 0
        ? []
        : [`L: ${ledger.openDispatches} dispatches are neither settled nor interrupted`]),
      ...upstream.journal.strays.map((stray) => `L: the upstream got a stray request: ${stray}`),
    ],
  };
};

const count = (values: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length]));

const endingOf = ({ received, answer, attempts }: CaseOutcome): string => {
  if (received.ending === "left" || received.ending === "late") return received.ending;
  const targets = new Set(attempts.map(({ model }) => model)).size;
  if (answer.kind === "answer")
    return targets > 1 ? "answered by another target" : attempts.length > 1 ? "answered again" : "answered";
  return `${answer.kind} ${answer.code ?? ""}${answer.text === "" ? "" : " after content"}`.trim();
};

const billOf = ({ calls }: CaseOutcome): string => {
  const [call] = calls;
  if (call === undefined) return "no call";
  const charge = call.charge === 0 ? "0" : call.usageSource;
  return call.charge === call.cost ? charge : `${charge} (cost more)`;
};

/** What came of a row's cases. */
export interface Played {
  readonly outcomes: readonly CaseOutcome[];
  /** What speaks against the program itself. */
  readonly faults: readonly string[];
  readonly peakMegabytes: number;
}

/** Plays a row's cases against the real program; checks none of them. */
export const playScenarios = async (row: Row, options: RunOptions): Promise<Played> => {
  const cases = makeCases(row, options);
  const upstream = await startFaultyUpstream();
  const gateway = await startGateway({
    configuration: configurationFor(row, cases, { upstream, closedPort: await freePort() }),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  try {
    const ran = await runCases(row, cases, { gateway, upstream });
    await gateway.stop();
    const { outcomes, faults } = outcomesOf(ran, { gateway, upstream });
    return { outcomes, faults: [...ran.faults, ...faults], peakMegabytes: ran.peakMegabytes };
  } finally {
    await gateway.dispose();
    await upstream.stop();
  }
};

const runScenarios = async (row: Row, options: RunOptions): Promise<Omit<RowResult, "row" | "milliseconds">> => {
  const { outcomes, faults: own, peakMegabytes } = await playScenarios(row, options);
  const failures = outcomes.flatMap((outcome): Failure[] => {
    const findings = checkCase(outcome).map(({ letter, text }) => `${letter}: ${text}`);
    return findings.length === 0 ? [] : [{ name: caseName(outcome.one), findings }];
  });
  return {
    passed: outcomes.length - failures.length + (own.length === 0 ? 1 : 0),
    failures: own.length === 0 ? failures : [...failures, { name: "the program itself", findings: own }],
    letters: ["L", "1", "F", "M", "O", "A"],
    outcomes: count(outcomes.map(endingOf)),
    bills: count(outcomes.map(billOf)),
    peakMegabytes,
  };
};

const runSpecial = async (row: Row, options: RunOptions): Promise<Omit<RowResult, "row" | "milliseconds">> => {
  const { isShort, environment } = options;
  const found: SpecialCheck[] = [];
  // One after the other: they are about time. The short form is content with one seed.
  for (const seed of isShort ? options.seeds.slice(0, 1) : options.seeds)
    found.push(...((await row.special?.({ seed, isShort, environment })) ?? []));
  return {
    passed: found.filter(({ faults }) => faults.length === 0).length,
    failures: found.flatMap(({ name, faults }) => (faults.length === 0 ? [] : [{ name, findings: faults }])),
    letters: [],
    outcomes: count(found.map(({ outcome }) => outcome)),
    bills: new Map(),
    peakMegabytes: 0,
  };
};

const projectFolder = join(import.meta.dirname, "../../..");

/** Runs one file that proves a row: tests, or a program of its own that says by its exit code how it went. */
const runFile = async (file: string): Promise<{ readonly passed: number; readonly findings: readonly string[] }> => {
  const isTest = file.endsWith(".test.ts");
  const child = Bun.spawn([process.execPath, ...(isTest ? ["test", "--timeout=60000"] : []), `./${file}`], {
    cwd: projectFolder,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const passed = isTest ? Number(/^ *(\d+) pass$/m.exec(errors)?.[1] ?? 0) : Number(code === 0);
  const failures = errors.split("\n").filter((line) => line.startsWith("(fail)"));
  if (code === 0) return { passed, findings: [] };
  return { passed, findings: failures.length > 0 ? failures : [(output + errors).slice(-500)] };
};

const runProofs = async (row: Row): Promise<Omit<RowResult, "row" | "milliseconds">> => {
  let passed = 0;
  const failures: { name: string; findings: readonly string[] }[] = [];
  // One after the other: some of them need the whole machine.
  for (const file of row.testedBy ?? []) {
    const result = await runFile(file);
    passed += result.passed;
    if (result.findings.length > 0) failures.push({ name: file, findings: result.findings });
  }
  return { passed, failures, letters: [], outcomes: new Map(), bills: new Map(), peakMegabytes: 0 };
};

/** Runs one row and checks it. */
export const runRow = async (row: Row, options: RunOptions): Promise<RowResult> => {
  const began = performance.now();
  const run = row.testedBy !== undefined ? runProofs : row.special !== undefined ? runSpecial : runScenarios;
  try {
    const result = await run(row, options);
    return { row, ...result, milliseconds: performance.now() - began };
  } catch (error) {
    const findings = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    return {
      row,
      passed: 0,
      failures: [{ name: "the row could not be run", findings }],
      letters: [],
      outcomes: new Map(),
      bills: new Map(),
      peakMegabytes: 0,
      milliseconds: performance.now() - began,
    };
  }
};
