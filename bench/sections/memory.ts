import { type Bench, measure, type Scenario } from "../compare.ts";
import { figureOf } from "../figures.ts";
import { showNumber } from "../report/numbers.ts";
import { streamsOpen, wholeAtRate } from "../scenarios.ts";
import type { Subject } from "../subjects/subject.ts";
import { type MemoryFigures, peakDuring, readMemory } from "../system/memory.ts";
import { holdStreams } from "./hold-streams.ts";
import type { Section } from "./section.ts";

const restSeconds = 4;
const afterRest = async ({ pids }: Subject): Promise<MemoryFigures> => {
  await Bun.sleep(restSeconds * 1_000);
  return readMemory(pids);
};

const measureOne = async (bench: Bench) => {
  const gateway = await bench.startGateway();
  try {
    const under = (scenario: Scenario) => peakDuring(gateway.pids, measure(bench, gateway, scenario));
    return {
      idle: await afterRest(gateway),
      calls: await under({ ...wholeAtRate(1_000), seconds: 15 }),
      streams: await under({ ...streamsOpen, seconds: 10 }),
      after: await afterRest(gateway),
    };
  } finally {
    await gateway.stop();
  }
};

/** Memory of a fresh gateway: at rest, under load, and with very many streams. */
export const memory: Section = async (bench) => {
  const one = await measureOne(bench);
  const held = await holdStreams(bench);
  const row = (name: string, { resident, proportional, processes }: MemoryFigures): readonly string[] => [
    name,
    showNumber(resident),
    showNumber(proportional),
    String(processes),
  ];
  const heldName = `${held.streams.toLocaleString("en")} streams held, ${held.gateways} gateway${held.gateways > 1 ? "s" : ""}`;
  return {
    tables: [
      {
        title: "Memory of the gateway, MB (10^6 bytes), the most that was seen",
        columns: ["", "resident", "proportional (PSS)", "processes"],
        rows: [
          row(`idle, ${restSeconds} s after its start`, one.idle),
          row("1,000 whole calls/s, 16 s", one.calls),
          row(`${streamsOpen.connections} streams, 6,000 events/s, 12 s`, one.streams),
          row(`idle again, ${restSeconds} s later`, one.after),
          row(heldName, held.memory),
        ],
      },
    ],
    bars: [
      { name: "memory, idle", value: one.idle.resident, limit: 60, sense: "at most", unit: "MB", of: "memory" },
      {
        name: "memory at 1,000 calls/s",
        value: one.calls.resident,
        limit: 100,
        sense: "at most",
        unit: "MB",
        of: "memory",
      },
      {
        name: `memory, ${heldName}`,
        value: held.memory.resident,
        limit: 400,
        sense: "at most",
        unit: "MB",
        of: "memory",
      },
    ],
    notes: [
      "Resident counts what several processes of the gateway share with each other once, so for one process it is the RSS.",
      `Of the held streams ${showNumber(held.eventsPerSecond)} events/s came; ${showNumber(held.expectedEventsPerSecond)} were due. The CPU time of their gateways was ${showNumber(figureOf(held.cores).median)} of a core each.`,
    ],
  };
};
