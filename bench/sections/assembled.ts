import { compare, type Scenario } from "../compare.ts";
import { figure, microsecondsPerCall, ratio } from "../figures.ts";
import { showFigure } from "../report/numbers.ts";
import { wholeClosed } from "../scenarios.ts";
import { assembledRoute } from "../subjects/gateway.ts";
import type { Section } from "./section.ts";
import { subjectTable } from "./subject-table.ts";

const events = 20;
const cost = microsecondsPerCall("subject");

// Long enough for the text by which the load knows an answer.
const scenario: Scenario = { ...wholeClosed, replies: { ...wholeClosed.replies, events, eventCharacters: 80 } };

/** Whole answers that the gateway asks for as streams, so that deadlines hold for them too: what that costs. */
export const assembled: Section = async (bench, { rounds }) => {
  const gateway = (await bench.subjects("plain")).find(({ name }) => name === "gateway");
  if (gateway === undefined) return {};
  const fromStream = {
    ...gateway,
    name: "assembled",
    destination: { ...gateway.destination, models: [assembledRoute] },
  };
  const subjects = [{ ...gateway, name: "whole" }, fromStream];
  const samples = await compare(bench, scenario, { name: "assembled", subjects, rounds });
  return {
    samples,
    tables: [
      subjectTable(`Whole answers asked for whole, and as streams of ${events} events`, subjects, [
        ["CPU µs/call", ({ name }) => showFigure(figure(samples, name, cost))],
        ["× whole", ({ name }) => showFigure(ratio(samples, { subject: name, reference: "whole" }, cost))],
        ["p50 ms", ({ name }) => showFigure(figure(samples, name, ({ latency }) => latency.p50))],
      ]),
    ],
    notes: ["All events come at once here, which is the dearest case for each answer."],
  };
};
