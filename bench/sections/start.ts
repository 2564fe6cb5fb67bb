import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../compare.ts";
import { figureOf } from "../figures.ts";
import { showFigure } from "../report/numbers.ts";
import type { Section } from "./section.ts";

const startsPerRound = 2;

/** Seconds until ready: first on an empty folder, then again on the same. */
const startTwice = async (bench: Bench): Promise<readonly [number, number]> => {
  const dataFolder = mkdtempSync(join(tmpdir(), "intellirouter-start-"));
  const timed = async (): Promise<number> => {
    const gateway = await bench.startGateway({ keys: 0, dataFolder });
    await gateway.stop();
    return gateway.startedInMilliseconds / 1_000;
  };
  try {
    return [await timed(), await timed()];
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
};

/** From the start of the process until it says that it is ready. */
export const start: Section = async (bench, { rounds }) => {
  // What the disk has to be read for is no part of it.
  await startTwice(bench);
  const starts: (readonly [number, number])[] = [];
  for (let count = 0; count < rounds * startsPerRound; count++) starts.push(await startTwice(bench));
  const first = figureOf(starts.map(([seconds]) => seconds));
  const again = figureOf(starts.map(([, seconds]) => seconds));
  return {
    tables: [
      {
        title: `Seconds from start to ready, ${starts.length} starts of each`,
        columns: ["with an empty data folder", "with one that was used"],
        rows: [[showFigure(first), showFigure(again)]],
      },
    ],
    bars: [
      { name: "ready after the first start", value: first.median, limit: 0.3, sense: "at most", unit: "s", of: "time" },
    ],
  };
};
