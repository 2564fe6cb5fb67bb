import { copyFileSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openLedger } from "../../support/ledger-rows.ts";
import { type RunningGateway, startGateway } from "../../support/start-gateway.ts";
import { bodyOf } from "../client/edges.ts";
import { type Received, rawCall } from "../client/raw-call.ts";
import { readAnswer } from "../client/read-answer.ts";
import { openPrivateDisk, type PrivateDisk } from "../lab/private-disk.ts";
import type { Bench, Row, SpecialCheck } from "../lab/scenario.ts";
import { type FaultyUpstream, startFaultyUpstream } from "../upstream/start.ts";

const program = resolve(import.meta.dirname, "../../../src/main.ts");
const openStreams = 6;
const refusals = 20;
const mostMilliseconds = 10_000;
const mostBackMilliseconds = 2_000;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Which of the two keeps its files on the small disk. */
type Kept = "journal" | "database";
const kilobytesOf: Readonly<Record<Kept, number>> = { journal: 512, database: 65_536 };

interface Lab {
  readonly gateway: RunningGateway;
  readonly upstream: FaultyUpstream;
  readonly disk: PrivateDisk;
  /** Where the disk is mounted. */
  readonly folder: string;
  readonly kept: Kept;
  start(): Promise<RunningGateway>;
  dispose(): Promise<void>;
}

const openLab = async (bench: Bench, kept: Kept): Promise<Lab | string> => {
  const dataFolder = mkdtempSync(join(tmpdir(), "intellirouter-disk-"));
  const folder = join(dataFolder, kept === "journal" ? "journal" : "disk");
  mkdirSync(folder);
  const disk = await openPrivateDisk(folder, kilobytesOf[kept]);
  if (typeof disk === "string") return disk;
  const upstream = await startFaultyUpstream();
  const start = (): Promise<RunningGateway> =>
    startGateway({
      configuration: {
        providers: { lab: { kind: "openai-compatible", baseUrl: upstream.baseUrl("openai"), apiKey: "none" } },
        logging: { format: "json" },
        ledger: { foldMilliseconds: 20 },
      },
      dataFolder,
      command: [...disk.within, process.execPath, program],
      environment: {
        ...bench.environment,
        ...(kept === "database" ? { SQLITE_DB_PATH: join(folder, "intellirouter.db") } : {}),
      },
    });
  const gateway = await start();
  return {
    gateway,
    upstream,
    disk,
    folder,
    kept,
    start,
    async dispose() {
      await gateway.dispose();
      await upstream.stop();
      await disk.dispose();
    },
  };
};

/** Names of the calls, so that what the upstream saw of each can be counted. */
let calls = 0;

const ask = async ({ url }: RunningGateway, does = "", words = 6): Promise<{ call: string; received: Received }> => {
  const call = `disk${++calls}`;
  const body = bodyOf("openai", {
    model: `lab/${does}${does === "" ? "" : "--"}${call}`,
    isStreamed: does !== "",
    withTools: false,
    directive: { call, seed: calls, words },
  });
  const received = await rawCall({ port: Number(new URL(url).port), path: "/v1/chat/completions", body });
  return { call, received };
};
type Asked = Awaited<ReturnType<typeof ask>>;

const codeOf = ({ received }: Asked): string | null => readAnswer("openai", received).code;
const isRefused = (asked: Asked): boolean => asked.received.status === 503 && codeOf(asked) === "storage_unavailable";

/** Asks until the answer is as wanted, or for too long; all that was asked on the way. */
const askUntil = async (gateway: RunningGateway, isWanted: (asked: Asked) => boolean): Promise<readonly Asked[]> => {
  const all: Asked[] = [];
  const until = performance.now() + mostMilliseconds;
  while (performance.now() < until) {
    const asked = await ask(gateway);
    all.push(asked);
    if (isWanted(asked)) return all;
  }
  return all;
};

interface BookRow {
  readonly id: string;
  readonly outcome: string;
  readonly model: string;
  readonly attempts: number;
}

/** A database on the small disk is copied out: SQLite resolves the way to it, and would look in the wrong place. */
const bring = ({ disk, folder, kept, gateway }: Lab): void => {
  if (kept === "journal") return;
  for (const suffix of ["", "-wal"]) {
    const from = disk.outside(join(folder, `intellirouter.db${suffix}`));
    if (existsSync(from)) copyFileSync(from, join(gateway.dataFolder, `intellirouter.db${suffix}`));
  }
};

