import type { MetricFamily } from "../telemetry/exposition.ts";
import { lastingFamilies, type ProcessMetrics, sumFamilies } from "../telemetry/sum-families.ts";

/** The metrics of all workers as those of one program, those of workers that have ended included. */
export class WorkerMetrics<Worker extends { readonly name: string }> {
  /** As each worker was last asked: what it counted after that dies with it. */
  readonly #last = new Map<Worker, readonly MetricFamily[]>();
  #ended: readonly MetricFamily[] = [];

  note(worker: Worker, families: readonly MetricFamily[]): void {
    this.#last.set(worker, families);
  }

  /** The worker is gone; what it counted stays. */
  takeLeave(worker: Worker): void {
    const last = this.#last.get(worker);
    if (last === undefined) return;
    this.#last.delete(worker);
    this.#ended = sumFamilies([
      { process: "", families: this.#ended },
      { process: "", families: lastingFamilies(last) },
    ]);
  }

  /** As each of these workers was last asked, with what another process says of itself. */
  sum(workers: readonly Worker[], other: ProcessMetrics): readonly MetricFamily[] {
    const live = workers.map((worker) => ({ process: worker.name, families: this.#last.get(worker) ?? [] }));
    return sumFamilies([...live, other, { process: "", families: this.#ended }]);
  }
}
