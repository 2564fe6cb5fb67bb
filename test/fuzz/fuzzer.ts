import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../support/checks.ts";
import { SeededRandom } from "../support/seeded-random.ts";

/** One thing under attack. An input is plain JSON; its bytes stand in strings, one character a byte (Latin-1). */
export interface Fuzzer<Input> {
  readonly name: string;
  /** How long `--short` draws inputs. */
  readonly shortMilliseconds: number;
  /** How many inputs are drawn otherwise, unless `--count` says. */
  readonly longCount: number;
  /** So many inputs are tried at once. */
  readonly width: number;
  draw(random: SeededRandom): Input;
  /** What speaks against the program; none where it withstood. */
  attack(input: Input): readonly string[] | Promise<readonly string[]>;
  /** Judges what only shows in the end, and gives back what was opened. */
  close(): readonly string[] | Promise<readonly string[]>;
}

/** Inputs that once broke something, or that nobody should have to find again. */
interface Remembered<Input> {
  readonly why: string;
  readonly input: Input;
}

export interface Extent {
  readonly seed: number;
  /** Absent: as long as the fuzzer's short time. */
  readonly count: number | undefined;
}

const mostFaults = 5;

const tryOne = async <Input>(fuzzer: Fuzzer<Input>, input: Input): Promise<readonly string[]> => {
  try {
    return await fuzzer.attack(input);
  } catch (thrown) {
    return [`threw ${thrown instanceof Error ? thrown.stack : String(thrown)}`];
  }
};

const readCorpus = <Input>(name: string): readonly Remembered<Input>[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, "corpus", `${name}.json`), "utf8"));

const replayCorpus = async <Input>(fuzzer: Fuzzer<Input>): Promise<Check> => {
  const corpus = readCorpus<Input>(fuzzer.name);
  const faults: string[] = [];
  for (const { why, input } of corpus) faults.push(...(await tryOne(fuzzer, input)).map((fault) => `${why}: ${fault}`));
  return { name: `${fuzzer.name}: what was found before`, faults, figure: `${corpus.length} inputs` };
};

/** Each input has a seed of its own, so that it comes alone as well as after a million others. */
const drawMany = async <Input>(fuzzer: Fuzzer<Input>, { seed, count }: Extent): Promise<Check> => {
  const began = performance.now();
  const faults: string[] = [];
  let drawn = 0;
  const isOver = (): boolean =>
    faults.length >= mostFaults ||
    (count === undefined ? performance.now() - began >= fuzzer.shortMilliseconds : drawn >= count);
  const work = async (): Promise<void> => {
    while (!isOver()) {
      const own = (seed + drawn++) >>> 0;
      const input = fuzzer.draw(new SeededRandom(own));
      const found = await tryOne(fuzzer, input);
      if (found.length > 0)
        faults.push(
          `${found.join("; ")}\n          again with: npm run fuzz -- --only ${fuzzer.name} --seed ${own} --count 1` +
            `\n          input: ${JSON.stringify(input).slice(0, 4_000)}`,
        );
    }
  };
  await Promise.all(Array.from({ length: fuzzer.width }, work));
  const seconds = (performance.now() - began) / 1_000;
  return {
    name: `${fuzzer.name}: random inputs`,
    faults,
    figure: `${drawn} inputs, ${seconds.toFixed(1)} s, --seed ${seed}`,
  };
};

/** Replays the corpus, draws new inputs, closes. */
export const runFuzzer = async <Input>(fuzzer: Fuzzer<Input>, extent: Extent): Promise<readonly Check[]> => {
  const checks: Check[] = [await replayCorpus(fuzzer), await drawMany(fuzzer, extent)];
  return [...checks, { name: `${fuzzer.name}: afterwards`, faults: await fuzzer.close() }];
};
