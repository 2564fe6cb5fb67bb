import { expect, test } from "bun:test";
import type { Call } from "../../src/core/call.ts";
import { CancelController, type CancelSignal } from "../../src/core/cancel.ts";
import { GatewayError } from "../../src/core/errors.ts";
import type { TextSink } from "../../src/core/ports/http-server.ts";
import { chatCodec } from "../../src/http/openai/chat-completions.ts";
import { streamBody } from "../../src/http/stream-reply.ts";
import { DecodedBody } from "../../src/providers/decoded-body.ts";
import { defaultInvokeLimits } from "../../src/providers/invocation.ts";
import { openaiChat } from "../../src/providers/openai/chat.ts";
import { dialogueWith } from "../../src/providers/openai/testing.ts";
import { waitingAlarms } from "../../src/routing/alarms.ts";
import { carryOut } from "../../src/routing/attempt.ts";
import { Breakers } from "../../src/routing/breakers.ts";
import { HedgeBudget } from "../../src/routing/hedge-budget.ts";
import { RetryBudget } from "../../src/routing/retry-budget.ts";
import { TargetLoads } from "../../src/routing/target-loads.ts";
import type { InvokeTarget } from "../../src/routing/try-target.ts";
import { IncomingResponse } from "../../src/runtime/http1/incoming-response.ts";
import { makeCall, makeTarget } from "../support/make-call.ts";
import { SeededRandom } from "../support/seeded-random.ts";

// All that a streamed answer passes on its way, joined as in the program, between an upstream and a client that do
// whatever a seed says: cuts at any byte, pauses, pieces that come at once, clients that leave.

const clock = { monotonic: () => performance.now(), wall: () => 0 };
const targets = [makeTarget("a/one"), makeTarget("b/two"), makeTarget("c/three")];
const answers = ["one two three four five six seven eight nine ten", "one two three vier fünf sechs"] as const;
const translator = openaiChat(dialogueWith());

const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "x", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const framesOf = (text: string): readonly string[] => [
  event({ role: "assistant", content: "" }),
  ...text.split(/(?= )/).map((content) => event({ content })),
  event({}, "stop"),
  "data: [DONE]\n\n",
];

type Ending = "whole" | "cut" | "broken" | "silent";

/** One upstream that brings its answer in pieces of any size, and stops reading its socket while it is told to wait. */
const feed = (random: SeededRandom, ending: Ending, signal: CancelSignal): IncomingResponse => {
  const frames = framesOf(random.pick(answers));
  const isPartial = ending !== "whole";
  const sent = isPartial ? frames.slice(0, random.between(0, frames.length - 3)) : frames;
  const bytes = Buffer.from(sent.join("") + (ending === "broken" ? "data: {nonsense\n\n" : ""));
  let at = 0;
  let isPaused = false;
  let isOver = false;
  let isWaiting = false;
  const stop = (): void => {
    isOver = true;
  };
  const later = (): void => {
    if (isWaiting || isOver || isPaused) return;
    isWaiting = true;
    const go = (): void => {
      isWaiting = false;
      step();
    };
    if (random.next() < 0.8) setImmediate(go);
    else setTimeout(go, 1);
  };
  const response = new IncomingResponse(
    200,
    { get: () => null },
    {
      pause: () => {
        isPaused = true;
      },
      resume: () => {
        isPaused = false;
        later();
      },
      cancel: stop,
    },
  );
  const step = (): void => {
    // What one turn of the loop brings.
    for (let reads = random.between(1, 3); reads > 0 && !isOver && !isPaused; reads--) {
      if (at < bytes.length) {
        const size = random.next() < 0.2 ? bytes.length : random.between(1, 400);
        const piece = new Uint8Array(bytes.subarray(at, at + size));
        at += piece.length;
        response.push(piece);
        continue;
      }
      if (ending === "silent") return;
      stop();
      if (ending === "whole") response.end();
      else response.fail(new Error("cut"));
    }
    later();
  };
  signal.addEventListener("abort", () => {
    stop();
    response.abort(signal.reason);
  });
  later();
  return response;
};

interface Seen {
  readonly text: string;
  readonly isDone: boolean;
  readonly isError: boolean;
  readonly finishes: number;
}

/** What a client makes of the stream; after a restart, of what follows it. */
const read = (received: string): Seen => {
  let text = "";
  let finishes = 0;
  let isDone = false;
  let isError = false;
  for (const line of received.split("\n")) {
    if (!line.startsWith("data: ")) continue;
    if (isDone || isError) throw new Error(`something after the end: ${line}`);
    if (line === "data: [DONE]") isDone = true;
    else {
      const body = JSON.parse(line.slice(6));
      if (body.error !== undefined) isError = true;
      if (body.intellirouter?.restart !== undefined) text = "";
      text += body.choices?.[0]?.delta?.content ?? "";
      if (typeof body.choices?.[0]?.finish_reason === "string") finishes += 1;
    }
  }
  return { text, isDone, isError, finishes };
};

