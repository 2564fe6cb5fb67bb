import { describe, expect, test } from "bun:test";
import { openHeldJournal } from "../../test/support/held-journal.ts";
import { makeCall, makeTarget } from "../../test/support/make-call.ts";
import type { Reply } from "../core/call.ts";
import { CancelController } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import type { CallRecord } from "../core/ledger.ts";
import type { Gateway } from "../core/ports/gateway.ts";
import type { ServerReply } from "../core/ports/http-server.ts";
import type { Completion } from "../core/reply.ts";
import type { Edge } from "./edge.ts";
import { chatCodec } from "./openai/chat-completions.ts";
import { serveCall } from "./serve-call.ts";

const { call } = makeCall({ targets: [makeTarget("a/b")] });
const completion: Completion = {
  id: "1",
  created: 1,
  model: "b",
  choices: [{ index: 0, content: [{ type: "text", text: "Hi" }], finishReason: "stop" }],
};
const full = new GatewayError("storage_unavailable", "full");
const connection = { remoteAddress: "", keepOpen: () => undefined, limitIdle: () => undefined, cut: () => undefined };

/** One whole call through the edge; what it waits for in the journal is the test's to write. */
const serve = (outcome: Completion | GatewayError) => {
  const held = openHeldJournal();
  const settled: CallRecord[] = [];
  const gateway: Gateway = {
    resolveRoute: () => call.route,
    routeAsWished: (route) => route,
    offeredModels: () => [],
    preview: async () => undefined,
    async handle({ scope }) {
      if (outcome instanceof GatewayError) throw outcome;
      const attempt = scope.dispatch(makeTarget("a/b"), null);
      held.write();
      attempt.release();
      attempt.end("ok");
      return { kind: "whole", value: outcome } as Reply as never;
    },
  };
  const edge: Edge = {
    gateway: () => gateway,
    authenticate: () => call.caller,
    journal: held.journal,
    clock: { monotonic: () => 0, wall: () => 0 },
    limits: { maxBodyBytes: 1_000, maxDepth: 10 },
    pacing: { keepAliveMilliseconds: 10_000, commitAfterMilliseconds: 0, stalledMilliseconds: 10_000 },
    refuseCall: () => undefined,
    newId: () => "1",
    onStarted: () => undefined,
    onEnded: () => undefined,
    onSettled: (record) => settled.push(record),
    onRefused: () => undefined,
    stopping: new CancelController().signal,
  };
  const body = JSON.stringify({ model: "fast", messages: [{ role: "user", content: "Hello" }] });
  const request = new Request("http://127.0.0.1/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const state: { reply: ServerReply | undefined } = { reply: undefined };
  const incoming = { edge, request, connection, id: "1", path: "/v1/chat/completions" };
  const served = serveCall(incoming, chatCodec, { reach: "open" });
  const answered = served.then((reply) => {
    state.reply = reply;
    return reply;
  });
  return { ...held, settled, state, answered };
};

const outcomes = (settled: readonly CallRecord[]) => settled.map(({ outcome, errorCode }) => errorCode ?? outcome);

describe("the answer of a call", () => {
  const cases = [
    ["that went well", completion, 200, "ok"],
    ["that failed", new GatewayError("upstream_unreachable", "dead"), 502, "upstream_unreachable"],
  ] as const;
  for (const [name, outcome, status, told] of cases)
    test(`${name} waits until its settlement is written`, async () => {
      const { state, held, write, answered, settled } = serve(outcome);
      await Bun.sleep(5);
      expect([state.reply, held(), settled]).toEqual([undefined, ["settled"], []]);
      write();
      expect((await answered).status).toBe(status);
      expect(outcomes(settled)).toEqual([told]);
    });

  test("is an error where its settlement cannot be written, and waits for that error's", async () => {
    const { state, held, write, refuse, answered, settled } = serve(completion);
    await Bun.sleep(5);
    refuse(full);
    await Bun.sleep(5);
    expect([state.reply, held()]).toEqual([undefined, ["settled"]]);
    write();
    const { status, body } = await answered;
    expect([status, String(body)]).toEqual([503, expect.stringContaining("storage_unavailable")]);
    expect(outcomes(settled)).toEqual(["storage_unavailable"]);
  });

  test("is an error too where not even that can be written", async () => {
    const { refuse, answered, settled } = serve(completion);
    await Bun.sleep(5);
    refuse(full);
    await Bun.sleep(5);
    refuse(full);
    expect((await answered).status).toBe(503);
    expect(settled).toEqual([]);
  });
});
