import { describe, expect, test } from "bun:test";
import { stepsOfBody } from "../../test/support/body-steps.ts";
import { openHeldJournal } from "../../test/support/held-journal.ts";
import { makeCall, makeTarget } from "../../test/support/make-call.ts";
import { GatewayError } from "../core/errors.ts";
import type { Journal } from "../core/ports/journal.ts";
import type { Chunk } from "../core/reply.ts";
import { batchesOf } from "./commit.ts";
import { chatCodec } from "./openai/chat-completions.ts";
import { type StreamReply, streamBody } from "./stream-reply.ts";

const keepAlive = ": keep-alive\n\n";
const text = (words: string): readonly Chunk[] => [{ type: "text", choice: 0, text: words }];
const finish: readonly Chunk[] = [{ type: "finish", choice: 0, reason: "stop" }];
const gone = () => new GatewayError("client_closed_request", "The client left.");

/** Batches that the test hands out one by one. */
const openBatches = () => {
  const ready: IteratorResult<readonly Chunk[]>[] = [];
  let waiting: ((result: IteratorResult<readonly Chunk[]>) => void) | undefined;
  const state = { asked: 0, returned: 0 };
  const put = (result: IteratorResult<readonly Chunk[]>): void => {
    if (waiting === undefined) ready.push(result);
    else waiting(result);
    waiting = undefined;
  };
  const batches: AsyncIterable<readonly Chunk[]> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        state.asked += 1;
        const result = ready.shift();
        if (result !== undefined) return Promise.resolve(result);
        return new Promise((resolve) => {
          waiting = resolve;
        });
      },
      async return() {
        state.returned += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  return {
    batches,
    state,
    send: (batch: readonly Chunk[]) => put({ done: false, value: batch }),
    end: () => put({ done: true, value: undefined }),
  };
};

interface OpenOptions extends Partial<Pick<StreamReply<"chat">, "pacing" | "begins" | "batches">> {
  readonly heldJournal?: Journal;
}

const open = ({ heldJournal, ...options }: OpenOptions = {}) => {
  const source = openBatches();
  const parts = { targets: [makeTarget("a/b")], request: { stream: true } };
  const made = makeCall(heldJournal === undefined ? parts : { ...parts, heldJournal });
  const counts = { cuts: 0, ends: 0 };
  const encoder = chatCodec.openStream?.({ callId: "call-1", created: 1, model: "b", request: made.call.request });
  if (encoder === undefined) throw new Error("chat has no stream");
  const body = streamBody<"chat">({
    call: made.call,
    batches: source.batches,
    encoder,
    pacing: { keepAliveMilliseconds: 10_000, commitAfterMilliseconds: 0, stalledMilliseconds: 10_000 },
    keepAlive,
    begins: "with content",
    abort: made.abort,
    clientGone: gone,
    cut: () => (counts.cuts += 1),
    flushed: () => undefined,
    onEnd: () => (counts.ends += 1),
    ...options,
  });
  const next = stepsOfBody(body);
  let isLast = false;
  const read = async (): Promise<string | null> => {
    if (isLast) return null;
    const { text: piece, last } = await next();
    isLast = last;
    return piece;
  };
  const readAll = async (): Promise<string[]> => {
    const pieces: string[] = [];
    for (let piece = await read(); piece !== null; piece = await read()) pieces.push(piece);
    return pieces;
  };
  return { ...made, ...source, counts, body, read, readAll };
};

const patient = { keepAliveMilliseconds: 10_000, commitAfterMilliseconds: 0, stalledMilliseconds: 10_000 };
const contentOf = (piece: string | null): unknown =>
  JSON.parse((piece ?? "").slice("data: ".length)).choices[0].delta.content;