const play = async (seed: number) => {
  const random = new SeededRandom(seed);
  const rescue = random.pick(["error", "restart", "off"] as const);
  const timeouts = {
    connectMilliseconds: 500,
    headersMilliseconds: 500,
    firstTokenMilliseconds: 30,
    idleMilliseconds: 30,
    totalMilliseconds: 3_000,
  };
  const made = makeCall({
    targets,
    request: { stream: true },
    route: { rescue, timeouts, retries: { perTarget: 1 } },
  });
  // As the program has it: one that tells in the order in which they listened, at once.
  const controller = new CancelController();
  const call = { ...made.call, signal: controller.signal } as unknown as Call<"chat">;
  const loads = new TargetLoads();
  const invoke: InvokeTarget = async (asked, target, { signal, onHeaders }) => {
    if (random.next() < 0.15) throw new GatewayError("upstream_error", "refused");
    if (signal.aborted) throw signal.reason;
    const ending = random.weighted([
      { weight: 5, is: "whole" as Ending },
      { weight: 4, is: "cut" as Ending },
      { weight: 2, is: "broken" as Ending },
      { weight: 1, is: "silent" as Ending },
    ]).is;
    const response = feed(random, ending, signal);
    onHeaders();
    const decoder = translator.openStream?.(asked.request as Call<"chat">["request"]);
    if (decoder === undefined) throw new Error("no stream");
    const options = { target, limits: defaultInvokeLimits, signal, framing: "sse" } as const;
    return { kind: "stream", batches: new DecodedBody(response, decoder, options) };
  };
  const counts = { ends: 0, tookAfterEnd: 0, released: 0, hasLeft: false };
  const outcomes = () => made.call.scope.attempts.map((attempt) => attempt.record());
  const reply = await carryOut(
    call.route.candidates.map((candidate) => ({ candidate, score: 0, reason: "" })),
    call as unknown as Call,
    {
      invoke,
      loads,
      clock,
      health: new Breakers(clock),
      retries: new RetryBudget(clock),
      hedges: new HedgeBudget(),
      prefillOf: () => undefined,
      random: () => 0,
    },
  ).catch((error: GatewayError) => error);
  let received = "";
  if (!(reply instanceof Error) && reply.kind === "stream") {
    const encoder = chatCodec.openStream?.({ callId: "c", created: 1, model: "m", request: call.request });
    if (encoder === undefined) throw new Error("no stream");
    const gone = (): GatewayError => new GatewayError("client_closed_request", "gone");
    const body = streamBody<"chat">({
      call,
      batches: reply.batches as never,
      encoder,
      pacing: { keepAliveMilliseconds: 10_000, commitAfterMilliseconds: 0, stalledMilliseconds: 10_000 },
      keepAlive: ": keep-alive\n\n",
      begins: "with content",
      abort: (error) => controller.abort(error),
      clientGone: gone,
      cut: () => undefined,
      flushed: () => undefined,
      onEnd: () => (counts.released += 1),
    });
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const sink: TextSink = {
      push(text) {
        if (counts.ends > 0) counts.tookAfterEnd += 1;
        received += text;
        if (random.next() < 0.6) return true;
        setTimeout(() => body.resume(), random.between(0, 2));
        return false;
      },
      end(text) {
        counts.ends += 1;
        received += text;
        resolve();
      },
    };
    const leave = (): void => {
      if (counts.ends > 0) return;
      counts.hasLeft = true;
      // The socket's signal first, then the body.
      controller.abort(gone());
      void body.cancel();
      resolve();
    };
    if (random.next() < 0.25) setTimeout(leave, random.between(0, 15));
    if (random.next() < 0.05) leave();
    else body.open(sink);
    const isOver = await Promise.race([over.then(() => true), Bun.sleep(4_000).then(() => false)]);
    await Bun.sleep(2);
    return { seed, rescue, isOver, ...counts, received, settled: made.settled, loads, attempts: outcomes() };
  }
  made.call.scope.finish({ outcome: "error", status: 502 });
  return { seed, rescue, isOver: true, ...counts, received, settled: made.settled, loads, attempts: outcomes() };
};

const check = (played: Awaited<ReturnType<typeof play>>): readonly string[] => {
  const { isOver, settled, loads, ends, tookAfterEnd, released, received, hasLeft } = played;
  const faults: string[] = [];
  if (!isOver) faults.push("it never ended");
  if (settled.length !== 1) faults.push(`settled ${settled.length} times`);
  if (ends > 1 || tookAfterEnd > 0 || released > 1) faults.push("more than one end");
  for (const { id } of targets) if (loads.of(id).inFlight !== 0) faults.push(`${id} still has calls in flight`);
  const seen = read(received);
  if (!answers.some((answer) => answer.startsWith(seen.text))) faults.push(`the text is '${seen.text}'`);
  if (seen.isDone && (seen.finishes !== 1 || !answers.some((answer) => answer === seen.text)))
    faults.push(`it looks finished with '${seen.text}' and ${seen.finishes} finishes`);
  if (ends === 1 && !hasLeft && !seen.isDone && !seen.isError) faults.push("it ended without saying how");
  const [call] = settled;
  if (seen.isDone && call?.outcome !== "ok") faults.push(`answered, and settled as ${call?.outcome}`);
  if (seen.isError && call?.outcome === "ok") faults.push("failed, and settled as ok");
  return faults.length === 0 ? [] : [`seed ${played.seed} (${played.rescue}): ${faults.join("; ")}`];
};

const seeds = Number(process.env["CHAIN_SEEDS"] ?? 600);
const first = Number(process.env["CHAIN_FIRST"] ?? 1);

test("whatever upstreams and clients do: one end, one settlement, no cut answer that looks whole, nothing left", async () => {
  const before = waitingAlarms();
  const faults: string[] = [];
  const kinds = new Map<string, number>();
  for (let seed = first; seed < first + seeds; seed += 50) {
    const all = await Promise.all(Array.from({ length: 50 }, (_, index) => play(seed + index)));
    for (const played of all) {
      faults.push(...check(played));
      const seen = read(played.received);
      const kind = played.hasLeft ? "left" : seen.isDone ? "done" : seen.isError ? "error" : "none";
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  expect(faults).toEqual([]);
  expect(waitingAlarms()).toBe(before);
  // Each kind of ending was among them.
  for (const kind of ["left", "done", "error", "none"]) expect([kind, kinds.get(kind) ?? 0]).not.toEqual([kind, 0]);
}, 60_000);
