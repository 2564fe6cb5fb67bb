import { cutAt, type Reading, type ReadRequest, readRequests } from "../../src/runtime/http1-server/testing.ts";
import { openNode } from "./ask-node.ts";
import { drawRequest, type RequestInput } from "./draw-request.ts";
import type { Fuzzer } from "./fuzzer.ts";

/** A request as Node's parser read it. */
interface NodeRequest {
  readonly method: string;
  readonly url: string;
  /** Node's parser stops behind it; a server may go on in HTTP/1.1. */
  readonly isUpgrade: boolean;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
}

interface NodeReading {
  readonly requests: readonly NodeRequest[];
  readonly error: string | null;
}

const read = ({ bytes, cuts }: RequestInput): Promise<Reading> =>
  readRequests(cutAt(Buffer.from(bytes, "latin1"), cuts));

/** When a fault is noticed, if ever, depends on the pieces; what is read does not. */
const shown = ({ requests }: Reading): string => JSON.stringify(requests);

const joined = (fields: NodeRequest["fields"]): readonly (readonly [string, string])[] => {
  const all = new Map<string, string>();
  for (const [name, value] of fields) all.set(name, all.has(name) ? `${all.get(name)}, ${value}` : value);
  return [...all];
};

/** As the server gives it: the path of an absolute target, behind the host. */
const urlOf = ({ url, fields }: NodeRequest): string => {
  const host = fields.find(([name]) => name === "host")?.[1] ?? "";
  if (url === "*") return host === "" ? "/*" : `http://${host}/*`;
  if (url.startsWith("/")) return host === "" ? url : `http://${host}${url}`;
  const [, path = ""] = /^http:\/\/[^/?]*(.*)$/is.exec(url) ?? [];
  return `http://${host}${path.startsWith("/") ? "" : "/"}${path}`;
};

const compareOne = (ours: ReadRequest, node: NodeRequest | undefined, error: string | null): readonly string[] => {
  if (node === undefined) return [`read as ${JSON.stringify(ours).slice(0, 1_000)}, which Node does not: ${error}`];
  const theirs = { method: node.method, url: urlOf(node), headers: joined(node.fields), body: node.body };
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
  return [`read as ${JSON.stringify(ours).slice(0, 1_000)}, by Node as ${JSON.stringify(theirs).slice(0, 1_000)}`];
};

const known = new Set([200, 400, 417, 431, 501, 505]);

/** What is wrong with a reading, whatever was sent: each request has its answer, and a refusal is the last. */
const judge = ({ requests, statuses, isOver }: Reading): readonly string[] => {
  const faults = statuses.filter((status) => !known.has(status)).map((status) => `answered with ${status}`);
  if (statuses.filter((status) => status === 200).length !== requests.length) faults.push("answers that are too many");
  const refusal = statuses.findIndex((status) => status !== 200);
  if (refusal !== -1 && refusal !== statuses.length - 1) faults.push("something was read behind a refusal");
  if (refusal !== -1 && !isOver) faults.push("the connection goes on behind a refusal");
  return faults;
};

/**
 * Requests to the server of our own, damaged in any way: what it reads, Node's strict parser must read too, and as the
 * same; what it refuses is its own affair, unless it was well formed. The pieces in which they come change nothing.
 */
export const openRequests = (): Fuzzer<RequestInput> => {
  const node = openNode<{ pieces: readonly string[] }, NodeReading>("node-requests.mjs", (error) => ({
    requests: [],
    error,
  }));
  return {
    name: "requests",
    shortMilliseconds: 6_000,
    longCount: 2_000_000,
    width: 64,
    draw: drawRequest,
    async attack(input) {
      const reading = await read(input);
      const single = await read({ ...input, cuts: [] });
      const faults = [...judge(reading)];
      if (shown(reading) !== shown(single)) faults.push(`in pieces ${shown(reading)}, in one ${shown(single)}`);
      if (input.bodies !== undefined) {
        const bodies = reading.requests.map(({ body }) => body);
        if (JSON.stringify(bodies) !== JSON.stringify(input.bodies))
          faults.push(`good requests read as ${shown(reading)}`);
      }
      const pieces = cutAt(Buffer.from(input.bytes, "latin1"), input.cuts);
      const theirs = await node.ask({ pieces: pieces.map((piece) => Buffer.from(piece).toString("latin1")) });
      for (const [index, request] of reading.requests.entries()) {
        if (index > 0 && theirs.requests[index - 1]?.isUpgrade === true) break;
        faults.push(...compareOne(request, theirs.requests[index], theirs.error));
      }
      return faults;
    },
    close() {
      node.close();
      return [];
    },
  };
};