describe("streamBody", () => {
  test("gives batch by batch, settles once, and ends with its one ending", async () => {
    const { send, end, readAll, settled, counts } = open();
    send(text("one"));
    send(text("two"));
    send(finish);
    end();
    const pieces = await readAll();
    expect(pieces.slice(0, 2).map(contentOf)).toEqual(["one", "two"]);
    expect(pieces.at(-1)).toBe("data: [DONE]\n\n");
    expect(settled.map(({ outcome }) => outcome)).toEqual(["ok"]);
    expect(counts).toEqual({ cuts: 0, ends: 1 });
  });

  describe("holds its last frame back until the settlement is written", () => {
    const opened = async () => {
      const held = openHeldJournal();
      const made = open({ heldJournal: held.journal });
      made.send(finish);
      made.end();
      await made.read();
      let last: string | null | undefined;
      const reading = made.read().then((piece) => {
        last = piece;
      });
      await Bun.sleep(5);
      expect([last, held.held()]).toEqual([undefined, ["settled"]]);
      return { ...held, ...made, reading, last: () => last };
    };

    test("and sends it then", async () => {
      const { write, reading, last, settled } = await opened();
      expect(settled).toEqual([]);
      write();
      await reading;
      expect([last(), settled.map(({ outcome }) => outcome)]).toEqual(["data: [DONE]\n\n", ["ok"]]);
    });

    test("and ends with an error where it cannot be, which is settled in its turn", async () => {
      const { write, refuse, reading, last, settled } = await opened();
      refuse(new GatewayError("storage_unavailable", "full"));
      await Bun.sleep(5);
      expect(last()).toBeUndefined();
      write();
      await reading;
      expect(last()).toContain("storage_unavailable");
      expect(last()).not.toContain("[DONE]");
      expect(settled.map(({ outcome, errorCode }) => [outcome, errorCode])).toEqual([["error", "storage_unavailable"]]);
    });

    test("and keeps what it settled when the client leaves meanwhile", async () => {
      const { write, written, body, settled } = await opened();
      const cancelled = body.cancel?.();
      write();
      await cancelled;
      expect(written.map(({ type }) => type)).toEqual(["settled"]);
      expect(settled.map(({ outcome }) => outcome)).toEqual(["ok"]);
    });
  });

  test("asks the upstream for nothing that the client has not asked for", async () => {
    const { send, read, state } = open();
    for (const words of ["one", "two", "three"]) send(text(words));
    await Bun.sleep(5);
    expect(state.asked).toBe(0);
    await read();
    await Bun.sleep(5);
    expect(state.asked).toBe(1);
  });

  test("sends comments while nothing comes, loses no batch to them, and none after the end", async () => {
    const { send, end, read, readAll, state } = open({ pacing: { ...patient, keepAliveMilliseconds: 15 } });
    expect(await read()).toBe(keepAlive);
    expect(await read()).toBe(keepAlive);
    // This one comes while nobody reads.
    send(text("late"));
    await Bun.sleep(40);
    expect(contentOf(await read())).toBe("late");
    expect(state.asked).toBe(1);
    send(finish);
    end();
    const pieces = await readAll();
    expect(pieces.at(-1)).toBe("data: [DONE]\n\n");
    expect(pieces.filter((piece) => piece === keepAlive)).toEqual([]);
  });

  test("cuts off a client that takes nothing: upstream closed, settled as aborted", async () => {
    const { send, read, settled, counts, state, call } = open({ pacing: { ...patient, stalledMilliseconds: 30 } });
    send(text("one"));
    send(text("two"));
    await read();
    await Bun.sleep(80);
    expect(call.signal.aborted).toBe(true);
    expect(settled.map(({ outcome, errorCode }) => [outcome, errorCode])).toEqual([
      ["aborted", "client_closed_request"],
    ]);
    expect(settled[0]?.errorMessage).toContain("30 ms");
    expect(counts.cuts).toBe(1);
    expect(state.returned).toBe(1);
  });

  test("does not take a client that waits for one that stalls", async () => {
    const { read, send, settled, counts } = open({ pacing: { ...patient, stalledMilliseconds: 20 } });
    const waiting = read();
    await Bun.sleep(80);
    send(text("one"));
    expect(contentOf(await waiting)).toBe("one");
    expect(settled).toEqual([]);
    expect(counts.cuts).toBe(0);
  });

  test("ends with an error event when the program stops, though the upstream never answers", async () => {
    const { send, read, readAll, abort, settled, counts } = open();
    send(text("one"));
    await read();
    const rest = readAll();
    await Bun.sleep(5);
    abort(new GatewayError("shutting_down", "Stopping."));
    const pieces = await rest;
    expect(pieces).toHaveLength(1);
    expect(JSON.parse((pieces[0] ?? "").slice(6)).error.code).toBe("shutting_down");
    expect(settled.map(({ outcome }) => outcome)).toEqual(["error"]);
    expect(counts.ends).toBe(1);
  });

  test("tells whoever makes it, once, where the call is aborted before anybody read", async () => {
    const unopened = open();
    unopened.abort(gone());
    const { last } = await stepsOfBody(unopened.body)();
    expect(last).toBe(true);
    expect(unopened.state).toEqual({ asked: 0, returned: 1 });
    const dropped = open();
    await dropped.body.cancel();
    expect(dropped.state).toEqual({ asked: 0, returned: 1 });
    expect([unopened, dropped].map(({ settled }) => settled.map(({ outcome }) => outcome))).toEqual([
      ["aborted"],
      ["aborted"],
    ]);
  });

  test("settles once as aborted when the client cancels, before any answer too", async () => {
    const { body, read, settled, counts, call, state } = open();
    void read();
    await Bun.sleep(5);
    await body.cancel();
    expect(call.signal.aborted).toBe(true);
    expect(settled.map(({ outcome }) => outcome)).toEqual(["aborted"]);
    expect(counts.ends).toBe(1);
    expect(state.returned).toBe(1);
  });
});

describe("a stream that was begun before its first content", () => {
  const begun = (reply: Parameters<typeof batchesOf<"chat">>[0]) =>
    open({ begins: "alive", batches: batchesOf<"chat">(reply) });

  test("begins with a sign of life, and goes on with the content", async () => {
    const { batches, send, end } = openBatches();
    const { read, readAll, settled } = begun(Bun.sleep(20).then(() => ({ kind: "stream", batches })));
    expect(await read()).toBe(keepAlive);
    send(text("one"));
    send(finish);
    end();
    const pieces = await readAll();
    expect(contentOf(pieces[0] ?? null)).toBe("one");
    expect(pieces.at(-1)).toBe("data: [DONE]\n\n");
    expect(settled.map(({ outcome }) => outcome)).toEqual(["ok"]);
  });

  test("ends with an error event when the call fails", async () => {
    const failure = new GatewayError("upstream_timeout", "Too late.");
    const { readAll, settled } = begun(Bun.sleep(20).then(() => Promise.reject(failure)));
    const pieces = await readAll();
    expect(pieces).toHaveLength(2);
    expect(JSON.parse((pieces[1] ?? "").slice(6)).error.code).toBe("upstream_timeout");
    expect(settled.map(({ outcome, status }) => [outcome, status])).toEqual([["error", 504]]);
  });
});
