import type { Transport } from "../../src/core/ports/transport.ts";
import { fetchTransport } from "../../src/runtime/fetch-transport.ts";
import { createSocketTransport } from "../../src/runtime/socket-transport.ts";

// bun test/upstream/call-each.ts fetch|socket URL…
// Calls each URL in turn and prints what came of it, a JSON array. A program of its own, because the runtime reads the
// authorities that it trusts only when it starts.

/** What came of one call: a status and a body, or an error. */
export interface Outcome {
  readonly status?: number;
  readonly body?: string;
  readonly code?: string;
  readonly message?: string;
}

const [kind, ...urls] = process.argv.slice(2);
const transports: Readonly<Record<string, () => Transport>> = {
  fetch: () => fetchTransport,
  socket: () => createSocketTransport(),
};
const transport = transports[kind ?? ""]?.();
if (transport === undefined) throw new Error("usage: bun test/upstream/call-each.ts fetch|socket URL…");

const call = async (url: string): Promise<Outcome> => {
  try {
    const { status, body } = await transport.send({ method: "GET", url, headers: {} }, AbortSignal.timeout(10_000));
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    return { status, body: Buffer.concat(pieces).toString() };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { ...(code === undefined ? {} : { code }), message };
  }
};

const outcomes: Outcome[] = [];
for (const url of urls) outcomes.push(await call(url));
console.log(JSON.stringify(outcomes));
process.exit();