const booksOf = (folder: string): { rows: readonly BookRow[]; open: number } => {
  const database = openLedger(folder);
  try {
    const rows = database
      .query<BookRow, []>(
        `SELECT id, outcome, requested_model AS model,
          (SELECT COUNT(*) FROM attempts WHERE call_id = calls.id) AS attempts FROM calls`,
      )
      .all();
    const open = database.query<{ count: number }, []>("SELECT COUNT(*) AS count FROM open_dispatches").get();
    return { rows, open: open?.count ?? 0 };
  } finally {
    database.close();
  }
};

/** What was answered is in the ledger, once; each dispatch has its attempt; each open stream its row. */
const checkBooks = (lab: Lab, asked: readonly Asked[]): readonly string[] => {
  const { upstream, gateway } = lab;
  bring(lab);
  const { rows, open } = booksOf(gateway.dataFolder);
  const faults: string[] = open === 0 ? [] : [`${open} dispatches are neither settled nor interrupted`];
  for (const one of asked) {
    const own = rows.filter(({ model }) => model.endsWith(`/${one.call}`) || model.endsWith(`--${one.call}`));
    const dispatches = upstream.journal.of(one.call).length;
    const attempts = own.reduce((sum, row) => sum + row.attempts, 0);
    if (own.length > 1) faults.push(`${one.call} has ${own.length} rows`);
    if (attempts !== dispatches) faults.push(`${one.call}: ${dispatches} dispatches, ${attempts} attempts`);
    const { kind } = readAnswer("openai", one.received);
    if (kind === "answer" && own[0]?.outcome !== "ok") faults.push(`${one.call} was answered: ${own[0]?.outcome}`);
    if (kind === "unfinished" || kind === "nothing") faults.push(`${one.call} ended without an ending`);
  }
  return rows.length === 0 ? [...faults, "the ledger is empty"] : faults;
};

/** Of a process that lived on, nothing is guessed: what each call cost was known all the time. */
const interruptedIn = ({ gateway }: Lab): readonly string[] => {
  const guessed = booksOf(gateway.dataFolder).rows.filter(({ outcome }) => outcome === "interrupted");
  return guessed.length === 0 ? [] : [`${guessed.length} calls were settled as interrupted`];
};

/** Calls that the program counts as under way. */
const underWay = async ({ url }: RunningGateway): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`, { keepalive: false })).text();
  return Number(/^intellirouter_in_flight (\S+)$/m.exec(text)?.[1] ?? Number.NaN);
};

const skipped = (name: string, reason: string): SpecialCheck => ({ name, outcome: `skipped: ${reason}`, faults: [] });

const shrink = `import { Database } from "bun:sqlite"; const database = new Database(process.argv.at(-1));
database.exec("PRAGMA busy_timeout = 5000; PRAGMA wal_checkpoint(TRUNCATE)"); database.close();`;

/** Shrinks the database's log of writes to nothing, so that the next write needs room. */
const emptyLog = async ({ disk, folder }: Lab): Promise<void> => {
  const command = [...disk.within, process.execPath, "-e", shrink, join(folder, "intellirouter.db")];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  if ((await child.exited) !== 0) throw new Error(await new Response(child.stderr).text());
};

/** The disk is full with streams open; then there is room again, and the same process goes on. */
const full = async (bench: Bench, kept: Kept): Promise<SpecialCheck> => {
  const name = `${kept}'s disk full`;
  const lab = await openLab(bench, kept);
  if (typeof lab === "string") return skipped(name, lab);
  try {
    const { gateway, disk, upstream } = lab;
    const asked: Asked[] = [await ask(gateway), await ask(gateway)];
    const streams = Array.from({ length: openStreams }, () => ask(gateway, "pace-60", 40));
    await sleep(300);
    if (kept === "database") await emptyLog(lab);
    disk.fill();
    const filling = await askUntil(gateway, isRefused);
    const before = upstream.journal.dispatches.length;
    const refused: Asked[] = [];
    while (refused.length < refusals) refused.push(await ask(gateway));
    const dispatched = upstream.journal.dispatches.length - before;
    const ended = await Promise.all(streams);
    const answered = ended.filter(({ received }) => readAnswer("openai", received).kind === "answer").length;
    const roomAt = performance.now();
    disk.free();
    const back = await askUntil(gateway, ({ received }) => received.status === 200);
    asked.push(...filling, ...back);
    const backAfter = Math.round(performance.now() - roomAt);
    await sleep(mostBackMilliseconds / 4);
    const left = await underWay(gateway);
    const stoppedAt = performance.now();
    await gateway.stop();
    const stopped = performance.now() - stoppedAt;
    return {
      name,
      outcome: `${kept}: refused before dispatch, ${answered} of ${openStreams} open streams whole, the others told; then back`,
      faults: [
        ...(refused.every(isRefused) ? [] : ["a call was not refused with 503 storage_unavailable"]),
        ...(backAfter < mostBackMilliseconds && back.at(-1)?.received.status === 200
          ? []
          : [`there is room again, and after ${backAfter} ms the answer is ${back.at(-1)?.received.status}`]),
        ...(dispatched === 0 ? [] : [`${dispatched} refused calls were dispatched`]),
        ...(left === 0 ? [] : [`${left} calls count as under way though all have ended`]),
        ...(stopped < 4_000 ? [] : [`the end took ${Math.round(stopped)} ms: something was waited for in vain`]),
        ...checkBooks(lab, [...asked, ...refused, ...ended]),
        ...interruptedIn(lab),
      ],
    };
  } finally {
    await lab.dispose();
  }
};

