import type { Call } from "../../src/core/call.ts";
import { CallScope } from "../../src/core/call-scope.ts";
import type { ChatRequest } from "../../src/core/chat.ts";
import type { CallRecord, JournalRecord } from "../../src/core/ledger.ts";
import type { ModelFacts, Target } from "../../src/core/model.ts";
import type { Journal } from "../../src/core/ports/journal.ts";
import type { CompiledRoute } from "../../src/core/route.ts";
import { plainStrategies } from "../../src/routing/strategies/index.ts";

export const makeTarget = (id: string, facts: ModelFacts = {}): Target => {
  const slash = id.indexOf("/");
  return { id, provider: id.slice(0, slash), kind: "openai", model: id.slice(slash + 1), facts };
};

export interface MadeCall {
  readonly call: Call<"chat">;
  readonly journal: JournalRecord[];
  readonly settled: CallRecord[];
  readonly abort: (reason: unknown) => void;
}

export interface CallParts {
  readonly targets: readonly Target[];
  readonly request?: Partial<ChatRequest>;
  readonly route?: Partial<CompiledRoute>;
  readonly caller?: Partial<Call["caller"]>;
  /** In the place of the one in memory. */
  readonly heldJournal?: Journal;
}

/** A chat call as the edge would open it, with a journal in memory. */
export const makeCall = ({ targets, request, route, caller, heldJournal }: CallParts): MadeCall => {
  const journal: JournalRecord[] = [];
  const settled: CallRecord[] = [];
  const controller = new AbortController();
  const chat: ChatRequest = {
    model: "fast",
    messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
    stream: false,
    includeUsage: false,
    ...request,
  };
  const scope = new CallScope({
    head: {
      id: "call-1",
      operation: "chat",
      tenant: "default",
      team: null,
      keyId: null,
      route: "fast",
      requestedModel: chat.model,
      streamed: chat.stream,
    },
    clock: { monotonic: () => performance.now(), wall: () => 1_700_000_000_000 },
    journal: heldJournal ?? { append: (record) => void journal.push(record), flushed: () => undefined },
    estimateInputTokens: () => 10,
    onEnded: () => undefined,
    onSettled: (record) => settled.push(record),
  });
  const call: Call<"chat"> = {
    id: "call-1",
    operation: "chat",
    caller: {
      ...{ tenant: "default", team: null, keyId: null, role: "developer", routes: null, models: null },
      ...{ permissions: new Set(), everywhere: false, userId: null },
      ...caller,
    },
    route: {
      name: "fast",
      kind: "declared",
      candidates: targets.map((target) => ({ target, weight: 1 })),
      strategy: plainStrategies.priority,
      timeouts: {
        connectMilliseconds: 1_000,
        headersMilliseconds: 1_000,
        firstTokenMilliseconds: 1_000,
        idleMilliseconds: 1_000,
        totalMilliseconds: 5_000,
      },
      retries: { perTarget: 2 },
      assembleWhole: false,
      rescue: "error",
      hedge: undefined,
      ...route,
    },
    request: chat,
    wire: { dialect: "openai", text: "{}", bytes: 100, body: {}, model: { start: 0, end: 0 }, parsed: chat },
    signal: controller.signal,
    scope,
  };
  return { call, journal, settled, abort: (reason) => controller.abort(reason) };
};
