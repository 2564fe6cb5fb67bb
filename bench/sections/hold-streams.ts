import { type Bench, measure, type Scenario } from "../compare.ts";
import { type Load, startLoad } from "../load/start.ts";
import type { Subject } from "../subjects/subject.ts";
import { availableDescriptors } from "../system/limits.ts";
import { type MemoryFigures, peakDuring } from "../system/memory.ts";

const wantedStreams = 10_000;
const eventsPerSecond = 0.5;
const openedPerSecond = 500;
const heldSeconds = 10;
/** What a process has open beside its connections. */
const otherDescriptors = 500;

/** Many streams open at once, and what that took. */
export interface HeldStreams {
  readonly streams: number;
  /** A stream costs a gateway two descriptors, so where a process may have few there are several gateways. */
  readonly gateways: number;
  readonly memory: MemoryFigures;
  readonly eventsPerSecond: number;
  readonly expectedEventsPerSecond: number;
  /** Processor time of each gateway, in parts of a core. */
  readonly cores: readonly number[];
}

const scenarioOf = (connections: number): Scenario => ({
  answer: "stream",
  connections,
  pace: "closed",
  rampPerSecond: openedPerSecond,
  promptCharacters: 400,
  warmUpSeconds: Math.ceil(connections / openedPerSecond) + 3,
  seconds: heldSeconds,
  replies: { replyCharacters: 1, events: 1_000, eventCharacters: 100, eventsPerSecond, staggerFirst: 0 },
});

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Opens the streams one after the other and keeps them open. Throws where one of them breaks. */
export const holdStreams = async (bench: Bench): Promise<HeldStreams> => {
  const descriptors = availableDescriptors(2 * wantedStreams + otherDescriptors);
  const room = descriptors - otherDescriptors;
  // The load and the upstream have one for each stream.
  const streams = Math.min(wantedStreams, room);
  const count = Math.ceil((2 * streams) / room);
  const each = Math.floor(streams / count);
  const gateways: Subject[] = [];
  const loads: Load[] = [];
  try {
    for (let number = 0; number < count; number++) {
      gateways.push(await bench.startGateway({ descriptors }));
      loads.push(await startLoad());
    }
    const holding = Promise.all(
      gateways.map((gateway, index) =>
        measure({ ...bench, load: loads[index] ?? bench.load }, gateway, scenarioOf(each)),
      ),
    );
    const memory = await peakDuring(
      gateways.flatMap(({ pids }) => pids),
      holding,
    );
    const results = await holding;
    return {
      streams: each * count,
      gateways: count,
      memory,
      eventsPerSecond: total(results.map(({ events, seconds }) => events / seconds)),
      expectedEventsPerSecond: each * count * eventsPerSecond,
      cores: results.map(({ processorSeconds, seconds }) => (processorSeconds["subject"] ?? Number.NaN) / seconds),
    };
  } finally {
    await Promise.all([...gateways, ...loads].map((process) => process.stop()));
  }
};