/** The same, and the process is killed before there is room: the next one finds what was dispatched. */
const killed = async (bench: Bench): Promise<SpecialCheck> => {
  const name = "journal's disk full, then kill -9";
  const lab = await openLab(bench, "journal");
  if (typeof lab === "string") return skipped(name, lab);
  let second: RunningGateway | undefined;
  try {
    const { gateway, disk } = lab;
    const asked: Asked[] = [await ask(gateway)];
    const streams = Array.from({ length: openStreams }, () => ask(gateway, "pace-60", 40));
    await sleep(300);
    disk.fill();
    asked.push(...(await askUntil(gateway, isRefused)), ...(await Promise.all(streams)));
    await gateway.kill("SIGKILL");
    disk.free();
    second = await lab.start();
    asked.push(await ask(second));
    await second.stop();
    return { name, outcome: "killed while full: nothing lost, nothing twice", faults: checkBooks(lab, asked) };
  } finally {
    await second?.dispose();
    await lab.dispose();
  }
};

/** The disk refuses to confirm what was written: with `durability: power` the program ends, and says why. */
const unconfirmed = async (bench: Bench): Promise<SpecialCheck> => {
  const name = "fsync fails";
  if (Bun.which("strace") === null) return skipped(name, "it takes strace");
  const gateway = await startGateway({
    configuration: { discovery: { mock: true }, ledger: { durability: "power" }, logging: { format: "json" } },
    ...(bench.environment === undefined ? {} : { environment: bench.environment }),
  });
  const port = Number(new URL(gateway.url).port);
  const body = JSON.stringify({ model: "mock/mock-echo", messages: [{ role: "user", content: "hello" }] });
  const send = (): Promise<Received> => rawCall({ port, path: "/v1/chat/completions", body, limitMilliseconds: 5_000 });
  const tracer = { pid: 0, kill: (): void => undefined };
  try {
    const first = await send();
    const strace = Bun.spawn(
      ["strace", "-f", "-qq", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO", "-p", String(gateway.pid)],
      { stdin: "ignore", stdout: "ignore", stderr: "pipe" },
    );
    tracer.kill = () => strace.kill("SIGKILL");
    await sleep(1_000);
    if (strace.exitCode !== null) return skipped(name, (await new Response(strace.stderr).text()).trim());
    const at = performance.now();
    const second = await send();
    const until = at + 8_000;
    const isThere = (): boolean => {
      try {
        process.kill(gateway.pid, 0);
        return true;
      } catch {
        return false;
      }
    };
    while (isThere() && performance.now() < until) await sleep(20);
    const took = Math.round(performance.now() - at);
    return {
      name,
      outcome: isThere() ? "the program goes on" : "no answer without a confirmed record, and the program ends",
      faults: [
        ...(first.status === 200 ? [] : [`before the fault the answer was ${first.status}`]),
        ...(second.status === 200 ? ["a call was answered though its record was not confirmed"] : []),
        ...(isThere() ? [`the program still runs after ${took} ms`] : []),
        ...(/EIO/.test(gateway.logs()) ? [] : ["nothing in the output says why it ended"]),
      ],
    };
  } finally {
    tracer.kill();
    await gateway.dispose();
  }
};

export const fullDisk: readonly Row[] = [
  {
    number: 38,
    title: "a full disk, a disk that confirms nothing",
    bill: "U",
    special: async (bench) => [
      await full(bench, "journal"),
      await full(bench, "database"),
      ...(bench.isShort ? [] : [await killed(bench)]),
      await unconfirmed(bench),
    ],
  },
];
