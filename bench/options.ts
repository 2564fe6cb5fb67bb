import { parseArgs } from "node:util";
import { type SectionName, sectionNames } from "./sections/names.ts";
import type { Program } from "./subjects/gateway.ts";

/** What a run is asked for. */
export interface Options {
  readonly sections: readonly SectionName[];
  readonly program: Program;
  readonly rounds: number;
}

export const usage = `Usage: npm run bench -- [--only ${sectionNames.join(",")}] [--rounds 3] [--executable]

Measures the gateway beside nginx as a plain relay, a relay on the same runtime, and nothing in between, in one run.
  --only        these sections only, parted by commas
  --rounds      how often each subject has its turn
  --executable  runs dist/intellirouter instead of the sources`;

const isSection = (name: string): name is SectionName => (sectionNames as readonly string[]).includes(name);

/** Reads the command line. Throws an error for people where it is wrong; undefined where help is asked for. */
export const readOptions = (args: readonly string[]): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: sectionNames.join(",") },
      rounds: { type: "string", default: "3" },
      executable: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const names = values.only.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !isSection(name));
  if (unknown.length > 0)
    throw new Error(`--only: there is no section '${unknown.join("', '")}'; there are ${sectionNames.join(", ")}.`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds: a whole number from 1 on.");
  return { sections: names.filter(isSection), program: values.executable ? "executable" : "sources", rounds };
};
