import type { BodySource, TextSink } from "../../src/core/ports/http-server.ts";

/** One piece of a body; the last one ends it. */
export interface BodyStep {
  readonly text: string;
  readonly last: boolean;
}

export interface StepSource {
  next(): Promise<BodyStep>;
  cancel(): void;
}

/** A body whose steps are asked for one by one: the next when those before were taken, or can be gathered. */
export const bodyOfSteps = (source: StepSource): BodySource => {
  let wake: (() => void) | undefined;
  let isCancelled = false;
  const run = async (sink: TextSink): Promise<void> => {
    for (;;) {
      const { text, last } = await source.next();
      if (isCancelled) return;
      if (last) return sink.end(text);
      if (!sink.push(text)) await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    open: (sink) => void run(sink),
    resume: () => wake?.(),
    cancel() {
      isCancelled = true;
      source.cancel();
    },
  };
};

/** Reads a body step by step: what comes is taken when it is asked for, and not before. */
export const stepsOfBody = (body: BodySource): (() => Promise<BodyStep>) => {
  const come: BodyStep[] = [];
  let waiting: ((step: BodyStep) => void) | undefined;
  let state: "unopened" | "asked" | "held up" = "unopened";
  const take = (step: BodyStep): void => {
    state = "held up";
    if (waiting === undefined) come.push(step);
    else waiting(step);
    waiting = undefined;
  };
  const sink: TextSink = {
    push(text) {
      take({ text, last: false });
      return false;
    },
    end: (text) => take({ text, last: true }),
  };
  return () => {
    const step = come.shift();
    if (step !== undefined) return Promise.resolve(step);
    return new Promise((resolve) => {
      waiting = resolve;
      const before = state;
      state = "asked";
      if (before === "unopened") body.open(sink);
      else if (before === "held up") body.resume();
    });
  };
};
