import { beforeEach, describe, expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../test/support/make-call.ts";
import { GatewayError } from "../core/errors.ts";
import type { HeldKey } from "../core/ports/idempotency.ts";
import type { StreamEncoder } from "./codec.ts";
import { recordStream } from "./keyed-call.ts";

let events: string[] = [];
beforeEach(() => {
  events = [];
});

const held: HeldKey = {
  maxStoredBytes: 20,
  save: async (answer) => {
    events.push(`save ${answer === undefined ? "nothing" : Buffer.from(answer.body).toString()}`);
  },
  release: () => void events.push("release"),
};

const encoder = (finish: () => string): StreamEncoder<unknown> => ({
  encodeBatch: (pieces) => pieces.join(""),
  finish,
  fail: ({ code }) => `failed: ${code}`,
});

const record = ({ finish = () => "end", flush = () => Promise.resolve() } = {}) => {
  const { call } = makeCall({ targets: [makeTarget("a/b")] });
  const flushed = async (): Promise<void> => {
    await flush();
    events.push(call.scope.isFinished ? "flushed" : "flushed too early");
  };
  return { call, ...recordStream({ call, encoder: encoder(finish), flushed, held, contentType: "text/event-stream" }) };
};

const ok = { outcome: "ok", status: 200 } as const;
const broken = new GatewayError("upstream_error", "It broke.");

describe("recordStream", () => {
  test("saves all that was written once the settlement is safe, and changes nothing of it", async () => {
    const { call, encoder: recorded, flushed } = record();
    const texts = [
      recorded.encodeBatch(["a", "b"] as never),
      recorded.encodeBatch([]),
      recorded.encodeBatch(["ü"] as never),
    ];
    expect([...texts, recorded.finish()]).toEqual(["ab", "", "ü", "end"]);
    call.scope.finish(ok);
    await flushed();
    expect(events).toEqual(["flushed", "save abüend"]);
  });

  test("counts bytes only where characters do not settle it, and keeps nothing that is too long", async () => {
    const { call, encoder: recorded, flushed } = record();
    recorded.encodeBatch(["x".repeat(15)] as never);
    recorded.encodeBatch(["x".repeat(6)] as never);
    recorded.finish();
    call.scope.finish(ok);
    await flushed();
    expect(events).toEqual(["flushed", "save nothing"]);
  });

  test("frees the key of a stream that failed", async () => {
    const { call, encoder: recorded, flushed } = record();
    recorded.encodeBatch(["a"] as never);
    expect(recorded.fail(broken)).toBe("failed: upstream_error");
    call.scope.finish({ outcome: "error", status: 502, error: broken });
    await flushed();
    expect(events).toEqual(["flushed", "release"]);
  });

  test("frees it where the end could not be written or settled", async () => {
    const cases = [
      record({
        finish: () => {
          throw broken;
        },
      }),
      record(),
    ];
    for (const { call, encoder: recorded, flushed } of cases) {
      events = [];
      try {
        recorded.finish();
      } catch {
        // As the stream's owner does, it goes on to the failure.
      }
      recorded.fail(broken);
      call.scope.finish({ outcome: "error", status: 502, error: broken });
      await flushed();
      expect(events).toEqual(["flushed", "release"]);
    }
  });

  test("stores nothing while the settlement is not safe", async () => {
    const { call, encoder: recorded, flushed } = record({ flush: () => Promise.reject(broken) });
    recorded.finish();
    call.scope.finish(ok);
    await expect(flushed()).rejects.toBe(broken);
    expect(events).toEqual([]);
  });
});
