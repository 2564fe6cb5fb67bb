import type { SeededRandom } from "../../test/support/seeded-random.ts";
import { asked, mostTokens, quickModel } from "./settings.ts";

/** One call of a race. */
export interface PlannedCall {
  /** Sent as `user`, so that the upstream can tell whose call it was. */
  readonly mark: string;
  readonly model: string;
  readonly isStreamed: boolean;
  readonly maxTokens: number;
  /** When the client goes; null: it stays. */
  readonly leaveAfterMilliseconds: number | null;
  /** After the race's begin. */
  readonly sendAfterMilliseconds: number;
}

/** What the client has of it. `broken`: the connection ended without an answer. */
export interface Receipt extends PlannedCall {
  readonly ending: "whole" | "refused" | "left" | "broken";
  readonly requestId: string | null;
  readonly status: number | null;
  readonly code: string | null;
}

const leavingShare = 0.15;
/** The calls of a race are sent within this time. */
const raceMilliseconds = 1_000;

/** One call at random; `patient`: its client stays. */
export const drawCall = (random: SeededRandom, mark: string, client: "any" | "patient"): PlannedCall => ({
  mark,
  model: random.weighted(asked).name,
  isStreamed: random.next() < 0.5,
  maxTokens: random.between(25, mostTokens),
  leaveAfterMilliseconds: client === "any" && random.next() < leavingShare ? random.between(1, 150) : null,
  sendAfterMilliseconds: random.between(0, raceMilliseconds),
});

/** A quick call whose client stays, of what is left when a race is over. */
export const lastCall = (mark: string): PlannedCall => ({
  mark,
  model: quickModel,
  isStreamed: false,
  maxTokens: mostTokens,
  leaveAfterMilliseconds: null,
  sendAfterMilliseconds: 0,
});

export interface Destination {
  readonly url: string;
  readonly key: string;
}

const bodyOf = ({ mark, model, isStreamed, maxTokens }: PlannedCall): string =>
  JSON.stringify({
    model,
    user: mark,
    max_tokens: maxTokens,
    stream: isStreamed,
    messages: [{ role: "user", content: "Say something." }],
  });

const codeOf = (text: string): string | null => {
  try {
    return (JSON.parse(text) as { error?: { code?: string } }).error?.code ?? null;
  } catch {
    return null;
  }
};

/** Makes one call over a connection of its own, to where the gateway is when its time has come. Never throws. */
export const sendCall = async (destination: () => Destination, call: PlannedCall): Promise<Receipt> => {
  await Bun.sleep(call.sendAfterMilliseconds);
  const { url, key } = destination();
  const leaving = new AbortController();
  const { leaveAfterMilliseconds } = call;
  const timer = leaveAfterMilliseconds === null ? undefined : setTimeout(() => leaving.abort(), leaveAfterMilliseconds);
  let requestId: string | null = null;
  let status: number | null = null;
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: bodyOf(call),
      signal: leaving.signal,
      // A kept connection that the other side has closed would make the client send the call again by itself.
      keepalive: false,
    });
    requestId = response.headers.get("x-request-id");
    status = response.status;
    const text = await response.text();
    const isWhole = response.ok && (!call.isStreamed || text.includes("data: [DONE]"));
    return { ...call, ending: isWhole ? "whole" : "refused", requestId, status, code: codeOf(text) };
  } catch {
    return { ...call, ending: leaving.signal.aborted ? "left" : "broken", requestId, status, code: null };
  } finally {
    clearTimeout(timer);
  }
};
