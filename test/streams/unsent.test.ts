import { afterAll, beforeAll, expect, test } from "bun:test";
import { readLedger } from "../faults/lab/ledger.ts";
import { providerName } from "../support/send-call.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startRawServer } from "../upstream/raw-server.ts";
import { chatRequest, openRawClient, portOf } from "./raw-client.ts";
import { waitFor } from "./wait-for.ts";

// Clients that leave while the connection to their upstream is still being opened: nothing is sent, nothing is billed.

let gateway: RunningGateway;
let upstream: Awaited<ReturnType<typeof startRawServer>>;

beforeAll(async () => {
  // TCP stands, and the greeting of TLS is never answered.
  upstream = await startRawServer(() => undefined);
  const baseUrl = `${upstream.origin.replace("http:", "https:")}/v1`;
  gateway = await startGateway({
    configuration: {
      providers: { [providerName]: { kind: "openai-compatible", baseUrl, apiKey: "k" } },
    },
  });
});
afterAll(async () => {
  await gateway.dispose();
  upstream.close();
});

for (const stream of [true, false])
  test(`a ${stream ? "streamed" : "whole"} call costs nothing`, async () => {
    const model = `${providerName}/${stream ? "s" : "w"}`;
    const before = upstream.open();
    const client = openRawClient(portOf(gateway.url), chatRequest(model, { stream, path: "/v1/chat/completions" }));
    await waitFor(() => upstream.open() > before, "a connection to the upstream");
    client.socket.end();
    await client.closed;
  });

test("and the ledger says so", async () => {
  await gateway.stop();
  const { callsOf, attemptsOf } = readLedger(gateway.dataFolder);
  for (const name of ["s", "w"]) {
    const [call] = callsOf(`${providerName}/${name}`);
    expect(call).toMatchObject({ outcome: "aborted", cost: 0 });
    expect(attemptsOf(call?.id ?? "")).toMatchObject([{ outcome: "aborted", costSource: "none", inputTokens: null }]);
  }
});
