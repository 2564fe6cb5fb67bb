import { compare } from "../compare.ts";
import { againstNginx, difference, figure, microsecondsPerCall, microsecondsPerEvent, ratio } from "../figures.ts";
import { showFigure } from "../report/numbers.ts";
import { streamsOpen, wholeClosed } from "../scenarios.ts";
import type { Section } from "./section.ts";
import { subjectTable } from "./subject-table.ts";

const callCost = microsecondsPerCall("subject");
const eventCost = microsecondsPerEvent("subject");

/** The same with an upstream that speaks TLS, as all hosted ones do. */
export const tls: Section = async (bench, { rounds }) => {
  const subjects = await bench.subjects("tls");
  const whole = await compare(bench, wholeClosed, { name: "tls whole", subjects, rounds });
  const streamed = await compare(bench, streamsOpen, { name: "tls streamed", subjects, rounds });
  const ofNginx = (name: string) => ({ subject: name, reference: "nginx" });
  const delay = difference(streamed, againstNginx, (result) => result.delay.p99);
  return {
    samples: [...whole, ...streamed],
    tables: [
      subjectTable(
        `Upstream over TLS; ${wholeClosed.connections} connections, ${streamsOpen.connections} streams`,
        subjects,
        [
          ["CPU µs/call", ({ name, pids }) => (pids.length === 0 ? "–" : showFigure(figure(whole, name, callCost)))],
          ["× nginx", ({ name }) => showFigure(ratio(whole, ofNginx(name), callCost))],
          [
            "CPU µs/event",
            ({ name, pids }) => (pids.length === 0 ? "–" : showFigure(figure(streamed, name, eventCost))),
          ],
          ["× nginx", ({ name }) => showFigure(ratio(streamed, ofNginx(name), eventCost))],
          ["delay p99 ms", ({ name }) => showFigure(figure(streamed, name, (result) => result.delay.p99))],
        ],
      ),
    ],
    notes: [
      `The p99 of the gateway's delay is ${showFigure(delay)} ms above nginx's. Connections to the upstream are kept, so handshakes are rare.`,
    ],
  };
};
