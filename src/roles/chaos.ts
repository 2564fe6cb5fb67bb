import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerText } from "../chaos/answer-text.ts";
import { closedAddress, type FaultUpstream, type StandIn, startFaultUpstream } from "../chaos/fault-upstream.ts";
import { type FaultName, faultNames } from "../chaos/faults.ts";
import { seededRandom, seedFor } from "../chaos/random.ts";
import { readReply } from "../chaos/read-reply.ts";
import type { ChaosReport, ChaosRoute, ChaosRow } from "../chaos/report.ts";
import { defaultScale, scaleTimeouts } from "../chaos/scale.ts";
import type { ChaosOptions, LocalOptions } from "../cli/roles.ts";
import { GatewayError } from "../core/errors.ts";
import { type ChaosAnswer, type ChaosStorage, type ChaosTarget, makeChaosCall } from "./chaos-call.ts";
import { type ChaosConfiguration, readChaosConfiguration, redirect, silencesOf } from "./chaos-configuration.ts";
import { openDataFolder } from "./data-folder.ts";
import { openStorage } from "./open-storage.ts";

/** A strategy that chooses by chance is asked again until it chooses the broken target first. */
const mostTries = 12;

interface Run extends ChaosStorage, Omit<ChaosReport, "routes" | "notes"> {
  readonly configuration: ChaosConfiguration;
  readonly upstream: FaultUpstream;
}

interface Cell {
  readonly route: string;
  readonly fault: ChaosRow["fault"];
  /** The id of the target that is broken; null where none is, or all are. */
  readonly broken: string | null;
}

const standInsOf = (targets: readonly ChaosTarget[], { fault, broken }: Cell, { answers }: Run) =>
  new Map(
    targets.map(({ target: { id }, provider, prefill }, index): readonly [string, StandIn] => [
      id,
      {
        id,
        dialect: provider.dialect,
        text: answerText(answers === "alike" ? 0 : index),
        prefill: prefill ?? "echoes",
        ...(id === broken ? { fault: fault as FaultName } : {}),
      },
    ]),
  );

/** Targets that the upstream was asked for more often than the ledger says. */
const unrecordedOf = (asked: readonly (string | null)[], record: ChaosAnswer["record"]): readonly string[] =>
  [...Map.groupBy(asked, (id) => id ?? "a target of no route")]
    .filter(([id, all]) => all.length > (record?.attempts.filter(({ target }) => target === id).length ?? 0))
    .map(([id]) => id);

interface Seen extends ChaosAnswer {
  readonly cell: Cell;
  /** Every text that a target answers with. */
  readonly texts: ReadonlySet<string>;
  /** Whom the upstream was asked for. */
  readonly upstreamCalls: readonly (string | null)[];
}

const rowOf = ({ cell, asked, record, texts, upstreamCalls }: Seen): ChaosRow => {
  const read = readReply(asked, texts);
  const attempts = record?.attempts ?? [];
  const isMet = cell.broken === null || attempts.some(({ target }) => target === cell.broken);
  return {
    fault: cell.fault,
    ending: isMet ? read.ending : "unmet",
    status: asked.status,
    errorCode: read.errorCode,
    characters: read.text.length,
    target: record?.target ?? null,
    isRescued: read.isRestarted || attempts.filter(({ delivered }) => delivered).length > 1,
    attempts: attempts.map(({ target, errorCode }) => ({ target, errorCode })),
    milliseconds: Math.round(asked.milliseconds),
    chargePicoUsd: record?.chargePicoUsd ?? null,
    unrecorded: unrecordedOf(upstreamCalls, record),
  };
};

/** One call under one fault. */
const runCell = async (run: Run, cell: Cell): Promise<ChaosRow> => {
  const { upstream, configuration, timeoutScale, form, seed } = run;
  const closed = await closedAddress();
  const isClosed = (provider: string): boolean =>
    cell.fault === "all-refused" || (cell.fault === "refused" && cell.broken?.startsWith(`${provider}/`) === true);
  let texts: ReadonlySet<string> = new Set();
  const answer = await makeChaosCall({
    ...run,
    route: cell.route,
    form,
    loaded: redirect(configuration, {
      route: cell.route,
      scale: timeoutScale,
      headers: cell.fault === "silent" ? "scaled" : "as configured",
      originOf: (provider) => (isClosed(provider) ? closed : upstream.url),
    }),
    allowed: [upstream.url, closed],
    onTargets(found) {
      const targets = standInsOf(found, cell, run);
      texts = new Set([...targets.values()].map(({ text }) => text));
      upstream.plan({ targets, random: seededRandom(seedFor(seed, `${cell.route} ${cell.fault}`)) });
    },
  });
  return rowOf({ ...answer, cell, texts, upstreamCalls: [...upstream.asked()] });
};

const runFault = async (run: Run, cell: Cell): Promise<ChaosRow> => {
  let row = await runCell(run, cell);
  for (let tries = 1; row.ending === "unmet" && tries < mostTries; tries++) row = await runCell(run, cell);
  return row;
};

const runRoute = async (run: Run, route: string, wanted: readonly FaultName[]): Promise<ChaosRoute> => {
  const settings = run.configuration.routes[route];
  const first = settings?.targets[0];
  if (settings === undefined || first === undefined)
    throw new GatewayError("internal_error", `Route '${route}' has no target.`);
  const well = await runCell(run, { route, fault: "none", broken: null });
  const target = well.target ?? well.attempts[0]?.target ?? (typeof first === "string" ? first : first.target);
  const rows = [well];
  for (const fault of wanted) rows.push(await runFault(run, { route, fault, broken: target }));
  rows.push(await runCell(run, { route, fault: "all-refused", broken: null }));
  const timeouts = scaleTimeouts(settings.timeouts, run.timeoutScale);
  return { route, target, targets: settings.targets.length, timeouts, rows };
};

/** The runtime would send even requests to loopback through a proxy, unless it is told not to. */
const refuseProxy = ({ environment }: LocalOptions): void => {
  const proxy = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"].find((name) => environment[name]);
  const except = `${environment["NO_PROXY"] ?? ""},${environment["no_proxy"] ?? ""}`
    .split(",")
    .map((one) => one.trim());
  if (proxy === undefined || except.includes("127.0.0.1") || except.includes("*")) return;
  throw new GatewayError(
    "invalid_configuration",
    `${proxy} is set, so requests would leave this machine. Set NO_PROXY=127.0.0.1 for this command.`,
  );
};

/** Shows what the configuration makes of broken upstreams. Throws ConfigurationError or GatewayError. */
export const chaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  refuseProxy(options);
  const configuration = await readChaosConfiguration(options, options.routes);
  const { routes, notes } = configuration;
  const path = mkdtempSync(join(tmpdir(), "intellirouter-chaos-"));
  try {
    const folder = openDataFolder(path, {});
    const storage = await openStorage(folder, "process", {});
    const upstream = await startFaultUpstream();
    try {
      const settings = {
        seed: options.seed,
        timeoutScale: options.timeoutScale ?? defaultScale(silencesOf(routes)),
        form: options.form,
        answers: options.answers,
      };
      const run: Run = { ...settings, configuration, folder, storage, upstream };
      const wanted = options.faults.length === 0 ? faultNames : options.faults;
      const done: ChaosRoute[] = [];
      for (const route of Object.keys(routes)) done.push(await runRoute(run, route, wanted));
      return { ...settings, routes: done, notes };
    } finally {
      await upstream.close();
      storage.close();
    }
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
};
