import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type SectionName, sectionNames, shortSections } from "./sections/names.ts";
import { executable, type Program } from "./subjects/gateway.ts";

/** What a run is asked for. */
export interface Options {
  readonly sections: readonly SectionName[];
  readonly program: Program;
  readonly rounds: number;
  readonly isShort: boolean;
  readonly isRecorded: boolean;
  readonly hasPeers: boolean;
}

export const usage = `Usage: npm run bench -- [--only ${sectionNames.join(",")}]
       [--short] [--rounds 3] [--executable] [--peers] [--record]

Measures the gateway beside nginx as a plain relay, a relay on the same runtime, and nothing in between, in one run.
Ends with 1 where a ratio is more than 25 % worse than the recorded one.
  --only        these sections only, parted by commas
  --short       ${shortSections.join(" and ")} only, in less than two and a half minutes
  --rounds      how often each subject has its turn
  --executable  runs dist/intellirouter instead of the sources
  --peers       other gateways too, in whole and streamed: Portkey's npm package and LiteLLM, where they are installed
                (in the folder that BENCH_PEERS names: node_modules and venv)
  --record      keeps the figures: bench/baseline.json, bench/history.jsonl, docs/performance.md`;

const isSection = (name: string): name is SectionName => (sectionNames as readonly string[]).includes(name);

const readSections = (only: string | undefined, isShort: boolean): readonly SectionName[] => {
  if (only === undefined) return isShort ? shortSections : sectionNames;
  const names = only.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !isSection(name));
  if (unknown.length > 0)
    throw new Error(`--only: there is no section '${unknown.join("', '")}'; there are ${sectionNames.join(", ")}.`);
  return sectionNames.filter((name) => names.includes(name));
};

/** Reads the command line. Throws an error for people where it is wrong; undefined where help is asked for. */
export const readOptions = (args: readonly string[]): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      short: { type: "boolean", default: false },
      rounds: { type: "string", default: "3" },
      executable: { type: "boolean", default: false },
      peers: { type: "boolean", default: false },
      record: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds: a whole number from 1 on.");
  if (values.executable && !existsSync(executable))
    throw new Error("--executable: dist/intellirouter is not there; make it with `npm run build`.");
  return {
    sections: readSections(values.only, values.short),
    program: values.executable ? "executable" : "sources",
    rounds,
    isShort: values.short,
    isRecorded: values.record,
    hasPeers: values.peers,
  };
};
