import { GatewayError } from "../../src/core/errors.ts";
import { cutAt, type Reading, readResponse } from "../../src/runtime/http1/testing.ts";
import { openNode } from "./ask-node.ts";
import { drawResponse, type ResponseInput } from "./draw-response.ts";
import type { Fuzzer } from "./fuzzer.ts";

/** What Node's parser made of a response. */
interface NodeReading {
  readonly status?: number;
  readonly body?: string;
  readonly fields?: readonly (string | null)[];
  readonly error?: string;
}

/** Fields that are asked for on both sides. */
const names = ["content-type", "x-a", "x-latin", "x-empty", "connection", "content-length"];

const read = ({ bytes, cuts, closed }: ResponseInput): Promise<Reading> =>
  readResponse(cutAt(Buffer.from(bytes, "latin1"), cuts), closed ? "closed" : "open");

const shown = ({ status, body, error, isKept, headers }: Reading): string =>
  error === undefined ? JSON.stringify([status, body, isKept, names.map((name) => headers?.get(name))]) : "refused";

const known = new Set(["upstream_invalid_response", "upstream_unreachable"]);

const judgeError = (error: unknown, expected: string | undefined): readonly string[] => {
  if (expected !== undefined) return [`a good response is refused: ${String(error)}`];
  const isKnown = error instanceof GatewayError ? known.has(error.code) : error instanceof Error;
  const isOurs = isKnown && !(error instanceof TypeError) && !(error instanceof RangeError);
  return isOurs ? [] : [`threw ${String(error)}`];
};

const compare = (reading: Reading, node: NodeReading): readonly string[] => {
  if (node.error !== undefined) return [`read as ${shown(reading)}, which Node refuses: ${node.error}`];
  const ours = [reading.status, reading.body, names.map((name) => reading.headers?.get(name) ?? null)];
  const theirs = [node.status, node.body, node.fields];
  return JSON.stringify(ours) === JSON.stringify(theirs)
    ? []
    : [`read as ${JSON.stringify(ours).slice(0, 1_000)}, by Node as ${JSON.stringify(theirs).slice(0, 1_000)}`];
};

/**
 * Responses to the upstream client, damaged in any way: what it reads, Node's strict parser must read too, and as the
 * same; what it refuses is its own affair, unless it was well formed. The pieces in which they come change nothing.
 */
export const openResponses = (): Fuzzer<ResponseInput> => {
  const node = openNode<{ pieces: readonly string[]; closed: boolean; names: readonly string[] }, NodeReading>(
    "node-reader.mjs",
    (error) => ({ error }),
  );
  return {
    name: "responses",
    shortMilliseconds: 4_000,
    longCount: 2_000_000,
    width: 64,
    draw: drawResponse,
    async attack(input) {
      const reading = await read(input);
      const single = await read({ ...input, cuts: [] });
      const faults: string[] = [];
      // When a fault is noticed depends on the pieces, and so does what is said of it; whether it is does not.
      if (shown(reading) !== shown(single)) faults.push(`in pieces ${shown(reading)}, in one ${shown(single)}`);
      if (reading.error !== undefined) return [...faults, ...judgeError(reading.error, input.body)];
      if (input.body !== undefined && reading.body !== input.body) faults.push(`read as ${shown(reading)}`);
      const pieces = cutAt(Buffer.from(input.bytes, "latin1"), input.cuts);
      const texts = pieces.map((piece) => Buffer.from(piece).toString("latin1"));
      return [...faults, ...compare(reading, await node.ask({ pieces: texts, closed: input.closed, names }))];
    },
    close() {
      node.close();
      return [];
    },
  };
};
