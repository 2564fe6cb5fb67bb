import { parseArgs } from "node:util";
import { type Check, describeChecks, haveFailed } from "../support/checks.ts";
import { chooseSeed } from "../support/seeded-random.ts";
import { openBodies } from "./bodies.ts";
import { type Fuzzer, runFuzzer } from "./fuzzer.ts";
import { openHttp } from "./http.ts";
import { openRequests } from "./requests.ts";
import { openResponses } from "./responses.ts";
import { openSse } from "./sse.ts";

const usage = `Usage: npm run fuzz -- [--short] [--only sse|bodies|http|responses|requests] [--count N] [--seed S]

Random and damaged input: upstreams' streams in any pieces (sse), clients' JSON (bodies), bytes on the socket (http),
and upstreams' bytes to the client of our own, against Node's (responses). --short gives each some seconds; otherwise each tries a number of inputs, or N. What fails prints how to run
it again. The inputs of test/fuzz/corpus are tried first.`;

const fuzzers: Readonly<Record<string, () => Promise<Fuzzer<unknown>>>> = {
  sse: async () => openSse() as Fuzzer<unknown>,
  bodies: async () => openBodies() as Fuzzer<unknown>,
  http: async () => (await openHttp()) as Fuzzer<unknown>,
  responses: async () => openResponses() as Fuzzer<unknown>,
  requests: async () => openRequests() as Fuzzer<unknown>,
};

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string" },
    count: { type: "string" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const names = values.only === undefined ? Object.keys(fuzzers) : [values.only];
const count = values.count === undefined ? undefined : Number(values.count);
const isWrong = names.some((name) => !Object.hasOwn(fuzzers, name)) || (count !== undefined && !(count >= 0));
if (values.help || isWrong) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const seed = chooseSeed(values.seed);
console.log(`fuzz: ${names.join(", ")}, --seed ${seed}`);
const checks: Check[] = [];
for (const name of names) {
  const fuzzer = await fuzzers[name]?.();
  if (fuzzer === undefined) continue;
  checks.push(...(await runFuzzer(fuzzer, { seed, count: count ?? (values.short ? undefined : fuzzer.longCount) })));
}
console.log(describeChecks(checks));
process.exit(haveFailed(checks) ? 1 : 0);
