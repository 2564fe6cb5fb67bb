import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../test/support/make-call.ts";
import { drainBatches } from "../core/batches.ts";
import { CancelController } from "../core/cancel.ts";
import { GatewayError } from "../core/errors.ts";
import type { StreamDecoder } from "../core/ports/provider.ts";
import type { BodySink, WireResponse } from "../core/ports/transport.ts";
import { DecodedBody } from "./decoded-body.ts";
import { defaultInvokeLimits } from "./invocation.ts";

/** Gives each frame's data; `end` ends it, `bad` is not in the format, `none` says nothing. */
const openDecoder = (): StreamDecoder<string> => {
  let ended = false;
  return {
    get ended() {
      return ended;
    },
    push({ data }) {
      if (data === "bad") throw new GatewayError("upstream_invalid_response", "bad");
      if (data === "end") ended = true;
      return data === "none" || data === "end" ? [] : [data];
    },
    end: () => {
      if (!ended) throw new GatewayError("upstream_invalid_response", "cut short");
      return ["last"];
    },
  };
};

/** A response that is pushed, by hand. */
const open = (options: { maxSilentBytes?: number; fullAt?: readonly string[] } = {}) => {
  const told: string[] = [];
  const controller = new CancelController();
  let into: BodySink | undefined;
  const response: WireResponse = {
    status: 200,
    headers: { get: () => null },
    body: { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("It is pushed.")) }) },
    consume(sink) {
      into = sink;
      return { resume: () => told.push("RESUME"), cancel: () => told.push("CANCEL") };
    },
  };
  const body = new DecodedBody(response, openDecoder(), {
    target: makeTarget("first/a"),
    limits: { ...defaultInvokeLimits, ...options },
    signal: controller.signal,
    framing: "sse",
  });
  const flow = drainBatches(body, {
    push(batch) {
      told.push(...batch);
      return !batch.some((piece) => options.fullAt?.includes(piece));
    },
    end: () => told.push("END"),
    fail: (thrown) => told.push(`FAIL ${(thrown as Error).message}`),
  });
  const send = (...frames: string[]): boolean | undefined =>
    into?.data(Buffer.from(frames.map((data) => `data: ${data}\n\n`).join("")));
  return { told, flow, controller, send, sink: () => into as BodySink };
};

describe("a body that is pushed", () => {
  test("gives what each read brings, and its end, once, with the connection left to be reused", async () => {
    const { told, send, sink } = open();
    send("a");
    send("b", "none", "c");
    expect(send("d", "end")).toBe(true);
    expect(told).toEqual(["a", "b", "c", "d", "last", "END"]);
    // The body's own end comes within the same read: only after it is nothing more wanted.
    sink().end();
    await Promise.resolve();
    send("late");
    expect(told).toEqual(["a", "b", "c", "d", "last", "END", "CANCEL"]);
  });

  test("tells the connection when the reader is full, and goes on when it is not", () => {
    const { told, send, flow } = open({ fullAt: ["b"] });
    expect([send("a"), send("b")]).toEqual([true, false]);
    flow.resume();
    expect(told).toEqual(["a", "b", "RESUME"]);
  });

  const deaths: readonly (readonly [string, (opened: ReturnType<typeof open>) => void, string])[] = [
    ["a frame that is not in the format", ({ send }) => send("bad"), "FAIL bad"],
    ["an end before the format's own", ({ sink }) => sink().end(), "FAIL cut short"],
    ["a cut", ({ sink }) => sink().fail(new Error("reset")), "FAIL Provider 'first' cut its answer short."],
    ["silence that is too long", ({ send }) => send(...Array(20).fill("none")), "without content."],
  ];
  for (const [name, kill, failure] of deaths)
    test(`dies once of ${name}`, async () => {
      const opened = open({ maxSilentBytes: 200 });
      opened.send("a");
      kill(opened);
      opened.sink().fail(new Error("late"));
      opened.send("late");
      await Promise.resolve();
      const { told } = opened;
      expect(told.filter((word) => word.startsWith("FAIL"))).toHaveLength(1);
      expect(told[1]).toEndWith(failure);
    });

  test("dies of the reason where the attempt was aborted", () => {
    const { told, controller, sink } = open();
    controller.abort(new Error("too late"));
    sink().fail(new Error("aborted"));
    expect(told).toEqual(["FAIL too late"]);
  });

  test("tells nothing more once it is called off", async () => {
    const { told, flow, send, sink } = open();
    flow.cancel();
    send("a");
    sink().end();
    await Promise.resolve();
    expect(told).toEqual(["CANCEL"]);
  });
});
