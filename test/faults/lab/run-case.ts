import { SeededRandom } from "../../support/seeded-random.ts";
import { bodyOf, pathOf } from "../client/edges.ts";
import { type Received, rawCall } from "../client/raw-call.ts";
import { seedOf } from "../upstream/answer-text.ts";
import type { Case } from "./case-outcome.ts";

const defaultWords = 14;

/** Words of a case's answer. */
export const wordsOf = ({ scenario }: Case): number => scenario.words ?? defaultWords;

/** Number that the case's text is drawn from. */
export const textSeedOf = ({ id, seed }: Case): number => seedOf(`${id} ${seed}`);

/** Sends a case's request and waits for what comes of it. The upstream knows the call by its name. */
export const runCase = (one: Case, port: number, name = one.id): Promise<Received> => {
  const { scenario, edge, shape, id } = one;
  const body = bodyOf(edge, {
    model: id,
    isStreamed: shape === "stream",
    withTools: scenario.withTools === true,
    directive: { call: name, seed: textSeedOf(one), words: wordsOf(one) },
  });
  return rawCall({
    port,
    path: pathOf[edge],
    body,
    ...(scenario.leave === undefined ? {} : { leave: scenario.leave(new SeededRandom(textSeedOf(one))) }),
    ...(scenario.readsBytes === undefined ? {} : { readsBytes: scenario.readsBytes }),
    ...(scenario.limitMilliseconds === undefined ? {} : { limitMilliseconds: scenario.limitMilliseconds }),
  });
};
