import { type Bench, compare } from "../compare.ts";
import { difference, figure, microsecondsPerCall, ratio } from "../figures.ts";
import { showFigure } from "../report/numbers.ts";
import { wholeClosed } from "../scenarios.ts";
import type { Policies } from "../subjects/gateway.ts";
import type { Subject } from "../subjects/subject.ts";
import { warmUp } from "../warm-up.ts";
import type { Section } from "./section.ts";
import { subjectTable } from "./subject-table.ts";

const team = "bench";
/** More than any run takes, so that nothing is ever refused. */
const plenty = 1_000_000_000_000;

const limits = [
  { scope: "key", requests: plenty, per: "minute" },
  { scope: "key", tokens: plenty, per: "day" },
  { scope: "key", concurrent: plenty },
  { scope: "team", match: team, tokens: plenty, per: "hour" },
  { scope: "everyone", requests: plenty, per: "second" },
];
const usd = 1_000_000;
const budgets = [
  { scope: "key", usd, per: "day" },
  { scope: "model", usd, per: "week" },
  { scope: "everyone", usd, per: "month" },
];
const price = { input: 0.5, output: 1.5 };

const reference = "key";
const everything = "key, limits and budgets";
const variants: Readonly<Record<string, Policies>> = {
  [reference]: { team },
  "key, limits": { team, limits },
  "key, budgets": { team, budgets, price },
  [everything]: { team, limits, budgets, price },
  "signed token": { credential: "token" },
};

const cost = microsecondsPerCall("subject");

/** What differs little is compared only once all of it is compiled; on a machine that others use, one turn is too short. */
const warmCalls = 30_000;
const mostTurns = 5;
const warmUpFully = async (bench: Bench, subject: Subject): Promise<void> => {
  let calls = 0;
  for (let turn = 0; turn < mostTurns && calls < warmCalls; turn++) calls += await warmUp(bench, subject);
};

/** What it costs a call to be counted, to be paid for, and to come with a token in place of a key. */
export const policies: Section = async (bench, { rounds }) => {
  const subjects: Subject[] = [];
  try {
    for (const [name, wanted] of Object.entries(variants)) {
      const gateway = { ...(await bench.startGateway({ policies: wanted })), name };
      subjects.push(gateway);
      await warmUpFully(bench, gateway);
    }
    const samples = await compare(bench, wholeClosed, { name: "policies", subjects, rounds });
    const against = (subject: string) => ({ subject, reference });
    const table = subjectTable(`Whole answers, ${wholeClosed.connections} connections, closed loop`, subjects, [
      ["CPU µs/call", ({ name }) => showFigure(figure(samples, name, cost))],
      [
        "above key, µs",
        ({ name }) => (name === reference ? "–" : showFigure(difference(samples, against(name), cost))),
      ],
      ["× key", ({ name }) => showFigure(ratio(samples, against(name), cost))],
      ["p50 ms", ({ name }) => showFigure(figure(samples, name, ({ latency }) => latency.p50))],
    ]);
    return {
      samples,
      tables: [table],
      ratios: [
        {
          name: "CPU per call, limits and budgets/neither",
          value: ratio(samples, against(everything), cost).median,
          of: "processor time",
        },
      ],
      notes: [
        `Five limits: requests, tokens and calls at once of a key, tokens of a team, requests of everyone. Three budgets: of a key, of a model, of everyone; what a model's price costs is part of theirs. All are so wide that nothing is refused.`,
        "The token (JWT, ES256) is the same in all calls, so that its signature is verified once and remembered.",
      ],
    };
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()));
  }
};
