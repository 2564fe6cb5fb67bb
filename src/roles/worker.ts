import { GatewayError } from "../core/errors.ts";
import { openChannel } from "../remote/channel.ts";
import { starterPort } from "../runtime/processes.ts";
import { type Listening, listen } from "../runtime/server.ts";
import { systemClock } from "../runtime/system-clock.ts";
import type { OpenLog } from "../telemetry/logger.ts";
import { loadCaptured } from "./captured-configuration.ts";
import { drain } from "./drain.ts";
import { openLogFor } from "./open-log.ts";
import { openMigratedStorage, type Storage } from "./open-storage.ts";
import { openProgram, type Program } from "./program.ts";
import {
  fromPlainProvider,
  type SupervisorService,
  toPlainError,
  type WorkerOrder,
  type WorkerService,
} from "./worker-messages.ts";
import { openWorkerPeers, type SupervisorChannel, type WorkerPeers } from "./worker-peers.ts";

/** So long after a signal the supervisor has said what it thinks of it. */
const wordMilliseconds = 250;

/** Everything that a worker opened, to be closed in order. */
interface Running {
  readonly storage: Storage;
  readonly log: OpenLog;
  readonly program: Program;
  readonly server: Listening;
  readonly peers: WorkerPeers;
  setRefusal(message: string | null): void;
}

const refusalOf = (message: string | null): GatewayError | undefined =>
  message === null ? undefined : new GatewayError("storage_unavailable", message);

const start = async (supervisor: SupervisorChannel, order: WorkerOrder): Promise<Running> => {
  const local = { ...order.local, environment: process.env };
  const loaded = await loadCaptured(local, order.configuration);
  const storage = openMigratedStorage(order.folder, loaded.value.ledger.durability, local.environment);
  const log = openLogFor(loaded.value, order.local.logs, "several");
  const peers = openWorkerPeers({
    supervisor,
    order,
    clock: systemClock,
    onUntold: (change, error) => log.logger.warn("others may not know of a change", { change, reason: String(error) }),
  });
  let refusal = refusalOf(order.refusal);
  const program = await openProgram({
    local,
    folder: order.folder,
    storage,
    loaded,
    logger: log.logger,
    localToken: order.localToken,
    fold: () => supervisor.ask("ledger.fold", {}),
    onFault: (error) => supervisor.tell("worker.fault", toPlainError(error)),
    refusal: () => refusal,
    startedAt: order.startedAt,
    peers,
  });
  program.discover(order.port);
  const server = listen({
    ...loaded.value.server,
    kind: loaded.value.runtime.server,
    port: order.port,
    reusePort: true,
    handle: program.handle,
  });
  program.setAddress(server.url);
  return {
    storage,
    log,
    program,
    server,
    peers,
    setRefusal(message) {
      refusal = refusalOf(message);
    },
  };
};

interface Ending {
  /** Begins the end, or hurries it on. */
  readonly end: (how: { readonly hurried: boolean; readonly address: "kept" | "left" }) => void;
}

const serve = ({ program, log, peers, setRefusal }: Running, order: WorkerOrder, { end }: Ending): WorkerService => ({
  "worker.stop": ({ hurried }) => end({ hurried, address: "kept" }),
  "health.standing": ({ target, standing }) => peers.health.note(target, standing),
  "calls.refuse": ({ message }) => setRefusal(message),
  "calls.count": () => program.callsInFlight(),
  "metrics.collect": () => program.collectMetrics(),
  "database.changed": ({ change }) => program.takeChange(change),
  "learning.notices": ({ notices }) => program.learning.take(notices),
  "providers.found": ({ found }) => program.registry.declare("discovery", found.map(fromPlainProvider)),
  "providers.checked": ({ name, check }) => program.registry.noteCheck(name, check),
  async "configuration.apply"(captured) {
    const loaded = await loadCaptured({ ...order.local, environment: process.env }, captured);
    await program.apply(loaded);
    log.setLevel(loaded.value.logging.level);
  },
});

/** Resolves when the worker is to end, with how; hurried on later by the signal. */
const waitForEnd = () => {
  const hurry = new AbortController();
  let begin: (address: "kept" | "left") => void = () => undefined;
  const begun = new Promise<"kept" | "left">((resolve) => {
    begin = resolve;
  });
  const end: Ending["end"] = ({ hurried, address }) => {
    if (hurried) hurry.abort();
    begin(address);
  };
  return { begun, end, hurried: hurry.signal };
};

/** Answers calls beside other workers until the supervisor says that it is over, or is gone. Gives the exit code. */
export const runWorker = async (): Promise<number> => {
  const wire = starterPort();
  if (wire === undefined) {
    process.stderr.write("error: a worker is started by `intellirouter up --workers <number>`, not by hand.\n");
    return 2;
  }
  const { begun, end, hurried } = waitForEnd();
  // Without a supervisor nobody would fold or restart: what is open may end, and a new start finds the address free.
  wire.onClose(() => end({ hurried: false, address: "left" }));
  // Sent to a whole group, it reaches the supervisor as well, whose word then comes first: the address is kept meanwhile.
  process.on("SIGTERM", () => setTimeout(end, wordMilliseconds, { hurried: false, address: "left" }));
  // The terminal sends these to everybody; what they mean is the supervisor's to say.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  let log: OpenLog | undefined;
  const supervisor = openChannel<WorkerService, SupervisorService>({
    wire,
    onFault: (name, error) => log?.logger.error("failed", { question: name, cause: String(error) }),
  });
  let running: Running;
  try {
    const order = await supervisor.ask("worker.hello", {});
    running = await start(supervisor, order);
    log = running.log;
    supervisor.serve(serve(running, order, { end }));
    await supervisor.ask("worker.ready", {});
  } catch (error) {
    await supervisor.ask("worker.failed", toPlainError(error)).catch(() => undefined);
    return 1;
  }
  await drain({ program: running.program, server: running.server, hurried, address: await begun });
  await supervisor.ask("metrics.last", { families: running.program.collectMetrics() }).catch(() => undefined);
  running.storage.close();
  await running.log.close();
  return 0;
};
