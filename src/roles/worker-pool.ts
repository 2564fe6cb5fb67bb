import { type Channel, openChannel } from "../remote/channel.ts";
import { missingVariables } from "../runtime/launch-variables.ts";
import { type ProcessEnd, type StartedProcess, startOwnProcess } from "../runtime/processes.ts";
import type { Logger } from "../telemetry/logger.ts";
import { workerCommand } from "./worker-command.ts";
import { fromPlainError, type SupervisorService, type WorkerOrder, type WorkerService } from "./worker-messages.ts";
import { Restarts } from "./worker-restarts.ts";

/** One worker process, from its start to its end. */
export interface Worker {
  /** `worker 1` and so on; who takes another's place has its name. */
  readonly name: string;
  readonly process: StartedProcess;
  readonly channel: Channel<SupervisorService, WorkerService>;
}

export interface WorkerPoolOptions {
  readonly count: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** What a worker that starts now begins with. */
  readonly order: () => WorkerOrder;
  /** What is served to one worker, beside what concerns its own life. */
  readonly serve: (worker: Worker) => Omit<SupervisorService, "worker.hello" | "worker.ready" | "worker.failed">;
  /** Told of the end of a worker, however it came. */
  readonly onEnded: (worker: Worker) => void;
  /** Workers cannot be started any more: the program must end. */
  readonly onFailed: (error: Error) => void;
}

/** The place of one worker, taken by one process after the other. */
interface Place {
  readonly number: number;
  readonly restarts: Restarts;
  worker: Worker | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

type Question<Name extends keyof WorkerService> = Parameters<WorkerService[Name]>[0];

/** What one worker said to a question that all were asked. */
export interface WorkerAnswer<Name extends keyof WorkerService> {
  readonly worker: Worker;
  readonly result: PromiseSettledResult<Awaited<ReturnType<WorkerService[Name]>>>;
}

export interface AskOptions {
  readonly except?: Worker;
  readonly patienceMilliseconds?: number;
}

/** So much later than told a worker has taken a change, or something is wrong with it. */
const usualPatienceMilliseconds = 10_000;
/** A start that takes longer comes to nothing. */
const startMilliseconds = 60_000;

const describeEnd = ({ exitCode, signal }: ProcessEnd): string =>
  signal === null ? `with exit code ${exitCode}` : `by ${signal}`;

/** The workers of a supervisor: starts each, starts anew those that end, and speaks to all of them. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #places: readonly Place[];
  /** Those that have their order, and so hear of all that changes. */
  readonly #listening = new Set<Worker>();
  #isStopping = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      number: index + 1,
      restarts: new Restarts(() => performance.now()),
      worker: undefined,
      timer: undefined,
    }));
  }

  /** Resolves when all workers answer calls. Rejects with the error of the first that could not start. */
  async start(): Promise<void> {
    await Promise.all(this.#places.map((place) => this.#fill(place)));
  }

  tell<Name extends keyof WorkerService>(
    name: Name,
    question: Question<Name>,
    { except }: Pick<AskOptions, "except"> = {},
  ): void {
    for (const worker of this.#listening) if (worker !== except) worker.channel.tell(name, question as never);
  }

  /** Those that are there. */
  workers(): readonly Worker[] {
    return [...this.#listening];
  }

  /** Asks all workers but one, and waits for each. */
  ask<Name extends keyof WorkerService>(
    name: Name,
    question: Question<Name>,
    { except, patienceMilliseconds = usualPatienceMilliseconds }: AskOptions = {},
  ): Promise<readonly WorkerAnswer<Name>[]> {
    const asked = this.workers().filter((worker) => worker !== except);
    return Promise.all(
      asked.map(async (worker) => {
        const [result] = await Promise.allSettled([
          worker.channel.ask(name, question as never, patienceMilliseconds) as Promise<never>,
        ]);
        return { worker, result };
      }),
    );
  }

  /** Tells all workers to end, and starts none again; `hurried`: without waiting for open calls. */
  stop({ hurried }: { readonly hurried: boolean }): void {
    this.#isStopping = true;
    for (const { worker, timer } of this.#places) {
      clearTimeout(timer);
      if (worker === undefined) continue;
      if (this.#listening.has(worker)) worker.channel.tell("worker.stop", { hurried });
      // It has nothing yet that would have to be put in order.
      else worker.process.kill("SIGKILL");
    }
  }

  /** Resolves when every worker process is gone. */
  async ended(): Promise<void> {
    await Promise.all(this.#places.map(({ worker }) => worker?.process.ended));
  }

  kill(): void {
    for (const { worker } of this.#places) worker?.process.kill("SIGKILL");
  }

  /** Puts a process in a place. Resolves when it answers calls; rejects where it ends before that. */
  async #fill(place: Place): Promise<void> {
    const { environment, logger, serve, order, onEnded } = this.#options;
    const child = startOwnProcess([workerCommand], { ...environment, ...missingVariables(environment) });
    const channel = openChannel<SupervisorService, WorkerService>({
      wire: child,
      onFault: (question, error) => logger.error("failed", { worker: place.number, question, cause: describe(error) }),
    });
    const worker: Worker = { name: `worker ${place.number}`, process: child, channel };
    place.worker = worker;
    let failure: Error | undefined;
    const ready = new Promise<void>((resolve) => {
      channel.serve({
        ...serve(worker),
        "worker.hello": () => {
          this.#listening.add(worker);
          return order();
        },
        "worker.ready": () => resolve(),
        "worker.failed": (error) => {
          failure = fromPlainError(error);
        },
      });
    });
    const ended = child.ended.then((end) => {
      this.#listening.delete(worker);
      place.worker = undefined;
      onEnded(worker);
      return end;
    });
    const late = setTimeout(() => child.kill("SIGKILL"), startMilliseconds);
    const early = await Promise.race([ready, ended]);
    clearTimeout(late);
    if (early !== undefined)
      throw failure ?? new Error(`Worker ${place.number} ended at its start ${describeEnd(early)}.`);
    place.restarts.noteReady();
    logger.info("worker started", { worker: place.number, pid: child.pid });
    void ended.then((end) => this.#restart(place, { worker, end }));
  }

  #restart(place: Place, { worker, end }: { readonly worker: Worker; readonly end: ProcessEnd }): void {
    if (this.#isStopping) return;
    const pauseMilliseconds = place.restarts.noteEnded();
    const { exitCode, signal } = end;
    this.#options.logger.error("worker ended", {
      worker: place.number,
      pid: worker.process.pid,
      exitCode,
      signal,
      startedAgainInMilliseconds: pauseMilliseconds,
    });
    this.#fillLater(place, pauseMilliseconds);
  }

  #fillLater(place: Place, pauseMilliseconds: number): void {
    place.timer = setTimeout(() => {
      this.#fill(place).catch((error: Error) => {
        if (this.#isStopping) return;
        const pause = place.restarts.noteFailedStart();
        this.#options.logger.error("worker could not start", { worker: place.number, reason: error.message });
        if (pause === undefined) this.#options.onFailed(error);
        else this.#fillLater(place, pause);
      });
    }, pauseMilliseconds);
  }
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
